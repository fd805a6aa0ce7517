"""Who we are to a collector, on everything that it is sent."""

from uuid import uuid4

from opentelemetry.sdk.resources import OTELResourceDetector, Resource


def resource(version: str) -> Resource:
    """A new instance of the service. What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say goes before."""
    ours = {"service.name": "mainstay", "service.version": version, "service.instance.id": str(uuid4())}
    return Resource.create(ours).merge(OTELResourceDetector().detect())

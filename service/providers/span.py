"""The span of one HTTP request, from its sending to the end of the answer's body, by OpenTelemetry's conventions."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from opentelemetry.trace import SpanKind, StatusCode, Tracer
from opentelemetry.util.types import AttributeValue

from service.chat.call import Call, changed
from service.chat.failures import Failure
from service.chat.spans import child_of, describe


class Exchange:
    """Says what it hears if the attempt above it is recorded, else nothing."""

    def __init__(self, call: Call, tracer: Tracer, url: str) -> None:
        self._span = child_of(call, tracer, "POST", SpanKind.CLIENT)
        self._status = 0
        self.call = call
        """As the provider is to know it: the trace's last span is this one."""
        if self._span.is_recording():
            self.call = changed(call, span=self._span)
            describe(self._span, lambda: _whereto(url))

    def answered(self, status: int) -> None:
        """Notes the status; one of an error makes the span one."""
        self._status = status
        if self._span.is_recording():
            self._span.set_attribute("http.response.status_code", status)
            if status >= 400:
                self._failed(str(status))

    def end(self, error: BaseException | None = None) -> None:
        """Ends the span, once. A failure is told if the status did not tell it; to be given up is none."""
        if not self._span.is_recording():
            return
        if isinstance(error, Failure) and self._status < 400:
            self._failed(error.reason)
        self._span.end()

    def _failed(self, kind: str) -> None:
        self._span.set_attribute("error.type", kind)
        self._span.set_status(StatusCode.ERROR, kind)


@lru_cache(maxsize=256)
def _whereto(url: str) -> Mapping[str, AttributeValue]:
    """Without user, query and fragment: they may hold a credential."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    at = parts.netloc.rpartition("@")[2]
    return {
        "http.request.method": "POST",
        "url.full": f"{parts.scheme}://{at}{parts.path}",
        "server.address": host,
        "server.port": port,
    }

import pytest

from service.admin.readiness import Status
from service.composition.readiness import readiness
from service.config import Settings


def settings(*, usable: bool) -> Settings:
    auth = "none" if usable else "bearer"
    provider = {"protocol": "openai", "base_url": "http://localhost/v1", "auth": auth}
    return Settings.model_validate({"providers": {"p": provider}, "routes": {"r": {"targets": ["p/m"]}}})


@pytest.mark.parametrize(
    ("closed", "usable", "ready"),
    [
        (None, True, True),
        ("starting", True, False),
        ("draining", True, False),
        (None, False, False),
        ("draining", False, False),
    ],
)
def test_ready_is_who_lets_calls_in_and_has_somebody_to_ask(closed: str | None, *, usable: bool, ready: bool) -> None:
    assert readiness(settings(usable=usable), closed).ready is ready


def test_nothing_configured_is_told_as_such() -> None:
    told = readiness(Settings(), None)
    assert (told.ready, told.components[0].reason) == (False, "no provider is configured")


def test_a_server_that_lets_nobody_in_says_why() -> None:
    grpc = readiness(settings(usable=True), "draining").components[1]
    assert (grpc.name, grpc.status, grpc.reason) == ("grpc", Status.UNUSABLE, "draining")


def test_a_route_without_a_usable_target_is_unusable() -> None:
    route = readiness(settings(usable=False), None).components[-1]
    assert (route.name, route.status, route.reason) == ("route r", Status.UNUSABLE, "0 of 1 targets usable")

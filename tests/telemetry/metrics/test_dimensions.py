"""Closed lists of labels are those of whoever makes the values."""

import grpc

from mainstay.reasons import Reason
from mainstay.v1 import chat_pb2
from service.rpc.server import NAME
from service.telemetry.metrics.dimensions import ASIDE, CHATS, METHODS, REASONS, SERVICE, STATUSES

DESCRIPTOR = chat_pb2.DESCRIPTOR.services_by_name["ChatService"]


def test_statuses_are_those_of_grpc() -> None:
    assert {code.name for code in grpc.StatusCode} == STATUSES


def test_reasons_are_those_that_callers_may_see() -> None:
    assert {*Reason} | {"OK"} == REASONS


def test_methods_are_those_of_the_service() -> None:
    assert SERVICE == NAME
    assert set(METHODS.values()) == {f"{NAME}/{method.name}" for method in DESCRIPTOR.methods}
    assert {*METHODS} - {*CHATS} == {*ASIDE}

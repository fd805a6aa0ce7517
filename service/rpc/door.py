"""Finds the way in for a request, or says why there is none."""

import grpc
from google.protobuf.message import DecodeError

from mainstay import v1 as pb
from service.chat.routes import Door, Route, Routes, UnknownModel
from service.rpc import status
from service.rpc.validation import Violations, violations_of, violations_of_count

UNREADABLE = pb.ChatRequest()
"""Stands for bytes that are no ChatRequest."""
UNCOUNTABLE = pb.CountTokensRequest()
"""The same of a CountTokensRequest."""


def read(wire: bytes) -> pb.ChatRequest:
    """The request, or UNREADABLE."""
    try:
        return pb.ChatRequest.FromString(wire)
    except DecodeError:
        return UNREADABLE


def read_count(wire: bytes) -> pb.CountTokensRequest:
    """The request, or UNCOUNTABLE."""
    try:
        return pb.CountTokensRequest.FromString(wire)
    except DecodeError:
        return UNCOUNTABLE


def door_of(request: pb.ChatRequest, routes: Routes) -> tuple[Route, Door]:
    """The route that the request names, and its open door. Raises Refusal."""
    if request is UNREADABLE:
        raise _unreadable("ChatRequest")
    _refuse(violations_of(request))
    return _found(request.model, routes)


def door_to_count(request: pb.CountTokensRequest, routes: Routes) -> tuple[Route, Door]:
    """The same for a question that is only counted. Raises Refusal."""
    if request is UNCOUNTABLE:
        raise _unreadable("CountTokensRequest")
    _refuse(violations_of_count(request))
    return _found(request.chat.model, routes)


def _unreadable(name: str) -> status.Refusal:
    return status.Refusal(
        grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST", f"the request is not a mainstay.v1.{name}"
    )


def _refuse(violations: Violations) -> None:
    if violations.count:
        raise status.invalid(violations)


def _found(model: str, routes: Routes) -> tuple[Route, Door]:
    try:
        route = routes.find(model)
    except UnknownModel as unknown:
        raise status.Refusal(grpc.StatusCode.NOT_FOUND, "MODEL_NOT_FOUND", str(unknown)) from None
    if not isinstance(route.door, Door):
        raise status.Refusal(grpc.StatusCode.UNAVAILABLE, "NOT_SERVING", route.door)
    return route, route.door

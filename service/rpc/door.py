"""Finds the way in for a request, or says why there is none."""

import grpc
from google.protobuf.message import DecodeError

from mainstay import v1 as pb
from service.chat.routes import Door, Route, Routes, UnknownModel
from service.rpc import status
from service.rpc.validation import violations_of

UNREADABLE = pb.ChatRequest()
"""Stands for bytes that are no ChatRequest."""


def read(wire: bytes) -> pb.ChatRequest:
    """The request, or UNREADABLE."""
    try:
        return pb.ChatRequest.FromString(wire)
    except DecodeError:
        return UNREADABLE


def door_of(request: pb.ChatRequest, routes: Routes) -> tuple[Route, Door]:
    """The route that the request names, and its open door. Raises Refusal."""
    if request is UNREADABLE:
        message = "the request is not a mainstay.v1.ChatRequest"
        raise status.Refusal(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST", message)
    if (violations := violations_of(request)).count:
        raise status.invalid(violations)
    try:
        route = routes.find(request.model)
    except UnknownModel as unknown:
        raise status.Refusal(grpc.StatusCode.NOT_FOUND, "MODEL_NOT_FOUND", str(unknown)) from None
    if not isinstance(route.door, Door):
        raise status.Refusal(grpc.StatusCode.UNAVAILABLE, "NOT_SERVING", route.door)
    return route, route.door

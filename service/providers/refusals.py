"""Refuses what a request says and the protocol cannot, by the path of its field."""

from mainstay import v1 as pb
from service.chat.failures import Failure


def unsupported(path: str, why: str) -> Failure:
    """The target cannot do it; another may."""
    return Failure(pb.FAILURE_KIND_UNSUPPORTED, f"{path}: {why}")


def invalid(path: str, why: str) -> Failure:
    """No target could do it."""
    return Failure(pb.FAILURE_KIND_INVALID_REQUEST, f"{path}: {why}")

"""Why a connection failed, in words for people that repeat nothing which came over the wire."""

import os
import socket
import ssl

from mainstay import v1 as pb
from service.chat.failures import Failure


def unreachable(host: str, why: str) -> Failure:
    """Nothing came back."""
    return Failure(pb.FAILURE_KIND_UNREACHABLE, f"no answer from {host}: {why}")


def words(error: BaseException) -> str:
    """The system's own words where there are any, else the name of what went wrong."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate was not accepted: {error.verify_message}"
        case ssl.SSLError() if error.reason:
            return f"TLS failed: {error.reason.lower().replace('_', ' ')}"
        case socket.gaierror() if error.strerror:
            return error.strerror.lower()
        case OSError() if error.errno is not None and error.errno > 0:
            return os.strerror(error.errno).lower()
        case _:
            return type(error).__name__

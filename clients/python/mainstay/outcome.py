"""The ends of a call other than an answer."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import grpc.aio

from mainstay.errors import Cancelled
from mainstay.status import from_rpc


@contextmanager
def translated(target: str) -> Iterator[None]:
    """Around one await of a call to `target`: what gRPC raises comes out as a MainstayError.

    A call that was cancelled from this side (its client was closed) raises CancelledError although nobody
    cancelled the task that awaits it, and would end that task without a trace: so it becomes Cancelled. The
    CancelledError of a task that was cancelled passes.
    """
    try:
        yield
    except grpc.aio.AioRpcError as error:
        raise from_rpc(error, target) from error
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise Cancelled(f"the call to {target} was given up on this side", code=grpc.StatusCode.CANCELLED) from None

"""How layers become one handler.

A call goes down through the layers, outermost first, and its reply comes back up:

    call ──▶ outermost ──▶ … ──▶ innermost ──▶ leaf ──▶ provider
    reply ◀── outermost ◀── … ◀── innermost ◀── leaf ◀──┘
"""

from typing import Protocol

from service.chat.call import Call
from service.chat.reply import Handler, Reply


class Layer(Protocol):
    """One resilience concern: calls `forward` zero, one or many times; returns, exhausts or closes each reply."""

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Answers the call. Returns once the reply is committed; raises Failure until then."""
        ...


def stack(*layers: Layer, leaf: Handler) -> Handler:
    """The handler in which each layer forwards to the one after it, and the last one to the leaf."""
    handler = leaf
    for layer in reversed(layers):
        handler = _over(layer, handler)
    return handler


def _over(layer: Layer, forward: Handler) -> Handler:
    answer = layer.__call__  # looked up once, and not on every call
    return lambda call: answer(call, forward)

"""Client of Mainstay, the gRPC service that answers with large language models.

The names below load on first use: whoever wants only the stubs (`mainstay.v1`) does not load the client.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mainstay.client import ChatClient
    from mainstay.errors import (
        Cancelled,
        DeadlineExceeded,
        IncompleteStream,
        InvalidRequest,
        MainstayError,
        NotFound,
        Unavailable,
        Violation,
    )
    from mainstay.fold import Fold
    from mainstay.messages import assistant, system, text_of, tool_result, user
    from mainstay.reasons import Reason
    from mainstay.status import from_rpc
    from mainstay.stream import ChatStream

__version__ = "0.1.0"

__all__ = [
    "Cancelled",
    "ChatClient",
    "ChatStream",
    "DeadlineExceeded",
    "Fold",
    "IncompleteStream",
    "InvalidRequest",
    "MainstayError",
    "NotFound",
    "Reason",
    "Unavailable",
    "Violation",
    "assistant",
    "from_rpc",
    "system",
    "text_of",
    "tool_result",
    "user",
]

_HOMES = {
    "client": ("ChatClient",),
    "errors": (
        "Cancelled",
        "DeadlineExceeded",
        "IncompleteStream",
        "InvalidRequest",
        "MainstayError",
        "NotFound",
        "Unavailable",
        "Violation",
    ),
    "fold": ("Fold",),
    "messages": ("assistant", "system", "text_of", "tool_result", "user"),
    "reasons": ("Reason",),
    "status": ("from_rpc",),
    "stream": ("ChatStream",),
}


def __getattr__(name: str) -> object:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"mainstay.{module}"), name)
    raise AttributeError(f"module 'mainstay' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

"""What a model can and cannot do, in a word each."""

from collections.abc import Iterator

from service.chat.capabilities import Capabilities, Reasoning

WORDS = ("tools", "images", "files", "prefill", "forced_tool_choice", "json_schema", "sampling")
"""The names of the fields of Capabilities that are a yes or a no."""


def abilities(can: Capabilities) -> Iterator[str]:
    """What it is known to do; `reasoning:always` if it cannot but think."""
    yield from (word for word in WORDS if getattr(can, word) is True)
    if can.thinks:
        yield "reasoning:always" if can.reasoning is Reasoning.ALWAYS else "reasoning"


def inabilities(can: Capabilities) -> Iterator[str]:
    """What it is known not to do."""
    yield from (word for word in WORDS if getattr(can, word) is False)
    if can.reasoning is Reasoning.NONE:
        yield "reasoning"

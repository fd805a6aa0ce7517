"""Who goes on with a tool loop: whoever called, unless it fails.

user ─▶ assistant calls ─▶ tool results ─▶ assistant calls ─▶ tool results ─▶ assistant answers
                           └──────────── open ────────────────┘
"""

from collections.abc import Sequence

from mainstay import v1 as pb
from service.chat.target import Candidate


def in_order(request: pb.ChatRequest, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """The candidates in the order in which they are tried: those of the provider that the open loop is with come first.

    Nobody else has its thoughts, and a change costs them. Callers could name any provider; that only changes the order
    of targets that they may use anyway.
    """
    if len(candidates) < 2 or not (issuer := _caller_of_tools(request.messages)):
        return candidates
    return sorted(candidates, key=lambda candidate: candidate.target.provider != issuer)


def _caller_of_tools(messages: Sequence[pb.Message]) -> str:
    """The provider that made the latest calls of the loop that is open; empty: none is, or it is not known."""
    if not messages or messages[-1].role != pb.ROLE_TOOL:
        return ""
    answered = False
    for message in reversed(messages):
        if message.role == pb.ROLE_ASSISTANT:
            answered = True
            if issuer := _issuer_of(message):
                return issuer
        elif message.role == pb.ROLE_USER and answered:
            return ""
    return ""


def _issuer_of(message: pb.Message) -> str:
    """Of the last part that says: calls come last, and the words before them may be of somebody who broke off."""
    return next(filter(None, (part.provider_state.issuer for part in reversed(message.parts))), "")

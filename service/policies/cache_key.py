"""What makes two calls the same question."""

from collections.abc import Iterable
from hashlib import sha256

from mainstay import v1 as pb
from service.chat.target import Target


def cache_key(request: pb.ChatRequest, caller: str, targets: Iterable[Target]) -> bytes:
    """32 bytes, the same for requests that may share an answer: all but `labels`, `policy` and `end_user` counts.

    So do fields that this version does not know, who asks, and the targets in their order. Good within one release
    only: another one may serialise differently.
    """
    question = pb.ChatRequest()
    question.CopyFrom(request)
    question.ClearField("labels")
    question.ClearField("policy")
    question.ClearField("end_user")
    pieces = [question.SerializeToString(deterministic=True), _bytes(caller)]
    for target in targets:
        pieces += _bytes(target.provider), _bytes(target.model)
    # A piece could hold any separator: its length, told first, is what keeps it apart from the next.
    return sha256(b"".join([len(piece).to_bytes(8) + piece for piece in pieces])).digest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")

"""Decodes an answer that came in one piece."""

import orjson

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.openai.answer import Answer
from service.providers.openai.errors import failure_in
from service.providers.openai.halves import Halves
from service.providers.openai.redaction import readable
from service.providers.openai.values import Json, objects_of
from service.providers.sse import BYTE_ORDER_MARK

MALFORMED = pb.FAILURE_KIND_MALFORMED


def decode(body: bytes) -> list[pb.ChatEvent]:
    """The events of the answer, `completed` last; without a finish reason it is whole too. Raises Failure."""
    parsed = _parsed(body)
    if not isinstance(parsed, dict):
        raise failure_in(parsed, MALFORMED) if objects_of(parsed) else _not_an_answer(body)
    answer = Answer(said_in="message")
    answer.read(parsed)
    _expect_a_choice(parsed)
    return answer.end()


def _parsed(body: bytes) -> object:
    text = body.removeprefix(BYTE_ORDER_MARK)
    if not text.strip():
        raise Failure(pb.FAILURE_KIND_EMPTY, "the answer is empty")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _mended(body, text)


def _mended(body: bytes, text: bytes) -> object:
    try:
        return orjson.loads(Halves().mended(text, last=True))
    except orjson.JSONDecodeError as cause:
        raise _not_an_answer(body) from cause


def _expect_a_choice(parsed: Json) -> None:
    choices = parsed.get("choices")
    if objects_of(choices):
        return
    if choices == []:
        raise Failure(pb.FAILURE_KIND_EMPTY, "the answer holds no choice")
    raise failure_in(parsed, MALFORMED)


def _not_an_answer(body: bytes) -> Failure:
    return Failure(MALFORMED, f"the answer is not a chat completion: {readable(body)}")

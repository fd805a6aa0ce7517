"""Decodes an answer that came in one piece."""

import orjson

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.openai.answer import Answer
from service.providers.openai.error_table import NOTHING_OWN, ErrorTable
from service.providers.openai.errors import failure_in
from service.providers.openai.halves import Halves
from service.providers.openai.plain import plain
from service.providers.openai.redaction import readable
from service.providers.openai.values import Json, objects_of
from service.providers.sse import BYTE_ORDER_MARK

MALFORMED = pb.FAILURE_KIND_MALFORMED


def decode(
    body: bytes, provider: str, *, think_tags: bool = False, errors: ErrorTable = NOTHING_OWN
) -> list[pb.ChatEvent]:
    """The events of `provider`'s answer, `completed` last; without a finish reason it is whole too. Raises Failure.

    `think_tags`: the text may begin with `<think>…</think>`. `errors`: in what the provider's errors differ.
    """
    parsed = _parsed(body)
    if not isinstance(parsed, dict):
        raise failure_in(parsed, MALFORMED, errors) if objects_of(parsed) else _not_an_answer(body)
    if not think_tags and (events := plain(parsed)):
        return events
    answer = Answer("message", provider, think_tags=think_tags, errors=errors)
    answer.read(parsed)
    _expect_a_choice(parsed, errors)
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


def _expect_a_choice(parsed: Json, errors: ErrorTable) -> None:
    choices = parsed.get("choices")
    if objects_of(choices):
        return
    if choices == []:
        raise Failure(pb.FAILURE_KIND_EMPTY, "the answer holds no choice")
    raise failure_in(parsed, MALFORMED, errors)


def _not_an_answer(body: bytes) -> Failure:
    return Failure(MALFORMED, f"the answer is not a chat completion: {readable(body)}")

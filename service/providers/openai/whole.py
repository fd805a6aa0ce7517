"""Decodes an answer that came in one piece."""

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.body import not_an_answer, parsed_body
from service.providers.errors.meaning import failure_in
from service.providers.errors.table import NOTHING_OWN, ErrorTable
from service.providers.openai.answer import Answer
from service.providers.openai.plain import plain
from service.providers.values import Json, objects_of

MALFORMED = pb.FAILURE_KIND_MALFORMED


def decode(
    body: bytes, provider: str, *, think_tags: bool = False, errors: ErrorTable = NOTHING_OWN
) -> list[pb.ChatEvent]:
    """The events of `provider`'s answer, `completed` last; without a finish reason it is whole too. Raises Failure.

    `think_tags`: the text may begin with `<think>…</think>`. `errors`: in what the provider's errors differ.
    """
    parsed = parsed_body(body)
    if not isinstance(parsed, dict):
        raise failure_in(parsed, MALFORMED, errors) if objects_of(parsed) else not_an_answer(body)
    if not think_tags and (events := plain(parsed)):
        return events
    answer = Answer("message", provider, think_tags=think_tags, errors=errors)
    answer.read(parsed)
    _expect_a_choice(parsed, errors)
    return answer.end()


def _expect_a_choice(parsed: Json, errors: ErrorTable) -> None:
    choices = parsed.get("choices")
    if objects_of(choices):
        return
    if choices == []:
        raise Failure(pb.FAILURE_KIND_EMPTY, "the answer holds no choice")
    raise failure_in(parsed, MALFORMED, errors)

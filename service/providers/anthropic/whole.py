"""Decodes an answer that came in one piece."""

from mainstay import v1 as pb
from service.providers.anthropic.answer import Answer
from service.providers.body import not_an_answer, parsed_body
from service.providers.errors import NOTHING_OWN, ErrorTable, failure_in, is_error

MALFORMED = pb.FAILURE_KIND_MALFORMED


def decode(
    body: bytes, provider: str, *, signatures: bool = True, errors: ErrorTable = NOTHING_OWN
) -> list[pb.ChatEvent]:
    """The events of `provider`'s answer, `completed` last; without a stop reason it is whole too. Raises Failure.

    `signatures`: its thoughts are of no use without. `errors`: in what its errors differ.
    """
    parsed = parsed_body(body)
    if not isinstance(parsed, dict):
        raise not_an_answer(body)
    if is_error(parsed) or parsed.get("type") == "error" or not isinstance(parsed.get("content"), list):
        raise failure_in(parsed, MALFORMED, errors)
    answer = Answer(provider, signatures=signatures, errors=errors)
    answer.read_whole(parsed)
    return answer.end()

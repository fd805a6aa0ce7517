"""Decodes an answer that came in one piece."""

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.body import not_an_answer, parsed_body
from service.providers.errors import ErrorTable, failure_in
from service.providers.gemini.answer import Answer
from service.providers.values import Json, objects_of


def decode(body: bytes, provider: str, errors: ErrorTable) -> list[pb.ChatEvent]:
    """The events of `provider`'s answer, `completed` last; without a finish reason it is whole too. Raises Failure.

    A list is a stream that nobody asked for, or an error.
    """
    parsed = parsed_body(body)
    chunks = objects_of(parsed if isinstance(parsed, list) else [parsed])
    if not chunks:
        raise not_an_answer(body)
    answer = Answer(provider, errors)
    for chunk in chunks:
        answer.read(chunk)
    if not any(objects_of(chunk.get("candidates")) for chunk in chunks):
        raise _nothing_said(chunks[0], errors)
    return answer.end()


def _nothing_said(chunk: Json, errors: ErrorTable) -> Failure:
    if chunk.get("candidates") == [] or "usageMetadata" in chunk:
        return Failure(pb.FAILURE_KIND_EMPTY, "the answer holds no candidate")
    return failure_in(chunk, pb.FAILURE_KIND_MALFORMED, errors)

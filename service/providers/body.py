"""Reads the JSON of a body that came in one piece."""

import orjson

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.halves import Halves
from service.providers.redaction import readable
from service.providers.sse import BYTE_ORDER_MARK


def parsed_body(body: bytes) -> object:
    """The value that the body is. Raises Failure if there is none."""
    text = body.removeprefix(BYTE_ORDER_MARK)
    if not text.strip():
        raise Failure(pb.FAILURE_KIND_EMPTY, "the answer is empty")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _mended(body, text)


def not_an_answer(body: bytes) -> Failure:
    """The failure of a body that is something else."""
    return Failure(pb.FAILURE_KIND_MALFORMED, f"the answer is not a chat completion: {readable(body)}")


def _mended(body: bytes, text: bytes) -> object:
    try:
        return orjson.loads(Halves().mended(text, last=True))
    except orjson.JSONDecodeError as cause:
        raise not_an_answer(body) from cause

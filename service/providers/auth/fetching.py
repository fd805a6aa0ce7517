"""Asks a token server, over the provider's own HTTP."""

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.auth.grant import Grant, Granted
from service.providers.http import Answer, Http

MOST_BYTES = 64 * 1024


async def fetched(grant: Grant, http: Http, connect: float) -> Granted:
    """A token; `connect` bounds the connecting, in seconds. Raises Failure."""
    request = grant.request()
    try:
        answer = await http.post(request.url, request.headers, request.body, connect)
        try:
            body = await _body(answer)
        finally:
            await answer.aclose()
    except Failure as failure:
        raise Failure(failure.kind, f"no token: {failure.detail}") from failure.__cause__
    return grant.granted(answer.status, answer.headers, body)


async def _body(answer: Answer) -> bytes:
    body = b""
    while data := await answer.read():
        body += data
        if len(body) > MOST_BYTES:
            raise Failure(pb.FAILURE_KIND_MALFORMED, f"the answer is larger than {MOST_BYTES >> 10} KiB")
    return body

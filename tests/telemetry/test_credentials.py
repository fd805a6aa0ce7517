"""What operators are told of keys and tokens."""

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.chat.target import Target
from service.telemetry.credentials import CredentialLog
from tests.kit.log_schema import Schema
from tests.kit.written import written

REFUSED = Failure(pb.FAILURE_KIND_BAD_CREDENTIALS, "no token from tokens.test: it does not accept our client")


def test_every_line_is_as_the_page_says_and_tokens_are_only_learned() -> None:
    learned: list[tuple[str, str]] = []
    with written() as lines:
        told = CredentialLog(lambda whose, credential: learned.append((whose, credential)))
        told.set_aside("first", Target("gate", "m"), REFUSED, 600.0)
        told.not_fetched("tokens.test", REFUSED)
        told.fetched_again("tokens.test")
        told.learned("tokens.test", "Canary7Token")
        kept = [line for event in ("key set aside", "no new token", "tokens come again") for line in lines.of(event)]
    assert len(lines) == len(kept) == 3
    assert [wrong for line in kept for wrong in Schema().wrongs(line)] == []
    assert learned == [("tokens.test", "Canary7Token")]
    assert b"anary" not in b"".join(lines)

"""S01 to S05 and S16: the primary answers with an error, or not at all, and says so at once.

At scale 1: what takes time here is `Retry-After`, in whole seconds, and the backoff, whose base is fixed in the code.
"""

from tests.chaos.expect import expect, expect_that
from tests.chaos.one_call import OneCall
from tests.chaos.scenario import Scenario
from tests.chaos.seen import Seen

BY_SECONDARY = "completed by secondary"


def _waited_as_told(seen: Seen) -> None:
    waited = _starts(seen)[1]
    expect_that(2.0 <= waited < 3.0, f"the second attempt came after {waited:.2f} s, not after the 2 s that were asked")


def _not_a_stampede(seen: Seen) -> None:
    soon = sum(start <= 3.0 for start in _starts(seen))
    expect_that(soon <= 4, f"{soon} attempts within 3 s, at most 4 are allowed")
    expect_that(len(seen.attempts) <= 6, f"{len(seen.attempts)} attempts, at most 6 are allowed")


def _names_who_answered(seen: Seen) -> None:
    """The fallback's answer has 60 tokens: its usage is whole, and nobody else's."""
    expect("the provider that is named", seen.provenance.provider, "secondary")
    expect_that(seen.provenance.model.startswith("s16-"), f"the model that is named is {seen.provenance.model!r}")
    expect("output tokens", seen.answer.usage.output_tokens, 60)
    expect_that(seen.answer.usage.input_tokens > 0, "no input tokens were counted")
    expect_that(len(seen.attempts) <= 6, f"{len(seen.attempts)} attempts, at most 6 are allowed")


def _starts(seen: Seen) -> list[float]:
    return [row.started_after.ToTimedelta().total_seconds() for row in seen.provenance.attempts]


SCENARIOS = [
    Scenario(
        key="s01",
        does="429 with Retry-After: 2, once",
        play=OneCall(
            primary="status(429,retry-after=2)",
            first=1,
            sees="completed by primary",
            attempts=["primary RATE_LIMITED", "primary ANSWERED"],
            check=_waited_as_told,
        ),
    ),
    Scenario(
        key="s02",
        does="429, always",
        play=OneCall(
            primary="status(429)",
            sees=BY_SECONDARY,
            attempts=["primary RATE_LIMITED"] * 3 + ["secondary ANSWERED"],
            check=_not_a_stampede,
        ),
    ),
    Scenario(
        key="s03",
        does="500, once",
        play=OneCall(
            primary="status(500)",
            first=1,
            sees="completed by primary",
            attempts=["primary OVERLOADED", "primary ANSWERED"],
        ),
    ),
    Scenario(
        key="s04",
        does="503, always",
        play=OneCall(
            primary="status(503)",
            sees=BY_SECONDARY,
            attempts=["primary OVERLOADED"] * 3 + ["secondary ANSWERED"],
        ),
    ),
    Scenario(
        key="s05",
        does="TCP reset, always",
        play=OneCall(
            primary="reset",
            sees=BY_SECONDARY,
            attempts=["primary UNREACHABLE"] * 3 + ["secondary ANSWERED"],
        ),
    ),
    Scenario(
        key="s16",
        does="fails, then succeeds elsewhere",
        play=OneCall(
            primary="status(502)",
            secondary="tokens(60)",
            sees=BY_SECONDARY,
            attempts=["primary OVERLOADED"] * 3 + ["secondary ANSWERED"],
            check=_names_who_answered,
        ),
    ),
]

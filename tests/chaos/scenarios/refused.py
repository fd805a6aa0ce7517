"""S12 and S13: the primary refuses the question itself. Nothing waits: scale 1."""

from tests.chaos.expect import expect
from tests.chaos.one_call import OneCall
from tests.chaos.scenario import Scenario
from tests.chaos.seen import Seen

WINDOWS = {"primary/{}": 8_000, "secondary/{}-small": 4_000, "secondary/{}-large": 128_000}


def _by_the_larger(seen: Seen) -> None:
    expect("the model that answered", seen.provenance.model.rpartition("-")[2], "large")


SCENARIOS = [
    Scenario(
        key="s12",
        does="context length exceeded",
        targets=list(WINDOWS),
        models={target: {"context_tokens": tokens} for target, tokens in WINDOWS.items()},
        play=OneCall(
            primary="status(400,code=context_length_exceeded)",
            sees="completed by secondary",
            attempts=["primary CONTEXT_TOO_LONG", "secondary SKIPPED", "secondary ANSWERED"],
            check=_by_the_larger,
        ),
    ),
    Scenario(
        key="s13",
        does="content filter",
        play=OneCall(
            primary="status(400,code=content_filter)",
            sees="INVALID_ARGUMENT CONTENT_FILTERED",
            attempts=["primary CONTENT_FILTERED"],
        ),
    ),
]

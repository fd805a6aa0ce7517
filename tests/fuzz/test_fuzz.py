"""A short run of the fuzzer, and the fuzzer itself: `make fuzz` tries 100,000."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.openai import OpenAI
from tests.fuzz import trial
from tests.fuzz.__main__ import main
from tests.fuzz.bodies import BUILT_IN, Body, Form, bodies
from tests.fuzz.case import Case, make_case
from tests.fuzz.run import batch
from tests.fuzz.trial import Limits, tried

SEED = 7
TEXT = pb.ChatEvent(text_delta=pb.TextDelta(text="a"))
THOUGHT = pb.ChatEvent(reasoning_delta=pb.ReasoningDelta(part=0, text="a"))
LATER = pb.ChatEvent(text_delta=pb.TextDelta(part=1, text="a"))
CALL = pb.ChatEvent(tool_call_delta=pb.ToolCallDelta(part=0, id="c", name="f"))
LATER_CALL = pb.ChatEvent(tool_call_delta=pb.ToolCallDelta(part=1, id="c", name="f"))
STATE = pb.ChatEvent(part_state=pb.PartState(provider_state=pb.ProviderState(issuer="a", data=b"{}")))
BLOCK = pb.ChatEvent(part_state=pb.PartState(provider_block=pb.ProviderBlock(issuer="a", json="{}")))
END = pb.ChatEvent(completed=pb.ChatResponse(finish_reason=pb.FINISH_REASON_STOP))
CASE = Case(Form.WHOLE, b"{}", ())


@dataclass(frozen=True, slots=True)
class Decodes(OpenAI):
    """Says of every whole body the same."""

    said: Sequence[pb.ChatEvent] = ()
    raises: Exception | None = None

    def decode(self, body: bytes) -> list[pb.ChatEvent]:
        if self.raises:
            raise self.raises
        return list(self.said)


@pytest.mark.parametrize("protocol", BUILT_IN)
def test_damaged_recordings_come_to_answers_or_to_failures_of_ours(protocol: str) -> None:
    tally = batch(bodies(protocol), SEED, range(1000))
    assert tally.crashes == []
    assert tally.tried == 1000
    assert 200 < tally.failed < 900, "most damages ought to hurt, and not all"


@pytest.mark.parametrize("protocol", BUILT_IN)
def test_without_recordings_there_are_bodies_of_our_own(protocol: str, tmp_path: Path) -> None:
    assert bodies(protocol, tmp_path) == list(BUILT_IN[protocol])
    assert batch(BUILT_IN[protocol], SEED, range(200)).crashes == []


@pytest.mark.parametrize("body", [body for bodies in BUILT_IN.values() for body in bodies])
def test_our_own_bodies_are_what_they_say(body: Body) -> None:
    verdict = tried(Case(body.form, body.data, (), protocol=body.protocol))
    assert verdict.complaint == ""
    assert verdict.failed == (body.form is Form.ERROR or b"overloaded" in body.data)


def test_the_same_seed_and_index_make_the_same_case() -> None:
    sources = BUILT_IN["openai"]
    made = [make_case(sources, SEED, index) for index in range(100)]
    assert made == [make_case(sources, SEED, index) for index in range(100)]
    assert made != [make_case(sources, SEED + 1, index) for index in range(100)]
    assert all(b"".join(case.reads()) == case.data for case in made)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ([TEXT], "neither `completed` nor a failure"),
        ([END, TEXT], "an event after `completed`"),
        ([END, END], "an event after `completed`"),
        ([LATER, END], "never came"),
        ([LATER_CALL, TEXT, END], "part 0 was passed over and is a text_delta"),
        ([TEXT, LATER, END], "a second part of text_delta"),
        ([TEXT, STATE, STATE, END], "a state is said twice"),
        ([BLOCK, BLOCK, END], "a block is said twice"),
        ([TEXT, THOUGHT, END], "a part of two kinds"),
        ([CALL, CALL, END], "said twice"),
        ([pb.ChatEvent(tool_call_delta=pb.ToolCallDelta(id="c")), END], "without an id or a name"),
        ([pb.ChatEvent(text_delta=pb.TextDelta()), END], "an empty text delta"),
        ([pb.ChatEvent(started=pb.Started()), END], "never sends"),
        ([pb.ChatEvent(completed=pb.ChatResponse())], "no finish reason"),
    ],
)
def test_a_broken_promise_is_a_crash(said: list[pb.ChatEvent], complaint: str) -> None:
    assert complaint in tried(CASE, wire=Decodes(said=said)).complaint


@pytest.mark.parametrize("said", [[LATER, CALL, END], [LATER, STATE, END], [TEXT, STATE, END], [BLOCK, LATER, END]])
def test_a_call_that_waits_for_its_name_and_withheld_thoughts_may_be_passed_over(said: list[pb.ChatEvent]) -> None:
    assert tried(CASE, wire=Decodes(said=said)) == trial.Verdict("", failed=False)


def test_an_exception_that_is_not_ours_is_a_crash() -> None:
    assert tried(CASE, wire=Decodes(raises=KeyError("choices"))).complaint == "KeyError: 'choices'"
    assert tried(CASE, wire=Decodes(raises=Failure(pb.FAILURE_KIND_EMPTY, "nothing"))).failed
    assert "says nothing" in tried(CASE, wire=Decodes(raises=Failure(pb.FAILURE_KIND_EMPTY, ""))).complaint


def test_time_and_memory_are_bounded() -> None:
    assert tried(CASE, wire=Slow(seconds=0.04), limits=Limits(seconds=0.03)).complaint.startswith("takes 0.0")
    assert tried(CASE, wire=Slow(seconds=0.04), limits=Limits(seconds=0.3)).complaint == ""
    assert "no end" in tried(CASE, wire=Slow(seconds=60), limits=Limits(hung_seconds=0.1)).complaint
    assert "bytes for a body of 2" in tried(CASE, wire=Greedy(), weighed=True).complaint
    assert tried(CASE, wire=Greedy()).complaint == ""


@dataclass(frozen=True, slots=True)
class Slow(OpenAI):
    seconds: float = 0

    def decode(self, body: bytes) -> list[pb.ChatEvent]:
        until = time.thread_time() + self.seconds
        while time.thread_time() < until:
            pass
        return [END]


class Greedy(OpenAI):
    def decode(self, body: bytes) -> list[pb.ChatEvent]:
        assert len(bytearray(1_000_000))
        return [END]


def test_the_last_line_counts_and_one_case_can_be_tried_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert main(["--count", "60"]) == 0
    assert capsys.readouterr().out.endswith(f"fuzz: {60 * len(BUILT_IN)} streams, 0 crashes\n")
    monkeypatch.chdir(tmp_path)
    assert main(["--protocol", "anthropic", "--only", "3"]) == 0
    assert list((tmp_path / ".cache/fuzz").iterdir())

"""Faults as text, and which requests they strike."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.simulator.conditions import Chance, Conditional, First
from service.simulator.faults import Body, Cut, Delay, Fault, Finish, Length, NoDone, Ping, Reset, Stall, Status, Think
from service.simulator.grammar import parse_faults, parse_model
from service.simulator.quantities import ScriptError
from service.simulator.scenario import read_rules
from service.simulator.script import Script
from service.simulator.words import CONDITIONS, WORDS, explanation

FAILS = Status(500)


@pytest.mark.parametrize(
    ("text", "base", "items"),
    [
        ("chat", "chat", ()),
        ("org/chat-4.1:free", "org/chat-4.1:free", ()),
        ("chat+tokens(60)+cut(40)", "chat", (Length(60), Cut(40))),
        ("chat+reset", "chat", (Reset(),)),
        ("chat+reset(3)", "chat", (Cut(3, reset=True),)),
        ("chat+stall(10, 500ms)+nodone", "chat", (Stall(10, 0.5), NoDone())),
        ("chat+empty200", "chat", (Body.EMPTY,)),
        ("chat+ping(2s)+think(9)+finish(content_filter)", "chat", (Ping(2.0), Think(9), Finish("content_filter"))),
        (
            "chat+status(429,retry-after=2,code=slow_down,message=a (b) c)",
            "chat",
            (Status(429, (("retry-after", "2"),), (("code", "slow_down"), ("message", "a (b) c"))),),
        ),
        (
            "chat+first(2,delay(1s)+status(500,x-a=1))",
            "chat",
            (Conditional(First(2), (Delay(1.0), Status(500, (("x-a", "1"),)))),),
        ),
        ("chat+p(0.1,status(500))", "chat", (Conditional(Chance(0.1), (FAILS,)),)),
    ],
)
def test_a_model_name_says_its_faults(text: str, base: str, items: tuple[Fault | Conditional, ...]) -> None:
    model = parse_model(text)
    assert (model.base, model.items) == (base, items)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("chat+", "unknown fault ''"),
        ("chat+boom", "unknown fault 'boom'"),
        ("chat+cut", "expected cut(N)"),
        ("chat+cut(1,2)", "expected cut(N)"),
        ("chat+cut(-1)", "'-1' is not a whole number"),
        ("chat+ping(0)", "'0' is less than"),
        ("chat+finish(a b)", "'a b' is not a finish reason"),
        ("chat+delay(nan)", "'nan' is not a duration"),
        ("chat+status(429,oops)", "'oops' is not header=value"),
        ("chat+status(200,content-length=3)", "cannot be set"),
        ("chat+status(99)", "'99' is not a whole number"),
        ("chat+cut(3", "'(' without ')'"),
        ("chat+cut(3))", "')' without '('"),
        ("chat+cut(3)x", "expected ')' at the end"),
        ("chat+p(1.5,reset)", "'1.5' is not a probability"),
        ("chat+first(2)", "expected first(N,faults)"),
        ("chat+first(2,first(1,reset))", "unknown fault 'first'"),
        ("c" * 3000, "at most 2000"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, said: str) -> None:
    with pytest.raises(ScriptError) as raised:
        parse_model(text)
    assert said in str(raised.value)


@given(st.text(alphabet="chat+()0159,=.sm-x"))
def test_any_name_is_either_read_or_refused(text: str) -> None:
    with suppress(ScriptError):
        parse_model(text)


def test_every_word_is_explained() -> None:
    told = explanation()
    assert all(f"  {word}" in told for word in [*WORDS, *CONDITIONS])


def struck(script: Script, name: str, times: int) -> list[bool]:
    return [bool(script.strike(parse_model(name))) for _ in range(times)]


def test_names_count_apart_from_each_other() -> None:
    script = Script((), seed=0)
    assert struck(script, "a+first(2,reset)", 3) == [True, True, False]
    assert struck(script, "b+first(2,reset)", 1) == [True]


def test_a_probability_gives_the_same_sequence_with_the_same_seed() -> None:
    name = "a+p(0.25,reset)"
    first, same, other = (struck(Script((), seed), name, 400) for seed in (1, 1, 2))
    assert first == same != other
    assert 60 <= sum(first) <= 140


def test_the_faults_of_the_name_come_before_those_of_the_rules_in_their_order() -> None:
    rules = read_rules(
        [{"model": "a*", "fault": "delay(2)"}, {"fault": "status(500)"}, {"model": "b", "fault": "hold"}]
    )
    assert Script(rules, 0).strike(parse_model("abc+delay(1)")) == (Delay(1), Delay(2), FAILS)


def test_a_chain_of_faults_is_read_in_order() -> None:
    assert parse_faults("delay(1)+status(500)") == (Delay(1), FAILS)

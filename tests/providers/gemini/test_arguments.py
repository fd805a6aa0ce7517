"""Arguments that come value by value."""

import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from tests.providers.gemini.chunks import STOP, candidate, event, sse
from tests.providers.gemini.folding import fold, parts_of, streamed


def fragment(more: bool, *values: object, **fields: object) -> dict[str, object]:
    partial = {"partialArgs": list(values)} if values else {}
    return candidate({"functionCall": {**fields, **partial, **({"willContinue": True} if more else {})}})


def value(path: str, **said: object) -> dict[str, object]:
    return {"jsonPath": path, **said}


BEGUN = fragment(True, name="f")
END = fragment(False)


def arguments(*values: object) -> object:
    (part,) = parts_of(fold(streamed([sse(BEGUN, *(fragment(True, one) for one in values), END, STOP)])))
    assert part[:3] == ("call", "call_1_r1", "f")
    return part[3]


@pytest.mark.parametrize(
    ("values", "whole"),
    [
        ([], {}),
        ([value("$.a", stringValue="Bos", willContinue=True), value("$.a", stringValue="ton")], {"a": "Boston"}),
        ([value("$.a", numberValue=1.5), value("$.b", boolValue=False), value("$.c", nullValue=None)],
         {"a": 1.5, "b": False, "c": None}),
        ([value("$.a.b[0].c", stringValue="x"), value("$.a.b[1]", numberValue=2)], {"a": {"b": [{"c": "x"}, 2]}}),
        ([value("$['a b']['c.d']", stringValue="x")], {"a b": {"c.d": "x"}}),
        ([value("$.a", stringValue="x"), value("$.a", numberValue=1)], {"a": 1}),
    ],
)  # fmt: skip
def test_values_are_put_where_their_paths_lead(values: list[object], whole: object) -> None:
    assert arguments(*values) == whole


@pytest.mark.parametrize("path", ["", "a", "$", "$.", "$.a[", "$[3]", "$.a[1]", "$.s.t", "$" + ".a" * 65])
def test_a_path_that_leads_nowhere_is_malformed(path: str) -> None:
    values = (value("$.s", stringValue="x"), value("$.a[0]", stringValue="y")) if path == "$.s.t" else ()
    with pytest.raises(Failure, match="fits nowhere"):
        arguments(*values, value(path, stringValue="x"))


def test_a_caller_learns_of_the_call_when_it_begins_and_of_its_arguments_when_they_are_whole() -> None:
    events = streamed(map(event, (BEGUN, fragment(True, value("$.a", stringValue="x")), END, STOP)))
    assert [(delta.name, delta.arguments_json) for delta in deltas(events)] == [("f", ""), ("", '{"a":"x"}')]


def deltas(events: list[pb.ChatEvent]) -> list[pb.ToolCallDelta]:
    return [each.tool_call_delta for each in events if each.HasField("tool_call_delta")]


def test_the_signature_of_a_call_waits_for_its_end() -> None:
    late = candidate({"functionCall": {"willContinue": True}, "thoughtSignature": "s"})
    reads = map(event, (fragment(True, name="f", id="x"), late, END, STOP))
    (part,) = parts_of(fold(streamed(reads)))
    assert part == ("call", "x", "f", {}, {"functionCall": {"id": "x"}, "thoughtSignature": "s"})


def test_only_the_limit_may_cut_a_call_off() -> None:
    cut = [sse(BEGUN, fragment(True, value("$.a", stringValue="x")), candidate(finish="MAX_TOKENS"))]
    response = fold(streamed(cut))
    assert parts_of(response)[0][3] == {"a": "x"}
    assert response.finish_reason == pb.FINISH_REASON_LENGTH
    for end in (STOP, BEGUN):
        with pytest.raises(Failure, match="a tool call that does not end"):
            streamed([sse(BEGUN, end, STOP)])


def test_a_piece_that_nobody_can_read_may_not_be_missing_from_a_call() -> None:
    with pytest.raises(Failure, match="a chunk of a tool call is not readable"):
        streamed([sse(BEGUN) + b"data: {\r\n\r\n"])


def test_what_a_call_may_hold_is_bounded() -> None:
    with pytest.raises(Failure, match="fits nowhere"):
        arguments(*[value("$.a", stringValue="x" * 300_000)] * 4)


def test_an_empty_call_that_ends_nothing_is_nothing() -> None:
    assert parts_of(fold(streamed([sse(END, STOP)]))) == []

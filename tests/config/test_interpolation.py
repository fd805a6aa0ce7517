"""Variables in values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.config.interpolation import interpolate
from service.config.problems import Place, Problem
from service.config.tree import Node
from tests.config.conftest import Folder

HERE = Place("here", 1)


def filled(text: str, **variables: str) -> tuple[object, list[str]]:
    problems: list[Problem] = []
    node = interpolate(Node(text, HERE), variables, problems, ("a",))
    return node.value, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${A}", "1"),
        ("x${A}y${A}", "x1y1"),
        ("${A:-2}", "1"),
        ("${EMPTY}", ""),
        ("${EMPTY:-2}", "2"),
        ("${NOPE:-2}", "2"),
        ("${NOPE:-}", ""),
        ("${NOPE:-http://h:1/$x}", "http://h:1/$x"),
        ("$A $ $$ {A}", "$A $ $$ {A}"),
        ("$${A}", "${A}"),
        ("$${A}${A}", "${A}1"),
    ],
)
def test_a_reference_becomes_the_variable_or_its_default(text: str, value: str) -> None:
    assert filled(text, A="1", EMPTY="") == (value, [])


def test_an_unset_variable_is_a_problem_that_names_it() -> None:
    assert filled("${NOPE}")[1] == ["here:1 a: the variable NOPE is not set"]


@pytest.mark.parametrize("text", ["${", "${A", "${}", "${1A}", "${A-b}", "${A:b}", "${ A }", "${A:-${B}}"])
def test_a_malformed_reference_is_a_problem(text: str) -> None:
    assert filled(text, A="1")[1] == [
        "here:1 a: write ${NAME} or ${NAME:-default}, not nested; for a plain '${' write '$${'"
    ]


@given(st.text().filter(lambda text: "${" not in text))
def test_text_without_a_reference_stays_as_it_is(text: str) -> None:
    assert filled(text) == (text, [])


@given(st.text())
def test_what_a_variable_holds_is_never_looked_into(value: str) -> None:
    assert filled("${A}", A=value + "${B}") == (value + "${B}", [])


@given(st.text())
def test_any_text_can_be_written_by_escaping(text: str) -> None:
    if "$${" not in text:
        assert filled(text.replace("${", "$${")) == (text, [])


@pytest.mark.parametrize("text", ["${A}", "$${A}", "a", "${B:-$}{A}"])
def test_filling_twice_is_filling_once(text: str) -> None:
    once = interpolate(Node(text, HERE), {"A": "x${A}"}, [])
    assert interpolate(once, {"A": "x${A}"}, []) == once


def test_a_value_cannot_bring_yaml_with_it(folder: Folder) -> None:
    folder.write("providers: {openai: {api_key: '${KEY}'}}")
    key = folder.load(KEY="a}#,b:[").providers["openai"].api_key
    assert key is not None
    assert key.reveal() == "a}#,b:["


def test_keys_are_not_filled(folder: Folder) -> None:
    folder.write("server: {'${A}': 1}")
    assert folder.problems(A="address") == ["config.yaml:1 server.${A}: unknown key"]


def test_a_variable_that_a_higher_layer_makes_needless_need_not_be_set(folder: Folder) -> None:
    folder.write("server:\n  address: ${NOPE}\n")
    folder.write("server:\n  address: 127.0.0.1:1\n", "config.prod.yaml")
    assert folder.load(profile="prod").server.address == "127.0.0.1:1"
    assert folder.load(MAINSTAY__SERVER__ADDRESS="127.0.0.1:2").server.address == "127.0.0.1:2"


def test_text_becomes_what_the_field_needs(folder: Folder) -> None:
    folder.write("server:\n  reflection: ${R}\n  max_concurrent_streams: ${N:-7}\n  drain_grace: ${G}\n")
    server = folder.load(R="false", G="3s").server
    assert (server.reflection, server.max_concurrent_streams, server.drain_grace) == (False, 7, 3.0)

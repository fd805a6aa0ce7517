"""YAML that is hostile or merely wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.config.problems import Problem
from service.config.tree import Plain, plain
from service.config.yaml_text import MAX_BYTES, parse_yaml


def read(content: str | bytes) -> tuple[Plain, list[str]]:
    problems: list[Problem] = []
    node = parse_yaml(content.encode() if isinstance(content, str) else content, "f", problems)
    return plain(node) if node else None, [str(problem) for problem in problems]


@pytest.mark.parametrize("content", ["", "# nothing\n", "---\n", "null", "~", "\ufeff"])
def test_an_empty_document_says_nothing(content: str) -> None:
    assert read(content) == (None, [])


def test_scalars_stay_the_text_that_was_written() -> None:
    text = "a: 0123\nb: no\nc: 1:30\nd: 2026-11-20\ne: 1e3\nf: null\ng: 'null'\nh: ~\ni:\n"
    expected = {"a": "0123", "b": "no", "c": "1:30", "d": "2026-11-20", "e": "1e3", "f": None, "g": "null"}
    assert read(text) == ({**expected, "h": None, "i": None}, [])


def test_a_byte_order_mark_and_aliases_are_read() -> None:
    assert read("\ufeffa: &x [b]\nc: *x\n") == ({"a": ["b"], "c": ["b"]}, [])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", "f:3 a: is there twice, first on line 1"),
        ("a:\n  b: 1\n  b: 2\n", "f:3 a.b: is there twice, first on line 2"),
        ("- a\n", "f:1: must be a mapping of 'key: value' lines"),
        ("text", "f:1: must be a mapping of 'key: value' lines"),
        ("a: 1\n2: b\n", "f:2: has a key that is not text: put it in quotes"),
        ("a:\n  on: b\n", "f:2 a: has a key that is not text: put it in quotes"),
        ("? [a]\n: b\n", "f:1: has a key that is not text: put it in quotes"),
        ("a: &x {b: c}\nd:\n  <<: *x\n", "f:3 d: has a key that is not text: put it in quotes"),
        ("a: !!python/object/apply:os.system [x]\n", "f:1 a: has a YAML tag, and tags are not allowed"),
        ("a: !!set {b}\n", "f:1 a: has a YAML tag, and tags are not allowed"),
        ("a: !!binary aGk=\n", "f:1 a: has a YAML tag, and tags are not allowed"),
        ("a: 1\n\tb: 2\n", "f:2: is not YAML: found character '\\t' that cannot start any token"),
        ("a: [1\n", "f:2: is not YAML: expected ',' or ']', but got '<stream end>'; "),
        ("a: *nobody\n", "f:1: is not YAML: found undefined alias '…'"),
        ("a: 1\n---\nb: 2\n", "f:2: is not YAML: but found another document"),
        (b"a: \xff\n", "f: is not UTF-8 text"),
        (b"a: \x00\n", "f: is not YAML: it holds control characters"),
        (b"a: " + b"x" * MAX_BYTES, "f: is over 1 MiB"),
        ("[" * 5000, "f: is nested too deeply"),
        ("a: &a\n  b: *a\n", "f:1: is nested more than 16 deep"),
        ("a: " + "[" * 17 + "]" * 17, "f:1: is nested more than 16 deep"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(content: str | bytes, problem: str) -> None:
    tree, problems = read(content)
    assert tree is None
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_an_alias_bomb_is_bounded() -> None:
    layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    layers += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 5)]
    assert read("\n".join(layers)) == (None, ["f:1: holds more than 20000 values"])


def test_every_duplicate_in_a_file_is_told() -> None:
    assert len(read("a: 1\na: 2\nb: {c: 1, c: 2}\n")[1]) == 2


@given(st.binary(max_size=200) | st.text("ab:[]{}-&*!?|>'\"#%@ \n\t~0", max_size=60))
def test_any_bytes_are_a_tree_or_a_problem(content: bytes | str) -> None:
    tree, problems = read(content)
    assert tree is None or not problems

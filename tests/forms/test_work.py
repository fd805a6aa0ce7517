"""What is found out about texts and schemas."""

import json
import socket
from pathlib import Path

import pytest

from service.forms import work
from service.forms.job import Done, Job
from service.forms.work import Bench
from tests.kit.forms import COMPLAINT, FITS, MENDS, PERSON, UNFIT


def done(text: str | None, schema: str = PERSON, *, repair: bool = True) -> Done:
    return Bench().done(Job(schema, text, repair=repair, seconds=1))


def test_a_text_that_fits_has_no_violations() -> None:
    assert done(FITS) == Done()


def test_a_text_that_does_not_fit_is_told_where_and_why() -> None:
    found = done('{"name": {"a/b~c": 1}, "age": "old", "more": 1}').violations
    assert set(found) == {
        '/name: it is not of type "string"',
        '/age: it is not of type "integer"',
        "Additional properties are not allowed ('more' was unexpected)",
    }
    schema = json.dumps({"properties": {"a/b~c": {"type": "string"}}})
    assert done('{"a/b~c": 1}', schema).violations == ('/a~1b~0c: it is not of type "string"',)


def test_violations_do_not_quote_the_text() -> None:
    assert "secret" not in "".join(done('{"name": "secret", "age": "secret"}').violations)


def test_at_most_20_violations_are_told_none_of_them_long() -> None:
    schema = json.dumps({"items": {"type": "string"}, "required": ["x" * 1000]})
    assert len(done(json.dumps([1] * 100), schema).violations) == work.MOST_VIOLATIONS
    assert [len(one) for one in done("{}", schema).violations] == [work.VIOLATION_CHARACTERS]


@pytest.mark.parametrize(
    "text",
    [
        MENDS,
        '{"name": "Ada", "age": 36',
        "Sure! Here it is:\n\n" + FITS + "\n\nAnything else?",
        '{"name": "Ada", "age": 36, }',
        "{name: 'Ada', age: 36}",
    ],
)
def test_what_is_nearly_json_is_mended_if_it_fits_then(text: str) -> None:
    found = done(text)
    assert json.loads(found.repaired) == json.loads(FITS)
    assert found.violations[0].startswith("it is not JSON: ")
    assert done(text, repair=False).repaired == ""


@pytest.mark.parametrize("text", ["I would rather not.", "", "null and void", "“quoted”", "36 NaN"])
def test_prose_is_not_mended_into_a_text_even_where_any_json_would_do(text: str) -> None:
    assert done(text, "{}").repaired == ""
    assert len(done(text, "{}").violations) == 1


def test_what_is_mended_and_does_not_fit_then_is_told_both() -> None:
    found = done("```json\n" + UNFIT + "\n```")
    assert (found.repaired, found.violations[1:]) == ("", (COMPLAINT,))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_a_number_that_json_does_not_have_is_not_mended_into_one(number: str) -> None:
    repaired = done(f'{{"name": "Ada", "age": {number}, }}', "{}").repaired
    assert repaired == "" or json.loads(repaired, parse_constant=pytest.fail)["name"] == "Ada"


def test_a_long_text_is_not_mended() -> None:
    long = "```json\n" + json.dumps(["x" * work.REPAIRED_CHARACTERS]) + "\n```"
    assert done(long, "{}").repaired == ""


def test_a_text_that_is_nested_without_end_is_not_mended() -> None:
    assert done("[" * 10_000, "{}").repaired == ""


def test_without_a_schema_it_is_an_object_that_is_wanted() -> None:
    assert done('{"a": 1}', "") == Done()
    assert done("[1]", "").violations == ('it is not of type "object"',)
    assert done("```json\n{}\n```", "").repaired == "{}"
    assert done("```json\n[1]\n```", "").repaired == ""


def test_a_format_is_a_remark_and_no_rule() -> None:
    assert done('"yesterday"', '{"$schema": "http://json-schema.org/draft-07/schema#", "format": "date"}') == Done()


@pytest.mark.parametrize(
    ("schema", "wrong"),
    [
        ('{"properties": {"a": {"type": 5}}}', "/properties/a/type: it is not valid under any of the schemas listed"),
        ('{"pattern": "(?=a)(a+)+$"}', '/pattern: it is not a "regex"'),
        ('{"pattern": "(a)\\\\1"}', '/pattern: it is not a "regex"'),
        ('{"pattern": "(a{1,1000}){1,1000}"}', '/pattern: it is not a "regex"'),
        ('{"$ref": "#/$defs/none"}', "Pointer '/$defs/none' does not exist"),
        ('{"$schema": "https://example.com/mine"}', "Unknown meta-schema"),
    ],
)
def test_a_schema_that_is_none_is_told_where_and_why(schema: str, wrong: str) -> None:
    assert done(None, schema).wrong.startswith(wrong)


def test_a_pattern_that_backtracks_for_ever_elsewhere_takes_no_time() -> None:
    schema = json.dumps({"pattern": "^(a+)+$"})
    assert len(done(json.dumps("a" * 50_000 + "b"), schema).violations) == 1


def test_nothing_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"type": "string"}')
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        for reference in (f"file://{tmp_path}/schema.json", f"http://127.0.0.1:{server.getsockname()[1]}/x.json"):
            for schema in (
                {"$ref": reference},
                {"$id": reference, "$ref": "other.json"},
                {"$schema": reference},
                {"properties": {"a": {"$dynamicRef": reference}}},
            ):
                assert done(None, json.dumps(schema)).wrong
        with pytest.raises(TimeoutError):
            server.accept()


def test_only_so_many_schemas_are_kept_compiled() -> None:
    bench = Bench()
    for number in range(work.MOST_SCHEMAS + 10):
        bench.done(Job(json.dumps({"const": number}), "1", repair=False, seconds=1))
    assert len(bench) == work.MOST_SCHEMAS
    for number in range(3):
        bench.done(Job(json.dumps({"const": str(number) * 500_000}), "1", repair=False, seconds=1))
    assert len(bench) == 2

"""Holds texts against schemas, and mends what is nearly JSON. To be run where it may take for ever, or die.

Both libraries can be made to: a schema of 2 KB keeps jsonschema-rs busy for minutes, with the GIL held, one of 100 KB
makes it take all memory there is, and 32 KiB of quotes keep json-repair busy for 18 s (decision 18 has the figures).
"""

import json
from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice
from typing import NoReturn

import json_repair
import jsonschema_rs
import orjson

from service.forms.job import Done, Job

MOST_VIOLATIONS = 20
VIOLATION_CHARACTERS = 200
REPAIRED_CHARACTERS = 65_536
"""The longest text that is mended."""
PATTERN_BYTES = 1 << 20
"""Of memory for one compiled pattern."""
MOST_SCHEMAS = 64
"""That are kept compiled: services send the same one always."""
MOST_CHARACTERS = 1 << 20
"""Of schemas that are kept compiled."""


class Bench:
    """Does jobs, and keeps the schemas compiled that came last."""

    def __init__(self) -> None:
        self._compiled: OrderedDict[str, jsonschema_rs.Validator] = OrderedDict()

    def done(self, job: Job) -> Done:
        """Does a job. Whether it comes to an end is not known."""
        try:
            validator = self._validator(job.schema) if job.schema else _AN_OBJECT
        except jsonschema_rs.ValidationError as error:
            return Done(wrong=_said(error))
        except ValueError as error:
            return Done(wrong=_cut(str(error).partition("\n")[0]))
        return Done() if job.text is None else _looked_at(job.text, validator, repair=job.repair)

    def __len__(self) -> int:
        """How many schemas it keeps."""
        return len(self._compiled)

    def _validator(self, schema: str) -> jsonschema_rs.Validator:
        if schema in self._compiled:
            self._compiled.move_to_end(schema)
            return self._compiled[schema]
        validator = self._compiled[schema] = compiled(schema)
        while len(self) > MOST_SCHEMAS or (len(self) > 1 and sum(map(len, self._compiled)) > MOST_CHARACTERS):
            self._compiled.popitem(last=False)
        return validator


def compiled(schema: str) -> jsonschema_rs.Validator:
    """Fetches nothing, whatever the schema refers to. Raises ValueError for what is none.

    Formats are remarks and no rules, as the standard has it. Messages do not quote the text, which may be long.
    Patterns are matched in linear time, so they have no look-around and no back-references.
    """
    return jsonschema_rs.validator_for(
        schema,
        retriever=_refuse,
        validate_formats=False,
        mask="it",
        pattern_options=jsonschema_rs.RegexOptions(size_limit=PATTERN_BYTES),
    )


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is elsewhere, and nothing is fetched")


_AN_OBJECT = compiled('{"type": "object"}')


def _looked_at(text: str, validator: jsonschema_rs.Validator, *, repair: bool) -> Done:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        complaint = _cut(f"it is not JSON: {error}")
    else:
        return Done() if validator.is_valid(value) else Done(violations=tuple(_violations(value, validator)))
    mended = _mended(text) if repair and len(text) <= REPAIRED_CHARACTERS else ""
    if not mended:
        return Done(violations=(complaint,))
    value = orjson.loads(mended)
    if validator.is_valid(value):
        return Done(violations=(complaint,), repaired=mended)
    return Done(violations=(complaint, *islice(_violations(value, validator), MOST_VIOLATIONS - 1)))


def _mended(text: str) -> str:
    """JSON made of a text that is none; empty: there is none in it. Of prose it would make a text: no answer."""
    try:
        value = json_repair.repair_json(text, return_objects=True, skip_json_loads=True)
        mended = json.dumps(value, ensure_ascii=False, allow_nan=False)
        orjson.loads(mended)
    except (ValueError, RecursionError):  # nested too deeply, or a number that JSON does not have
        return ""
    return mended if isinstance(value, dict | list) else ""


def _violations(value: object, validator: jsonschema_rs.Validator) -> Iterator[str]:
    for error in islice(validator.iter_errors(value), MOST_VIOLATIONS):
        yield _said(error)


def _said(error: jsonschema_rs.ValidationError) -> str:
    return _cut(f"{_pointer(error.instance_path)}{error.message}")


def _pointer(path: list[str | int]) -> str:
    """The place as a JSON pointer; nothing for the whole."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path) + (": " if path else "")


def _cut(text: str) -> str:
    return text if len(text) <= VIOLATION_CHARACTERS else text[: VIOLATION_CHARACTERS - 1] + "…"

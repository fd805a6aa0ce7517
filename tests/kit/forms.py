"""Answers that shall have a form, and who looks at them in tests: in this process, and at once."""

import asyncio
import json

from mainstay import v1 as pb
from service.chat.forms import Finding, Unchecked
from service.forms.job import Job
from service.forms.work import Bench

PERSON = json.dumps(
    {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name", "age"],
        "additionalProperties": False,
    }
)
FITS = '{"name": "Ada", "age": 36}'
MENDS = "```json\n{'name': 'Ada', 'age': 36,}\n```"
"""Does not fit, but can be made to."""
UNFIT = '{"name": "Ada"}'
COMPLAINT = '"age" is a required property'
"""What is wrong with it."""


def asks_for_json(schema: str | None = PERSON) -> pb.ChatRequest:
    """A question that wants an answer of that schema; None: some JSON object."""
    request = pb.ChatRequest(model="fast", messages=[pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="Who?")])])
    if schema is None:
        request.response_format.json_object.SetInParent()
    else:
        request.response_format.json_schema.CopyFrom(pb.JsonSchemaFormat(name="person", schema_json=schema))
    return request


class InlineForms:
    """The real work, without a process for it. To be used with schemas that are not hostile."""

    def __init__(self, *, takes: float = 0.0, unable: str = "") -> None:
        """`takes`: seconds for one look. `unable`: why it finds nothing out."""
        self._bench = Bench()
        self._takes = takes
        self._unable = unable
        self.schemas: list[str] = []
        """All that were to be looked at by themselves."""
        self.texts: list[str] = []
        """All that were held against something."""

    async def wrong_with(self, schema: str, *, seconds: float) -> str | None:
        """Why it is no schema."""
        self.schemas.append(schema)
        return self._bench.done(Job(schema, None, repair=False, seconds=1)).wrong or None

    async def look(self, text: str, schema: str, *, repair: bool, seconds: float) -> Finding:
        """What is to be said of a text."""
        self.texts.append(text)
        if self._takes:
            await asyncio.sleep(min(self._takes, seconds))
        if self._unable or self._takes > seconds:
            raise Unchecked(self._unable or "it was not checked: there was no time for it")
        done = self._bench.done(Job(schema, text, repair=repair, seconds=1))
        return Finding(done.violations, done.repaired)

"""Has texts and schemas looked at by processes of their own, which may take for ever, or die.

    look ──▶ waits for a place ──▶ an idle worker, or a new one ──┬─ its answer ──▶ idle again
                                                                  └─ dead, late or no longer wanted ──▶ gone

The first look starts a worker. Nobody else in the service holds what callers or models say against a schema of theirs.
"""

import asyncio
from collections import OrderedDict
from hashlib import sha256
from typing import Self

from service.chat.forms import Finding, Unchecked
from service.forms.job import Done, Job
from service.forms.process import Died, Worker

MOST_WORKERS = 2
COMPILE_SECONDS = 0.1
"""Of the processor, for a schema."""
LOOK_SECONDS = 1.0
"""Of the processor, for a text."""
PATIENCE_SECONDS = 5.0
"""In all, for a place, a process and its work."""
TEXT_CHARACTERS = 2_097_152
"""The longest answer that is looked at; no model's is nearly as long."""
SCHEMAS_KNOWN = 1_024
"""To be such, or not."""


class Workshop:
    """Owns the workers. To be entered before the first look and left after the last."""

    def __init__(self) -> None:
        self._idle: list[Worker] = []
        self._ended: list[Worker] = []
        """Of which something may be left."""
        self._places = asyncio.Semaphore(MOST_WORKERS)
        self._known: OrderedDict[bytes, str | None] = OrderedDict()
        """What is wrong with schemas, by their digest."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self._idle:
            self._end(worker)
        for worker in self._ended:
            await worker.gone()

    async def wrong_with(self, schema: str, *, seconds: float) -> str | None:
        """Why no text can be held against a JSON Schema, with what to do; None: each can, or nobody can say."""
        digest = sha256(schema.encode()).digest()
        if digest in self._known:
            self._known.move_to_end(digest)
            return self._known[digest]
        try:
            job = Job(schema, None, repair=False, seconds=COMPILE_SECONDS)
            done = await self._done(job, min(seconds, PATIENCE_SECONDS))
        except Died:
            return "takes too much time or memory to compile: make it smaller, and its patterns simpler"
        except Unchecked:
            return None
        self._known[digest] = _advice(done.wrong) if done.wrong else None
        if len(self._known) > SCHEMAS_KNOWN:
            self._known.popitem(last=False)
        return self._known[digest]

    async def look(self, text: str, schema: str, *, repair: bool, seconds: float) -> Finding:
        """Holds a text against a JSON Schema; empty: against "some JSON object". Raises Unchecked."""
        if len(text) > TEXT_CHARACTERS:
            raise Unchecked(f"it was not checked: it is longer than {TEXT_CHARACTERS:,} characters")
        loop = asyncio.get_running_loop()
        until = loop.time() + min(seconds, PATIENCE_SECONDS)
        try:
            done = await self._done(Job(schema, text, repair, LOOK_SECONDS), until - loop.time())
        except Died:
            if repair:  # the more dangerous half
                return await self.look(text, schema, repair=False, seconds=until - loop.time())
            raise Unchecked("it was not checked: that takes too much time or memory with this schema") from None
        if done.wrong:
            raise Unchecked(f"it was not checked: the schema {done.wrong}")
        return Finding(done.violations, done.repaired)

    async def _done(self, job: Job, patience: float) -> Done:
        """Raises Died for a job that a worker died of, Unchecked for one that nobody did."""
        try:
            async with asyncio.timeout(patience), self._places:
                return await self._by(self._an_idle_one() or await Worker.begin(), job)
        except Died as died:
            if died.of_its_job:
                raise
            raise Unchecked(f"it was not checked: the process that does it died ({died})") from died
        except TimeoutError:
            raise Unchecked("it was not checked: there was no time for it") from None
        except OSError as error:
            raise Unchecked(f"it was not checked: no process could be started ({error.strerror})") from error

    def _an_idle_one(self) -> Worker | None:
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            self._end(worker)
        return None

    async def _by(self, worker: Worker, job: Job) -> Done:
        try:
            done = await worker.do(job)
        except BaseException:  # in the middle of a job it is of no use to anybody
            self._end(worker)
            raise
        self._idle.append(worker)
        return done

    def _end(self, worker: Worker) -> None:
        worker.end()
        self._ended = [*(one for one in self._ended if not one.is_gone), worker]


def _advice(wrong: str) -> str:
    if 'is not a "regex"' in wrong:
        return f"has a pattern that cannot be used ({wrong}): leave out look-around and back-references, or shorten it"
    return f"is not a JSON Schema: {wrong}"

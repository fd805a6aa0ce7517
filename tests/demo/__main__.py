"""`python -m tests.demo`: what Mainstay does when providers stumble and die, told in half a minute."""

import asyncio
import sys
import time

from tests.chaos.provider import CannotStart
from tests.chaos.seen import Seen
from tests.demo.narrator import Narrator
from tests.demo.steps import STEPS
from tests.demo.story import live_through, scene

PASSED, FAILED, INTERRUPTED = 0, 1, 130


def main() -> int:
    """Tells the story; exit code 0 only if each step showed what it should."""
    try:
        return asyncio.run(_tell(Narrator(sys.stdout)))
    except CannotStart as failure:
        sys.stderr.write(f"demo: {failure}\n")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


async def _tell(narrator: Narrator) -> int:
    began = time.monotonic()
    story: list[tuple[Seen, str | None]] = []
    async with scene() as here:
        narrator.introduce(here.address)
        for number, step in enumerate(STEPS, start=1):
            narrator.begin(number, step)
            seen, complaint = await live_through(step, here, narrator)
            narrator.explain(seen, complaint)
            story.append((seen, complaint))
    narrator.conclude(story, time.monotonic() - began)
    return PASSED if all(complaint is None for _, complaint in story) else FAILED


if __name__ == "__main__":
    sys.exit(main())

"""A token server that follows a script, and somebody who is told."""

import asyncio
from collections import deque

from service.chat.failures import Failure
from service.chat.target import Target
from service.providers.auth.grant import Granted

Take = Granted | Failure


class TokenServer:
    """Each fetch takes the next take, after its time; a fetch more than there are takes fails the test."""

    def __init__(self, *takes: Take, seconds: float = 1.0) -> None:
        self.takes = deque(takes)
        self.seconds = seconds
        self.fetches = 0
        self.open = 0

    async def __call__(self) -> Granted:
        assert self.takes, f"fetch {self.fetches + 1} is not in the script"
        self.fetches += 1
        self.open += 1
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.open -= 1
        take = self.takes.popleft()
        if isinstance(take, Failure):
            raise take
        return take


class Ear(list[str]):
    """What was told, in order."""

    def set_aside(self, key: str, target: Target, failure: Failure, seconds: float) -> None:
        self.append(f"{key} set aside for {target.model}: {failure.reason}, {seconds:g} s")

    def not_fetched(self, host: str, failure: Failure) -> None:
        self.append(f"not fetched: {failure.reason}")

    def fetched_again(self, host: str) -> None:
        self.append("fetched again")

    def learned(self, host: str, token: str) -> None:
        self.append(f"learned {token}")

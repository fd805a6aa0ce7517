"""Names of tool calls as the protocol takes them: letters, digits, _ and -, and no name twice."""

import re

_OTHERS = re.compile(r"[^a-zA-Z0-9_-]")


class CallIds:
    """The names of one conversation. Other providers' are of any shape, and begin anew in each answer."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._latest: dict[str, str] = {}

    def of_call(self, given: str) -> str:
        """The name of a further call."""
        plain = _OTHERS.sub("_", given) or "call"
        name, number = plain, 1
        while name in self._taken:
            number += 1
            name = f"{plain}_{number}"
        self._taken.add(name)
        self._latest[given] = name
        return name

    def of_result(self, given: str) -> str:
        """The name of the call that a result answers: the latest that was given this one."""
        return self._latest.get(given) or _OTHERS.sub("_", given)

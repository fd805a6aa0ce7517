"""The words of the fault grammar: one row each, with what to write, what it does and how it is read.

N counts, S is a duration (`0.5`, `500ms` or `2s`), P a probability.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.simulator import faults
from service.simulator.conditions import Chance, Every, First, When
from service.simulator.faults import Fault
from service.simulator.quantities import ScriptError, chance, integer, seconds, status

_MAX_COUNT = 1_000_000
_LEAST_PING = 0.001


@dataclass(frozen=True, slots=True)
class Word:
    """A fault in the grammar; it takes from `least` to `most` arguments."""

    usage: str
    meaning: str
    read: Callable[[Sequence[str]], Fault]
    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class ConditionWord:
    """A condition in the grammar; `read` takes its first argument, the rest are faults."""

    usage: str
    meaning: str
    read: Callable[[str], When]


def explanation() -> str:
    """The words and their meaning, for `--help`."""
    rows = [(word.usage, word.meaning) for word in WORDS.values()]
    rows += [(word.usage, word.meaning) for word in CONDITIONS.values()]
    return "\n".join(f"  {usage:29} {meaning}" for usage, meaning in rows)


def _plain(usage: str, meaning: str, fault: Fault) -> Word:
    return Word(usage, meaning, lambda _: fault)


def _counted(usage: str, meaning: str, make: Callable[[int], Fault]) -> Word:
    return Word(usage, meaning, lambda given: make(_count(given[0])), 1, 1)


def _timed(usage: str, meaning: str, make: Callable[[float], Fault]) -> Word:
    return Word(usage, meaning, lambda given: make(seconds(given[0])), 1, 1)


def _count(text: str) -> int:
    return integer(text, 0, _MAX_COUNT)


def _ping(given: Sequence[str]) -> Fault:
    every = seconds(given[0])
    if every < _LEAST_PING:
        raise ScriptError(f"'{given[0]}' is less than the {_LEAST_PING} s that must lie between two pings")
    return faults.Ping(every)


def _finish(given: Sequence[str]) -> Fault:
    if not re.fullmatch("[A-Za-z_]{1,64}", given[0]):
        raise ScriptError(f"'{given[0]}' is not a finish reason such as content_filter")
    return faults.Finish(given[0])


def _reset(given: Sequence[str]) -> Fault:
    return faults.Cut(_count(given[0]), reset=True) if given else faults.Reset()


def _stall(given: Sequence[str]) -> Fault:
    return faults.Stall(_count(given[0]), seconds(given[1]))


_STATUS = Word("status(CODE[,header=value…])", "an error; code= type= message= param= set its members", status, 1, 20)
_WORDS = (
    _STATUS,
    _timed("delay(S)", "waits before the headers", faults.Delay),
    _plain("silence", "accepts and never answers", faults.Silence()),
    Word("reset[(N)]", "TCP reset, at once or after N chunks", _reset, 0, 1),
    _counted("cut(N)", "closes the connection after N chunks", faults.Cut),
    Word("stall(N,S)", "silent for S after N chunks", _stall, 2, 2),
    _counted("malformed(N)", "one more chunk, not JSON, after N chunks", faults.Malformed),
    _counted("errorevent(N)", "an error after N chunks, and no more", faults.ErrorEvent),
    _timed("slow(S)", "the first token takes S; headers come at once", faults.FirstToken),
    _timed("pace(S)", "each further token takes S", faults.Pace),
    Word("ping(S)", "a comment or a ping every S while a stream waits", _ping, 1, 1),
    _counted("think(N)", "N tokens of thoughts before the answer", faults.Think),
    Word("finish(REASON)", "ends with that finish reason, in OpenAI's words or the protocol's", _finish, 1, 1),
    _plain("error200", "status 200 with an error as body", faults.Body.ERROR),
    _plain("html200", "status 200 with a web page", faults.Body.HTML),
    _plain("empty200", "status 200 without a body", faults.Body.EMPTY),
    _plain("nodone", "the stream ends without its mark: [DONE], message_stop, ]", faults.NoDone()),
    _plain("hold", "the finished stream stays open, without that mark", faults.Hold()),
    _plain("noprefix", "refuses a conversation that ends with the assistant", faults.NoPrefix()),
    _counted("tokens(N)", "text answers have N tokens", faults.Length),
    _plain("wholecall", "streams each tool call in one chunk, as gemini always does", faults.WholeCall()),
)

WORDS = {word.usage.partition("(")[0].rstrip("["): word for word in _WORDS}

CONDITIONS = {
    "first": ConditionWord("first(N,faults)", "only the first N requests", lambda n: First(integer(n, 1))),
    "every": ConditionWord("every(N,faults)", "only every Nth request", lambda n: Every(integer(n, 1))),
    "p": ConditionWord("p(P,faults)", "with probability P; --seed fixes the dice", lambda p: Chance(chance(p))),
}

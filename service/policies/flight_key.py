"""Which calls may share one request."""

from dataclasses import replace

from service.chat.conditions import Conditions

FlightKey = tuple[bytes, bool, Conditions]

_ABOVE = Conditions()
"""Stands for what each caller has done for itself: how old an answer may be, and who may stand in."""


def flight_key(question: bytes, conditions: Conditions, *, streamed: bool) -> FlightKey:
    """The same for equal questions that are asked in the same way and carried out under the same conditions.

    A unary call sees its answer at the end and a stream from its first delta on: they commit at different times.
    """
    below = replace(
        conditions,
        cache=_ABOVE.cache,
        cache_max_age=_ABOVE.cache_max_age,
        stale=_ABOVE.stale,
        degrade=_ABOVE.degrade,
    )
    return question, streamed, below

"""Lets equal calls that come while the first of them is under way share its answer."""

from functools import partial

from service.chat.call import Call
from service.chat.reply import Handler, Reply
from service.pipeline.facts import Joined, Observe
from service.pipeline.flight import Flight
from service.policies.flight_key import FlightKey, flight_key


class SingleFlight:
    """Only for calls that the cache has marked as equal questions: those whose answer it could have given.

    An instance belongs to one stack: whoever shares a flight has the same route, as the same configuration says.
    """

    def __init__(self, *, observe: Observe) -> None:
        self._flights: dict[FlightKey, Flight] = {}
        """Those that can be joined."""
        self._observe = observe

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises what the flight ended with, to each caller anew."""
        if not call.question:
            return await forward(call)
        key = flight_key(call.question, call.conditions, streamed=call.streamed)
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = Flight(call, forward, full=partial(self._forget, key))
        else:
            self._join(call, flight)
        return await flight.reply(call)

    def _join(self, call: Call, flight: Flight) -> None:
        opener = flight.call
        call.ledger.join(opener.id, opener.ledger)
        self._observe(call, Joined(opener.id, opener.span.get_span_context()))

    def _forget(self, key: FlightKey, flight: Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]

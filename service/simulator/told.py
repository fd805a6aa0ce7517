"""In which words a request is told what is wrong."""

from dataclasses import dataclass

from service.simulator.faults import Status
from service.simulator.protocol import Protocol
from service.simulator.refusal import Refusal
from service.simulator.wire import Wire


@dataclass(frozen=True, slots=True)
class Told:
    """In which words a request is told what is wrong, and its name."""

    protocol: Protocol
    request_id: str

    async def refuse(self, refusal: Refusal, wire: Wire) -> None:
        """Send an error of the client's."""
        await wire.json(self.protocol.refused(refusal, self.request_id), refusal.status)

    async def fail(self, message: str, wire: Wire) -> None:
        """Send an error of the provider's, with status 200."""
        await wire.json(self.protocol.failed(message, self.request_id))

    async def scripted(self, fault: Status, wire: Wire) -> None:
        """Send the error of a scripted status."""
        error = self.protocol.scripted(fault, self.request_id)
        await wire.json(error.body, fault.code, error.headers)

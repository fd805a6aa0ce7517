"""How many tokens a request to a target is likely to use, so that they can be reserved."""

from mainstay import v1 as pb
from service.policies import tokens

WEIGHT = 0.1
"""Of the latest answer in the average."""
INPUT, OUTPUT = 1000.0, 500.0
"""Until there was an answer."""


class Appetite:
    """Of one target: what its answers used lately."""

    def __init__(self) -> None:
        self._input = INPUT
        self._output = OUTPUT
        self._knows = False

    def of(self, request: pb.ChatRequest, model: str) -> float:
        """An estimate from the question, up to a millisecond's work. The longest answer counts, if it is bounded."""
        asked = tokens.of_request(request, tokens.weights_of(model))
        answer = request.max_output_tokens if request.HasField("max_output_tokens") else self._output
        return (self._input if asked is None else asked) + answer

    @property
    def usual(self) -> float:
        """The average: for nothing."""
        return self._input + self._output

    def learn(self, usage: pb.Usage) -> None:
        """What an answer used."""
        weight = WEIGHT if self._knows else 1.0
        self._knows = True
        self._input += weight * (usage.input_tokens - self._input)
        self._output += weight * (usage.output_tokens - self._output)

"""Token counts as the contract counts them: what the cache holds is part of the question."""

from mainstay import v1 as pb
from service.providers.values import Json, count_of, object_of

_COUNTS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


class Counts:
    """The counts of one answer. They come twice, in full or in part; of each, the last one holds."""

    def __init__(self) -> None:
        self._said: dict[str, int] = {}

    def add(self, usage: object) -> None:
        """Takes in what was counted so far."""
        said = object_of(usage)
        details = object_of(said.get("output_tokens_details"))
        self._keep(said, _COUNTS)
        self._keep(details, ("thinking_tokens",))

    def total(self) -> pb.Usage | None:
        """The counts; None if there are none."""
        said = self._said
        if "input_tokens" not in said and "output_tokens" not in said:
            return None
        read, written = said.get("cache_read_input_tokens"), said.get("cache_creation_input_tokens")
        return pb.Usage(
            input_tokens=said.get("input_tokens", 0) + (read or 0) + (written or 0),
            output_tokens=said.get("output_tokens", 0),
            cached_input_tokens=read,
            cache_write_tokens=written,
            reasoning_tokens=said.get("thinking_tokens"),
        )

    def _keep(self, said: Json, names: tuple[str, ...]) -> None:
        for name in names:
            if (count := count_of(said.get(name))) is not None:
                self._said[name] = count

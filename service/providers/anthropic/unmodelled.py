"""Content blocks of kinds that the contract does not model, such as those of the provider's own tools."""

import orjson

from service.providers.anthropic.slot import Scene, Slot
from service.providers.values import Json, object_of, objects_of, word_of

_INPUT = "partial_json"


class Unmodelled:
    """Put together piece by piece, and handed on as it is."""

    is_whole_or_nothing = True

    def __init__(self, scene: Scene, block: Json) -> None:
        self._slot = Slot(scene)
        self._block = dict(block)
        self._texts: dict[str, list[str]] = {}

    def understands(self, delta: str) -> bool:
        """Any delta may be meant for it."""
        return True

    def delta(self, delta: Json) -> None:
        """Texts go on; another value takes the place of the one before."""
        for name, value in delta.items():
            if name == "type" or value is None:
                continue
            if isinstance(value, str):
                self._texts.setdefault(name, []).append(value)
            elif name == "citation":
                self._block["citations"] = [*objects_of(self._block.get("citations")), object_of(value)]
            else:
                self._block[name] = value

    def lose(self) -> None:
        """It fails with the whole answer."""

    def stop(self) -> None:
        """Without the end of its input, where the limit has cut it off, it is of use to nobody."""
        for name, pieces in self._texts.items():
            self._block[name] = word_of(self._block.get(name)) + "".join(pieces)
        if _INPUT in self._texts and not self._take_input():
            return
        self._slot.hand_on(self._block)

    def _take_input(self) -> bool:
        try:
            self._block["input"] = orjson.loads(word_of(self._block.pop(_INPUT)) or "{}")
        except orjson.JSONDecodeError:
            return False
        return True

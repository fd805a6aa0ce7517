"""Content blocks of text and of thoughts."""

from service.providers.anthropic.slot import Scene, Slot
from service.providers.values import Json, object_of, objects_of, word_of


class Text:
    """What is said aloud, with the places that it was taken from."""

    is_whole_or_nothing = False

    def __init__(self, scene: Scene, block: Json) -> None:
        self._slot = Slot(scene)
        self._citations = objects_of(block.get("citations"))
        self._slot.say(word_of(block.get("text")))

    def understands(self, delta: str) -> bool:
        """Whether a delta of that type may be meant for it."""
        return delta in ("text_delta", "citations_delta")

    def delta(self, delta: Json) -> None:
        """More text, or where it is from."""
        self._slot.say(word_of(delta.get("text")))
        if citation := object_of(delta.get("citation")):
            self._citations.append(citation)

    def lose(self) -> None:
        """A gap in a text hurts nobody but its reader."""

    def stop(self) -> None:
        """Its citations go back with it."""
        if self._citations and self._slot.is_open:
            self._slot.keep({"citations": self._citations})


class Thinking:
    """What was thought, with the signature that lets it come back; of omitted thoughts there is nothing but that."""

    is_whole_or_nothing = False

    def __init__(self, scene: Scene, block: Json) -> None:
        self._slot = Slot(scene)
        self._needs_signature = scene.signatures
        self._signature = word_of(block.get("signature"))
        self._is_torn = False
        self._slot.think(word_of(block.get("thinking")))

    def understands(self, delta: str) -> bool:
        """Whether a delta of that type may be meant for it."""
        return delta in ("thinking_delta", "signature_delta")

    def delta(self, delta: Json) -> None:
        """More thoughts, or more of the signature."""
        self._slot.think(word_of(delta.get("thinking")))
        self._signature += word_of(delta.get("signature"))

    def lose(self) -> None:
        """The signature does not fit any more."""
        self._is_torn = True

    def stop(self) -> None:
        """The signature goes back with it."""
        if self._is_torn:
            return
        if self._signature:
            self._slot.keep({"signature": self._signature})
        elif self._slot.is_open and not self._needs_signature:
            self._slot.keep({})


class Redacted:
    """Thoughts that their provider keeps to itself."""

    is_whole_or_nothing = False

    def __init__(self, scene: Scene, block: Json) -> None:
        self._slot = Slot(scene)
        self._data = word_of(block.get("data"))

    def understands(self, delta: str) -> bool:
        """They come at once."""
        return False

    def delta(self, delta: Json) -> None:
        """There is nothing to add."""

    def lose(self) -> None:
        """There was nothing to lose."""

    def stop(self) -> None:
        """They go back as they are."""
        if self._data:
            self._slot.keep({"data": self._data})

"""The headers of an answer."""

from collections.abc import ItemsView, Iterable, Iterator, Mapping


class Headers(Mapping[str, str]):
    """What each header says; names in any case. What was said twice is one text, with a comma between."""

    __slots__ = ("_said",)

    def __init__(self, lines: Iterable[tuple[bytes, bytes]]) -> None:
        said: dict[str, str] = {}
        for line in lines:
            name, value = line[0].decode("latin-1").lower(), line[1].decode("latin-1")
            said[name] = f"{said[name]}, {value}" if name in said else value
        self._said = said

    def __getitem__(self, name: str) -> str:
        return self._said[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._said

    def __iter__(self) -> Iterator[str]:
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)

    def items(self) -> ItemsView[str, str]:
        """Name, in lower case, and value."""
        return self._said.items()

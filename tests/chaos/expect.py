"""What must happen, and what is said when it did not."""


class Unmet(Exception):
    """Something that must happen did not; the message says what, and what happened instead."""


def expect(what: str, found: object, wanted: object) -> None:
    """Both are equal. Raises Unmet."""
    if found != wanted:
        raise Unmet(f"{what}: expected {_shown(wanted)}, found {_shown(found)}")


def expect_that(holds: bool, otherwise: str) -> None:
    """It holds. Raises Unmet, which says `otherwise`."""
    if not holds:
        raise Unmet(otherwise)


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) or "nothing" if isinstance(value, list) else str(value)

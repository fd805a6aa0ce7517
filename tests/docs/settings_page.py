"""`make settings`: writes the tables of `docs/configuration.md` anew, from the fields themselves."""

from collections.abc import Iterator
from itertools import groupby

from service.config import Setting, reference
from tests.docs.tables import DOCS

PAGE = DOCS / "configuration.md"
MARK = "<!-- Below this line everything is written by `make settings`. -->\n"
SECTIONS = {
    "server": "The gRPC server, and the one for operators.",
    "providers.NAME": "One for each provider. What is not written is as in its row of the catalog, then as below.",
    "routes.NAME": "One for each name that callers use.",
    "cache": "The cache of answers, over all routes.",
    "degradation": "What is said when no model can answer. Examples of rules are built in.",
    "telemetry.traces": "Spans of calls ([traces](traces.md)).",
    "telemetry.metrics": "Counts and times of all calls ([metrics](metrics.md)).",
}
WORDS = ("required", "unset", "empty", "built in")
"""That stand for a default and are not what one would write."""
HEADER = "| setting | is | written as | default | limits | variable |\n|---|---|---|---|---|---|\n"


def tables() -> str:
    """A heading and a table for each section."""
    grouped = groupby(reference(), lambda setting: section_of(setting.path))
    return "\n".join(f"## {name}\n\n{SECTIONS[name]}\n\n{HEADER}{''.join(_rows(rows))}" for name, rows in grouped)


def section_of(path: str) -> str:
    """The heading that a setting stands under."""
    return next(name for name in SECTIONS if path.startswith(f"{name}."))


def _rows(settings: Iterator[Setting]) -> Iterator[str]:
    for setting in settings:
        default = setting.default if setting.default in WORDS else f"`{setting.default}`"
        variable = f"`{setting.variable}`" if setting.variable else "–"
        cells = (f"`{setting.path}`", setting.sentence, setting.kind, default, setting.limits or "–", variable)
        yield f"| {' | '.join(cells)} |\n"


def fresh(page: str) -> str:
    """The page with the tables that it should have."""
    by_hand, mark, _ = page.partition(MARK)
    return f"{by_hand}{mark}\n{tables()}"


if __name__ == "__main__":
    PAGE.write_text(fresh(PAGE.read_text("utf-8")), "utf-8")

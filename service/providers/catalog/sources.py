"""Where the rows were read; `PROVIDERS.md` is the team's own collection of what vendors say."""

from datetime import date

from service.providers.catalog.row import Source

READ = date(2026, 11, 20)


def page(where: str) -> Source:
    """A vendor's own page or code, as collected in PROVIDERS.md."""
    return Source(f"PROVIDERS.md {where}", READ)


LITELLM = Source("PROVIDERS.md 6, litellm 1.109.1", READ)
"""Windows, prices and flags of models. Its flag `schema` is not a native JSON schema: DeepSeek has it too."""

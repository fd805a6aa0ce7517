"""Where each protocol is spoken: as routes, and as people read them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Path:
    """A path; `shown` says it to people."""

    protocol: str
    route: str
    shown: str


PATHS = (
    Path("openai", "/v1/chat/completions", "/v1/chat/completions"),
    Path(  # as Azure has it
        "openai",
        "/openai/deployments/{deployment}/chat/completions",
        "/openai/deployments/MODEL/chat/completions",
    ),
    Path("anthropic", "/v1/messages", "/v1/messages"),
    Path("anthropic", "/{vendor:.+}/v1/messages", "/…/v1/messages"),  # below a vendor's prefix
    Path(  # as Vertex has it
        "anthropic",
        "/{place:.+}/publishers/anthropic/models/{model}:{method:rawPredict|streamRawPredict}",
        "/…/publishers/anthropic/models/MODEL:rawPredict, :streamRawPredict",
    ),
    Path(  # Google's own and Vertex's
        "gemini",
        "/{place:.+}/{kind:models|tunedModels}/{model}:{method:generateContent|streamGenerateContent}",
        "/…/models/MODEL:generateContent, :streamGenerateContent[?alt=sse]",
    ),
)


def shown_paths() -> str:
    """A line each, for `--help`."""
    return "\n".join(f"  {path.protocol:10} POST {path.shown}" for path in PATHS)

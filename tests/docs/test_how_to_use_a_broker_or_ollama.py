"""`docs/how-to/use-a-broker-or-ollama.md`, and what goes over the wire to each of the three."""

from pathlib import Path
from typing import Any

import pytest

from mainstay import ChatClient
from service.simulator.options import Options
from service.simulator.serve import running
from tests.docs.how_to import assert_does_what_it_says, needs_curl, page_of
from tests.kit.process import mainstayd
from tests.kit.service import Control
from tests.kit.tap import tapped

KEY = "of-the-broker"
KEYS = dict.fromkeys(("OPENROUTER_API_KEY", "THEROUTER_API_KEY", "OLLAMA_API_KEY"), KEY)
"""There is none for Ollama; somebody may have set one all the same."""


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Real processes."""
    return "asyncio", {"use_uvloop": True}


@needs_curl
def test_the_page_does_what_it_says(tmp_path: Path) -> None:
    assert_does_what_it_says(page_of(Path(__file__)), tmp_path)


@pytest.mark.parametrize(
    ("asked", "provider", "model", "credentials"),
    [
        ("openrouter/anthropic/claude-sonnet-5-5", "openrouter", "anthropic/claude-sonnet-5-5", [f"Bearer {KEY}"]),
        ("therouter/google/gemini-3.6-flash", "therouter", "google/gemini-3.6-flash", [f"Bearer {KEY}"]),
        ("ollama/qwen3:8b", "ollama", "qwen3:8b", []),
        ("ollama/hf.co/brand/model:Q4_K_M", "ollama", "hf.co/brand/model:Q4_K_M", []),
    ],
)
async def test_the_name_is_cut_at_the_first_slash_and_only_who_wants_a_key_gets_one(
    tmp_path: Path, asked: str, provider: str, model: str, credentials: list[str]
) -> None:
    sent: list[bytes] = []
    async with running(Options(port=0, api_key=KEY if credentials else None)) as url:
        async with tapped(url, sent) as tap:
            (tmp_path / "config.yaml").write_text(f"providers: {{{provider}: {{enabled: true, base_url: '{tap}'}}}}")
            async with mainstayd(tmp_path, **KEYS) as process, ChatClient(process.address) as client:
                answer = await client.chat("What is a mainstay?", model=asked)
        requests = (await Control(url).seen())["requests"]
    assert (answer.provenance.provider, answer.provenance.model) == (provider, model)
    assert [(one["protocol"], one["model"], one["status"]) for one in requests] == [("openai", model, 200)]
    said = b"".join(sent).decode()
    head, _, _ = said.partition("\r\n\r\n")
    headers = [line.partition(": ") for line in head.split("\r\n")[1:]]
    assert head.startswith("POST /v1/chat/completions ")
    assert [value for name, _, value in headers if name.lower() == "authorization"] == credentials
    assert said.count(KEY) == len(credentials), "a key went elsewhere than into its header"

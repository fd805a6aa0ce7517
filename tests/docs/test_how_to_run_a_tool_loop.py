"""`docs/how-to/run-a-tool-loop.md`, and its program in every protocol before a provider that refuses what is wrong."""

import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest

from service.simulator.options import Options
from service.simulator.plan import Manner
from service.simulator.serve import running
from tests.docs.how_to import assert_does_what_it_says, page_of
from tests.docs.tables import DOCS
from tests.kit.process import environment, mainstayd
from tests.kit.service import Control

WEATHER = DOCS / "examples" / "weather.py"
PAGE = page_of(Path(__file__))
KEY = "of-the-simulator"
VENDORS = {
    "openai": ("deepseek/deepseek-flash", "deepseek", "DEEPSEEK_API_KEY", "/v1"),
    "anthropic": ("anthropic/claude-haiku-4-5", "anthropic", "ANTHROPIC_API_KEY", "/v1"),
    "gemini": ("gemini/gemini-3.8-flash", "gemini", "GEMINI_API_KEY", "/v1beta"),
}
"""By protocol: whom to ask, the provider, where its key belongs, and below which path it is."""


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Real processes."""
    return "asyncio", {"use_uvloop": True}


def test_the_page_does_what_it_says(tmp_path: Path) -> None:
    assert_does_what_it_says(PAGE, tmp_path)


def test_the_page_shows_the_loop_of_the_program() -> None:
    shown = PAGE.read_text("utf-8").partition("```python\n")[2].partition("```")[0]
    inside = "".join(f"        {line}\n" for line in shown.splitlines())
    assert inside in WEATHER.read_text("utf-8")


@pytest.mark.parametrize("protocol", VENDORS)
async def test_the_program_loops_in_every_protocol_if_only_the_address_is_changed(
    tmp_path: Path, protocol: str
) -> None:
    model, provider, variable, path = VENDORS[protocol]
    async with running(Options(port=0, api_key=KEY, manner=Manner(0.001, 0))) as url:
        address = url.removesuffix("/v1") + path
        (tmp_path / "config.yaml").write_text(f"providers: {{{provider}: {{base_url: '{address}'}}}}")
        async with mainstayd(tmp_path, **{variable: KEY}) as process:
            assert await printed(model, process.address) == (
                'calls weather {"city":"simulated city"}\n'
                "This answer is simulated: no language model was asked. "
                "The tool weather returned: 18 °C and rain in simulated city.\n"
                f"from {model.replace('/', ' ')}\n"
            )
        requests = (await Control(url).seen())["requests"]
    assert [(one["protocol"], one["status"]) for one in requests] == [(protocol, 200)] * 2


async def printed(model: str, address: str) -> str:
    told = environment(MAINSTAY_TARGET=address, PYTHONIOENCODING="utf-8")
    program = await create_subprocess_exec(sys.executable, str(WEATHER), model, env=told, stdout=PIPE)
    output, _ = await program.communicate()
    assert program.returncode == 0
    return output.decode()

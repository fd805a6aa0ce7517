"""`mainstayd check --probe` and `mainstayd catalog`, as somebody types them."""

import asyncio
import sys
from pathlib import Path

from tests.kit.process import environment
from tests.kit.replay import Replayed, replaying

ANSWER = b'{"choices":[{"message":{"content":"hi"},"finish_reason":"length"}]}'
KEY = "sk-canary-0123456789"


async def mainstayd(*args: str, folder: Path) -> tuple[int, str, str]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service.cli", *args),
        cwd=folder,
        env=environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await child.communicate()
    assert child.returncode is not None
    return child.returncode, out.decode(), err.decode()


def configured(folder: Path, *urls: str) -> None:
    rows = "".join(f"  p{n}: {{protocol: openai, base_url: '{url}', api_key: {KEY}}}\n" for n, url in enumerate(urls))
    targets = ", ".join(f"p{n}/m" for n in range(len(urls)))
    (folder / "config.yaml").write_text(f"providers:\n{rows}routes: {{r: {{targets: [{targets}]}}}}\n")


async def test_a_probe_tells_of_every_target_and_never_the_key(tmp_path: Path) -> None:
    refuses = Replayed(status=401, body=f'{{"error":{{"message":"bad key {KEY}"}}}}'.encode())
    works = Replayed(body=ANSWER)
    async with replaying(works) as good, replaying(refuses) as bad:
        configured(tmp_path, good, bad)
        code, out, err = await mainstayd("check", "--probe", folder=tmp_path)
    lines = [line.split("s  ")[1] for line in out.splitlines() if " s  " in line]
    assert (code, lines[0], lines[1].split(":")[0]) == (1, "ok", "BAD_CREDENTIALS")
    assert KEY not in out + err
    assert b'"max_tokens":1' in works.requests[0]


async def test_a_probe_is_good_when_every_target_answers(tmp_path: Path) -> None:
    async with replaying(Replayed(body=ANSWER)) as good:
        configured(tmp_path, good)
        code, out, err = await mainstayd("check", "--probe", "--quiet", folder=tmp_path)
    assert (code, out, err) == (0, "", "")


async def test_a_probe_that_finds_nobody_to_ask_is_not_good(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(f"providers: {{litellm: {{api_key: {KEY}}}}}\n")  # in no route
    code, _, _ = await mainstayd("check", "--probe", folder=tmp_path)
    assert code == 3


async def test_the_catalog_shows_every_row_and_one_in_detail(tmp_path: Path) -> None:
    code, out, _ = await mainstayd("catalog", folder=tmp_path)
    assert code == 0
    assert "deepseek/deepseek-flash" in out
    code, out, _ = await mainstayd("catalog", "azure", folder=tmp_path)
    assert (code, out.splitlines()[0]) == (0, "azure")
    code, out, err = await mainstayd("catalog", "nobody", folder=tmp_path)
    assert (code, out) == (1, "")
    assert "no row 'nobody'" in err

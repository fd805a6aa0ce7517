"""Each target is asked for one token, and what came of it is told."""

import asyncio
from collections.abc import Mapping

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.reply import Handler, Reply
from service.chat.target import Target
from service.composition.probe import AT_ONCE, SECONDS, probe, table, usable_targets
from service.config import Settings

WORKS, FAILS = Target("good", "a"), Target("bad", "b")


async def answers(call: Call) -> Reply:
    assert call.request.max_output_tokens == 1
    return Reply.whole([pb.ChatEvent(completed=pb.ChatResponse())])


async def fails(call: Call) -> Reply:
    raise Failure(pb.FAILURE_KIND_BILLING, "no money")


async def dawdles(call: Call) -> Reply:
    await asyncio.sleep(SECONDS + 1)
    raise AssertionError


def now() -> float:
    return asyncio.get_running_loop().time()


HANDLERS: Mapping[str, Handler] = {"good": answers, "bad": fails, "slow": dawdles}


async def test_each_target_is_told_in_order_with_what_came_of_it() -> None:
    outcomes = await probe([FAILS, WORKS, Target("slow", "c")], HANDLERS, now)

    assert [outcome.target for outcome in outcomes] == [FAILS, WORKS, Target("slow", "c")]
    assert [outcome.failure and outcome.failure.reason for outcome in outcomes] == ["BILLING", None, "TOO_SLOW"]
    assert [outcome.seconds for outcome in outcomes] == [0, 0, SECONDS]


async def test_only_so_many_are_asked_at_once() -> None:
    open_now, most = 0, 0

    async def counts(call: Call) -> Reply:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(1)
        open_now -= 1
        return await answers(call)

    await probe([Target("p", str(number)) for number in range(3 * AT_ONCE)], {"p": counts}, now)

    assert most == AT_ONCE


async def test_the_table_names_the_kind_the_words_and_the_time() -> None:
    lines = table(await probe([WORKS, FAILS], HANDLERS, now)).splitlines()

    assert [line.split("s  ")[1] for line in lines] == ["ok", "BILLING: no money"]
    assert lines[0].startswith("  good/a  ")
    assert table([]) == ""


@pytest.mark.parametrize("targets", [["p/a", "q/b"], ["q/b", "p/a", "p/c"]])
def test_every_usable_target_is_asked_once(targets: list[str]) -> None:
    provider = {"protocol": "openai", "base_url": "http://x", "auth": "none"}
    settings = Settings.model_validate(
        {
            "providers": {"p": provider, "q": {**provider, "enabled": False}},
            "routes": {"r": {"targets": targets}, "a": {"targets": ["p/a"]}},
        }
    )
    assert usable_targets(settings) == [
        Target.parse(name) for name in dict.fromkeys(["p/a", *targets]) if name[0] == "p"
    ]

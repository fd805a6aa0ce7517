"""Which name leads where."""

import pytest

from service.chat.call import Call
from service.chat.clocks import Clocks
from service.chat.reply import Reply
from service.chat.routes import Door, Entrance, Route, Routes, UnknownModel
from service.chat.target import Candidate, Target


async def nobody(call: Call) -> Reply:
    raise AssertionError(call)


def known(target: Target) -> Candidate:
    return Candidate(target=target, clocks=Clocks(stall=9), context_tokens=5)


FAST = Target("openai", "small")
ROUTES = Routes(
    {
        "smart": Route(name="smart", targets=[FAST], door="no key"),
        "fast": Route(name="fast", targets=[FAST], door=Door(nobody, [Candidate(target=FAST)])),
    },
    {"openai": Entrance(nobody, known), "deepseek": "no key: set DEEPSEEK_API_KEY"},
)


def test_a_name_without_a_slash_is_a_route() -> None:
    assert ROUTES.find("fast").name == "fast"


def test_a_name_with_a_slash_is_a_provider_and_its_model_cut_at_the_first_slash() -> None:
    route = ROUTES.find("openai/brand/model")
    assert route.name == ""
    assert route.door == Door(nobody, [known(Target("openai", "brand/model"))])


def test_a_provider_that_cannot_be_asked_says_why() -> None:
    assert ROUTES.find("deepseek/x").door == "no key: set DEEPSEEK_API_KEY"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("fats", "no route is called 'fats'; did you mean 'fast'?"),
        ("deepseak/x", "no provider is called 'deepseak'; did you mean 'deepseek'?"),
        ("zzz", "no route is called 'zzz'"),
        ("openai/", "'openai/' names no model"),
    ],
)
def test_an_unknown_name_is_told_with_the_one_that_was_meant(name: str, message: str) -> None:
    with pytest.raises(UnknownModel) as caught:
        ROUTES.find(name)
    assert str(caught.value) == message


def test_routes_are_listed_in_alphabetical_order() -> None:
    assert [route.name for route in ROUTES] == ["fast", "smart"]

"""What several models are known to do together, and what an operator knows better."""

from dataclasses import fields

from service.chat.capabilities import Ability, Capabilities, Reasoning, shared

LARGE = Capabilities(
    context_tokens=9, max_output_tokens=5, tools=True, images=True, json_schema=True, reasoning=Reasoning.SWITCH
)


def test_together_they_do_what_each_is_known_to_do() -> None:
    small = Capabilities(context_tokens=4, max_output_tokens=7, tools=True, images=False, reasoning=Reasoning.ALWAYS)
    both = Capabilities(context_tokens=4, max_output_tokens=5, tools=True, reasoning=Reasoning.SWITCH)
    assert shared([LARGE, small]) == both
    assert shared([LARGE]) == LARGE


def test_together_they_cannot_what_none_of_them_can() -> None:
    assert shared([Capabilities(images=False), Capabilities(images=False)]).images is False
    assert shared([Capabilities(images=False), Capabilities()]).images is None


def test_one_unknown_model_makes_all_of_it_unknown() -> None:
    assert shared([LARGE, Capabilities()]) == Capabilities()
    assert shared([LARGE, Capabilities(context_tokens=4)]) == Capabilities(context_tokens=4)


def test_of_nobody_nothing_is_known() -> None:
    assert shared([]) == Capabilities()


def test_what_is_unknown_is_not_lacking() -> None:
    assert Capabilities().lacks == frozenset()
    assert Capabilities(images=True, files=False, json_schema=False).lacks == {Ability.FILES}


def test_every_ability_is_a_field() -> None:
    assert {ability.value for ability in Ability} <= {field.name for field in fields(Capabilities)}


def test_what_is_said_goes_before_what_is_known_below() -> None:
    said = Capabilities(context_tokens=4, images=False)
    assert said.over(LARGE) == Capabilities(
        context_tokens=4, max_output_tokens=5, tools=True, images=False, json_schema=True, reasoning=Reasoning.SWITCH
    )


def test_a_model_that_never_thinks_is_known_not_to() -> None:
    thinks = [Capabilities(reasoning=reasoning).thinks for reasoning in (None, *Reasoning)]
    assert thinks == [None, True, True, False]

"""What several models are known to do together."""

from service.chat.capabilities import Capabilities, shared

LARGE = Capabilities(context_tokens=9, max_output_tokens=5, tools=True, images=True, json_schema=True, reasoning=True)


def test_together_they_do_what_each_is_known_to_do() -> None:
    small = Capabilities(context_tokens=4, max_output_tokens=7, tools=True, reasoning=True)
    assert shared([LARGE, small]) == Capabilities(context_tokens=4, max_output_tokens=5, tools=True, reasoning=True)
    assert shared([LARGE]) == LARGE


def test_one_unknown_model_makes_all_of_it_unknown() -> None:
    assert shared([LARGE, Capabilities()]) == Capabilities()
    assert shared([LARGE, Capabilities(context_tokens=4)]) == Capabilities(context_tokens=4)


def test_of_nobody_nothing_is_known() -> None:
    assert shared([]) == Capabilities()

"""The short cut for plain answers tells what the long way tells, or nothing."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service.chat.failures import Failure
from service.providers.openai.answer import Answer
from service.providers.openai.plain import plain

nothing: st.SearchStrategy[Any] = st.sampled_from([None, "", [], {}, 0, False])
something = st.sampled_from(["x", ["x"], [{"text": "x"}], {"name": "f", "arguments": ""}, 1, True])
texts = st.sampled_from(["hello", "你", " ", "<think>x</think>y"])
words = st.sampled_from(["stop", "length", "STOP", "tool_calls", "refusal", "error", "what?", "x" * 200])
counts = st.dictionaries(
    st.sampled_from(["prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens", "reasoning_tokens"]),
    st.sampled_from([None, 0, 3, -1, 2**60, "3"]),
)
others = "refusal annotations audio tool_calls function_call reasoning_content reasoning reasoning_details images"
more = "extra_content thinking_blocks reasoning_opaque anything"
beside = st.dictionaries(
    st.sampled_from(f"{others} {more}".split()), st.one_of(nothing, nothing, nothing, something), max_size=3
)
messages = st.builds(
    lambda rest, text: {"role": "assistant", **rest, "content": text}, beside, st.one_of(texts, texts, texts, nothing)
)
choices = st.fixed_dictionaries(
    {"message": messages | nothing, "finish_reason": words | nothing},
    optional={"index": nothing | st.just(1), "usage": counts, "error": nothing, "delta": messages, "logprobs": nothing},
)
answers = st.fixed_dictionaries(
    {"choices": st.lists(choices, min_size=1, max_size=1) | st.lists(choices, max_size=2)},
    optional={"usage": counts | nothing, "error": nothing, "object": st.just("chat.completion"), "x_groq": counts},
)


@settings(derandomize=True, max_examples=1000, deadline=None)
@given(answers)
def test_a_plain_answer_is_what_the_long_way_says(answer: dict[str, Any]) -> None:
    events = plain(answer)
    if not events:
        return  # which the test below shows not to be the rule
    try:
        long = Answer("message", "p")
        long.read(answer)
        expected = long.end()
    except Failure as failure:
        raise AssertionError(f"the long way fails with {failure}") from failure
    assert events == expected


def test_an_ordinary_answer_is_plain() -> None:
    message: dict[str, Any] = {"role": "assistant", "content": "hello", "refusal": None, "annotations": []}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    assert plain({"object": "chat.completion", "choices": [choice], "usage": usage})

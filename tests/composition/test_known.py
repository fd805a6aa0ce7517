"""What an operator reads of a target."""

import pytest

from service.chat.target import Target
from service.composition.known import known_of
from service.config import Settings

SETTINGS = Settings.model_validate(
    {
        "providers": {
            "deepseek": {"protocol": "openai", "base_url": "http://x"},
            "house": {
                "protocol": "openai",
                "base_url": "http://x",
                "prices": {"input": "0", "output": "0"},
                "models": {"small": {"context_tokens": 32_000, "tools": False}},
            },
        }
    }
)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("deepseek/deepseek-v4-pro", "$1.32 in, $3.96 out; 1,000,000 tokens; no images, files"),
        ("house/small", "$0 in, $0 out; 32,000 tokens; no tools"),
        ("deepseek/deepseek-of-tomorrow", "price unknown"),
        ("house/other", "$0 in, $0 out"),
    ],
)
def test_a_target_in_words(target: str, words: str) -> None:
    assert known_of(Target.parse(target), SETTINGS) == words

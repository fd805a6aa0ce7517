"""Counts tokens with a model's own vocabulary, if the extra `exact-tokens` is installed."""

import re
from collections.abc import Callable, Iterator
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import Any

from mainstay import v1 as pb
from service.chat.counting import Vocabulary

CountText = Callable[[str], int]

MOST_CHARACTERS = 4 * 1024 * 1024
"""Longer than any window of those who have the vocabulary: such a question is estimated."""
PIECE = 8_192
"""Characters that are counted at once. Meanwhile no other thread runs; a hostile piece takes 4 ms."""

_BETWEEN_WORDS = re.compile(r"\n(?=[^\W_])|(?<=[^\W_])(?= [^\W\d_])")
"""Where the vocabulary's own rules end a token, whatever stands around: there a text can be cut and counted apart."""


def loaded(vocabulary: str) -> CountText | None:
    """Counts texts in a vocabulary; words that are commands elsewhere are plain text. None: it is not there.

    Loading takes 70 MB, and 50 ms in which no other thread runs.
    """
    if vocabulary != "o200k":
        return None
    package = find_spec("bpe_openai")
    files = (file for place in (package and package.submodule_search_locations) or () for file in _extensions(place))
    file = next(files, None)
    if file is None:
        return None
    count: CountText = _module(file).tokenizer_for_encoding("o200k_base").count
    return count


def _extensions(folder: str) -> Iterator[Path]:
    return Path(folder).glob("_bindings*.so")


def _module(file: Path) -> Any:
    """The package's extension alone: the package itself builds two more in Python, 70 MB and half a second."""
    loader = ExtensionFileLoader("bpe_openai._bindings", str(file))
    module = module_from_spec(ModuleSpec(loader.name, loader, origin=str(file)))
    loader.exec_module(module)
    return module


def counted(request: pb.ChatRequest, vocabulary: Vocabulary, count: CountText) -> int | None:
    """Tokens of a question. None: it is not of plain texts alone, or too long, so that nobody knows what is added."""
    texts = _plain_texts(request)
    if texts is None or sum(map(len, texts)) > MOST_CHARACTERS:
        return None
    tokens = 0
    for text in texts:
        for piece in pieces(text):
            if len(piece) > PIECE:
                return None
            tokens += count(piece)
    return tokens + vocabulary.per_message * len(texts) + vocabulary.in_all


def pieces(text: str) -> Iterator[str]:
    """The text in pieces that can be counted apart; longer than PIECE where it cannot be cut any shorter."""
    start = 0
    while len(text) - start > PIECE:
        end = _last_cut(text, start, start + PIECE) or _next_cut(text, start + PIECE)
        if end is None:
            break
        yield text[start:end]
        start = end
    yield text[start:]


def _last_cut(text: str, start: int, end: int) -> int | None:
    """Looked for in steps from behind: most texts have one in the last line."""
    step = PIECE // 16
    for low in range(end - step, start - 1, -step):
        cuts = [match.end() for match in _BETWEEN_WORDS.finditer(text, low, end)]
        if cuts and cuts[-1] > start:
            return cuts[-1]
    return None


def _next_cut(text: str, start: int) -> int | None:
    found = _BETWEEN_WORDS.search(text, start)
    return found.end() if found else None


def _plain_texts(request: pb.ChatRequest) -> list[str] | None:
    """One for each message; None: there is something else, too."""
    if request.tools or request.HasField("response_format"):
        return None
    texts = []
    for message in request.messages:
        if message.name or len(message.parts) != 1 or not message.parts[0].HasField("text"):
            return None
        texts.append(message.parts[0].text)
    return texts

"""Ready-made answers for when nobody else can answer: rules as data, compiled once; to answer cannot fail.

    question ──▶ its end, normalised ──▶ first rule that fits ──▶ text and notice in the question's language
                                     └─▶ none: the default ──┘

Normalised means NFKC and case-folded, each run of white space one space: `ＰＲＩＣＥ` is `price`. Keywords are
normalised too; patterns are RE2's, linear in time whatever the question, ignore case, and see normalised text.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import re2  # type: ignore[import-untyped]  # there are none; _Pattern says all that is used of it

DEFAULT = "default"
"""The rule that answers when no other fits."""
LANGUAGES = ("zh", "en")
LOOKED_AT = 2_000
"""Characters of a question that are looked at, its last: what is asked stands there, and it bounds the time."""
PATTERN_MEMORY = 256 * 1024
"""Bytes that one compiled pattern may take; a pattern that needs more is refused."""

Texts = Mapping[str, str]
"""What to say, by language; not every language need be there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An answer, and the questions that it is for: those in which a keyword or a pattern is found.

    A keyword is plain text. Where it begins or ends with a letter or digit of a script that puts spaces between words,
    it must begin or end a word there: `price` is in `the price?` and `价格price多少`, not in `priceless` or `prices`.
    """

    name: str
    answers: Texts
    keywords: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rule says."""

    rule: str
    text: str
    notice: str
    """Tells people that no model answered."""


class RuleBook:
    """All rules, in the order in which they are tried, and what is said when none fits. Immutable."""

    def __init__(self, *, rules: Iterable[Rule], default: Texts, contact: Texts, notices: Texts) -> None:
        """In every answer and notice `{contact}` becomes the contact in its language, `{{` and `}}` plain braces.

        Raises ValueError, with the rule's name, for a text or pattern that could not be used later.
        """
        plain = _checked("contact", contact)
        self._rules = tuple(_Compiled(rule, plain) for rule in rules)
        self._default = _filled(DEFAULT, default, plain)
        self._notices = _filled("notice", notices, plain)

    def answer(self, question: str) -> Answer:
        """The answer to any text at all: Chinese if there is a Han character in the part looked at, else English."""
        text = normalised(question[-LOOKED_AT:])[-LOOKED_AT:]
        encoded = text.encode(errors="replace")
        language = "en" if _HAN.search(encoded) is None else "zh"
        notice = _in(language, self._notices)
        for rule in self._rules:
            if rule.fits(text, encoded):
                return Answer(rule.name, _in(language, rule.answers), notice)
        return Answer(DEFAULT, _in(language, self._default), notice)


def normalised(text: str) -> str:
    """The text as keywords and patterns see it."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


class _Pattern(Protocol):
    def search(self, text: bytes) -> object | None: ...


class _Compiled:
    def __init__(self, rule: Rule, contact: Texts) -> None:
        where = f"rule {rule.name!r}"
        self.name = rule.name
        self.answers = _filled(where, rule.answers, contact)
        self._keywords = tuple(normalised(keyword) for keyword in rule.keywords)
        if not all(self._keywords):
            raise ValueError(f"{where}: a keyword is empty")
        self._patterns = tuple(_compile(where, pattern) for pattern in rule.patterns)

    def fits(self, text: str, encoded: bytes) -> bool:
        return any(_holds(text, keyword) for keyword in self._keywords) or any(
            pattern.search(encoded) is not None for pattern in self._patterns
        )


def _holds(text: str, keyword: str) -> bool:
    at = text.find(keyword)
    while at >= 0:
        end = at + len(keyword)
        before, after = text[max(at - 1, 0) : at], text[end : end + 1]
        if not _one_word(before, keyword[0]) and not _one_word(keyword[-1], after):
            return True
        at = text.find(keyword, at + 1)
    return False


def _one_word(left: str, right: str) -> bool:
    return _spells(left) and _spells(right)


def _spells(character: str) -> bool:
    """Whether it is a digit, or a letter of Latin, Greek, Cyrillic or Armenian: elsewhere words may touch."""
    return character.isalnum() and (character < "\u0590" or "\u1e00" <= character < "\u2000")


def _in(language: str, texts: Texts) -> str:
    return texts.get(language) or next(iter(texts.values()))


_HALF = re.compile("[\ud800-\udfff]")
_BRACES = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]")


def _filled(where: str, texts: Texts, contact: Texts) -> Texts:
    return {language: _fill(where, text, _in(language, contact)) for language, text in _checked(where, texts).items()}


def _fill(where: str, text: str, contact: str) -> str:
    filling = {"{{": "{", "}}": "}", "{contact}": contact}
    for found in _BRACES.findall(text):
        if found not in filling:
            raise ValueError(f"{where}: holds {found}: only {{contact}} is filled in; {{{{ and }}}} are plain braces")
    return _BRACES.sub(lambda found: filling[found[0]], text)


def _checked(where: str, texts: Texts) -> Texts:
    """A copy that cannot fail later: a text at least, each of a known language, not blank, and fit for a message."""
    if not texts or not texts.keys() <= set(LANGUAGES):
        raise ValueError(f"{where}: needs a text in {' or '.join(LANGUAGES)}, and in no other language")
    for language, text in texts.items():
        if not text.strip():
            raise ValueError(f"{where}: the text in {language} is empty")
        if _HALF.search(text):
            raise ValueError(f"{where}: the text in {language} holds half a character")
    return dict(texts)


def _compile(where: str, pattern: str) -> _Pattern:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = PATTERN_MEMORY
    try:
        compiled: _Pattern = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode(errors="replace")
        raise ValueError(f"{where}: {pattern!r} is no pattern of RE2: {reason}") from error
    return compiled


_HAN = _compile("han", r"\p{Han}")

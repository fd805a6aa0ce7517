"""What is said when no model can answer: rules, their texts in Chinese and English, and whom to turn to."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Annotated

import re2  # type: ignore[import-untyped]  # there are none
from pydantic import AfterValidator, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from service.config.names import Name
from service.config.section import SECTION

TEXT_CHARACTERS = 4_000
KEYWORD_CHARACTERS = 100
PATTERN_CHARACTERS = 500
PATTERN_MEMORY = 256 * 1024
"""Bytes that one compiled pattern may take, as in policies/rules.py; more is refused."""
PATTERN_STEPS = 5_000
"""Instructions of all compiled patterns together: 0.2 s for the worst patterns and question that were tried."""
KEYWORDS = 2_000
"""Keywords of all rules together: 0.03 s for the worst question that was tried."""
_HALF = re.compile("[\ud800-\udfff]")
_BRACES = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]")
_FILLED_IN = ("{{", "}}", "{contact}")


def _check_text(text: str) -> str:
    return _check_characters(text, TEXT_CHARACTERS)


def _check_keyword(keyword: str) -> str:
    return _check_characters(keyword, KEYWORD_CHARACTERS)


def _check_characters(text: str, most: int) -> str:
    if not text.strip() or len(text) > most:
        raise ValueError(f"must be 1 to {most} characters, not spaces alone")
    if _HALF.search(text):
        raise ValueError("holds half a character: write an emoji or rare sign as itself, or as \\U and eight digits")
    return text


def _check_pattern(pattern: str) -> str:
    _check_characters(pattern, PATTERN_CHARACTERS)
    if (plainer := unicodedata.normalize("NFKC", pattern)) != pattern:
        raise ValueError(f"can never match, because questions are normalised first: write {plainer!r}, signs escaped")
    _steps(pattern)
    return pattern


def _steps(pattern: str) -> int:
    """Instructions of the compiled pattern. Raises ValueError for what RE2, the linear-time engine, cannot do."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = PATTERN_MEMORY
    try:
        return int(re2.compile(pattern, options).programsize)
    except re2.error as error:
        reason = error.args[0].decode(errors="replace")
        raise ValueError(f"is no pattern of RE2, which has no look-around and no back-references: {reason}") from None


class Texts(BaseModel):
    """What to say, in Chinese, in English or in both; a bare text is meant for both."""

    model_config = SECTION

    zh: Annotated[str, AfterValidator(_check_text)] | None = Field(
        default=None, description="The text in Chinese, at most 4,000 characters."
    )
    en: Annotated[str, AfterValidator(_check_text)] | None = Field(
        default=None, description="The text in English, at most 4,000 characters."
    )

    @model_validator(mode="before")
    @classmethod
    def _for_both(cls, written: object) -> object:
        return {"zh": written, "en": written} if isinstance(written, str) else written

    @model_validator(mode="after")
    def _says_something(self) -> "Texts":
        if not self.by_language:
            raise ValueError("needs a text: zh, en or both")
        return self

    @property
    def by_language(self) -> dict[str, str]:
        """The texts that there are; at least one."""
        return {language: text for language, text in (("zh", self.zh), ("en", self.en)) if text is not None}


def _check_template(texts: Texts) -> Texts:
    for language, text in texts.by_language.items():
        for found in _BRACES.findall(text):
            if found not in _FILLED_IN:
                reason = f"holds {found[:40]}: only {{contact}} is filled in; for plain braces write {{{{ and }}}}"
                raise _wrong(reason, language)
    return texts


Template = Annotated[Texts, AfterValidator(_check_template)]
"""Texts in which `{contact}` is filled in."""
Keyword = Annotated[str, AfterValidator(_check_keyword)]
Pattern = Annotated[str, AfterValidator(_check_pattern)]


class RuleSettings(BaseModel):
    """An answer, and the questions that it is for."""

    model_config = SECTION

    name: Name = Field(description="Names the rule in traces and metrics; not 'default', which answers the rest.")
    keywords: tuple[Keyword, ...] = Field(
        default=(),
        max_length=100,
        description="Texts of which one must be in the question, case aside; Latin ones as whole words.",
    )
    patterns: tuple[Pattern, ...] = Field(
        default=(),
        max_length=100,
        description="RE2 patterns of which one must match somewhere, case aside, in the normalised question.",
    )
    answer: Template = Field(description="What is said; {contact} becomes the contact.")

    @model_validator(mode="after")
    def _fits_something(self) -> "RuleSettings":
        if not self.keywords and not self.patterns:
            raise ValueError("needs a keyword or a pattern")
        return self


def _check_rules(rules: tuple[RuleSettings, ...]) -> tuple[RuleSettings, ...]:
    for position, (rule, taken) in enumerate(zip(rules, _taken_names(rules), strict=True)):
        if rule.name in taken:
            raise _wrong("is the name of another rule: each needs its own", position, "name")
    keywords = sum(len(rule.keywords) for rule in rules)
    if keywords > KEYWORDS:
        raise _wrong(f"have too many keywords: {keywords:,} together, at most {KEYWORDS:,}")
    steps = sum(_steps(pattern) for rule in rules for pattern in rule.patterns)
    if steps > PATTERN_STEPS:
        raise _wrong(f"have too large patterns: {steps:,} steps of RE2 together, at most {PATTERN_STEPS:,}")
    return rules


def _taken_names(rules: tuple[RuleSettings, ...]) -> Iterator[set[str]]:
    taken = {"default"}
    for rule in rules:
        yield taken
        taken.add(rule.name)


def _wrong(reason: str, *at: str | int) -> PydanticCustomError:
    """A problem at a place within the value that is checked."""
    return PydanticCustomError("degradation", "{reason}", {"reason": reason, "at": at})


class DegradationSettings(BaseModel):
    """What is said when no model can answer, on routes that allow it."""

    model_config = SECTION

    contact: Texts = Field(
        default=Texts(zh="本服务的管理员", en="the administrators of this service"),
        description="Whom people can turn to: takes the place of {contact} in the other texts.",
    )
    notice: Template = Field(
        default=Texts(
            zh="暂时没有模型能够回答，这是一条自动回复。",
            en="No model could answer just now: this is an automatic reply.",
        ),
        description="Goes beside each such answer and tells people what it is.",
    )
    default: Template = Field(
        default=Texts(
            zh="抱歉，暂时没有模型能够回答您的问题，这是一条自动回复。请稍后再试，或联系{contact}。",
            en="Sorry, no model could answer your question just now: this is an automatic reply. "
            "Please try again later, or contact {contact}.",
        ),
        description="The answer where no rule fits.",
    )
    rules: Annotated[tuple[RuleSettings, ...], AfterValidator(_check_rules)] = Field(
        default=(), max_length=200, description="At most 200, in the order in which they are tried."
    )

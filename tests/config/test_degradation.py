"""The section `degradation`: what is shipped, what is refused and where, and that RuleBook takes all the rest."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from service.config import DegradationSettings, Settings
from service.policies.rules import Rule, RuleBook
from tests.config.conftest import Folder

RULE = "rules: [{name: r, keywords: [a], answer: x}]"


def book(settings: DegradationSettings) -> RuleBook:
    return RuleBook(
        rules=[
            Rule(name=rule.name, keywords=rule.keywords, patterns=rule.patterns, answers=rule.answer.by_language)
            for rule in settings.rules
        ],
        default=settings.default.by_language,
        contact=settings.contact.by_language,
        notices=settings.notice.by_language,
    )


def with_rule(**rule: object) -> DegradationSettings:
    rules = [{"name": "r", "keywords": ["a"], "answer": "x", **rule}]
    return DegradationSettings.model_validate({"rules": rules})


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        ("How much is the pro plan?", "price"),
        ("What's your pricing?", "price"),
        ("这个多少钱？", "price"),
        ("收费标准", "price"),
        ("Can I talk to a human?", "contact"),
        ("What's your phone number", "contact"),
        ("怎么联系你们", "contact"),
        ("转人工", "contact"),
        ("Help!", "help"),
        ("请帮我写一首诗", "help"),
        ("怎么用？", "help"),
        ("Write a poem", "default"),
        ("什么是人工智能", "default"),
        ("讲讲熵和信息的联系", "default"),
        ("How much wood would a woodchuck chuck", "default"),
    ],
)
def test_the_shipped_rules_know_price_contact_and_help_in_both_languages(
    question: str, rule: str, folder: Folder
) -> None:
    assert book(folder.load().degradation).answer(question).rule == rule


@pytest.mark.parametrize(("language", "says"), [("zh", "自动回复"), ("en", "automatic reply")])
def test_every_shipped_text_says_what_it_is(language: str, says: str, folder: Folder) -> None:
    shipped = folder.load().degradation
    assert [rule.name for rule in shipped.rules] == ["price", "contact", "help"]
    for texts in (shipped.default, shipped.notice, *(rule.answer for rule in shipped.rules)):
        assert says in texts.by_language[language]


def test_what_is_shipped_is_what_code_falls_back_to(folder: Folder) -> None:
    shipped = folder.load().degradation
    assert shipped.model_copy(update={"rules": ()}) == DegradationSettings() == Settings().degradation
    assert book(DegradationSettings()).answer("price").rule == "default"


def test_a_bare_text_is_meant_for_both_languages(folder: Folder) -> None:
    folder.write("degradation: {contact: ops@example.com}")
    shipped = book(folder.load().degradation)
    assert "ops@example.com" in shipped.answer("如何联系").text
    assert "ops@example.com" in shipped.answer("contact").text


def test_a_variable_can_hold_the_contact(folder: Folder) -> None:
    contact = folder.load(MAINSTAY__DEGRADATION__CONTACT="+1 555").degradation.contact
    assert contact.by_language == {"zh": "+1 555", "en": "+1 555"}


def test_one_language_can_be_replaced_or_removed_alone(folder: Folder) -> None:
    folder.write("degradation: {notice: {en: Hello}, default: {zh: ~}}")
    settings = folder.load().degradation
    assert settings.notice.by_language == {**DegradationSettings().notice.by_language, "en": "Hello"}
    assert settings.default.by_language.keys() == {"en"}


def test_the_rules_are_replaced_as_a_whole(folder: Folder) -> None:
    folder.write(f"degradation: {{{RULE}}}")
    assert [rule.name for rule in folder.load().degradation.rules] == ["r"]


def test_a_route_may_be_degraded_unless_it_says_otherwise(folder: Folder) -> None:
    folder.write("routes: {smart: {degrade: false}}")
    routes = folder.load().routes
    assert (routes["default"].degrade, routes["smart"].degrade) == (True, False)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rules: [{name: r, keywords: [a]}]", "rules.0.answer: is required"),
        ("rules: [{keywords: [a], answer: x}]", "rules.0.name: is required"),
        ("rules: [{name: R, keywords: [a], answer: x}]", "rules.0.name: is not a name"),
        ("rules: [{name: r, answer: x}]", "rules.0: needs a keyword or a pattern"),
        ("rules: [{name: r, keywrods: [a], answer: x}]", "rules.0.keywrods: unknown key; did you mean 'keywords'?"),
        ("rules: [{name: r, keywords: ['  '], answer: x}]", "rules.0.keywords.0: must be 1 to 100 characters"),
        ("rules: [{name: r, keywords: a, answer: x}]", "rules.0.keywords: must be a list"),
        ("rules: [{name: default, keywords: [a], answer: x}]", "rules.0.name: is the name of another rule"),
        (
            "rules: [{name: r, keywords: [a], answer: x}, {name: r, keywords: [a], answer: x}]",
            "rules.1.name: is the name of another rule: each needs its own",
        ),
        (
            "rules: [{name: r, patterns: [a, '(?=a)b'], answer: x}]",
            "rules.0.patterns.1: is no pattern of RE2, which has no look-around and no back-references: invalid perl",
        ),
        ("rules: [{name: r, patterns: ['(a'], answer: x}]", "rules.0.patterns.0: is no pattern of RE2"),
        (
            "rules: [{name: r, patterns: [多少钱？], answer: x}]",
            "rules.0.patterns.0: can never match, because questions are normalised first: write '多少钱?'",
        ),
        (
            "rules: [{name: r, keywords: [a], answer: {zh: x, en: 'ask {price}'}}]",
            "rules.0.answer.en: holds {price}: only {contact} is filled in; for plain braces write {{ and }}",
        ),
        ("rules: [{name: r, keywords: [a], answer: {fr: x}}]", "rules.0.answer.fr: unknown key"),
        ("rules: [{name: r, keywords: [a], answer: {}}]", "rules.0.answer: needs a text: zh, en or both"),
        ("rules: [{name: r, keywords: [a], answer: [x]}]", "rules.0.answer: must be a mapping"),
        ("default: {en: '}'}", "default.en: holds }: only {contact} is filled in"),
        ("notice: {zh: '{}'}", "notice.zh: holds {}: only {contact} is filled in"),
        ("contact: ''", "contact.zh: must be 1 to 4000 characters, not spaces alone"),
        ("rules: [{name: r, keywords: [a], answer: {zh: ~}}]", "rules.0.answer: needs a text: zh, en or both"),
        ("contact: {en: ' '}", "contact.en: must be 1 to 4000 characters, not spaces alone"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(text: str, problem: str, folder: Folder) -> None:
    folder.write(f"server: {{}}\ndegradation:\n  {text}\n")
    assert any(told.startswith(f"config.yaml:3 degradation.{problem}") for told in folder.problems())


def test_every_rule_that_is_wrong_is_told_on_its_own_line(folder: Folder) -> None:
    folder.write("""\
        degradation:
          rules:
            - name: a
              patterns: ["("]
              answer: x
            - name: b
              keywords: [b]
              answer: {en: "{b}"}
    """)
    assert [told.partition(": ")[0] for told in folder.problems()] == [
        "config.yaml:4 degradation.rules.0.patterns.0",
        "config.yaml:8 degradation.rules.1.answer.en",
    ]


@pytest.mark.parametrize(
    "most",
    [
        {"rules": [{"name": f"r{i}", "keywords": ["a"], "answer": "x"} for i in range(200)]},
        {"rules": [{"name": "r", "keywords": ["a"] * 100, "answer": "x"}]},
        {"rules": [{"name": "r", "keywords": ["a" * 100], "answer": "x"}]},
        {"rules": [{"name": "r", "patterns": ["a"] * 100, "answer": "x"}]},
        {"rules": [{"name": "r", "patterns": ["a" * 500], "answer": "x"}]},
        {"rules": [{"name": "r", "patterns": ["a" * 490] * 10, "answer": "x"}]},
        {"rules": [{"name": "r", "keywords": ["a"], "answer": "x" * 4000}]},
        {"contact": "x" * 4000},
    ],
    ids=["rules", "keywords", "keyword", "patterns", "pattern", "steps", "answer", "contact"],
)
def test_the_bounds_are_inclusive(most: dict[str, object]) -> None:
    book(DegradationSettings.model_validate(most)).answer("b")
    with pytest.raises(ValidationError):
        DegradationSettings.model_validate(_one_more(most))


def _one_more(most: object) -> object:
    """The same with the longest list or text made longer."""
    match most:
        case {"rules": [one]}:
            key = max(one, key=lambda key: _size(one[key]))
            return {"rules": [{**one, key: _longer(one[key])}]}
        case {"rules": [*rules, last]}:
            return {"rules": [*rules, last, {**last, "name": "one-more"}]}
    return {"contact": "x" * 4001}


def _size(value: object) -> int:
    match value:
        case list() as items:
            return len(items) + max(map(len, items))
        case text:
            return len(str(text))


def _longer(value: object) -> object:
    match value:
        case [str() as one] if len(one) > 1:
            return [one + "a"]
        case [*many]:
            return [*many, many[0]]
        case text:
            return f"{text}x"


@pytest.mark.parametrize(
    ("each", "problem"),
    [
        ({"keywords": ["a"] * 100}, "too many keywords: 2,100 together, at most 2,000"),
        ({"patterns": ["a" * 300]}, "too large patterns: .* steps of RE2 together, at most 5,000"),
    ],
)
def test_all_rules_together_are_bounded_so_that_no_question_takes_long(each: dict[str, object], problem: str) -> None:
    rules = [{"name": f"r{i}", "answer": "x", **each} for i in range(21)]
    DegradationSettings.model_validate({"rules": rules[:15]})
    with pytest.raises(ValidationError, match=problem):
        DegradationSettings.model_validate({"rules": rules})


@pytest.mark.parametrize("half", ["\ud800", "a\udfff"])
def test_half_a_character_is_refused_wherever_it_stands(half: str) -> None:
    for rule in ({"answer": half}, {"keywords": [half]}, {"patterns": [half]}):
        with pytest.raises(ValidationError, match="half a character"):
            with_rule(**rule)


@given(st.text("{}contact ", min_size=1).filter(str.strip) | st.text(max_size=40))
def test_every_text_that_is_accepted_can_be_used_and_the_others_cannot(text: str) -> None:
    settings = None
    with suppress(ValidationError):
        settings = with_rule(answer=text)
    if settings is not None:
        assert book(settings).answer("a").rule == "r"
    else:
        with pytest.raises(ValueError, match="rule 'r'"):
            RuleBook(
                rules=[Rule(name="r", keywords=("a",), answers={"en": text})],
                default={"en": "x"},
                contact={"en": "x"},
                notices={"en": "x"},
            )


@given(st.text("()[]{}?*+.|\\apLwd0123=!<>", max_size=20) | st.text(max_size=20), st.text(max_size=20))
def test_every_keyword_and_pattern_that_is_accepted_can_be_used(pattern: str, keyword: str) -> None:
    with suppress(ValidationError):
        assert book(with_rule(patterns=[pattern])).answer("x").text
    with suppress(ValidationError):
        assert book(with_rule(keywords=[keyword], patterns=[])).answer(f" {keyword} ").rule == "r"

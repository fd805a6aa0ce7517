"""What headers say of a provider's limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.chat.permit import Allowance, Allowances
from service.providers.allowances import allowances_of

OPENAI = {
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-limit-tokens": "150000",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-remaining-tokens": "149984",
    "x-ratelimit-reset-requests": "1s",
    "x-ratelimit-reset-tokens": "6m0s",
}
ANTHROPIC = {
    "date": "Fri, 20 Nov 2026 12:00:00 GMT",
    "anthropic-ratelimit-requests-limit": "50",
    "anthropic-ratelimit-requests-remaining": "49",
    "anthropic-ratelimit-requests-reset": "2026-11-20T12:00:02Z",
    "anthropic-ratelimit-tokens-limit": "40000",
    "anthropic-ratelimit-tokens-remaining": "39000",
    "anthropic-ratelimit-tokens-reset": "2026-11-20T13:00:30+01:00",
}
REQUESTS = {name: value for name, value in OPENAI.items() if name.endswith("requests")}


def test_openais() -> None:
    assert allowances_of(OPENAI) == Allowances(Allowance(60, 59, 1), Allowance(150_000, 149_984, 360))


def test_anthropics_whose_reset_is_counted_from_the_answers_own_date() -> None:
    assert allowances_of(ANTHROPIC) == Allowances(Allowance(50, 49, 2), Allowance(40_000, 39_000, 30))


def test_one_of_them_alone() -> None:
    assert allowances_of(REQUESTS) == Allowances(requests=Allowance(60, 59, 1))


def test_without_a_reset_none_is_told() -> None:
    without = {name: value for name, value in REQUESTS.items() if "reset" not in name}
    assert allowances_of(without) == Allowances(requests=Allowance(60, 59))


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [("17ms", 0.017), ("2m59.56s", 179.56), ("1h2m3s", 3723), ("30", 30), ("7.66s", 7.66), ("250us", 0.00025)],
)
def test_every_way_to_write_a_time(reset: str, seconds: float) -> None:
    said = allowances_of({**REQUESTS, "x-ratelimit-reset-requests": reset})
    assert said is not None
    assert said.requests is not None
    assert said.requests.resets_in == pytest.approx(seconds)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"x-ratelimit-remaining-requests": "-1"},
        {"x-ratelimit-remaining-requests": "61"},
        {"x-ratelimit-remaining-requests": "many"},
        {"x-ratelimit-limit-requests": "0"},
        {"x-ratelimit-limit-requests": ""},
        {"x-ratelimit-reset-requests": "0"},
        {"x-ratelimit-reset-requests": "soon"},
        {"x-ratelimit-reset-requests": "-5s"},
        {"x-ratelimit-reset-requests": "999h"},
        {"x-ratelimit-reset-requests": "2026-11-20T12:00:02Z"},  # without a date to count from
    ],
    ids=str,
)
def test_what_makes_no_sense_says_nothing(nonsense: dict[str, str]) -> None:
    assert allowances_of({**REQUESTS, **nonsense}) is None


def test_most_providers_say_nothing() -> None:
    assert allowances_of({"content-type": "application/json", "retry-after": "3"}) is None


@given(st.fixed_dictionaries({name: st.text(max_size=30) for name in OPENAI} | {"date": st.text(max_size=40)}))
def test_whatever_is_said_it_is_read_or_not_and_never_a_failure(headers: dict[str, str]) -> None:
    said = allowances_of(headers)
    for one in () if said is None else (said.requests, said.tokens):
        assert one is None or 0 <= one.remaining <= one.limit > 0

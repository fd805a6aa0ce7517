"""Durations and sizes as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.config.quantities import format_duration, format_size, parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "seconds"), [("500ms", 0.5), ("30s", 30), ("2m", 120), ("1h", 3600), ("0.5s", 0.5), ("0s", 0)]
)
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(("text", "size"), [("512B", 512), ("4KiB", 4096), ("32MiB", 2**25), ("1.5GiB", 1610612736)])
def test_a_size_is_a_number_and_a_unit(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("bare", ["30", 30, 0.5, "1.5"])
def test_a_bare_number_is_told_to_take_a_unit(bare: object) -> None:
    with pytest.raises(ValueError, match=r"needs a unit \(ms, s, m, h\): write it such as 30s"):
        parse_duration(bare)
    with pytest.raises(ValueError, match=r"needs a unit \(B, KiB, MiB, GiB\): write it such as 32MiB"):
        parse_size(bare)


@pytest.mark.parametrize("text", ["", "s", "-1s", "1 s", "1m30s", "٣s", "inf s", "1e3s", None, [], "9" * 13 + "s"])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="must be a number and a unit"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["1d", "5min", "3S", "1MiB"])
def test_an_unknown_unit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="unknown unit: use one of ms, s, m, h"):
        parse_duration(text)


def test_decimal_sizes_and_parts_of_a_byte_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown unit"):
        parse_size("32MB")
    with pytest.raises(ValueError, match="whole number of bytes"):
        parse_size("0.3B")


@given(st.integers(0, 10**9), st.sampled_from(["ms", "s", "m", "h"]))
def test_a_duration_survives_being_written_and_read(amount: int, unit: str) -> None:
    seconds = parse_duration(f"{amount}{unit}")
    assert parse_duration(format_duration(seconds)) == seconds


@given(st.integers(0, 2**39))
def test_a_size_survives_being_written_and_read(size: int) -> None:
    assert parse_size(format_size(size)) == size


@given(st.text())
def test_no_text_breaks_the_parsers_or_comes_back_in_their_messages(text: str) -> None:
    for parse in (parse_duration, parse_size):
        with pytest.raises(ValueError, match="must be") as caught:
            parse(f"canary{text}")
        assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.5, "500ms"), (90, "90s"), (600.0, "10m"), (86400, "24h"), (0.0005, "0.5ms")],
)
def test_a_duration_is_shown_in_its_largest_whole_unit(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text

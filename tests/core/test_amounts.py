"""Large numbers as people read them: few digits, in order, on their side of zero, intervals with a width."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.amounts import FIGURES, UNKNOWN, alike, large
from sim.core.language import LANGUAGES, speaking

pytestmark = pytest.mark.property

SIZES = {"": 1.0, "million": 1e6, "billion": 1e9, "trillion": 1e12, "万": 1e4, "亿": 1e8, "万亿": 1e12}
NUMBERS = st.floats(-1e15, 1e15, allow_nan=False)
WIDE = st.floats(-1e300, 1e300, allow_nan=False)
SPOKEN = st.sampled_from(sorted(LANGUAGES))


def read(told: str) -> float:
    """What a reader takes a number for; written from the forms that are promised, not from the code."""
    number, word = re.fullmatch(r"([-+]?[\d,]+(?:\.\d+)?(?:e[-+]\d+)?) ?([a-z]*|[万亿]*)", told).groups()
    return float(number.replace(",", "")) * SIZES[word]


def digits_of(told: str) -> int:
    """Digits that say something: without leading zeros, and without the last zeros of a whole number."""
    number = re.sub(r"e.*|[^\d.]", "", told)
    whole = number.replace(".", "").lstrip("0")
    return len(whole if "." in number else whole.rstrip("0"))


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (1_234_567.8, "1.235 million", "123.5万"),
        (-1_234_567.8, "-1.235 million", "-123.5万"),
        (999_999.9, "1 million", "100万"),
        (123_456.7, "123,500", "12.35万"),
        (9_999.4, "9,999", "9,999"),
        (9_999.6, "10,000", "1万"),
        (1_234.5e9, "1.234 trillion", "1.234万亿"),
        (0.0, "0", "0"),
        (-0.0, "0", "0"),
        (-1e-12, "0", "0"),
        (math.nan, UNKNOWN, UNKNOWN),
        (math.inf, UNKNOWN, UNKNOWN),
    ],
)
def test_a_number_by_itself(value, english, chinese):
    assert large(value) == english
    with speaking("zh"):
        assert large(value) == chinese


def test_numbers_beside_each_other_have_one_unit_and_one_place():
    assert alike([243.0, -33_230.0, 33_720.0]) == ("240", "-33,230", "33,720")
    assert alike([1_200_400.0, 980_000.0, 1_420_800.0]) == (
        "1.200 million",
        "0.980 million",
        "1.421 million",
    )
    with speaking("zh"):
        assert alike([6_640.0, 2_040.0, 15_300.0], signed=True) == ("+0.664万", "+0.204万", "+1.530万")


def test_a_narrow_interval_is_no_point_and_an_end_beside_zero_stays_on_its_side():
    assert alike([1_000_000.0, 999_999.0, 1_000_001.0]) == ("1,000,000.0", "999,999.0", "1,000,001.0")
    assert alike([50_000.0, 3.0, 99_997.0]) == ("50,000", "3", "100,000")


@given(value=WIDE, spoken=SPOKEN)
def test_a_number_keeps_four_digits_and_is_off_by_half_of_the_last(value, spoken):
    with speaking(spoken):
        told = large(value)
    assert digits_of(told) <= FIGURES
    assert abs(read(told) - value) <= max(0.5, 0.5001e-3 * abs(value))


@given(values=st.lists(NUMBERS, min_size=2, max_size=5), spoken=SPOKEN)
def test_order_and_sign_are_kept(values, spoken):
    with speaking(spoken):
        read_back = [read(one) for one in alike(sorted(values))]
        apart = [read(large(one)) for one in sorted(values)]
    for found in (read_back, apart):
        assert found == sorted(found)
        for value, seen in zip(sorted(values), found, strict=True):
            assert seen == 0 if abs(value) < 0.005 else seen * value > 0


@given(middle=st.floats(-1e12, 1e12), half=st.floats(0.05, 1e12), spoken=SPOKEN)
def test_an_interval_is_told_as_wide_as_it_is_to_a_fifth(middle, half, spoken):
    value, low, high = middle, middle - half, middle + half
    with speaking(spoken):
        told = alike([value, low, high])
    assert read(told[2]) - read(told[1]) == pytest.approx(high - low, rel=0.2)


@given(values=st.lists(st.one_of(NUMBERS, st.just(math.nan)), min_size=1, max_size=4), spoken=SPOKEN)
def test_what_is_unknown_is_a_dash_and_changes_nothing_beside_it(values, spoken):
    with speaking(spoken):
        told = alike(values)
        known = alike([value for value in values if value == value])
    assert [one for one in told if one != UNKNOWN] == list(known)
    assert [one == UNKNOWN for one in told] == [value != value for value in values]

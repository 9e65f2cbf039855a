"""Quantities as people write them: one reading, or one line that says what to write."""

from __future__ import annotations

import pytest

from sim.config.quantities import WORDS, read, several

MONTHLY = [
    "150000/month",
    "150,000/month",
    "15万/月",
    "每月15万",
    "１５万／月",
    "150k/month",
    "1.8 million/year",
    "15w/月",
    "450000/quarter",
    "'150000/month'",
]


@pytest.mark.parametrize("text", MONTHLY)
def test_one_budget_however_it_is_written(text):
    assert read("budget", text) == [("business.budget", 150_000.0)]
    assert read("business.budget", text) == [("business.budget", 150_000.0)]


@pytest.mark.parametrize(
    ("text", "days"), [("day", 365 / 12), ("week", 365 / 84), ("日", 365 / 12), ("周", 365 / 84)]
)
def test_a_month_is_a_twelfth_of_a_year(text, days):
    [(_, value)] = read("budget", f"7000/{text}")
    assert value == pytest.approx(7000 * days, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("¥150000/month", "CNY"),
        ("150000元/月", "CNY"),
        ("150000 RMB/month", "CNY"),
        ("150000 USD/month", "USD"),
    ],
)
def test_a_currency_that_is_named_is_set(text, code):
    assert read("budget", text) == [("business.budget", 150_000.0), ("business.currency", code)]


@pytest.mark.parametrize(
    ("key", "text", "made"),
    [
        ("capacity", "80/day", ("business.capacity", 80.0)),
        ("capacity", "560 orders/week", ("business.capacity", 80.0)),
        ("capacity", "80单/天", ("business.capacity", 80.0)),
        ("market", "2000000", ("business.market", 2_000_000)),
        ("market", "200万人", ("business.market", 2_000_000)),
        ("market", "2,000,000 consumers", ("business.market", 2_000_000)),
        ("months", "3", ("business.months", 3)),
        ("months", "3个月", ("business.months", 3)),
        ("start", "2026-03-01", ("calendar.start", "2026-03-01")),
        ("start", "2026/3/1", ("calendar.start", "2026-03-01")),
        ("start", "2026年3月1日", ("calendar.start", "2026-03-01")),
    ],
)
def test_other_words(key, text, made):
    assert read(key, text) == [made]


@pytest.mark.parametrize(
    ("key", "text", "rule"),
    [
        ("budget", "150000", "over what time"),
        ("budget", "150000/fortnight", "does not know the time 'fortnight'"),
        ("budget", "0/month", "more than 0"),
        ("budget", "-5/month", "more than 0"),
        ("budget", "150.000/month", "could be 150 or 150000"),
        ("budget", "1,50/month", "cannot be read"),
        ("budget", "1,5000/month", "cannot be read"),
        ("budget", "150000 apples/month", "does not know the currency 'apples'"),
        ("budget", "¥150000元/month", "names two things"),
        ("budget", "每月15万/月", "an amount of money over a time"),
        ("budget", "", "an amount of money over a time"),
        ("budget", "inf/month", "an amount of money over a time"),
        ("budget", "1/0", "an amount of money over a time"),
        ("capacity", "80 trucks/day", "does not know 'trucks'"),
        ("capacity", "80", "over what time"),
        ("capacity", "0/day", "more than 0"),
        ("market", "1.5", "a whole number of consumers"),
        ("market", "2000000/day", "a whole number of consumers"),
        ("market", "-3", "more than 0"),
        ("months", "1.5", "a whole number of months"),
        ("months", "0", "more than 0"),
        ("start", "2026-02-30", "no day of the calendar"),
        ("start", "03/01/2026", "year first"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_write(key, text, rule):
    told = read(key, text)
    assert isinstance(told, str)
    assert rule in told
    assert f"you wrote '{text}'" in told
    assert "; " in told


def test_numbers_of_dotted_keys_are_left_to_their_declaration():
    assert read("business.budget", "150000") is None
    assert read("control.daily_budget", "0.06") is None
    assert all(read(f"{word}s_of_another", "1") is None for word in WORDS)


def test_lists_of_a_sweep_are_told_from_thousands():
    assert several("budget", "100,000/month,200,000/month") == ["100,000/month", "200,000/month"]
    assert several("capacity", "80/day,120/day") == ["80/day", "120/day"]
    assert several("market", "20000,30000") == ["20000", "30000"]
    assert several("market", "2,000,000") is None
    assert several("incentive.invite_reward", "1,2") is None

"""Quantities as people write them: ``150000/month``, ``15万/月``, ``80 orders/day``, ``2026-03-01``.

What can be read in one way only is read; what could mean two things is refused with what to write.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from sim.core.language import tr

DAYS_A_YEAR, MONTHS_A_YEAR = 365, 12
#: Length of a month in days: a twelfth of a year.
MONTH = Fraction(DAYS_A_YEAR, MONTHS_A_YEAR)
#: Words for a length of time -> days.
_TIMES: dict[str, Fraction] = {
    **dict.fromkeys(("day", "days", "d", "天", "日"), Fraction(1)),
    **dict.fromkeys(("week", "weeks", "wk", "周", "星期"), Fraction(7)),
    **dict.fromkeys(("month", "months", "mo", "月", "个月"), MONTH),
    **dict.fromkeys(("quarter", "quarters", "季", "季度"), 3 * MONTH),
    **dict.fromkeys(("year", "years", "yr", "年"), Fraction(DAYS_A_YEAR)),
}
_FACTORS = {
    "": 1,
    "k": 10**3,
    "千": 10**3,
    "w": 10**4,
    "万": 10**4,
    "百万": 10**6,
    "million": 10**6,
    "亿": 10**8,
}
#: Signs and names of the home currency; any other is written as its code of three letters.
_HOME = ("CNY", "RMB", "¥", "元", "人民币", "yuan")
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
_THREE_DECIMALS = re.compile(r"[+-]?\d{1,3}\.\d{3}")
_PARTS = re.compile(
    r"(?:每(?P<before>天|日|周|月|季度|季|年))?\s*(?P<sign>[A-Z]{3}|¥|元)?\s*"
    r"(?P<number>[+-]?[\d.,]*\d)\s*(?P<factor>百万|million|[kKwW千万亿](?![a-zA-Z]))?\s*"
    r"(?P<thing>[^\d/]*?)\s*(?:/\s*(?P<after>[^\d\s/]+))?"
)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_ORDERS = ("", "order", "orders", "parcel", "parcels", "单", "件", "订单", "个订单")
_PEOPLE = ("", "people", "persons", "consumers", "customers", "人", "消费者", "个消费者")
_MONTHS = ("", "month", "months", "月", "个月")

Read = list[tuple[str, Any]]


def budget(text: str) -> Read:
    """Money over a time, as money a month; a currency that is named is set too.

    Raises
    ------
    ValueError
        With rule, value and remedy if the text is no such amount.
    """
    remedy = tr("write budget=150000/month, or an amount for a day, week, quarter or year")
    number, thing, over = _split(text, tr("an amount of money over a time"), remedy)
    currency = "CNY" if thing in _HOME else thing
    if currency and not re.fullmatch(r"[A-Z]{3}", currency):
        raise ValueError(
            tr(
                "does not know the currency '{thing}' (you wrote '{text}'); write its code, as in USD",
                thing=thing,
                text=text,
            )
        )
    _positive(number, text, tr("for no money at all write control.daily_budget=0"))
    return [("business.budget", _over_time(number, over, text, remedy, MONTH))] + (
        [("business.currency", currency)] if currency else []
    )


def capacity(text: str) -> Read:
    """Orders over a time, as orders a day."""
    remedy = tr("write capacity=80/day, or a number for a week, month, quarter or year")
    number, thing, over = _split(text, tr("a number of orders over a time"), remedy)
    _thing(thing, _ORDERS, text, remedy)
    _positive(
        number, text, tr("without capacity nothing is delivered; write how many orders delivery can do")
    )
    return [("business.capacity", _over_time(number, over, text, remedy, Fraction(1)))]


def market(text: str) -> Read:
    """Consumers of the real market."""
    remedy = tr("write market=2000000")
    number, thing, over = _split(text, tr("a number of consumers"), remedy)
    _thing(thing, _PEOPLE, text, remedy)
    if over or number.denominator != 1:
        raise ValueError(
            tr("must be a whole number of consumers (you wrote '{text}'); {remedy}", text=text, remedy=remedy)
        )
    _positive(number, text, remedy)
    return [("business.market", int(number))]


def months(text: str) -> Read:
    """Calendar months that are measured."""
    remedy = tr("write months=3; for other lengths experiment.days=45")
    number, thing, over = _split(text, tr("a number of months"), remedy)
    _thing(thing, _MONTHS, text, remedy)
    if over or number.denominator != 1:
        raise ValueError(
            tr("must be a whole number of months (you wrote '{text}'); {remedy}", text=text, remedy=remedy)
        )
    _positive(number, text, remedy)
    return [("business.months", int(number))]


def start(text: str) -> Read:
    """Date of the first measured day: year, month, day."""
    found = _DATE.fullmatch(_plain(text))
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        raise ValueError(
            tr("is no day of the calendar (you wrote '{text}'); write a day that exists", text=text)
        ) from None
    if day is None:
        raise ValueError(
            tr("must be a date, year first (you wrote '{text}'); write start=2026-03-01", text=text)
        )
    return [("calendar.start", day.isoformat())]


#: Word -> what reads its value. The dotted keys of the section take the same words.
WORDS: dict[str, Callable[[str], Read]] = {
    "market": market,
    "budget": budget,
    "capacity": capacity,
    "months": months,
    "start": start,
}
_READERS = WORDS | {f"business.{word}": read for word, read in WORDS.items() if word != "start"}


def read(key: str, value: str) -> Read | str | None:
    """Keys and values that a word of the business sets; else what is wrong; None if it is no such word.

    Numbers under a dotted key are in the unit that is declared for it, and are left to the declaration.
    """
    if key not in _READERS or (key not in WORDS and re.fullmatch(r"[\d.]+", value)):
        return None
    try:
        return _READERS[key](unquoted(value))
    except ValueError as error:
        return str(error)


def several(key: str, value: str) -> list[str] | None:
    """Texts of the values that a word of the business lists in a sweep; None if it has one value.

    A comma between digits that three digits follow belongs to a number.
    """
    values = re.split(r"(?<!\d),|,(?!\d{3}(?!\d))", unquoted(value))
    return values if key in _READERS and len(values) > 1 else None


def unquoted(value: str) -> str:
    """A value without the quotes around it."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def _plain(text: str) -> str:
    """A text with the width of letters, digits and signs that Latin ones have."""
    return unicodedata.normalize("NFKC", text).strip().replace("，", ",")


def _split(text: str, rule: str, remedy: str) -> tuple[Fraction, str, str]:
    """Number, what it counts, and the word for the time; empty where nothing is said."""
    found = _PARTS.fullmatch(_plain(text))
    if not found or (found["before"] and found["after"]):
        raise ValueError(
            tr("must be {rule} (you wrote '{text}'); {remedy}", rule=rule, text=text, remedy=remedy)
        )
    digits = found["number"]
    if not _NUMBER.fullmatch(digits):
        raise ValueError(
            tr("holds a number that cannot be read (you wrote '{text}'); {remedy}", text=text, remedy=remedy)
        )
    if _THREE_DECIMALS.fullmatch(digits) and not found["factor"]:
        whole = digits.replace(".", "")
        raise ValueError(
            tr(
                "could be {rstrip} or {whole} (you wrote '{text}'); write one of the two",
                rstrip=digits.rstrip("0").rstrip("."),
                whole=whole,
                text=text,
            )
        )
    number = Fraction(digits.replace(",", "")) * _FACTORS[(found["factor"] or "").lower()]
    named = [one for one in (found["sign"], found["thing"]) if one]
    if len(named) > 1:
        raise ValueError(tr("names two things (you wrote '{text}'); {remedy}", text=text, remedy=remedy))
    return number, "".join(named), found["before"] or found["after"] or ""


def _thing(thing: str, known: tuple[str, ...], text: str, remedy: str) -> None:
    if thing.lower() not in known:
        raise ValueError(
            tr(
                "does not know '{thing}' (you wrote '{text}'); {remedy}",
                thing=thing,
                text=text,
                remedy=remedy,
            )
        )


def _positive(number: Fraction, text: str, remedy: str) -> None:
    if number <= 0:
        raise ValueError(tr("must be more than 0 (you wrote '{text}'); {remedy}", text=text, remedy=remedy))


def _over_time(number: Fraction, over: str, text: str, remedy: str, unit: Fraction) -> float:
    """A number over the time that it is told for, brought to a number over another time."""
    if not over:
        raise ValueError(
            tr("must say over what time (you wrote '{text}'); {remedy}", text=text, remedy=remedy)
        )
    if over.lower() not in _TIMES:
        raise ValueError(
            tr(
                "does not know the time '{over}' (you wrote '{text}'); {remedy}",
                over=over,
                text=text,
                remedy=remedy,
            )
        )
    return float(number * unit / _TIMES[over.lower()])

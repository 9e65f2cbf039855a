"""Money of one strategy on the answer page: by channel, and by week or month of the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from sim.core.amounts import alike
from sim.core.language import mark, tr
from sim.measure.display import day_number
from sim.measure.intervals import Interval, simultaneous_interval, t_interval, within
from sim.report.answer.decision import Money
from sim.report.business import Business, business_of
from sim.report.comparison import Comparison

_WEEK = 7
#: Longer windows are told by month of 30 days or of the calendar, and this many rows at most.
_LONGEST_WEEKS, MOST_ROWS = 42, 6
#: Share of what is paid from which on a channel is named in the title.
WORTH_NAMING = 0.05
_MARGIN = "contribution_margin"
_FIGURES = (
    ("all_in_spend", mark("Spent")),
    ("new_users", mark("New users")),
    ("orders", mark("Orders")),
    ("contribution_margin", mark("Margin")),
)


@dataclass(frozen=True)
class Channel:
    """What was paid on one platform and what came of it.

    ``share`` is that of all that was paid for reach; ``back`` the revenue a unit of money, ``baseline`` the
    same under the baseline.
    """

    label: str
    spend: str
    revenue: str
    share: float
    back: Interval
    baseline: Interval
    spend_range: str = ""
    revenue_range: str = ""

    @property
    def words(self) -> str:
        """Revenue a unit of money spent, with its interval."""
        return _return(self.back)

    @property
    def before(self) -> str:
        """The same under the baseline."""
        return _return(self.baseline)


def _return(found: Interval) -> str:
    if not np.isfinite(found.value):
        return tr("nothing was paid")
    return f"{found.value:.2f}" + (
        tr(" ({low:.2f} to {high:.2f})", low=found.low, high=found.high)
        if np.isfinite(found.low)
        else tr(" (paid for in one world)")
    )


def money_of(comparison: Comparison) -> Money:
    """How profit is told: a month of the business, or per 1,000 people where nothing was said of one."""
    told = business_of(comparison)
    if told is not None:
        return Money(told.profit_a_month, tr("{currency} a month", currency=tr(told.currency)))
    return Money(lambda value: value, tr("CNY per 1,000 consumers in {days} days", days=comparison.days))


def channels(comparison: Comparison, name: str, beside: str) -> list[Channel]:
    """Paid reach by platform, the largest spend first; empty where nothing was paid or counted."""
    mine, base = (_parts(comparison, who) for who in (name, beside))
    if mine.empty:
        return []
    business, found = business_of(comparison), []
    paid = mine.xs("spend", level="part").sum(axis=1)
    many = int((paid > 0).sum())
    for item, rows in mine.groupby(level="item", sort=False):
        spend, revenue = (_row(rows, item, part) for part in ("spend", "revenue"))
        if not spend.sum() > 0:
            continue
        before = base[base.index.get_level_values("item") == item]
        then, cost_then = (_row(before, item, part) for part in ("revenue", "spend"))
        share = float(spend.sum() / paid.sum())
        (cost, cost_range), (earned, earned_range) = (_ranged(x, many, business) for x in (spend, revenue))
        back = (over(revenue, spend, many), over(then, cost_then, many))
        found.append(
            (
                float(spend.mean()),
                Channel(
                    tr(str(item).replace("_", " ")), cost, earned, share, *back, cost_range, earned_range
                ),
            )
        )
    return [one for _, one in sorted(found, key=lambda pair: -pair[0])]


def over(top: np.ndarray, bottom: np.ndarray, many: int) -> Interval:
    """Ratio world by world, its mean, and the interval that holds for ``many`` channels together.

    Worlds without money have no ratio.
    """
    if not len(bottom):
        return t_interval([])
    with np.errstate(invalid="ignore", divide="ignore"):
        return within(simultaneous_interval(np.where(bottom > 0, top / bottom, np.nan), many), 0.0, np.inf)


def _parts(comparison: Comparison, name: str) -> pd.DataFrame:
    """Spend and revenue (rows: item, part) by world (columns), CNY."""
    counts = comparison.results.breakdown
    if counts.empty:
        return counts
    mine = counts[(counts["figure"] == "channels") & (counts["strategy"] == name)]
    return mine.pivot_table(
        index=["item", "part"], columns="replication", values="value", aggfunc="sum", sort=False
    )


def _row(table: pd.DataFrame, item: object, part: str) -> np.ndarray:
    return table.loc[(item, part)].to_numpy(float) if (item, part) in table.index else np.zeros(0)


def _ranged(cny: np.ndarray, many: int, business: Business | None) -> tuple[str, str]:
    """Mean over worlds, and the interval that holds for ``many`` channels together or why there is none."""
    found = within(simultaneous_interval(cny, many), 0.0, np.inf)
    said, low, high = alike([business.money_a_month(x) if business else x for x in found[:3]])
    return said, tr("{low} to {high}", low=low, high=high) if np.isfinite(found.low) else tr("one world")


def channel_unit(comparison: Comparison) -> str:
    """Unit of spend and revenue by channel."""
    told = business_of(comparison)
    return tr("{currency} a month", currency=tr(told.currency)) if told else tr("CNY a world")


def channels_title(found: Sequence[Channel]) -> str:
    """What the intervals of the returns say: where money surely brings back more, or less, than itself."""
    if not found:
        return tr("No money was paid for reach on any platform")
    # Where no world sold anything, an interval has no width and says nothing.
    judged = [one for one in found if one.share >= WORTH_NAMING and one.back.low < one.back.high]
    more = [one.label for one in judged if one.back.low > 1]
    less = [one.label for one in judged if one.back.high < 1]
    if not any(np.isfinite(one.back.low) for one in found):
        return tr("Money by channel: one world cannot tell returns apart")
    parts = [_brings(more, tr("more than is paid"))] if more else []
    parts += [_brings(less, tr("less than is paid"))] if less else []
    told = tr("; ").join(parts) or tr("No channel surely brings back more or less than is paid")
    return tr("{told} (revenue, not profit)", told=told)


def _brings(names: Sequence[str], what: str) -> str:
    return tr(
        "{names} surely bring{s} back {what}",
        names=_names(names),
        s="s" if len(names) == 1 else "",
        what=what,
    )


def _names(names: Sequence[str]) -> str:
    shown = tr(", ").join(names[:3]) + (
        tr(" and {n_names} more", n_names=len(names) - 3) if len(names) > 3 else ""
    )
    return shown[:1].upper() + shown[1:] if shown else shown


@dataclass(frozen=True)
class Period:
    """One week or month: when, and each figure's level with its interval."""

    label: str
    first: int
    last: int
    cells: tuple[tuple[str, str], ...]


def periods(comparison: Comparison, name: str) -> list[Period]:
    """Spend, new users, orders and margin by week, or by month where the window is long."""
    daily = comparison.results.daily
    if daily.empty:
        return []
    mine, business = daily[daily["strategy"] == name], business_of(comparison)
    start = comparison.details(name)["info"].get("start", "")
    first = date.fromisoformat(start) if start else None
    found = []
    for begins, ends in spans(comparison.days, first):
        cells = tuple(
            _cell(_sums(mine, figure, begins, ends), _scale(figure, business), figure == _MARGIN)
            for figure, _ in _FIGURES
        )
        found.append(Period(_when(begins, ends, first), begins, ends, cells))
    return found


def headings(comparison: Comparison) -> list[str]:
    """Columns of that table."""
    told = business_of(comparison)
    money = tr(told.currency) if told else tr("CNY a world")
    return [
        tr("{label}, {unit}", label=tr(words), unit=money)
        if figure in ("all_in_spend", "contribution_margin")
        else tr(words)
        for figure, words in _FIGURES
    ]


def spans(days: int, first: date | None) -> list[tuple[int, int]]:
    """First and last day (from 0) of each week, or of each month of a long window; a rest joins the last."""
    if days <= _LONGEST_WEEKS:
        starts = list(range(0, max(1, days // _WEEK * _WEEK), _WEEK))
    elif first is None:
        starts = list(range(0, max(1, days // 30 * 30), 30))
    else:
        starts = [n for n in range(days) if n == 0 or (first + timedelta(days=n)).day == 1]
        if len(starts) > 1 and starts[1] < _WEEK:
            del starts[1]
    if len(starts) > MOST_ROWS:
        starts = starts[:: -(-len(starts) // MOST_ROWS)]
    return list(zip(starts, [*(one - 1 for one in starts[1:]), days - 1], strict=True))


def _sums(daily: pd.DataFrame, figure: str, begins: int, ends: int) -> np.ndarray:
    """Sum of a daily figure over a period by world."""
    mine = daily[daily["name"] == figure]
    table = mine.pivot_table(index="day", columns="replication", values="value", aggfunc="sum").to_numpy(
        float
    )
    return np.asarray(table[begins : ends + 1].sum(axis=0)) if len(table) > ends else np.zeros(0)


def _scale(figure: str, business: Business | None) -> Callable[[float], float]:
    if business is None:
        return lambda value: value
    rate = business.rate if figure in ("all_in_spend", "contribution_margin") else 1.0
    return lambda value: value * business.factor / rate


def _cell(values: np.ndarray, scale: Callable[[float], float], signed: bool) -> tuple[str, str]:
    """A level and its interval; one that is not ``signed`` cannot lie below 0."""
    found = within(t_interval(values), -np.inf if signed else 0.0, np.inf)
    if not found.n:
        return "–", ""
    said, low, high = alike([scale(value) for value in (found.value, found.low, found.high)])
    return said, tr("{low} to {high}", low=low, high=high) if np.isfinite(found.low) else ""


def _when(begins: int, ends: int, first: date | None) -> str:
    if first is None:
        return tr("days {begins} to {ends}", begins=day_number(begins), ends=day_number(ends))
    return tr("{dated} to {dated2}", dated=dated(first, begins), dated2=dated(first, ends))


_MONTHS = (
    *(mark("Jan"), mark("Feb"), mark("Mar"), mark("Apr"), mark("May"), mark("Jun")),
    *(mark("Jul"), mark("Aug"), mark("Sep"), mark("Oct"), mark("Nov"), mark("Dec")),
)


def dated(first: date, day: int) -> str:
    """A day of the window as ``3 Mar``, the same in every locale."""
    when = first + timedelta(days=day)
    return tr("{day} {month}", day=when.day, month=tr(_MONTHS[when.month - 1]))

"""The table of livestream sessions in a report: what they take in and cost, from what traffic they pay."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.core.amounts import large
from sim.core.language import mark, tr
from sim.measure.intervals import t_interval
from sim.measure.session_accounts import KINDS, Account, left, viewers_to_pay
from sim.report.comparison import Comparison
from sim.report.sentences import scenario_label

_WHOSE = {"own": mark("the brand's room"), "hosts": mark("hosts")}
#: Rows of the table: label, and how the number is taken from an account.
_LINES = (
    ("sessions", mark("sessions in the window")),
    ("hours", mark("hours")),
    ("viewers", mark("viewers")),
    ("orders", mark("orders")),
    ("list_price", mark("at list price, CNY")),
    ("discount", mark("discount given, CNY")),
    ("paid", mark("paid, CNY")),
    ("refunded", mark("cancelled and returned, CNY")),
    ("goods", mark("goods, CNY")),
    ("commission", mark("commissions, CNY")),
    ("fee", mark("fees of hosts, CNY")),
    ("staff", mark("staff, CNY")),
    ("clips", mark("clips, CNY")),
)


def session_tables(comparison: Comparison) -> list[dict[str, object]]:
    """One table a strategy and kind of session that was held, means over worlds."""
    counts = comparison.figure("sessions")
    tables: list[dict[str, object]] = []
    for scenario in comparison.scenarios if not counts.empty else ():
        for kind in KINDS:
            rows = counts[(counts["strategy"] == scenario) & (counts["part"] == kind)]
            values = dict(zip(rows["item"], rows["value"], strict=True))
            if values.get("sessions", 0.0) > 0.0:
                title = tr(
                    "{scenario}, sessions of {whose}",
                    scenario=scenario_label(scenario),
                    whose=tr(_WHOSE[kind]),
                )
                worlds = _by_world(comparison, scenario, kind)
                tables.append({"title": title, **_table(Account(**values), worlds)})
    return tables


def _by_world(comparison: Comparison, scenario: str, kind: str) -> list[Account]:
    """The account of each world in which such sessions were held."""
    counts = comparison.results.breakdown
    mine = counts[(counts["figure"] == "sessions") & (counts["part"] == kind)]
    mine = mine[mine["strategy"] == scenario]
    table = mine.pivot_table(index="replication", columns="item", values="value", aggfunc="sum")
    return [Account(**row) for row in table.to_dict("records")]


def _table(one: Account, worlds: Sequence[Account]) -> dict[str, object]:
    """Rows of the mean account and the sentence below them, with what worlds say of it."""
    lines = [(tr(label), getattr(one, name)) for name, label in _LINES] + [
        (tr("left before delivery, CNY"), left(one))
    ]
    rows = [
        {
            "label": label,
            "whole": large(value),
            "session": large(value / one.sessions, 1),
            "hour": large(value / one.hours, 1) if one.hours else "–",
        }
        for label, value in lines
    ]
    return {"rows": rows, "said": _said(one, worlds)}


def _said(one: Account, worlds: Sequence[Account]) -> str:
    """What a session leaves, with its interval, and from how many viewers on it pays at their mean margin."""
    leaves = t_interval([left(each) / each.sessions for each in worlds if each.sessions])
    between = tr("95% interval {low:+,.0f} to {high:+,.0f}", low=leaves.low, high=leaves.high)
    sure = between if math.isfinite(leaves.low) else tr("one world, no interval")
    needed, seen = viewers_to_pay(one), one.viewers / one.sessions
    off = one.discount / one.list_price if one.list_price else 0.0
    traffic = (
        tr("no traffic pays for it")
        if math.isnan(needed)
        else tr("it pays from {needed:,.0f} viewers on (seen: {seen:,.0f})", needed=needed, seen=seen)
    )
    return tr(
        "At {off:.0%} off the list price a session leaves {value:+,.0f} CNY ({sure}); at the "
        "mean margin of a viewer {traffic}. Credit by last touch, delivery not counted.",
        off=off,
        value=leaves.value,
        sure=sure,
        traffic=traffic,
    )

"""The table of livestream sessions in a report: what they take in and cost, from what traffic they pay."""

from __future__ import annotations

import math

from sim.measure.session_accounts import KINDS, Account, left, viewers_to_pay
from sim.report.comparison import Comparison
from sim.report.sentences import scenario_label

_WHOSE = {"own": "the brand's room", "hosts": "hosts"}
#: Rows of the table: label, and how the number is taken from an account.
_LINES = (
    ("sessions", "sessions in the window"),
    ("hours", "hours"),
    ("viewers", "viewers"),
    ("orders", "orders"),
    ("list_price", "at list price, CNY"),
    ("discount", "discount given, CNY"),
    ("paid", "paid, CNY"),
    ("refunded", "cancelled and returned, CNY"),
    ("goods", "goods, CNY"),
    ("commission", "commissions, CNY"),
    ("fee", "fees of hosts, CNY"),
    ("staff", "staff, CNY"),
    ("clips", "clips, CNY"),
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
                title = f"{scenario_label(scenario)}, sessions of {_WHOSE[kind]}"
                tables.append({"title": title, **_table(Account(**values))})
    return tables


def _table(one: Account) -> dict[str, object]:
    """Rows and the sentence below them."""
    lines = [(label, getattr(one, name)) for name, label in _LINES] + [
        ("left before delivery, CNY", left(one))
    ]
    rows = [
        {
            "label": label,
            "whole": f"{value:,.0f}",
            "session": f"{value / one.sessions:,.1f}",
            "hour": f"{value / one.hours:,.1f}" if one.hours else "–",
        }
        for label, value in lines
    ]
    return {"rows": rows, "said": _said(one)}


def _said(one: Account) -> str:
    """At what traffic a session pays, at the discount and the margin seen here."""
    needed, seen = viewers_to_pay(one), one.viewers / one.sessions
    off = one.discount / one.list_price if one.list_price else 0.0
    if math.isnan(needed):
        return (
            f"At {off:.0%} off the list price a viewer leaves nothing, so no traffic pays for the session; "
            "credit by last touch, delivery not counted."
        )
    return (
        f"At {off:.0%} off the list price a session pays from {needed:,.0f} viewers on (seen: {seen:,.0f}); "
        "credit by last touch, delivery not counted."
    )

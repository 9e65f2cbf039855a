"""Experiments on why figures came out as they did: a suspected cause is taken out, and the figure looked at.

Nothing is tuned by them: each compares an effect without the suspected cause with the same effect as it is,
on the same worlds, and tells whether the figure moves to the side that the plan states.
"""

from __future__ import annotations

from sim.studies.fidelity.counts import (
    Count,
    change,
    difference,
    effect_on_insiders,
    joiners_again,
    kpi,
    less,
    members_again,
    next_day_of_invited,
    ratio,
    revenue,
)
from sim.studies.fidelity.figure import Figure

_REPEAT, _DAYS, _NPS = "repurchase_30d", "inventory_days", "survey_nps_known"


def _cause(
    fact: str, out: str, unit: str, counted: str, without: Count, usual: Count, sign: int = 1
) -> Figure:
    return Figure(fact, out, float("nan"), unit, "cause", counted, without, usual, sign)


def causes() -> tuple[Figure, ...]:
    """One experiment for each suspected cause that a few more arms can take out."""
    return (
        _cause(
            "F014 cause",
            "few old customers: burnt in for 60 days",
            "share",
            "profit from customers with two or more orders",
            kpi("young market", "repeat_profit_share"),
            kpi("baseline", "repeat_profit_share"),
            sign=-1,
        ),
        _cause(
            "F047 cause",
            "prizes and fees beside a fixed media budget",
            "change",
            "growth of the month's revenue",
            ratio(revenue("challenge beside media", 0, 30), revenue("equal media", 0, 30)),
            ratio(revenue("challenge", 0, 30), revenue("baseline", 0, 30)),
        ),
        _cause(
            "F048 cause",
            "wages of advisers beside a fixed media budget",
            "change",
            "difference of 30-day repurchase",
            difference("three levels beside media", "equal media", _REPEAT),
            difference("three levels", "baseline", _REPEAT),
        ),
        _cause(
            "F063 cause",
            "those who were invited alone",
            "change",
            "difference of next-day retention",
            less(next_day_of_invited("invited with tasks"), next_day_of_invited("invited")),
            difference("invited with tasks", "invited", "next_day_retention"),
        ),
        _cause(
            "F069 cause",
            "points beside a fixed media budget",
            "change",
            "difference of members' 30-day repurchase",
            less(members_again("points beside media"), members_again("equal media")),
            less(members_again("points"), members_again("baseline")),
        ),
        _cause(
            "F078 cause",
            "prices aim at four days of stock in place of six",
            "days",
            "difference of days of stock",
            difference("prices that aim at less stock", "equal media", _DAYS),
            difference("prices and stock", "equal media", _DAYS),
            sign=-1,
        ),
        _cause(
            "F095 cause",
            "words in person lift trust as far as it goes",
            "",
            "difference of the net promoter score",
            difference("cared for without a ceiling", "asked", _NPS),
            difference("asked and cared for", "asked", _NPS),
        ),
        _cause(
            "F097 cause",
            "a quarter of the discount",
            "change",
            "change of kept revenue by bundles",
            change("downturn with smaller bundles", "kept_revenue", "downturn"),
            change("downturn with bundles", "kept_revenue", "downturn"),
        ),
        _cause(
            "F104 cause",
            "who joins against who does not, in one world",
            "change",
            "repurchase in the private domain, relative",
            joiners_again("private domain", "private_domain"),
            effect_on_insiders("private domain", "private_domain"),
        ),
    )

"""Statistics of cascades, deliveries and networks."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import zeta

from sim.calibration.data import Cascades, Deliveries
from sim.calibration.statistics.statistic import Statistic
from sim.core.language import mark

_DAY = 1440.0
#: Edges of lateness, days, as the responses to it are usually told.
LATE = {"on_time": (-np.inf, 0.0), "0_3": (0.0, 3.0), "3_7": (3.0, 7.0), "7_14": (7.0, 14.0)}


def children(c: Cascades) -> np.ndarray:
    """int64[k]: children of each that is no root."""
    many = np.bincount(c.parent[c.parent >= 0], minlength=len(c.root))
    return many[c.parent >= 0]


def childless_share(c: Cascades) -> float:
    """Share of those who pass on, roots aside, that nobody follows."""
    many = children(c)
    return float((many == 0).mean()) if len(many) else float("nan")


def children_mean(c: Cascades) -> float:
    """Mean children of those who pass on, roots aside."""
    many = children(c)
    return float(many.mean()) if len(many) else float("nan")


def children_tail(c: Cascades) -> float:
    """Exponent of a zeta law of the numbers of children that are not 0, by maximum likelihood."""
    many = children(c)
    many = many[many > 0]
    if len(many) < 20:
        return float("nan")
    logs = float(np.log(many).mean())
    found = minimize_scalar(lambda a: np.log(zeta(a)) + a * logs, bounds=(1.05, 8.0), method="bounded")
    return float(found.x)


def root_share(c: Cascades) -> float:
    """Share that hangs on the root itself."""
    inner = c.parent >= 0
    return float((c.parent[c.parent[inner]] < 0).mean()) if inner.any() else float("nan")


def within(c: Cascades, minutes: float) -> float:
    """Share of passings-on within some minutes of the root's."""
    inner = c.minute[c.parent >= 0]
    return float((inner <= minutes).mean()) if len(inner) else float("nan")


def hop_log_sd(c: Cascades) -> float:
    """Spread of delays from a parent to a child, sd of the log, of those above 0."""
    inner = np.flatnonzero(c.parent >= 0)
    delay = c.minute[inner] - c.minute[c.parent[inner]]
    delay = delay[delay > 0]
    return float(np.log(delay).std(ddof=1)) if len(delay) > 20 else float("nan")


def depth(c: Cascades) -> float:
    """Mean over cascades of their longest chain."""
    level = np.where(c.parent < 0, 0, -1)
    waiting = np.flatnonzero(level < 0)
    while len(waiting):
        above = level[c.parent[waiting]]
        level[waiting[above >= 0]] = above[above >= 0] + 1
        waiting = waiting[above < 0]
    deepest = np.zeros(c.cascades)
    np.maximum.at(deepest, c.root, level)
    return float(deepest.mean())


def half_minutes(c: Cascades) -> float:
    """Median over cascades of the minutes until half of it has happened."""
    counts = np.bincount(c.root, minlength=c.cascades)
    order = np.lexsort((c.minute, c.root))
    start = np.concatenate(([0], np.cumsum(counts)))[:-1]
    return float(np.median(c.minute[order][start + (counts - 1) // 2 + (counts > 1) * ((counts - 1) % 2)]))


def _late_low(d: Deliveries, part: str) -> float:
    low, high = LATE[part]
    chosen = (d.late_days > low) & (d.late_days <= high) & np.isfinite(d.low)
    return float(d.low[chosen].mean()) if chosen.sum() >= 20 else float("nan")


def lead_log_sd(d: Deliveries) -> float:
    """Spread of the time from order to hand-over, sd of the log."""
    hours = d.hours[d.hours > 0]
    return float(np.log(hours).std(ddof=1)) if len(hours) > 20 else float("nan")


def gini(values: np.ndarray) -> float:
    """Inequality of values, 0 if all are alike."""
    ranked = np.sort(values)
    n = len(ranked)
    return (
        float((2 * np.arange(1, n + 1) - n - 1) @ ranked / (n * ranked.sum()))
        if ranked.sum()
        else float("nan")
    )


def hill(degree: np.ndarray) -> float:
    """Tail exponent of degrees by Hill's estimator over the highest twentieth."""
    ranked = np.sort(degree[degree > 0])[::-1]
    k = max(10, len(ranked) // 20)
    if len(ranked) <= k:
        return float("nan")
    return 1.0 + 1.0 / float(np.log(ranked[:k] / ranked[k]).mean())


_CASCADES = (
    ("childless_share", mark("reposters whom nobody follows"), "share", childless_share),
    ("children_mean", mark("those who follow a reposter"), "reposts", children_mean),
    ("children_tail", mark("tail of followings that are not 0"), "exponent", children_tail),
    ("root_share", mark("reposts of the root itself"), "share", root_share),
    ("depth", mark("longest chain"), "generations", depth),
    ("first_hour_share", mark("reposts within an hour"), "share", lambda c: within(c, 60.0)),
    ("first_day_share", mark("reposts within a day"), "share", lambda c: within(c, _DAY)),
    ("half_minutes", mark("minutes to half of a cascade"), "minutes", half_minutes),
    ("hop_log_sd", mark("spread of delays"), mark("log sd"), hop_log_sd),
)
_DELIVERIES = (
    (
        "late_share",
        mark("deliveries after their promise"),
        "share",
        lambda d: float((d.late_days > 0).mean()),
    ),
    ("lead_log_sd", mark("spread of lead times"), mark("log sd"), lead_log_sd),
    ("low_on_time", mark("low scores, on time"), "share", lambda d: _late_low(d, "on_time")),
    ("low_late_0_3", mark("low scores, up to 3 days late"), "share", lambda d: _late_low(d, "0_3")),
    ("low_late_3_7", mark("low scores, 3 to 7 days late"), "share", lambda d: _late_low(d, "3_7")),
    ("low_late_7_14", mark("low scores, 7 to 14 days late"), "share", lambda d: _late_low(d, "7_14")),
)
_EDGES = (
    ("degree_gini", mark("inequality of ties"), "Gini", lambda t: gini(t.degree)),
    ("one_friend_share", mark("people with one tie"), "share", lambda t: float((t.degree == 1).mean())),
    (
        "degree_ratio",
        mark("mean square over squared mean of ties"),
        "ratio",
        lambda t: float((t.degree**2).mean() / t.degree.mean() ** 2),
    ),
    ("degree_tail", mark("tail of ties"), "exponent", lambda t: hill(t.degree)),
    (
        "clustering",
        mark("friends of friends who are friends"),
        "share",
        lambda t: float(t.clustering[t.degree > 1].mean()),
    ),
)
STATISTICS = tuple(
    Statistic(name, what, unit, needs, of, over)
    for needs, over, rows in (
        ("cascades", "cascades", _CASCADES),
        ("deliveries", "deliveries", _DELIVERIES),
        ("edges", "people", _EDGES),
    )
    for name, what, unit, of in rows
)

"""Statistics of orders: how often, how clumped in time, how much, and how unlike buyers are.

None depends on how many customers are looked at: spreads of counts are told beyond what chance alone gives at
their mean, so that a small simulated market and a large file can stand side by side.
"""

from __future__ import annotations

import numpy as np

from sim.calibration.data import Orders
from sim.calibration.statistics.statistic import Statistic
from sim.core.language import mark, tr

#: Fewest customers that a mean over them is told of.
FEWEST = 8
#: A month here, days: four whole weeks, so that weekdays weigh alike.
MONTH = 28
#: Fewest orders a day at which a day without any is taken for a closed one.
OPEN = 5.0
#: Customers by orders in the first part of the time: once, a few times, many times.
GROUPS = {"once": (1, 1), "few": (2, 3), "many": (4, 10**9)}


def mean(values: np.ndarray, fewest: int = FEWEST) -> float:
    """Mean, or nan of too few."""
    return float(values.mean()) if len(values) >= fewest else float("nan")


def later_orders(o: Orders, split: float, group: str = "") -> float:
    """Orders after day ``split`` of a customer who had ordered before, all or those of a group."""
    early = np.bincount(o.customer, weights=o.day < split, minlength=o.customers)
    low, high = GROUPS[group] if group else (1, 10**9)
    chosen = (early >= low) & (early <= high)
    return mean((o.counts - early)[chosen])


def _half(group: str = "") -> Statistic:
    said = {"": "", "once": tr(" once"), "few": tr(" 2 or 3 times"), "many": tr(" 4 times or more")}[group]
    return Statistic(
        f"later_orders{'_' + group if group else ''}",
        tr("orders in the second half of those who ordered{said} in the first", said=said),
        "orders/customer",
        "orders",
        lambda o: later_orders(o, o.days / 2.0, group),
        "customers",
    )


def _first_gaps(o: Orders) -> tuple[np.ndarray, np.ndarray]:
    """Day of each customer's first order, and days to the second (infinite without one)."""
    start = np.flatnonzero(np.diff(o.customer, prepend=-1))
    first = o.day[start]
    gap = np.full(o.customers, np.inf)
    twice = o.counts > 1
    gap[twice] = o.day[start[twice] + 1] - first[twice]
    return first, gap


def repeat_within(o: Orders, days: float) -> float:
    """Share of customers who order again within ``days`` of their first order, of those followed so long."""
    first, gap = _first_gaps(o)
    return mean((gap <= days)[first + days <= o.days].astype(float))


def one_order_share(o: Orders) -> float:
    """Share of customers with a single order."""
    return mean((o.counts == 1).astype(float))


def top_tenth_share(o: Orders) -> float:
    """Share of all orders that the tenth of customers with most of them has."""
    counts = np.sort(o.counts)[::-1]
    tenth = int(np.ceil(len(counts) / 10))
    return float(counts[:tenth].sum() / counts.sum()) if len(counts) >= FEWEST else float("nan")


def _log_values(o: Orders) -> tuple[np.ndarray, np.ndarray]:
    paid = o.value > 0
    return o.customer[paid], np.log(o.value[paid])


def value_log_sd(o: Orders) -> float:
    """Spread of order values, sd of the log."""
    _, logs = _log_values(o)
    return float(logs.std(ddof=1)) if len(logs) >= FEWEST else float("nan")


def value_between_share(o: Orders) -> float:
    """Share of the variance of log values that lies between customers (one-way analysis of variance)."""
    who, logs = _log_values(o)
    counts = np.bincount(who, minlength=o.customers) if len(who) else np.zeros(0)
    some = counts > 0
    k, n = int(some.sum()), len(logs)
    if k < FEWEST or n - k < FEWEST:
        return float("nan")
    means = np.bincount(who, weights=logs, minlength=o.customers)[some] / counts[some]
    own = counts[some]
    between = float((own * (means - logs.mean()) ** 2).sum()) / (k - 1)
    within = (float(((logs - logs.mean()) ** 2).sum()) - between * (k - 1)) / (n - k)
    usual = (n - float((own**2).sum()) / n) / (k - 1)
    apart = (between - within) / usual
    return float(np.clip(apart / (apart + within), 0.0, 1.0)) if apart + within > 0 else float("nan")


def value_frequency(o: Orders) -> float:
    """Correlation over customers of log orders and mean log value."""
    who, logs = _log_values(o)
    counts = np.bincount(who, minlength=o.customers) if len(who) else np.zeros(0)
    some = counts > 0
    if some.sum() < FEWEST:
        return float("nan")
    means = np.bincount(who, weights=logs, minlength=o.customers)[some] / counts[some]
    often = np.log(counts[some])
    if often.std() == 0 or means.std() == 0:
        return float("nan")
    return float(np.corrcoef(often, means)[0, 1])


def daily(o: Orders) -> np.ndarray:
    """float64[days]: orders of each whole day; nan where the shop was closed."""
    counts = np.bincount(np.floor(o.day).astype(np.int64), minlength=int(o.days)).astype(float)
    counts = counts[: int(o.days)]
    if counts.mean() >= OPEN:
        counts[counts == 0] = np.nan
    return counts


def _swing(groups: list[np.ndarray]) -> float:
    """Sd between means of groups of daily counts over the grand mean, beyond what chance gives."""
    groups = [one[np.isfinite(one)] for one in groups]
    groups = [one for one in groups if len(one) >= 2]
    if len(groups) < 2:
        return float("nan")
    means = np.array([one.mean() for one in groups])
    chance = float(np.mean([one.var(ddof=1) / len(one) for one in groups]))
    return float(np.sqrt(max(0.0, means.var(ddof=1) - chance)) / means.mean())


def weekday_swing(o: Orders) -> float:
    """How unlike weekdays are."""
    counts = daily(o)
    return _swing([counts[k::7] for k in range(7)])


def month_swing(o: Orders) -> float:
    """How unlike stretches of four weeks are; what is left over at the end is left out."""
    counts = daily(o)
    whole = len(counts) // MONTH
    return _swing(list(counts[: whole * MONTH].reshape(whole, MONTH))) if whole >= 3 else float("nan")


def day_clumping(o: Orders) -> float:
    """Variance of daily orders beyond a Poisson law's, over the squared mean: 0 if days differ by luck."""
    counts = daily(o)
    counts = counts[np.isfinite(counts)]
    level = float(counts.mean())
    return (float(counts.var(ddof=1)) - level) / level**2 if len(counts) > 13 and level > 0 else float("nan")


STATISTICS = (
    Statistic(
        "orders_per_customer",
        mark("orders of a customer"),
        "orders/customer",
        "orders",
        lambda o: mean(o.counts.astype(float)),
        "customers",
    ),
    Statistic(
        "one_order_share",
        mark("customers with a single order"),
        "share",
        "orders",
        one_order_share,
        "customers",
    ),
    Statistic(
        "repeat_30d",
        mark("order again within 30 days"),
        "share",
        "orders",
        lambda o: repeat_within(o, 30.0),
        "customers",
    ),
    Statistic(
        "repeat_90d",
        mark("order again within 90 days"),
        "share",
        "orders",
        lambda o: repeat_within(o, 90.0),
        "customers",
    ),
    Statistic(
        "top_tenth_share", mark("orders of the top tenth"), "share", "orders", top_tenth_share, "customers"
    ),
    _half(),
    _half("once"),
    _half("few"),
    _half("many"),
    Statistic(
        "value_log_sd", mark("spread of order values"), mark("log sd"), "orders", value_log_sd, "customers"
    ),
    Statistic(
        "value_between_share",
        mark("spread of order values between customers"),
        mark("share of variance"),
        "orders",
        value_between_share,
        "customers",
    ),
    Statistic(
        "value_frequency",
        mark("correlation of orders and values over customers"),
        "correlation",
        "orders",
        value_frequency,
        "customers",
    ),
    Statistic(
        "weekday_swing",
        mark("differences of weekdays"),
        mark("sd over mean"),
        "orders",
        weekday_swing,
        "weeks",
        False,
    ),
    Statistic(
        "month_swing",
        mark("differences of months"),
        mark("sd over mean"),
        "orders",
        month_swing,
        "weeks",
        False,
    ),
    Statistic(
        "day_clumping",
        mark("variance of daily orders beyond chance"),
        mark("of the squared mean"),
        "orders",
        day_clumping,
        "weeks",
        False,
    ),
)

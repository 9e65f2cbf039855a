"""What common random numbers save: the variance of a difference in shared worlds against separate ones.

Strategies that run in the same worlds share every draw that the changed lever does not touch,
so that what is luck in both drops out of their difference. How much does is measured here for
six lever changes and every indicator of the plan: ``python -m benchmarks.common_random_numbers``.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

EXPERIMENT = "common_random_numbers"
WORLDS = 40
LENGTHS = ("population.size=2000", "experiment.days=60")

Point = Mapping[str, Any]
LIST: Point = {"scenario": "baseline"}
#: What is changed: name -> the strategy before and the one after.
CHANGES: dict[str, tuple[Point, Point]] = {
    "invite reward 5 to 10 CNY": (
        {"scenario": "baseline", "incentive": "flat_cash", "incentive.invite_reward": 5},
        {"scenario": "baseline", "incentive": "flat_cash", "incentive.invite_reward": 10},
    ),
    "list prices to coupons": (LIST, {"scenario": "baseline", "pricing": "coupon"}),
    "balanced media to short video": (LIST, {"scenario": "baseline", "channel_mix": "short_video"}),
    "member discount 2% to 8%": (LIST, {"scenario": "baseline", "membership.discount": 0.08}),
    "private domain 2 to 4 messages a week": (
        {"scenario": "baseline", "private_domain": "wecom", "private_domain.messages_per_week": 2},
        {"scenario": "baseline", "private_domain": "wecom", "private_domain.messages_per_week": 4},
    ),
    "one-hour to economy delivery": (LIST, {"scenario": "baseline", "logistics": "economy"}),
}
KPIS = (
    "organic_traffic_share", "acquisition_cost", "cross_platform_conversion", "add_to_cart_rate",
    "order_conversion", "average_order_value", "next_day_retention", "repurchase_30d",
    "membership_penetration", "contribution_margin", "revenue", "all_in_spend", "new_users", "on_time_rate",
)  # fmt: skip


@dataclass(frozen=True)
class Ratio:
    """Variance of a difference in shared worlds over that in separate ones, with its 95% interval."""

    value: float
    low: float
    high: float
    worlds: int

    def __str__(self) -> str:
        if math.isnan(self.value):
            return "not observable"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def variance_ratio(a: np.ndarray, b: np.ndarray, level: float = 0.95) -> Ratio:
    """Var(b - a) / (Var(a) + Var(b)) over worlds, with an interval that is exact for normal pairs.

    Worlds of separate seeds are independent, so the difference of two strategies there has the
    sum of their variances. With D = b - a and S = a + b that sum is (Var D + Var S) / 2, so the
    ratio is 2 / (1 + Var S / Var D), and the interval of a ratio of variances of a correlated
    normal pair (Morgan 1939; Pitman 1939) carries over.

    Parameters
    ----------
    a, b : ndarray
        float64[worlds]; a world where either is nan is left out.
    level : float
        Confidence level.

    Returns
    -------
    Ratio
        nan if fewer than ten worlds remain or nothing varies.
    """
    there = np.isfinite(a) & np.isfinite(b)
    a, b, n = a[there], b[there], int(np.count_nonzero(there))
    d, s = b - a, a + b
    var_d, var_s = np.var(d, ddof=1) if n > 1 else 0.0, np.var(s, ddof=1) if n > 1 else 0.0
    if n < 10 or var_d + var_s == 0:
        return Ratio(math.nan, math.nan, math.nan, n)
    if var_d == 0 or var_s == 0:  # the same in every world, or exactly opposed
        exact = 0.0 if var_d == 0 else 2.0
        return Ratio(exact, exact, exact, n)
    r2 = min(np.corrcoef(d, s)[0, 1] ** 2, 1.0)
    t = stats.t.ppf((1 + level) / 2, n - 2)
    k = 1 + 2 * (1 - r2) * t**2 / (n - 2)
    wide = k + math.sqrt(k**2 - 1)
    q = var_s / var_d
    return Ratio(2 / (1 + q), 2 / (1 + q * wide), 2 / (1 + q / wide), n)


def smaller_when_paired(a: np.ndarray, b: np.ndarray) -> float:
    """One-sided p-value of "sharing worlds does not lower the variance of the difference".

    It lowers it if and only if a and b are positively correlated, which Pitman's test of the
    variances of D and S comes down to.
    """
    return float(stats.pearsonr(a, b, alternative="greater").pvalue)


def points() -> list[Point]:
    """Every strategy once."""
    distinct = {str(sorted(point.items())): point for pair in CHANGES.values() for point in pair}
    return list(distinct.values())


def run(root: Path, words: Sequence[str]) -> None:
    """Make all runs, or those that are missing."""
    from sim.runs import sweep
    from sim.runs.plan import plan
    from sim.store import manifest

    planned = plan([*words, f"experiment.name={EXPERIMENT}", f"paths.results={root}"], points=points())
    store = sweep.sweep_store(str(root))
    store.check()
    manifest.write(store.root, EXPERIMENT, planned.jobs, planned.content)
    read = manifest.read(store.root, EXPERIMENT)
    with closing(sweep.run(read, planned.settings.engine, store)) as ended:
        for n, (job, outcome) in enumerate(ended):
            if outcome.error is not None:
                raise outcome.error
            print(f"{n + 1}/{planned.runs} {job.key[:12]}", file=sys.stderr, flush=True)


def measured(root: Path) -> dict[str, np.ndarray]:
    """Strategy -> float64[worlds, indicators]; nan where an indicator is not observable."""
    from sim.store.results import load_results

    results = load_results(root, EXPERIMENT)
    wide = results.totals.pivot_table(index="key", columns="name", values="value", dropna=False)
    wide = wide.reindex(columns=list(KPIS))
    jobs = results.jobs
    found = {}
    for point in points():
        mine = jobs[_sets(jobs, point)].sort_values("replication")
        found[_name(point)] = wide.reindex(mine["key"]).to_numpy()
    return found


def _sets(jobs: Any, point: Point) -> np.ndarray:
    """Jobs that set exactly what a point says."""
    swept = {key for one in points() for key in one if key != "scenario"}
    mine = ~jobs["added"].to_numpy(bool)
    for key in swept:
        here = jobs[key] if key in jobs else np.full(len(jobs), np.nan)
        mine &= (here == point[key]).to_numpy() if key in point else np.array([one != one for one in here])
    return mine


def _name(point: Point) -> str:
    return " ".join(f"{key}={value}" for key, value in point.items() if key != "scenario") or "baseline"


def table(found: Mapping[str, np.ndarray]) -> Iterator[str]:
    """Lines of a Markdown table: an indicator a row, a lever change a column."""
    yield f"| indicator | {' | '.join(CHANGES)} |"
    yield f"|---|{'---|' * len(CHANGES)}"
    columns = []
    for before, after in CHANGES.values():
        a, b = found[_name(before)], found[_name(after)]
        columns.append([variance_ratio(a[:, k], b[:, k]) for k in range(len(KPIS))])
    for k, kpi in enumerate(KPIS):
        yield f"| `{kpi}` | {' | '.join(str(column[k]) for column in columns)} |"
    medians = [np.nanmedian([ratio.value for ratio in column]) for column in columns]
    yield f"| median | {' | '.join(f'{one:.3f}' for one in medians)} |"


def main(words: Sequence[str]) -> None:
    """Run what is missing and print the table; words are settings, for instance ``engine=serial``."""
    named = [word.partition("=")[2] for word in words if word.startswith("paths.results=")]
    root = Path(named[-1] if named else "results")
    given = {word.partition("=")[0] for word in words}
    defaults = [
        one for one in (*LENGTHS, f"experiment.replications={WORLDS}") if one.partition("=")[0] not in given
    ]
    run(root, [*defaults, *(word for word in words if not word.startswith("paths.results="))])
    print("\n".join(table(measured(root))))


if __name__ == "__main__":
    main(sys.argv[1:])

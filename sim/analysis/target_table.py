"""How likely the targets are met, one by one and all together, under every configuration.

A probability is the share of worlds in which a target is met, with its exact interval. Together
means in one and the same world: the share of such worlds is counted, never multiplied up from
the single targets, which depend on one another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.differences import Pairs, scenario_pairs, sweep_pairs
from sim.core.language import tr
from sim.measure.intervals import clopper_pearson
from sim.measure.scorecard import Joint, joint_probability, met_by_world
from sim.store.results import BASELINE, Results

#: Name of the row that says how likely all targets are met together.
TOGETHER = "all_targets"
COLUMNS = ("name", "probability", "low", "high", "n", "reason")


def target_table(results: Results) -> pd.DataFrame:
    """Probability of each target, and of all together, for every configuration of a sweep.

    Returns
    -------
    DataFrame
        Scenario and swept values, then ``COLUMNS``: a target's indicator or ``all_targets``, the
        share of worlds that meet it, its 95% Clopper-Pearson bounds, the worlds counted, and why
        there is no probability where there is none (nan). Results without a sweep have their
        scenarios as configurations.
    """
    pairs = sweep_pairs(results)
    if not pairs:
        results = results.newest()
        pairs = [*_baseline(results), *scenario_pairs(results)]
    if not pairs:
        return pd.DataFrame(columns=["scenario", *COLUMNS])
    targets = results.targets()
    rows = [row for pair in pairs for row in _rows(pair, targets)]
    who = list(dict.fromkeys(key for pair in pairs for key in pair.who))
    return pd.DataFrame(rows, columns=[*who, *COLUMNS])


def _baseline(results: Results) -> list[Pairs]:
    if BASELINE not in results.strategies:
        return []
    levels = results.values(BASELINE)
    return [Pairs({"scenario": BASELINE}, (), levels, levels)]


def _rows(pair: Pairs, targets: dict[str, float]) -> list[dict[str, Any]]:
    runs, base = pair.mine.to_dict("records"), pair.base.to_dict("records")
    met = met_by_world(runs, base, targets, is_baseline=pair.is_baseline)
    rows = [{**pair.who, "name": name, **_one(flags)._asdict()} for name, flags in met.items()]
    together = joint_probability(runs, base, targets, is_baseline=pair.is_baseline)
    return [*rows, {**pair.who, "name": TOGETHER, **together._asdict()}]


def _one(flags: np.ndarray) -> Joint:
    """Probability of one target from its worlds: 1 met, 0 missed, nan not observable."""
    seen = flags[np.isfinite(flags)]
    if not len(seen):
        return Joint(None, None, None, 0, tr("not observable"))
    met = int(seen.sum())
    few = (
        ""
        if len(seen) == len(flags)
        else tr("observable in {n_seen} of {n_flags} worlds", n_seen=len(seen), n_flags=len(flags))
    )
    return Joint(met / len(seen), *clopper_pearson(met, len(seen)), len(seen), few)

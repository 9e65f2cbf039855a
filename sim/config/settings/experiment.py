"""How long each world is burnt in, warmed up and measured, and how many worlds are drawn."""

from __future__ import annotations

from sim.config.settings.patterns import SAFE_NAME
from sim.core.params import Params, param

# One number on two or three lines reads better than one argument a line.
# fmt: off


class ExperimentParams(Params):
    """How long each world runs and how many worlds there are."""

    name: str = param(
        "default", unit="name", kind="constant", source="definition", pattern=SAFE_NAME,
        why="folder of the results store that the runs are filed under",
    )
    days: int = param(
        90, unit="days", kind="constant", source="A-700", ge=1, le=3650,
        why="measured days; a quarter covers three 30-day repurchase windows",
    )
    warmup_days: int = param(
        30, unit="days", kind="constant", source="A-701", ge=0, le=365,
        why="days under the baseline strategy after the burnt-in snapshot; a reorder cycle fills the shelves",
    )
    burn_in_days: int = param(
        360, unit="days", kind="constant", source="A-702", ge=0, le=3650,
        why="days until repeat business has settled; from a cold start that took 300-600 simulated days",
    )
    seed: int = param(
        1, unit="number", kind="constant", source="definition", ge=0, le=2**53,
        why="the first cause of every random draw",
    )
    replications: int = param(
        5, unit="worlds", kind="constant", source="A-703", ge=1, le=100_000,
        why="worlds drawn; paired differences between strategies need few, levels need twenty or more",
    )
    first_replication: int = param(
        0, unit="number", kind="constant", source="definition", ge=0, le=10**9,
        why="number of the first world, so that a later call can add worlds to a finished experiment",
    )
    until: str = param(
        "", unit="text", kind="constant", source="definition",
        why="intervals that worlds are added for, such as 'repurchase_30d +- 0.5pp'; blank: none are added",
    )
    most_replications: int = param(
        200, unit="worlds", kind="constant", source="A-720", ge=2, le=100_000,
        why="worlds at which adding is given up; an interval ten times too wide would need a hundredfold",
    )

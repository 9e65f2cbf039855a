"""Sections of the configuration that are no part of the market: the experiment, its machine and its goals.

An experiment says how long a world is burnt in, warmed up and measured, and how many worlds
are drawn. Engine and paths say where that happens and never change a result. Targets are the
nine goals of the operating plan: scorecards compare with them and no mechanism may read them.
"""

from __future__ import annotations

from typing import Literal

from sim.core.params import Params, param

#: Names that become parts of file names: short, and nothing a path could hide in.
SAFE_NAME = r"^[a-z0-9_]{1,64}$"
#: Names of folders: anything that is not blank.
NOT_BLANK = r"\S"

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
        why="measured days; a quarter covers three 30-day repurchase windows and one festival peak",
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


class EngineParams(Params):
    """Where runs execute; never changes a result."""

    kind: Literal["serial", "local"] = param(
        "local", unit="engine", kind="constant", source="definition",
        why="serial: one run after another in this process; local: worker processes of this machine",
    )
    workers: int = param(
        0, unit="processes", kind="constant", source="definition", ge=0, le=1024,
        why="worker processes of the local engine; 0 means one for each processor",
    )


class PathsParams(Params):
    """Where results and cached worlds are kept; never changes a result."""

    results: str = param(
        "results", unit="folder", kind="constant", source="definition", pattern=NOT_BLANK,
        why="folder of the results store, relative to the working directory unless absolute",
    )
    cache: str = param(
        "results/cache", unit="folder", kind="constant", source="definition", pattern=NOT_BLANK,
        why="folder of cached graphs and burnt-in worlds; safe to delete",
    )

# fmt: on


def _target(value: float, unit: str, source: str, why: str) -> float:
    """Declare one goal of the operating plan."""
    goal: float = param(value, unit=unit, kind="constant", source=source, why=why, ge=0, le=1e6)
    return goal


class TargetParams(Params):
    """The nine goals of the operating plan, which scorecards compare with."""

    organic_traffic_share: float = _target(
        0.40, "share", "F137", "at least this share of public visits is unpaid"
    )
    acquisition_cost: float = _target(20.0, "CNY/new user", "F138", "at most this all-in cost per new user")
    cross_platform_conversion: float = _target(
        0.15, "relative to baseline", "F139", "at least this rise over the same worlds under the baseline"
    )
    add_to_cart_rate: float = _target(0.25, "share", "F140", "at least this share of visits with a cart")
    order_conversion: float = _target(0.05, "share", "F141", "more than this share of visits with an order")
    average_order_value: float = _target(
        0.18, "relative to baseline", "F142", "at least this rise over the same worlds under the baseline"
    )
    next_day_retention: float = _target(
        0.35, "share", "F143", "at least this share of new users active the next day"
    )
    repurchase_30d: float = _target(
        0.50, "share", "F145", "more than this share of buyers orders again in 30 days"
    )
    membership_penetration: float = _target(
        0.20, "relative to baseline", "F146", "at least this rise over the same worlds under the baseline"
    )

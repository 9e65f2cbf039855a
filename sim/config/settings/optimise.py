"""How a search for good strategies is led: how long, in what steps, and what counts as a bad day."""

from __future__ import annotations

from typing import Literal

from sim.core.params import Params, param

# One number on two or three lines reads better than one argument a line.
# fmt: off


class OptimiseParams(Params):
    """Words of ``liebian optimise`` that are settings of the search and of no run."""

    trials: int = param(
        60, unit="strategies", kind="constant", source="A-730", ge=1, le=10_000,
        why="strategies tried; a handful of levers shows its front after some dozens, more levers need more",
    )
    batch: int = param(
        4, unit="strategies", kind="constant", source="A-731", ge=1, le=1000,
        why="strategies drawn before any of them is run; small steps learn more, large ones fill a cluster",
    )
    sampler: Literal["tpe", "nsga2"] = param(
        "tpe", unit="method", kind="constant", source="definition",
        why="tpe: tree-structured Parzen estimator (Ozaki et al. 2022), for tens of trials; "
            "nsga2: genetic algorithm (Deb et al. 2002), for hundreds",
    )
    startup: int = param(
        10, unit="strategies", kind="constant", source="A-732", ge=1, le=10_000,
        why="strategies drawn at random before tpe draws from what it has learnt; Optuna's own default",
    )
    generation: int = param(
        24, unit="strategies", kind="constant", source="A-733", ge=2, le=10_000,
        why="strategies of one generation of nsga2; a few generations must fit into the trials",
    )
    alpha: float = param(
        0.2, unit="share", kind="constant", source="A-734", ge=0.001, le=1,
        why="downside is the mean margin of this worst share of markets; the worst fifth is felt by a firm "
            "and is still several runs of a small search",
    )
    holdout: int = param(
        10, unit="worlds", kind="constant", source="A-735", ge=0, le=10_000,
        why="fresh worlds in which the chosen strategy meets the named scenarios; 0 leaves that out",
    )

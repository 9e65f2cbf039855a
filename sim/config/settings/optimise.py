"""How a search for good strategies is led: how long, in what steps, and what counts as a bad day."""

from __future__ import annotations

from typing import Literal

from sim.core.params import Params, constant


class OptimiseParams(Params):
    """Words of ``liebian optimise`` that are settings of the search and of no run."""

    trials: int = constant(60, "strategies", "A-730", ge=1, le=10_000)
    """Strategies tried; a handful of levers shows its front after some dozens, more levers need more."""

    batch: int = constant(4, "strategies", "A-731", ge=1, le=1000)
    """Strategies drawn before any of them is run; small steps learn more, large ones fill a cluster."""

    sampler: Literal["tpe", "nsga2"] = constant("tpe", "method", "definition")
    """``tpe`` is the tree-structured Parzen estimator (Ozaki et al. 2022), for tens of trials, ``nsga2`` a
    genetic algorithm (Deb et al. 2002), for hundreds."""

    startup: int = constant(10, "strategies", "A-732", ge=1, le=10_000)
    """Strategies drawn at random before tpe draws from what it has learnt; Optuna's own default."""

    generation: int = constant(24, "strategies", "A-733", ge=2, le=10_000)
    """Strategies of one generation of nsga2; a few generations must fit into the trials."""

    alpha: float = constant(0.2, "share", "A-734", ge=0.001, le=1)
    """Downside is the mean margin of this worst share of markets; the worst fifth is felt by a firm and
    is still several runs of a small search."""

    holdout: int = constant(10, "worlds", "A-735", ge=0, le=10_000)
    """Fresh worlds in which the chosen strategy meets the named scenarios; 0 leaves that out."""

"""Points at which a study looks: trajectories after Morris, blocks after Saltelli and Sobol.

Both are drawn by SALib in the unit cube and stretched over the declared spans afterwards, so that
an effect is always that of crossing the whole span and rounding of whole numbers stays visible.
Seed and words decide every point, which lets an interrupted study take up where it stopped.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from sim.core.errors import InputError
from sim.core.language import tr
from sim.core.rng import builder

#: Levels of the screening's grid; a step crosses two thirds of a span (Morris 1991).
LEVELS = 4


def salib(part: str, method: str) -> ModuleType:
    """A module of SALib, imported only when a study is made because that takes seconds.

    Raises
    ------
    InputError
        If SALib is not installed.
    """
    import importlib

    try:
        return importlib.import_module(f"SALib.{part}.{method}")
    except ImportError:
        raise InputError(
            tr("sensitivity needs SALib, which is not installed; write: pip install -e '.[optimise]'")
        ) from None


def problem(names: tuple[str, ...]) -> dict[str, Any]:
    """Parameters as SALib describes them: each from 0 to 1."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def trajectories(names: tuple[str, ...], count: int, seed: int) -> np.ndarray:
    """Design of the screening.

    Returns
    -------
    float64[count * (len(names) + 1), len(names)]
        Trajectory after trajectory; each changes every parameter once, by two thirds of its span.
    """
    rng = builder(seed, "sensitivity.screening")
    points: np.ndarray = salib("sample", "morris").sample(problem(names), count, num_levels=LEVELS, seed=rng)
    return points


def blocks(names: tuple[str, ...], samples: int, seed: int, second_order: bool = False) -> np.ndarray:
    """Design of the indices, over a scrambled Sobol sequence (Saltelli and others 2010).

    Returns
    -------
    float64[samples * (len(names) + 2), len(names)]
        Block after block: point A, A with each parameter of B in turn, B. With ``second_order``
        also B with each parameter of A in turn, before B.
    """
    rng = builder(seed, "sensitivity.indices")
    points: np.ndarray = salib("sample", "sobol").sample(
        problem(names), samples, calc_second_order=second_order, seed=rng
    )
    return points


def analysis_seed(seed: int, stage: str) -> int:
    """Seed of a bootstrap; never 0, which SALib takes for none."""
    return int(builder(seed, f"sensitivity.{stage}.bootstrap").integers(1, 2**31))

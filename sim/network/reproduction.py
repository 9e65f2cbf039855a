"""How many further tellings a telling leads to on a network, before anybody tells anything."""

from __future__ import annotations

import numpy as np


def further_tellings(
    degree: np.ndarray, audience: float, pass_on: float, growth: float, divided: float
) -> float:
    """Mean further tellings of a telling, at most.

    Along a tie, people are met in proportion to their ties (Newman 2002); nobody tells those who told them.
    Below 1 cascades end by themselves; above 1 single ones reach a share of all people.

    Parameters
    ----------
    degree : int[n]
        Acquaintances of everybody.
    audience, pass_on : float
        Mean audience of a telling, people, and the chance that a receiver passes it on.
    growth, divided : float
        Powers of a person's acquaintances, relative to the mean, with which audiences grow and with which
        that chance falls (:func:`sim.network.cascade.spread`).

    Returns
    -------
    float
        Further tellings a telling; less where audiences vary by luck, as they are cut at those one knows.
    """
    ties, people = np.unique(degree[degree > 0], return_counts=True)
    if not len(ties):
        return 0.0
    beside = ties / max(1.0, float(degree.mean()))
    passing = np.minimum(1.0, pass_on * beside**-divided)
    told = np.minimum(audience * beside**growth, ties - 1)
    return float((people * ties * passing * told).sum() / (people * ties).sum())

"""Attributes of goods as what a machine writes from: how many are filled in, and what copy makes of them.

A brief is about one article. Clerks fill in what is missing of it, which takes them the longer the less is
left to find. Copy is clicked the more, the more it has to say, with less and less of a gain; what a machine
does not know, it makes up.
"""

from __future__ import annotations

import math

import numpy as np

from sim.content.studio_params import StudioParams
from sim.core.rng import Draw
from sim.core.whole_numbers import whole_number


def gain(params: StudioParams, filled: np.ndarray) -> np.ndarray:
    """float64[n]: what machine copy gains from attributes, 1 where as many are filled in as usual.

    Parameters
    ----------
    params : StudioParams
        Share that is usual, and that with which nearly two thirds are gained.
    filled : float64[n]
        Share of each article's attributes that are filled in.
    """
    p = params
    told: np.ndarray = np.expm1(-filled / p.attributes_enough) / math.expm1(
        -p.attributes_usual / p.attributes_enough
    )
    return told


def made_up(params: StudioParams, filled: np.ndarray) -> np.ndarray:
    """float64[n]: chance that a sensitive claim is wrong; in proportion to what is not known of the goods."""
    missing: np.ndarray = (1.0 - filled) / (1.0 - params.attributes_usual)
    return np.minimum(1.0, params.wrong * missing)


def minutes(params: StudioParams) -> float:
    """Minutes a clerk takes over an article: the same again for each factor e less that is missing."""
    p = params
    missing = (1.0 - p.attributes_known) / (1.0 - p.attributes)
    return p.attribute_minutes * max(0.0, math.log(missing))


def filled_in(
    params: StudioParams, draw: Draw, machine: np.ndarray, at: np.ndarray, clerks: int
) -> np.ndarray:
    """float64[n]: share of an article's attributes, filled in first come first served.

    Parameters
    ----------
    params : StudioParams
        What is known anyway, and how far clerks go.
    draw : Draw
        The day's draws, for the part of an article that a shift does not finish.
    machine : bool[n]
        Briefs that a machine writes.
    at : float64[n]
        Minutes of the briefs.
    clerks : int
        Who is there.
    """
    p, each = params, minutes(params)
    filled = np.full(len(at), p.attributes_known)
    if clerks == 0 or each == 0.0:
        return filled
    most = whole_number(draw("studio.attributes"), clerks * 60.0 * p.hours / each)
    rows = np.flatnonzero(machine)
    filled[rows[np.argsort(at[rows], kind="stable")[:most]]] = p.attributes
    return filled

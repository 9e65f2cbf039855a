"""Ways across the border: from one place, from another, and out to customers who live abroad."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sim.commerce.cross_border_params import CrossBorderParams
from sim.core.rng import Draw, keyed_uniforms
from sim.world.catalog import CATEGORIES, LAYERS, Catalog

ABROAD = CATEGORIES.index("cross_border_beauty")
#: Within the region; rows of :class:`Ways`.
NONE, FIRST, SECOND, OUT = -1, 0, 1, 2


class Ways(NamedTuple):
    """What each way takes, asks and is promised for: float64[3], rows ``FIRST``, ``SECOND`` and ``OUT``.

    days, spread : mean (days) and spread of logs of its log-normal law; promise : days added to promises;
    stocked : share of parcels that lie in bond; freight, back : CNY a parcel, and one sent back; tax : share
    of the value, where the limits are kept.
    """

    days: np.ndarray
    spread: np.ndarray
    promise: np.ndarray
    stocked: np.ndarray
    freight: np.ndarray
    back: np.ndarray
    tax: np.ndarray


def ways_of(p: CrossBorderParams) -> Ways:
    """The three ways, one row each."""
    second, out = p.second, p.out
    rows = (
        (p.way_days, p.way_spread, p.promise_days, p.stocked, p.freight, p.return_cost, p.tax),
        (
            *(second.way_days, second.way_spread, second.promise_days, second.stocked, second.freight),
            *(p.return_cost, second.tax),
        ),
        (out.way_days, out.way_spread, out.promise_days, 0.0, out.freight, out.return_cost, out.tax),
    )
    return Ways(*np.array(rows, np.float64).T)


class Atlas:
    """Which way an order goes: by its goods, unless whoever gets it lives abroad."""

    def __init__(self, params: CrossBorderParams, catalog: Catalog) -> None:
        self.share = params.out.share
        self.carried = catalog.layer != LAYERS.index("none")
        #: int8[n categories]: the way of goods to the region.
        self.into = np.full(len(CATEGORIES), NONE, np.int8)
        self.into[ABROAD] = FIRST
        if params.second.category != "none":
            self.into[CATEGORIES.index(params.second.category)] = SECOND
        self.into[~self.carried] = NONE

    def lives_abroad(self, draw: Draw, person: Any) -> np.ndarray:
        """bool[n]: people who live abroad, for good; they hang on nothing but the id."""
        ids = np.asarray(person, np.int64)
        return np.asarray(keyed_uniforms(draw.timeless("cross_border.lives"), ids, 0) < self.share, np.bool_)

    def way(self, draw: Draw, category: np.ndarray, person: np.ndarray) -> np.ndarray:
        """int8[n]: the way of orders of these goods by these people, ``NONE`` within the region."""
        into = self.into[category]
        if self.share <= 0.0:
            return np.asarray(into)
        out = self.carried[category] & self.lives_abroad(draw, person)
        return np.where(out, np.int8(OUT), into)

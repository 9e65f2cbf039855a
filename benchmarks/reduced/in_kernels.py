"""The reduced rules as the market is built: columns of people, keyed draws, and one compiled pass a step."""

from __future__ import annotations

import math

import numpy as np

from benchmarks.reduced import rules
from sim.core.jit import njit
from sim.core.rng import Draw, keyed_uniform


class KernelMarket:
    """Columns and rows of acquaintances."""

    def __init__(self, consumers: int) -> None:
        self.visits = self.orders = 0
        self.today = 0
        self.trust, self.parcel = rules.trust(consumers), np.zeros(consumers, np.bool_)
        self.told, self.pleased = np.zeros(consumers, np.bool_), np.zeros(consumers, np.bool_)
        one, other = rules.ties(consumers)
        who, whom = np.r_[one, other], np.r_[other, one]
        self.friends = whom[np.argsort(who, kind="stable")]
        self.rows = np.r_[0, np.cumsum(np.bincount(who, minlength=consumers))]

    def day(self) -> None:
        """Live one day."""
        draw = Draw(rules.SEED, self.today)
        _receive(draw("good"), self.trust, self.parcel, self.pleased)
        self.told[:] = False
        _tell(draw("tell"), self.pleased, self.rows, self.friends, self.told)
        visits, orders = _shop(draw("visit"), draw("order"), self.trust, self.told, self.parcel)
        self.visits, self.orders = self.visits + visits, self.orders + orders
        self.today += 1


@njit(cache=True)
def _receive(stream, trust, parcel, pleased):
    for i in range(trust.shape[0]):
        pleased[i] = parcel[i] and keyed_uniform(stream, i, 0) < rules.GOOD
        if parcel[i]:
            trust[i] += rules.GAIN * ((1.0 if pleased[i] else 0.0) - trust[i])


@njit(cache=True)
def _tell(stream, pleased, rows, friends, told):
    for i in range(pleased.shape[0]):
        if pleased[i]:
            for k in range(rows[i], rows[i + 1]):
                if keyed_uniform(stream, i, friends[k]) < rules.TELL:
                    told[friends[k]] = True


@njit(cache=True)
def _shop(visit, order, trust, told, parcel):
    visits, orders = 0, 0
    for i in range(trust.shape[0]):
        parcel[i] = False
        if keyed_uniform(visit, i, 0) < (rules.VISIT_TOLD if told[i] else rules.VISIT):
            visits += 1
            chance = 1.0 / (1.0 + math.exp(-(rules.INTERCEPT + rules.SLOPE * trust[i])))
            if keyed_uniform(order, i, 0) < chance:
                parcel[i] = True
                orders += 1
        trust[i] += rules.DRIFT * (rules.NEUTRAL - trust[i])
    return visits, orders


if __name__ == "__main__":
    rules.main(KernelMarket)

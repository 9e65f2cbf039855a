"""What rows of event tables count: one definition each, for readings of a day and for figures of a run.

Instruments take them from what was recorded since the last look (:mod:`sim.operator.signals`), figures from
the rows of a window (:mod:`sim.measure.indicators`), which know besides what became of an order later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from sim.world.kinds import PURPOSES
from sim.world.schema import Source

Tables = Mapping[str, Mapping[str, np.ndarray]]
Weights = Callable[[Tables], np.ndarray]

_PASSED_ON = (int(Source.SHARE), int(Source.INVITATION))
_ACQUIRING = tuple(number for number, one in enumerate(PURPOSES) if one.acquires)


def each(table: str) -> Weights:
    """Every row of a table counts one."""
    return lambda tables: np.ones(len(tables[table]["day"]), bool)


def of(table: str, column: str) -> Weights:
    """A column of a table: what flags say, or an amount."""
    return lambda tables: tables[table][column]


def passed_on(tables: Tables) -> np.ndarray:
    """bool[n touches]: a share or an invitation."""
    return np.isin(tables["touches"]["source"], _PASSED_ON)


def late(tables: Tables) -> np.ndarray:
    """bool[n deliveries]: handed over after the promise."""
    rows = tables["deliveries"]
    after: np.ndarray = rows["minute"] > rows["promised_minute"]
    return after


def passed_review(tables: Tables) -> np.ndarray:
    """bool[n registrations]: what the operator takes for new users, unnoticed fakes included."""
    rows = tables["registrations"]
    accounts: np.ndarray = ~rows["caught"] & (rows["seen_new"] | rows["fake"])
    return accounts


def invited(tables: Tables) -> np.ndarray:
    """bool[n registrations]: registered on somebody's invitation."""
    by_someone: np.ndarray = tables["registrations"]["inviter"] != -1
    return by_someone


def rejected(tables: Tables) -> np.ndarray:
    """bool[n registrations]: of these, rejected by review."""
    found: np.ndarray = invited(tables) & tables["registrations"]["caught"]
    return found


def given_on_first_orders(tables: Tables) -> np.ndarray:
    """int64[n orders]: campaign commissions and concessions on first orders ever, fen."""
    rows = tables["orders"]
    given = rows["campaign_commission_fen"] + rows["discount_fen"]
    fen: np.ndarray = given * (rows["lifetime_order"] == 1)
    return fen


def rewards_earned(tables: Tables) -> np.ndarray:
    """int64[n rewards]: earned, negative where clawed back, fen."""
    rows = tables["rewards"]
    return np.where(rows["clawed_back"], -rows["fen"], rows["fen"])


def acquiring_spend(tables: Tables) -> np.ndarray:
    """int64[n rows of spend]: spent on what brings users, purposes that features declare included, fen."""
    spend, names = tables["spend"], tables["names"]
    accounts = names["name"][(names["what"] == "account") & (names["role"] == "acquisition")]
    declared = (names["what"] == "spend") & np.isin(names["role"], accounts)
    kinds = np.union1d(_ACQUIRING, names["number"][declared])
    fen: np.ndarray = spend["fen"] * np.isin(spend["kind"], kinds)
    return fen

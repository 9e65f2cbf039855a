"""Trials: a lever treats a random share of people, as an experiment inside one market does.

Treated and untreated people are compared as an analyst would: orders a person, by arm, with the error that
their spread gives. What the lever would do to the whole market is another question, which paired worlds
answer (everybody treated against nobody). Where people talk to each other, share stock or compete for
attention, the two differ: that is interference, and here its size can be seen.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, cast

import numpy as np

from sim.core.params import Params, lever
from sim.core.rng import Draw
from sim.core.scatter import add_one_at
from sim.feature import Feature, Figure, Schema, Tables, act
from sim.mechanism import Phase
from sim.world.people import Column
from sim.world.trial import Trial, drawn
from sim.world.world import World

#: Levers that can reach some people and not others.
Offer = Literal["coupon", "new_user", "group", "recipient_coupon", "messages"]


class TrialParams(Params):
    """What is tried out, and on how many."""

    enabled: bool = lever(False, "switch", "definition")
    """One lever reaches a random share of people; off, every lever reaches whom it is for."""

    offer: Offer = lever("coupon", "offer", "definition")
    """What is tried out: coupons (pricing.rule=coupon), the discount on first orders, groups, the invited
    person's coupon, or messages of the private domain. Its own settings say what is offered."""

    share: float = lever(0.5, "share of people", "A-1045", ge=0, le=1, span=(0.1, 0.9))
    """Treated people, drawn for good; half gives the smallest error."""


def _last(tables: Tables) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(people, orders, squares) of the last day, float64[2] each: untreated, treated."""
    table = tables["trial_days"]
    rows = np.flatnonzero(table["day"] == table["day"].max()) if len(table["day"]) else np.zeros(0, int)
    found = np.full((3, 2), np.nan)
    for k in rows.tolist():
        found[:, int(table["treated"][k])] = [table[name][k] for name in ("people", "orders", "squares")]
    return found[0], found[1], found[2]


def effect(tables: Tables) -> tuple[float, float]:
    """Orders a treated person less those of an untreated one since the trial began, and the standard error.

    Parameters
    ----------
    tables : mapping of str to mapping of str to ndarray
        Event tables of a run; of ``trial_days`` the last day counts.

    Returns
    -------
    effect, error : float
        Orders/person; nan without a trial or without people in one of the arms.
    """
    people, orders, squares = _last(tables)
    if not (people > 1).all():
        return float("nan"), float("nan")
    mean = orders / people
    variance = (squares / people - mean**2) * people / (people - 1.0)
    return float(mean[1] - mean[0]), float(np.sqrt((variance / people).sum()))


class TrialRuns(Feature):
    """An experiment inside the market."""

    section = "trial"
    Params = TrialParams
    columns: ClassVar = {"trial_orders": Column("int32", "orders since the trial began", start=0)}
    events: ClassVar[dict[str, Schema]] = {
        "trial_days": {
            "day": ("int32", "absolute day"),
            "treated": ("bool", "the arm"),
            "people": ("int32", "people in it, who are present"),
            "orders": ("int64", "their orders since the trial began"),
            "squares": ("int64", "sum of the squares of each person's orders"),
        }
    }
    figures = (
        Figure(
            "trial_effect",
            "Orders a treated person, less those of an untreated one",
            "orders/person",
            over=lambda t: np.array([effect(t)[0]]),
        ),
        Figure(
            "trial_error",
            "Standard error of that, from the spread of people",
            "orders/person",
            over=lambda t: np.array([effect(t)[1]]),
        ),
    )

    @act(Phase.DECIDE, writes=["operator.terms.trial"], offers=True)
    def announce(self, world: World, draw: Draw) -> None:
        """Let those who offer something know whom it is for today."""
        world.operator.terms.trial = Trial(self.params.offer, self.params.share)

    @act(
        Phase.MEASURE,
        reads=["people.id", "records.orders", "people.trial_orders"],
        writes=["people.trial_orders", "records.trial_days"],
    )
    def compare(self, world: World, draw: Draw) -> None:
        """Count orders by arm, as an analyst would."""
        people, orders = cast("Any", world.people), world.records.orders
        seats, person = orders.today("seat"), orders.today("person")
        here = people.id[seats] == person
        add_one_at(people.trial_orders, seats[here])
        treated = drawn(draw, people.id, self.params.share)
        for arm in (False, True):
            own = people.trial_orders[treated == arm].astype(np.int64)
            cast("Any", world.records).trial_days.append(
                day=world.day,
                treated=arm,
                people=len(own),
                orders=int(own.sum()),
                squares=int((own**2).sum()),
            )

"""Onboarding: three tasks for whoever was invited, each with a gift, and people drop out before each.

An ice-breaker, an exchange, an identity (S039). Whoever was invited and comes by within the first days
finds the next task and does it or not; a gift makes it likelier, with diminishing returns, and costs money,
as does every task that is done. Each task done leaves a habit, the less the more there is. How many finish,
and who is back the next day, are counted.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.lookup import distinct
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Schema, Tables, act
from sim.mechanism import Phase
from sim.world.money import affordable
from sim.world.people import Column
from sim.world.schema import Spend
from sim.world.world import World

STEPS = ("ice_breaker", "exchange", "identity")


class OnboardingParams(Params):
    """The path of an invited person."""

    enabled: bool = lever(False, "switch", "S039")
    """Invited people find three tasks (F062), one after the other."""

    ice_breaker: float = uncertainty(0.5, "chance", "A-1035", ge=0, le=1, span=(0.2, 0.8))
    """Without a gift, whoever comes by does the first task: a question, a greeting."""

    exchange: float = uncertainty(0.3, "chance", "A-1036", ge=0, le=1, span=(0.1, 0.6))
    """The second: something given for something, a trial for a note."""

    identity: float = uncertainty(0.2, "chance", "A-1037", ge=0, le=1, span=(0.05, 0.5))
    """The third: a profile, a look of one's own that is shown."""

    gift: float = lever(0.5, "CNY/task", "A-1038", ge=0, le=100, span=(0, 5))
    """Gift for each task done."""

    gift_scale: float = uncertainty(2.0, "CNY", "A-1039", ge=0.01, le=100, span=(0.5, 6))
    """Gift that wins nearly two thirds of those who would not do the task for nothing."""

    handling: float = uncertainty(0.2, "CNY/task", "A-1040", ge=0, le=100, span=(0.05, 1))
    """What a task done costs beside the gift: messages, a look at what was sent in."""

    days: int = lever(7, "days", "A-1041", ge=1, le=90, span=(1, 30))
    """Days from registration on which tasks are open."""

    habit: float = uncertainty(0.03, "visits/day", "A-1042", ge=0, le=1, span=(0, 0.1))
    """Lasting habit that a task leaves, less in proportion to the habit there is."""

    def chances(self) -> np.ndarray:
        """float64[3]: chance to do each task on a day on which one comes by."""
        base = np.array([self.ice_breaker, self.exchange, self.identity])
        won: np.ndarray = base + (1.0 - base) * -np.expm1(-self.gift / self.gift_scale)
        return won


def _invited(tables: Tables) -> np.ndarray:
    """bool[n registrations]: real, invited, and not turned away."""
    table = tables["registrations"]
    real: np.ndarray = (table["inviter"] >= 0) & ~table["fake"] & ~table["caught"]
    return real


def _judged(tables: Tables) -> np.ndarray:
    """float64[n registrations]: invited, with the day after in the window."""
    days = tables["visits"]["day"]
    last = int(days.max()) if len(days) else -1
    return (_invited(tables) & (tables["registrations"]["day"] < last)).astype(np.float64)


def _back_next_day(tables: Tables) -> np.ndarray:
    """float64[n registrations]: of them, who visited the day after."""
    visits, new = tables["visits"], tables["registrations"]
    seen = set(zip(visits["person"].tolist(), visits["day"].tolist(), strict=True))
    came = [(p, d + 1) in seen for p, d in zip(new["person"].tolist(), new["day"].tolist(), strict=True)]
    return _judged(tables) * np.array(came, bool)


def _done(step: int) -> Any:
    def weights(tables: Tables) -> np.ndarray:
        return (tables["onboarding_steps"]["step"] == step).astype(np.float64)

    return weights


class Onboarding(Feature):
    """Three tasks for the invited (S039)."""

    section = "onboarding"
    Params = OnboardingParams
    columns: ClassVar = {"onboarding_step": Column("int8", "tasks done; -1 = not begun", start=-1)}
    events: ClassVar[dict[str, Schema]] = {
        "onboarding_steps": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id of the invited person"),
            "step": ("int8", "0 the path begins, 1 ice-breaker, 2 exchange, 3 identity done"),
            "fen": ("int64", "gift and handling, fen"),
        }
    }
    figures = (
        *(
            Figure(
                f"onboarding_{name}",
                f"Of those who began, did the {name.replace('_', '-')}",
                "share",
                over=_done(step + 1),
                per=_done(0),
            )
            for step, name in enumerate(STEPS)
        ),
        Figure("onboarding_next_day", "Next-day retention of the invited", "share", _back_next_day, _judged),
    )

    @act(
        Phase.SETTLE,
        reads=[
            "records.visits",
            "people.id",
            "people.inviter",
            "people.registered",
            "people.satisfaction",
            "people.registered_day",
            "people.habit",
            "people.onboarding_step",
            "operator.allowance",
        ],
        writes=[
            "people.onboarding_step",
            "people.habit",
            "records.onboarding_steps",
            "records.spend",
            "ledger",
        ],
        offers=True,
    )
    def walk(self, world: World, draw: Draw) -> None:
        """Whoever was invited and came by today begins, or goes on with, the path."""
        people, p = cast("Any", world.people), self.params
        seats = distinct(world.records.visits.today("seat")).astype(np.int64)
        age = world.day - people.registered_day[seats]
        open_ = people.registered[seats] & (people.inviter[seats] >= 0) & (age >= 0) & (age < p.days)
        seats = seats[open_]
        new = seats[people.onboarding_step[seats] < 0]
        new = new[people.registered_day[new] == world.day]
        people.onboarding_step[new] = 0
        self._note(world, new, 0, 0)
        for step, chance in enumerate(p.chances().tolist()):
            at = seats[people.onboarding_step[seats] == step]
            does = keyed_uniforms(draw(f"onboarding.{step}"), people.id[at], 0) < chance
            self._do(world, at[does], step)

    def _do(self, world: World, seats: np.ndarray, step: int) -> None:
        """A task done: its gift, as far as there is money, and the habit that it leaves."""
        people, each = cast("Any", world.people), to_fen(self.params.gift + self.params.handling)
        number = affordable(world, Spend.ONBOARDING, each, len(seats))
        if number < len(seats):
            seats = seats[np.argsort(people.id[seats])[:number]]
        people.onboarding_step[seats] = step + 1
        people.habit[seats] += self.params.habit * np.maximum(0.0, 1.0 - people.habit[seats])
        self._note(world, seats, step + 1, each)
        world.spend(Spend.ONBOARDING, each * len(seats))

    @staticmethod
    def _note(world: World, seats: np.ndarray, step: int, fen: int) -> None:
        cast("Any", world.records).onboarding_steps.append(
            day=np.full(len(seats), world.day), person=world.people.id[seats], step=step, fen=fen
        )

"""Incentives: what a sharer is promised, what it is worth to them, and when it is earned.

A design is a schedule of amounts over the invited person's steps (registration, first order,
second order), each in a form that is worth more or less to an honest sharer and can or cannot
be turned into cash by a cheat. Flat cash pays everything at registration; three tiers pay a
purchase subsidy, then service credit, then merchandise; a task ladder pays cash in three steps
(what the invited person is given to do is not modelled). Sender and recipient sides are separate
levers.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.ledger import to_fen
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.mechanism import Phase
from sim.world import invited as invited_people
from sim.world.money import affordable
from sim.world.schema import Spend
from sim.world.world import World

Design = Literal["none", "flat_cash", "three_tier", "task_ladder", "group_buy"]
STAGES = 3


class IncentiveParams(Params):
    """Reward design and sizes."""

    design: Design = lever("none", "reward design", "S037")
    """none, flat cash, three tiers (S038), task ladder (S039), or groups alone (S003; group_buy.enabled has
    them beside another design)."""

    invite_reward: float = lever(12.0, "CNY/invited person", "F038", ge=0, le=200, span=(0, 30))
    """Reward to the sender if the invited person goes all the way."""

    recipient_coupon: float = lever(0.0, "share of price", "A-220", ge=0, le=0.9, span=(0, 0.3))
    """Discount that an invited person gets on the first order."""

    tier_split_subsidy: float = lever(
        0.4, "share of reward", "S038", ge=0, le=1, span=(0.1, 0.6), part_of="tier_split"
    )
    """First tier: purchase subsidy at registration."""

    tier_split_service: float = lever(
        0.35, "share of reward", "S038", ge=0, le=1, span=(0.1, 0.6), part_of="tier_split"
    )
    """Second tier: service credit at the first order; the rest is merchandise at the second."""

    task_first: float = lever(0.2, "share of reward", "S039", ge=0, le=1, span=(0, 0.6), part_of="tasks")
    """Task ladder: paid to the inviter at the first of three steps, registration."""

    task_second: float = lever(
        0.3, "share of reward", "F062; three steps", ge=0, le=1, span=(0, 0.6), part_of="tasks"
    )
    """Task ladder: paid at the first order; the rest at the second order."""

    perceived_later: float = uncertainty(
        0.85,
        "ratio",
        "A-221; Li: +21% for uncertain sender rewards, so either sign",
        ge=0.3,
        le=1.7,
        span=(0.5, 1.4),
    )
    """What a later, uncertain amount feels like next to the same amount now."""

    voucher_worth: float = uncertainty(0.8, "ratio", "A-222", ge=0, le=1.5, span=(0.5, 1.0))
    """What vouchers and merchandise feel like next to cash."""

    voucher_cash: float = uncertainty(0.35, "ratio", "A-223", ge=0, le=1, span=(0.1, 0.7))
    """What a cheat can turn vouchers and merchandise into."""

    levels: int = lever(1, "referral levels", "A-225", ge=1, le=2)
    """Levels of inviters who are paid; more than two is pyramid selling and is refused by law."""

    second_level: float = lever(0.2, "share of reward", "A-224", ge=0, le=1, span=(0, 0.5))
    """Paid to the inviter's inviter when two levels are paid."""

    clawback_days: int = lever(7, "days", "A-226", ge=0, le=90, span=(0, 30))
    """A reward is paid out this long after it is earned, and can be taken back till then."""

    valid_days: int = lever(60, "days", "A-811", ge=1, le=365, span=(14, 90))
    """Later stages must be reached this long after registering; so long their money is reserved."""

    payout_patience: float = uncertainty(60.0, "days", "A-873", ge=1, le=3650, span=(20, 180))
    """Wait for the payout after which a reward feels like 37% of one that is paid at once."""

    reach_days: float = uncertainty(
        30.0, "days", "A-900; seen in the default market", ge=0.1, le=3650, span=(10, 60)
    )
    """Of the invited who come to a first or second order, 63% do so within this time: a promise that ends
    earlier is worth less to who invites."""

    second_look: float = uncertainty(7.0, "days", "A-874", ge=0.1, le=365, span=(3, 21))
    """A fake betrays itself by never coming back; 63% of those reviewed have within this time."""

    def found_by(self, days: float) -> float:
        """Share of reviewed fakes that a second look finds after ``days``."""
        return 1.0 - math.exp(-days / self.second_look)

    def schedule(self) -> tuple[np.ndarray, np.ndarray]:
        """CNY by stage (registration, first order, second order), and whether each is cash."""
        r = self.invite_reward
        if self.design == "flat_cash":
            return np.array([r, 0.0, 0.0]), np.array([True, True, True])
        if self.design == "three_tier":
            a, b = self.tier_split_subsidy, self.tier_split_service
            return np.array([a * r, b * r, (1.0 - a - b) * r]), np.array([False, False, False])
        if self.design == "task_ladder":
            a, b = self.task_first, self.task_second
            return np.array([a * r, b * r, (1.0 - a - b) * r]), np.array([True, True, True])
        return np.zeros(STAGES), np.ones(STAGES, bool)

    def cost_fen(self) -> np.ndarray:
        """int64[stages]: what an invited person who reaches a stage costs at most, both levels, fen."""
        one = np.array([to_fen(x) for x in self.schedule()[0]], np.int64)
        upper = [round(int(x) * self.second_level) if self.levels == 2 else 0 for x in one]
        return one + np.array(upper, np.int64)

    def perceived(self, stage_chance: np.ndarray) -> float:
        """What the promise feels like to an honest sharer, CNY.

        ``stage_chance`` is the operator's published chance that an invited person who
        registers reaches each stage, however late; later stages are also discounted as later and uncertain
        and for the chance that the promise ends before, and all of it for the wait until the payout.
        """
        return float((self.felt() * stage_chance).sum())

    def felt(self) -> np.ndarray:
        """float64[stages]: what each stage of the promise feels like if it is sure to be reached, CNY."""
        amount, cash = self.schedule()
        worth = np.where(cash, 1.0, self.voucher_worth)
        in_time = 1.0 - math.exp(-self.valid_days / self.reach_days)
        later = np.array([1.0, self.perceived_later * in_time, self.perceived_later * in_time])
        later = later * math.exp(-self.clawback_days / self.payout_patience)
        felt: np.ndarray = amount * worth * later
        return felt


class Incentives:
    """Promises, earns and holds back rewards for real invited people.

    An invitation speaks of a reward while the fund lasts. The promise is made when the invited person
    registers: it reserves the money of all stages, and without free money none is made. What is earned
    on a promise is always paid.
    """

    name = "incentives"
    phase = Phase.SETTLE
    reads = frozenset(
        {
            "records.registrations",
            "records.deliveries",
            "people.inviter",
            "people.id",
            "people.registered_day",
            "people.reward_stage",
            "operator.allowance",
        }
    )
    writes = frozenset(
        {
            "records.rewards",
            "records.spend",
            "ledger",
            "agendas.rewards",
            "agendas.promises",
            "operator.stage_counts",
            "operator.invited_life",
            "operator.kept_promises",
            "people.reward_stage",
        }
    )

    def __init__(self, params: IncentiveParams) -> None:
        self.params = params
        self.fen = np.array([to_fen(x) for x in params.schedule()[0]], np.int64)
        self.cost = params.cost_fen()

    def act(self, world: World, draw: Draw) -> None:
        """Stage 1 at registration, stages 2 and 3 at the hand-over of the first and second order."""
        world.agendas["promises"].take(world.clock.midnight)
        self._registered(world)
        self._ordered(world)

    def _registered(self, world: World) -> None:
        table = world.records.registrations
        invited = (table.today("inviter") >= 0) & ~table.today("fake")
        world.operator.stage_counts[0] += invited.sum()
        good = np.flatnonzero(invited & ~table.today("caught"))
        good = good[: promisable(world, self.cost, len(good))]
        persons = table.today("person")[good]
        earn(world, self.params, self.fen, table.today("inviter")[good], persons, 1, False)
        ends = world.clock.midnight + (1 + self.params.valid_days) * MINUTES_PER_DAY
        for stage in (2, 3):
            if self.cost[stage - 1]:
                world.agendas["promises"].add(
                    minute=np.full(len(persons), ends),
                    invitee=persons,
                    stage=stage,
                    fen=int(self.cost[stage - 1]),
                    own_fen=int(self.fen[stage - 1]),
                )

    def _ordered(self, world: World) -> None:
        deliveries, people = world.records.deliveries, world.people
        persons, times = np.unique(deliveries.today("person"), return_counts=True)
        seats = world.seats_of(persons)
        present = seats >= 0
        persons, seats, times = persons[present], seats[present], times[present]
        invited = people.inviter[seats] >= 0
        reserved = int(world.agendas["promises"].columns["fen"].sum())
        # hand-overs count, not orders placed: a second order may come before the first is handed over
        before = np.maximum(people.reward_stage[seats], 1)
        ever = np.flatnonzero(people.inviter >= 0)
        for stage in (2, 3):
            at = invited & (before < stage) & (stage <= before + times)
            world.operator.stage_counts[stage - 1] += at.sum()
            self._note(world, stage, ever, seats[at])
            kept, own, upper = redeem(world, persons[at], stage)
            inviters = people.inviter[seats[at]]
            earn_promised(world, self.params, (own, upper), inviters[kept], persons[at][kept], stage)
            people.reward_stage[seats[at]] = stage
        still = int(world.agendas["promises"].columns["fen"].sum())
        world.operator.kept_promises_fen = reserved - still

    @staticmethod
    def _note(world: World, stage: int, ever: np.ndarray, reached: np.ndarray) -> None:
        """Add today to the life table by which open promises are valued; ``ever`` are the invited's seats."""
        people = world.people
        at_risk = ever[(people.registered_day[ever] >= 0) & (people.reward_stage[ever] < stage)]
        known = reached[people.registered_day[reached] >= 0]
        days, today = (world.day - people.registered_day[seats] for seats in (at_risk, known))
        invited_people.note(world.operator.invited_life, stage, days, today)


def promisable(world: World, cost: np.ndarray, number: int) -> int:
    """How many of ``number`` accounts can be promised all stages of ``cost`` (fen); a stop is recorded."""
    return affordable(world, Spend.REWARD, int(cost.sum()), number)


def redeem(world: World, invitees: np.ndarray, stage: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Use up what was promised for a stage of invited people.

    Returns
    -------
    kept : bool[n]
        Something was promised.
    own, upper : int64[kept]
        What the inviter and the inviter's inviter were promised, fen: as it was offered then.
    """
    agenda = world.agendas["promises"]
    columns = agenda.columns
    if not len(columns["stage"]):
        nothing = np.zeros(0, np.int64)
        return np.zeros(len(invitees), np.bool_), nothing, nothing
    rows = np.flatnonzero(columns["stage"] == stage)
    rows = rows[np.argsort(columns["invitee"][rows], kind="stable")]
    held = columns["invitee"][rows]
    at = np.searchsorted(held, invitees)
    kept: np.ndarray = at < len(held)
    kept[kept] = held[at[kept]] == invitees[kept]
    own = columns["own_fen"][rows[at[kept]]]
    upper = columns["fen"][rows[at[kept]]] - own
    used = (columns["stage"] == stage) & np.isin(columns["invitee"], invitees)
    agenda.restore({c: values[~used] for c, values in columns.items()})
    return kept, own, upper


def earn_promised(
    world: World,
    params: IncentiveParams,
    promised: tuple[np.ndarray, np.ndarray],
    inviters: np.ndarray,
    invitees: np.ndarray,
    stage: int,
) -> None:
    """Book what was promised to inviters and to theirs, whatever is offered by now."""
    own, upper = promised
    if not own.any():
        return
    some = own > 0
    _book(world, params, inviters[some], invitees[some], own[some], stage, False)
    also = some & (upper > 0)
    above = _inviters_of(world, inviters[also])
    paid = above >= 0
    _book(world, params, above[paid], invitees[also][paid], upper[also][paid], stage, False)


def _inviters_of(world: World, persons: np.ndarray) -> np.ndarray:
    """int64[n]: who invited them; negative where nobody did, or they have left."""
    seats = world.seats_of(persons)
    above: np.ndarray = np.where(seats >= 0, world.people.inviter[np.maximum(seats, 0)], -1)
    return above


def earn(
    world: World,
    params: IncentiveParams,
    fen: np.ndarray,
    inviters: np.ndarray,
    invitees: np.ndarray,
    stage: int,
    fake: bool,
) -> None:
    """Book rewards as earned (an expense and a debt) and plan their payment."""
    amount = int(fen[stage - 1])
    if amount == 0 or not len(inviters):
        return
    _book(world, params, inviters, invitees, amount, stage, fake)
    if params.levels == 2:
        upper = _inviters_of(world, inviters)
        paid = upper >= 0
        _book(world, params, upper[paid], invitees[paid], round(amount * params.second_level), stage, fake)


def _book(
    world: World,
    params: IncentiveParams,
    inviters: np.ndarray,
    invitees: np.ndarray,
    amount: int | np.ndarray,
    stage: int,
    fake: bool,
) -> None:
    total = int(np.sum(np.broadcast_to(amount, len(inviters))))
    if total == 0:
        return
    world.records.rewards.append(
        inviter=inviters,
        invitee=invitees,
        day=world.day,
        stage=stage,
        fen=amount,
        fake=fake,
        clawed_back=False,
    )
    world.spend(Spend.REWARD, total)
    due = world.clock.midnight + (1 + params.clawback_days) * MINUTES_PER_DAY
    world.agendas["rewards"].add(
        minute=np.full(len(inviters), due),
        inviter=inviters,
        invitee=invitees,
        fen=amount,
        stage=stage,
        fake=fake,
    )


class Payout:
    """Pays rewards whose clawback window has closed; takes back what a second look finds fake."""

    name = "payout"
    phase = Phase.DECIDE
    reads = frozenset({"agendas.rewards", "operator.review_intensity~"})
    writes = frozenset({"agendas.rewards", "records.rewards", "records.spend", "ledger"})

    def __init__(self, detection: float, incentive: IncentiveParams) -> None:
        self.detect_later = detection * incentive.found_by(incentive.clawback_days)

    def act(self, world: World, draw: Draw) -> None:
        """Fake accounts that never came back are found out with the share reviewed."""
        due = world.agendas["rewards"].take(world.clock.midnight + 1)
        if not len(due["fen"]):
            return
        looked = keyed_uniforms(draw.timeless("reward.second_look"), due["invitee"], 0)
        caught = due["fake"] & (looked < world.operator.review_intensity * self.detect_later)
        world.ledger.pay("cash", "rewards_payable", int(due["fen"][~caught].sum()))
        back = int(due["fen"][caught].sum())
        world.spend(Spend.REWARD, -back)
        rows = {c: due[c][caught] for c in ("inviter", "invitee", "stage", "fen", "fake")}
        world.records.rewards.append(**rows, day=world.day, clawed_back=True)

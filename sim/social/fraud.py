"""Fraud: fake accounts appear where they pay, and review catches part of them at a price.

A cheat compares what a fake account brings in cash with what it costs to make and the
expected penalty of being caught; each person has a cost of faking. Stages that need an order
cost the cheat an order. Review reads a share of new invited accounts; it costs reviewers, turns
some honest people away, and slows and deters honest invitations.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from sim.core.jit import njit
from sim.core.ledger import to_fen
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, hash_id, keyed_poisson, keyed_uniform
from sim.mechanism import Phase
from sim.social.incentives import IncentiveParams, earn, promisable
from sim.stations.pool import Pool, PoolParams, Team
from sim.world.money import affordable
from sim.world.schema import Source, Spend
from sim.world.world import World

#: bool[n] each: whom somebody reads, and whom the review rejects.
Verdicts = tuple[np.ndarray, np.ndarray]
#: Fake accounts of one person and day, at most: beyond it the keyed Poisson draw is not exact.
MOST_FAKES = 20.0
#: Who reviews, where the strategy has a team for it.
REVIEWERS = Pool(
    "reviewers",
    "Reviews invited accounts.",
    "reviewers",
    int(Spend.REVIEW),
    used=lambda fraud: fraud.review_by == "team",
)


class FraudParams(Params):
    """Cheating and review."""

    enabled: bool = constant(True, "switch", "definition")
    """Off: nobody cheats and nobody is reviewed."""

    opportunists: float = uncertainty(
        0.08, "share of registered users", "A-230", ge=0, le=1, span=(0.02, 0.2)
    )
    """People who would cheat if it paid."""

    attempts: float = uncertainty(
        0.06, "fake accounts/opportunist/day", "A-231", ge=0, le=20, span=(0.02, 0.2)
    )
    """When the gain equals the cost of faking; grows with the gain."""

    fake_order_cost: float = uncertainty(25.0, "CNY/order", "A-232", ge=0, le=1000, span=(10, 40))
    """Loss on goods that a cheat must buy and resell to make an account look like a buyer."""

    penalty: float = uncertainty(20.0, "CNY", "A-233", ge=0, le=1000, span=(5, 50))
    """What being caught costs a cheat: the account, held-back rewards, shame."""

    review: float = lever(0.3, "share of invited accounts", "S040", ge=0, le=1, span=(0.0, 0.8))
    """Review intensity; an alarm may raise it for a while."""

    detection: float = uncertainty(0.8, "chance", "A-234", ge=0, le=1, span=(0.5, 0.95))
    """A fake account that is reviewed is found out."""

    false_positive: float = uncertainty(0.02, "chance", "A-235", ge=0, le=1, span=(0, 0.06))
    """An honest account that is reviewed is turned away."""

    review_cost: float = uncertainty(1.0, "CNY/review", "A-236", ge=0, le=100, span=(0.5, 3))
    """Less than two minutes of a reviewer (fraud.reviewers.wage), where reviews are paid by the piece."""

    review_by: Literal["piece", "team"] = lever("piece", "rule", "S040")
    """piece: as many reviews as are wanted, each paid (fraud.review_cost); team: by people of one's own."""

    reviewers: PoolParams = PoolParams(minutes=2.0)
    """The team where fraud.review_by=team: accounts wait for it, and whoever waits too long passes unread."""

    deterred: float = uncertainty(0.3, "share", "A-869", ge=0, le=1, span=(0, 0.6))
    """Rewarded invitations that honest senders do not send when every invited account is reviewed; less in
    proportion."""

    review_hours: float = uncertainty(12.0, "hours", "A-870", ge=0, le=240, span=(1, 48))
    """How much later a rewarded invitation that is reviewed reaches the friend; with a team of reviewers, as
    long as accounts now wait for it."""

    offence: float = uncertainty(0.3, "share", "A-237", ge=0, le=1, span=(0.1, 0.6))
    """Trust lost by an honest person whose account is turned away."""


def reviewed_share(params: FraudParams, intensity: float, reward_fen: float) -> float:
    """Share of invited accounts reviewed: the operator's, as far as a reward is worth a review.

    Nobody reads an account for 1 CNY to save a fen: below the cost of a review the share falls in
    proportion to the reward, so that the first fen of a reward brings no staff of reviewers.
    """
    return intensity * min(1.0, reward_fen / to_fen(max(params.review_cost, 0.01)))


def reviewers(params: FraudParams, world: World) -> Team | None:
    """The team that reviews; None where reviews are paid by the piece."""
    return world.teams[REVIEWERS.name] if params.review_by == "team" else None


def read_share(params: FraudParams, world: World) -> float:
    """Share of the accounts picked for review that somebody lately found time to read."""
    team = reviewers(params, world)
    return 1.0 if team is None else team.served


def review_hours(params: FraudParams, world: World) -> float:
    """How long a review now takes, from an account's arrival to the verdict."""
    team = reviewers(params, world)
    return params.review_hours if team is None else team.wait_hours


def best_gain(params: FraudParams, incentive: IncentiveParams, review: float) -> tuple[float, int]:
    """Best cash a fake account can bring before its cost of faking, CNY, and the stage to stop at."""
    amount, cash = incentive.schedule()
    value = np.where(cash, amount, amount * incentive.voucher_cash)
    caught = review * params.detection
    best, stage, total = 0.0, 0, 0.0
    for s in range(len(value)):
        total += value[s] * (1.0 - caught) - (params.fake_order_cost if s > 0 else 0.0)
        if total > best:
            best, stage = total, s + 1
    return best - params.penalty * caught, stage


@njit(cache=True)
def _cheat(who_stream, stream, day, opportunists, attempts, gain, people_id, registered, cost):
    """Fake accounts of the day: seats of their makers, ids of the accounts, and their expected number."""
    makers, ids = [], []
    expected = 0.0
    for i in range(people_id.shape[0]):
        if not registered[i] or gain <= cost[i]:
            continue
        if keyed_uniform(who_stream, people_id[i], 0) >= opportunists:
            continue
        mean = min(MOST_FAKES, attempts * gain / cost[i])
        expected += mean
        for k in range(keyed_poisson(stream, people_id[i], 0, mean)):
            makers.append(i)
            ids.append(hash_id(people_id[i], day, 1000 + k))
    return np.array(makers, dtype=np.int64), np.array(ids, dtype=np.int64), expected


@njit(cache=True)
def _review(stream, ids, intensity, chance):
    """(reviewed, caught) of each account."""
    reviewed = np.zeros(ids.shape[0], np.bool_)
    caught = np.zeros(ids.shape[0], np.bool_)
    for k in range(ids.shape[0]):
        reviewed[k] = keyed_uniform(stream, ids[k], 0) < intensity
        caught[k] = reviewed[k] and keyed_uniform(stream, ids[k], 1) < chance
    return reviewed, caught


class Fraud:
    """Fake accounts and the review of all invited accounts of the day."""

    name = "fraud"
    phase = Phase.SETTLE
    reads = frozenset(
        {
            "people.id",
            "people.registered",
            "people.cost_of_faking",
            "operator.review_intensity",
            "operator.allowance",
            "people.trust",
            "teams",
        }
    )
    writes = frozenset(
        {
            "records.registrations",
            "records.rewards",
            "records.spend",
            "ledger",
            "agendas.rewards",
            "people.trust",
            "people.registered",
            "people.inviter",
            "teams",
        }
    )

    def __init__(self, params: FraudParams, incentive: IncentiveParams) -> None:
        self.params = params
        self.incentive = incentive
        self.fen = np.array([to_fen(x) for x in incentive.schedule()[0]], np.int64)

    def act(self, world: World, draw: Draw) -> None:
        """Make fakes, review everybody who was invited, reward the fakes that got through."""
        makers, ids, stage, expected = self._make(world, draw)
        self._review_honest(world, draw)
        found_out = self._intensity(world) * read_share(self.params, world) * self.params.detection
        world.count("fakes_expected", expected)
        world.count("fakes_caught_expected", expected * found_out)
        if not len(ids):
            return
        p, review = self.params, self._intensity(world)
        minutes = np.full(len(ids), world.clock.midnight + 1439)
        verdicts = _review(draw("fraud.review"), ids, review, p.detection)
        reviewed, caught = self._reviewed(world, draw, ids, minutes, verdicts)
        inviters = world.people.id[makers]
        world.records.registrations.append(
            person=ids,
            day=world.day,
            minute=minutes,
            source=int(Source.INVITATION),
            platform=1,
            inviter=inviters,
            fake=True,
            caught=caught,
            seen_new=True,
            caught_probability=found_out,
        )
        self._pay_reviewers(world, int(reviewed.sum()))
        passed = np.flatnonzero(~caught)
        passed = passed[: promisable(world, self.incentive.cost_fen()[:stage], len(passed))]
        for s in range(1, stage + 1):
            earn(world, self.incentive, self.fen, inviters[passed], ids[passed], s, True)

    def _intensity(self, world: World) -> float:
        return reviewed_share(self.params, world.operator.review_intensity, float(self.fen.sum()))

    def _make(self, world: World, draw: Draw) -> tuple[np.ndarray, np.ndarray, int, float]:
        """Seats of makers, ids of fakes, the stage they go to, and the mean number of fakes."""
        p, people = self.params, world.people
        found = self._intensity(world) * read_share(p, world)
        gain, stage = best_gain(p, self.incentive, found)
        if gain <= 0.0 or world.free_fen() < self.incentive.cost_fen().sum():
            return np.zeros(0, np.int64), np.zeros(0, np.int64), 0, 0.0
        makers, ids, expected = _cheat(
            draw.timeless("fraud.opportunist"),
            draw("fraud.attempt"),
            world.day,
            p.opportunists,
            p.attempts,
            gain,
            people.id,
            people.registered,
            people.cost_of_faking,
        )
        return makers, ids, stage, expected

    def _review_honest(self, world: World, draw: Draw) -> None:
        """Honest invited accounts are reviewed too; some are turned away and resent it."""
        review = self._intensity(world)
        if review == 0.0:
            return
        table, p = world.records.registrations, self.params
        invited = np.flatnonzero(table.today("inviter") >= 0)
        persons, minutes = table.today("person")[invited], table.today("minute")[invited]
        chance = review * read_share(p, world) * p.false_positive
        verdicts = _review(draw("fraud.review"), persons, review, p.false_positive)
        reviewed, caught = self._reviewed(world, draw, persons, minutes, verdicts)
        table.today("caught")[invited] = caught
        table.today("caught_probability")[invited] = chance
        self._pay_reviewers(world, int(reviewed.sum()))
        seats = world.seats_of(persons[caught])
        seats = seats[seats >= 0]
        world.people.registered[seats] = False
        world.people.inviter[seats] = -1  # nobody is paid for an account that was turned away
        world.people.trust[seats] *= 1.0 - p.offence

    def _reviewed(
        self, world: World, draw: Draw, ids: np.ndarray, minutes: np.ndarray, verdicts: Verdicts
    ) -> Verdicts:
        """As many reviews as there are people or money for; whom nobody reads, nobody rejects."""
        reviewed, caught = verdicts
        if (team := reviewers(self.params, world)) is not None:
            reviewed[reviewed] = team.work(draw, ids[reviewed], minutes[reviewed]).done
            return reviewed, caught & reviewed
        number = affordable(world, Spend.REVIEW, self.params.review_cost * 100.0, int(reviewed.sum()))
        reviewed = reviewed & (np.cumsum(reviewed) <= number)
        return reviewed, caught & reviewed

    def _pay_reviewers(self, world: World, number: int) -> None:
        if self.params.review_by == "team":  # which has its wages
            return
        fen = to_fen(self.params.review_cost * number)
        world.spend(Spend.REVIEW, fen)

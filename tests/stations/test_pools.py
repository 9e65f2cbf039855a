"""Pools of people against queueing theory, on the function that a market's day calls."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.clock import MINUTES_PER_DAY
from sim.core.rng import Draw
from sim.stations.pool import TICKS, PoolParams, Team, Work
from sim.stations.queues import worked

REPLICATIONS, WARM_UP = 60, 2_000
SERVICE = 10.0


def team(servers: int, **params: float) -> Team:
    """People who work round the clock, 10 minutes a task, nothing learnt."""
    usual = {"staff": 1.0, "minutes": SERVICE, "opens": 0.0, "hours": 24.0, "patience": 8760.0}
    made = Team("advisers", PoolParams(**(usual | params)))
    made.staff(servers, 0)
    return made


def live(made: Team, load: float, tasks: int, seed: int) -> tuple[np.ndarray, Work]:
    """Poisson arrivals at ``load`` busy people, handed over in days as a market does."""
    rng = np.random.default_rng([round(load * 100), seed])
    minutes = np.cumsum(rng.exponential(SERVICE / load, tasks))
    parts = np.split(np.arange(tasks), np.searchsorted(minutes, np.arange(1, 400) * MINUTES_PER_DAY))
    done = [made.work(Draw(seed), part + 1, minutes[part]) for part in parts if len(part)]
    return minutes, Work(*(np.concatenate(column) for column in zip(*done, strict=True)))


def within(values: list[float], theory: float) -> None:
    """Mean of the replications within three of its standard errors of theory, which are small."""
    error = np.std(values, ddof=1) / math.sqrt(len(values))
    assert abs(np.mean(values) - theory) < 3 * error, f"{np.mean(values)} is not {theory} within 3 x {error}"
    assert error < 0.05 * theory, "the replications are too few to say anything"


def erlang_b(servers: int, load: float) -> float:
    blocked = 1.0
    for c in range(1, servers + 1):
        blocked = load * blocked / (c + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    blocked = erlang_b(servers, load)
    return blocked / (1.0 - load / servers * (1.0 - blocked))


def erlang_a(servers: int, load: float, patience: float) -> float:
    """Share that gives up, by the stationary distribution of the birth-and-death chain (Palm)."""
    rates = [1.0]
    for k in range(1, 4000):
        leaving = min(k, servers) + max(0, k - servers) / patience
        rates.append(rates[-1] * load / leaving)
        if rates[-1] < 1e-15 * max(rates):
            break
    chance = np.array(rates) / sum(rates)
    queue = float(chance @ np.maximum(0, np.arange(len(chance)) - servers))
    return queue / patience / load


@pytest.mark.exact
@pytest.mark.parametrize(("servers", "load"), [(1, 0.7), (3, 2.4), (10, 9.0)])
def test_advisers_keep_customers_waiting_as_erlang_says(servers: int, load: float) -> None:
    """M/M/c: the chance of waiting and the mean wait."""
    waited, waits = [], []
    for seed in range(REPLICATIONS):
        _, work = live(team(servers), load, 22_000, seed)
        wait = work.waited[WARM_UP:]
        waited.append(float((wait > 0).mean()))
        waits.append(float(wait.mean()))
    chance = erlang_c(servers, load)
    within(waited, chance)
    within(waits, chance * SERVICE / (servers - load))


@pytest.mark.exact
@pytest.mark.parametrize(("servers", "load"), [(2, 1.0), (5, 4.0), (5, 15.0)])
def test_nobody_waits_at_a_loss_system(servers: int, load: float) -> None:
    """Erlang's loss formula, far above capacity too."""
    lost = []
    for seed in range(REPLICATIONS):
        _, work = live(team(servers, patience=0.0), load, 12_000, seed)
        lost.append(1.0 - float(work.done[WARM_UP:].mean()))
    within(lost, erlang_b(servers, load))


@pytest.mark.exact
@pytest.mark.parametrize(("servers", "load", "patience"), [(4, 4.0, 1.0), (4, 12.0, 3.0), (10, 11.0, 2.0)])
def test_overload_makes_people_give_up(servers: int, load: float, patience: float) -> None:
    """Erlang-A: patience in multiples of a task; at three times the capacity two in three give up."""
    lost = []
    for seed in range(REPLICATIONS):
        made = team(servers, patience=patience * SERVICE / 60.0)
        _, work = live(made, load, 12_000, seed)
        lost.append(1.0 - float(work.done[WARM_UP:].mean()))
    within(lost, erlang_a(servers, load, patience))
    if load > 2 * servers:
        assert np.mean(lost) == pytest.approx(1 - servers / load, abs=0.01)


@pytest.mark.exact
def test_with_endless_patience_the_backlog_grows_as_a_fluid() -> None:
    """Three times too much work: after n arrivals two thirds of them wait, and the last wait accordingly."""
    n, servers, load = 9_000, 4, 12.0
    waits = []
    for seed in range(REPLICATIONS):
        minutes, work = live(team(servers, patience=8760.0), load, n, seed)
        waits.append(float(work.start[-1] - minutes[-1]))
    # the last one starts when the others' work, shared by all, is done
    backlog_minutes = n * SERVICE / servers - n * SERVICE / load
    assert np.mean(waits) == pytest.approx(backlog_minutes, rel=0.02)


@pytest.mark.exact
@pytest.mark.parametrize("shape", [0.5, 1.0, 3.4, 20.0])
def test_tasks_take_their_mean_time_however_even_they_are(shape: float) -> None:
    """Weibull: mean as stated, squared variation G(1 + 2/k) / G(1 + 1/k)^2 - 1."""
    n = 40_000
    made = team(n, evenness=shape)
    work = made.work(Draw(11), np.arange(n), np.zeros(n))
    minutes = (work.end - work.start) - 0.5  # ends are rounded up
    square = math.gamma(1 + 2 / shape) / math.gamma(1 + 1 / shape) ** 2 - 1
    error = SERVICE * math.sqrt(square / n)
    assert minutes.mean() == pytest.approx(SERVICE, abs=3 * error + 0.02)


def test_some_tasks_are_never_given_up() -> None:
    made = team(1, patience=0.0)
    assert made.work(Draw(1), np.arange(9), np.zeros(9), waits=True).done.all()


def test_shifts_interrupt_work_and_whoever_comes_at_night_waits_for_the_morning() -> None:
    """One person, 9 to 18, tasks of an hour: at 17:30 half is left for the next day, at 20:00 all."""
    made = team(1, minutes=60.0, opens=9.0, hours=9.0, evenness=20.0)
    work = made.work(Draw(1), np.array([1, 2]), np.array([17 * 60 + 30, 20 * 60]))
    length = work.end[0] - (9 * 60 + MINUTES_PER_DAY)
    assert work.start[0] == 17 * 60 + 30
    assert 20 < length < 45  # half an hour is done today, the rest tomorrow
    assert work.start[1] == pytest.approx(work.end[0], abs=1)


def test_a_shift_over_midnight_is_one_shift() -> None:
    made = team(1, minutes=30.0, opens=22.0, hours=6.0, evenness=20.0)
    work = made.work(Draw(1), np.array([1, 2]), np.array([60, 5 * 60]))
    assert work.start[0] == 60
    assert work.start[1] == 22 * 60


@pytest.mark.parametrize(
    ("consumers", "opens", "hours"), [(2_500, 15.75, 2.25), (10_000, 9.0, 9.0), (40_000, 9.0, 9.0)]
)
def test_part_of_a_shift_is_its_beginning_or_its_end(consumers: int, opens: float, hours: float) -> None:
    """A quarter of nine hours: two and a quarter, from 9 on or until 18."""
    full = PoolParams(staff=1.0, opens=9.0, hours=9.0)
    assert full.in_market(consumers).opens == 9.0
    assert full.in_market(consumers).hours == hours
    ending = full.in_market(consumers, keeps_end=True)
    assert (ending.opens, ending.hours) == (opens, hours)


def test_the_end_of_a_shift_over_midnight_may_be_in_the_morning() -> None:
    night = PoolParams(staff=1.0, opens=22.0, hours=8.0).in_market(2_500, keeps_end=True)
    assert (night.opens, night.hours) == (4.0, 2.0)


def test_nobody_on_the_shift_serves_nobody() -> None:
    work = team(0).work(Draw(1), np.arange(3), np.arange(3))
    assert not work.done.any()


def test_practice_makes_tasks_shorter_by_its_share_a_doubling() -> None:
    """After 200 tasks each, on top of the 200 that count as known, one doubling: 20% less time."""
    made = team(2, learning=0.2, practice=200.0, skill=2.0)
    assert made.task_minutes == pytest.approx(5.0)
    made.done = 400.0
    assert made.task_minutes == pytest.approx(4.0)
    made.done = 1200.0
    assert made.task_minutes == pytest.approx(3.2)


def test_ids_settle_ties_and_seats_never_do() -> None:
    """The same tasks in another order end at the same times."""
    ids, minutes = np.array([5, 3, 9, 1]), np.array([10.0, 10.0, 10.0, 4.0])
    one = team(1).work(Draw(7), ids, minutes)
    order = np.array([2, 0, 3, 1])
    other = team(1).work(Draw(7), ids[order], minutes[order])
    np.testing.assert_array_equal(one.end[order], other.end)


def test_a_team_that_shrinks_keeps_those_who_are_free_first() -> None:
    made = team(3)
    made.free = np.array([5, 50, 500])
    assert made.staff(2, 0) == pytest.approx(500 / 3600)  # what whoever leaves has in hand, hours
    assert made.free.tolist() == [5, 50]
    assert made.staff(4, 10 * MINUTES_PER_DAY) == 0.0
    assert sorted(made.free.tolist())[:2] == [5, 50]
    assert len(made) == 4


@pytest.mark.parametrize(
    ("hours", "new", "begins"), [(24.0, 8.0, 9 + 5), (8.0, 24.0, 5), (6.0, 5.0, 24 + 9), (9.0, 9.0, 9 + 5)]
)
def test_other_shifts_leave_people_with_the_hours_of_work_they_had(
    hours: float, new: float, begins: int
) -> None:
    """On day 400 somebody has 5 hours in hand, of shifts from 9: what comes at midnight waits for them."""
    day = 400 * MINUTES_PER_DAY
    made = team(1, opens=9.0, hours=hours)
    made.free = np.array([worked(day * TICKS, *made.shift) + 5 * 60 * TICKS])
    made.adopt(made.params.model_copy(update={"hours": new}), day)
    assert made.work(Draw(1, 400), np.array([2]), np.array([day])).start == day + 60 * begins


def test_a_snapshot_of_a_team_knows_by_which_numbers_it_worked() -> None:
    one, other = team(2, wage=50.0, opens=18.0, hours=4.0), Team("advisers", PoolParams())
    other.restore(one.state())
    assert other.params == one.params


def test_a_snapshot_of_a_team_works_on_as_the_team() -> None:
    one, other = team(2, learning=0.3), team(0, learning=0.3)
    one.work(Draw(1), np.arange(500), np.arange(500.0))
    other.restore(one.state())
    later = np.arange(500.0, 900.0)
    ids = np.arange(400)
    np.testing.assert_array_equal(one.work(Draw(2), ids, later).end, other.work(Draw(2), ids, later).end)
    assert one.wait_hours == other.wait_hours > 0

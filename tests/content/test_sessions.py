"""Own livestream sessions: who comes, when, how often again, what it costs, and when nobody comes."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from sim.content.session_audience import Session, Viewers, audience
from sim.content.sessions import SessionParams, Sessions
from sim.market import Market
from sim.world.accounts import Account
from sim.world.schema import Source, Spend
from sim.world.terms import TermSum
from tests.conftest import live, small_market

STREAM = np.uint64(4711)
N = 40_000


def people(**changes) -> Viewers:
    """Users of one platform, alike unless told otherwise."""
    usual = {
        "id": np.arange(N, dtype=np.int64),
        "group": np.zeros(N, np.int8),
        "activity": np.ones(N, np.float32),
        "affinity": np.ones((N, 7), np.float32),
        "sessions_follows": np.zeros(N, bool),
        "sessions_watched": np.zeros(N, np.float32),
        "sessions_seeded_until": np.zeros(N, np.int64),
    }
    return Viewers(**{**usual, **changes})


def session(**changes) -> Session:
    """Two hours of which people are awake for a fifth of their day, most of it in the second hour."""
    usual = {
        "id": 1, "platform": 0, "start": 1200, "minutes": 120, "awake": np.array([0.2]),
        "clock": np.array([[0.0, 0.25, 1.0]]), "feed": 0.3, "followed": 2.0, "lift": 4.0, "tires": 0.5,
    }  # fmt: skip
    return Session(**{**usual, **changes})


def close(count: int, chance: float, n: int = N) -> bool:
    """Within four standard errors of a binomial."""
    return abs(count - n * chance) < 4.0 * math.sqrt(n * chance * (1.0 - chance))


@pytest.mark.parametrize(
    ("changes", "rate"),
    [
        ({}, 0.3 * 0.2),
        ({"sessions_seeded_until": np.full(N, 1201)}, 4.0 * 0.3 * 0.2),
        ({"sessions_seeded_until": np.full(N, 1200)}, 0.3 * 0.2),
        ({"sessions_follows": np.ones(N, bool)}, (0.3 + 2.0) * 0.2),
        ({"sessions_watched": np.full(N, 2.0, np.float32)}, 0.3 * 0.2 * math.exp(-1.0)),
        ({"activity": np.full(N, 0.5, np.float32)}, 0.3 * 0.2 * 0.5),
    ],
)
def test_as_many_come_as_their_rates_say(changes, rate):
    """Chance 1 - exp(-rate) of everybody, four standard errors."""
    seats, minutes, _, _ = audience(STREAM, session(), people(**changes))
    assert close(len(seats), 1.0 - math.exp(-rate))
    assert ((minutes >= 1200) & (minutes < 1320)).all()
    assert close(int((minutes >= 1260).sum()), 0.75, len(seats))


def test_nobody_comes_from_other_platforms_but_followers():
    affinity = np.ones((N, 7), np.float32)
    affinity[:, 0] = 0.0
    follows = np.arange(N) % 2 == 0
    seats, _, _, followers = audience(STREAM, session(), people(affinity=affinity, sessions_follows=follows))
    assert follows[seats].all()
    assert followers.all()
    assert close(len(seats), 1.0 - math.exp(-2.0 * 0.2), int(follows.sum()))


def test_who_comes_does_not_depend_on_who_else_is_there():
    everybody = audience(STREAM, session(), people())[0]
    half = np.arange(0, N, 2)
    some = audience(STREAM, session(), Viewers(*(column[half] for column in people())))[0]
    assert (half[some] == everybody[everybody % 2 == 0]).all()


WORDS = ("sessions=daily", "sessions.per_week=7", "sessions.hour=20", "control=media")


@pytest.fixture(scope="module")
def market():
    return live(small_market("baseline", *WORDS, size=3000), 8)


def test_a_session_a_day_is_held_in_its_hour_and_paid_for(market):
    held = market.world.records.tables["sessions_held"]
    assert (held["start_minute"] % 1440 == 20 * 60).all()
    assert len(held["day"]) == 8
    spend = market.world.records.spend
    paid = int(spend["fen"][spend["kind"] == int(Spend.SESSIONS)].sum())
    assert paid == int(held["staff_fen"].sum() + market.world.records.tables["sessions_seeding"]["fen"].sum())
    assert paid == market.world.ledger.balance[Account.SESSIONS.key]
    assert (held["staff_fen"] == 3 * 8 * 3 * 100).all()  # three hours, 8 CNY an hour, 3,000 people


def test_viewers_visit_from_the_session_and_some_follow_it(market):
    held, visits = market.world.records.tables["sessions_held"], market.world.records.visits
    live_visits = visits["source"] == int(Source.LIVESTREAM)
    own = np.isin(visits["touch"], held["session"])
    assert own[live_visits].any()
    assert 0 < own.sum() <= held["viewers"].sum()
    assert market.world.people.sessions_follows.any()
    assert held["followers"][-1] > held["followers"][0] == 0


def test_at_night_hardly_anybody_is_there():
    """The hour is a lever: between 3 and 6 people spend a fiftieth of the evening's time on their phones."""
    night = live(small_market("baseline", *WORDS, "sessions.hour=3", size=3000), 4)
    evening = live(small_market("baseline", *WORDS, size=3000), 4)
    viewers = [m.world.records.tables["sessions_held"]["viewers"].sum() for m in (night, evening)]
    assert viewers[0] < 0.15 * viewers[1]


#: The room's platform loses nearly all of its traffic from the second day on.
LOST = ("shock=platform_loss", "shock.size=0.95", "shock.platform=douyin", "shock.start=1", "shock.days=5")


def test_hardly_anybody_comes_where_the_platform_has_lost_its_traffic():
    held = live(
        small_market("baseline", *WORDS, *LOST, "sessions.clip_reach=0", size=6000), 4
    ).world.records.tables["sessions_held"]
    usual, lost = held["viewers"][0], held["viewers"][1:]
    assert usual > 50
    assert lost.max() < 0.05 * usual + 4.0 * math.sqrt(0.05 * usual)


def test_clips_are_shown_as_far_as_the_platform_shows_anything_and_paid_whoever_sees_them():
    """A platform that has lost 95% of its traffic shows a twentieth of the clips, at the same cost."""
    market = live(small_market("baseline", *WORDS, *LOST, "sessions.clip_reach=0.1", size=6000), 4)
    seeding = market.world.records.tables["sessions_seeding"]
    usual, lost = seeding["reached"][0], seeding["reached"][1:]
    assert usual > 200
    assert (abs(lost - 0.05 * usual) < 4.0 * math.sqrt(0.05 * usual) + 0.05 * 4.0 * math.sqrt(usual)).all()
    assert (seeding["fen"] == 1 * 3 * 6 * 100).all()  # one clip a day, 3 CNY for every 1,000 people


def test_without_money_no_session_is_held():
    words = ("sessions=daily", "control.daily_budget=0")
    market = live(small_market("baseline", *words, size=1500), 3)
    assert len(market.world.records.tables["sessions_held"]["day"]) == 0
    assert market.world.ledger.balance.get(Account.SESSIONS.key, 0) == 0


class OfVisits:
    """A world of visits alone: two from a session of today, one from yesterday's, one from a host's post."""

    day = 40

    def __init__(self) -> None:
        live, ids = int(Source.LIVESTREAM), [Sessions._id(40, 0), Sessions._id(40, 0), Sessions._id(39, 0), 5]
        visits = {"touch": np.array(ids), "source": np.array([live, int(Source.SHARE), live, live])}
        self.flow = SimpleNamespace(visits=visits, cart=TermSum("cart"), basket=TermSum("basket"))


@pytest.mark.parametrize("seconds", [0.0, 30.0, 60.0])
def test_interaction_makes_orders_of_the_moment_and_larger_ones(seconds):
    """Each five seconds beyond 30 raise an order's value by 0.8% (F034), heat in proportion."""
    feature, world = Sessions(SessionParams(interaction=seconds), np.ones((3, 24)) / 24, 0.8), OfVisits()
    feature.engage(world, None)
    ours = np.array([1.0, 0.0, 1.0, 0.0])
    assert world.flow.cart.heat(4) == pytest.approx(ours * 0.8 * (seconds / 30.0 - 1.0))
    assert np.exp(world.flow.basket.total(4)) == pytest.approx(1.008 ** (ours * (seconds - 30.0) / 5.0))


def test_interaction_asks_for_staff():
    """Twice the usual interaction takes staff and a half."""
    usual, warm = (
        live(small_market("baseline", *WORDS, f"sessions.interaction={s}", size=400), 3) for s in (30, 60)
    )
    staff = [m.world.records.tables["sessions_held"]["staff_fen"] for m in (usual, warm)]
    assert (staff[1] == np.rint(1.5 * staff[0])).all()


HOSTS = (
    "influencers.sessions_per_week=70", "influencers.audience.kol_share=0.3", "influencers.session_watch=0.8",
    "influencers.session_click=0.9", "control=media", "influencers.session_commission=0.5",
)  # fmt: skip


def looked_in(*words: str, days: int = 4) -> tuple[int, int]:
    """Hosts' sessions held in a few days, and how many looked in."""
    posts = live(small_market("baseline", *HOSTS, *words, size=1500), days).world.records.posts
    chosen = posts["source"] == int(Source.LIVESTREAM)
    return int(chosen.sum()), int(posts["reach"][chosen].sum())


def test_hosts_sessions_in_the_small_hours_are_hardly_seen():
    """Goods of the evening shown seven hours later, in the small hours, when hardly anybody is awake."""
    held, evening = looked_in()
    moved, night = looked_in("influencers.session_shift=7")
    assert held > 10
    assert moved > 10
    assert night / moved < 0.6 * evening / held


def test_hosts_demand_a_discount():
    """Without one no host comes; at the usual demand 63% of those whom the commission wins do."""
    assert looked_in("influencers.session_discount=0")[0] == 0
    some, everybody = (looked_in(f"influencers.session_discount={d}", days=12)[0] for d in (0.08, 0.8))
    ready = 1.0 - math.exp(-1.0)
    assert abs(some / everybody - ready) < 4.0 * math.sqrt(ready * (1.0 - ready) / everybody) + 0.02


def test_a_voice_is_heard_once_where_influencers_stop():
    """Hosts of the burn-in are gone, the room stays: sessions alone speak for carts."""
    words = ("sessions=daily", "influencers=none", "population.size=500", "experiment.burn_in_days=5")
    market = Market.from_scenario("baseline", *words, "experiment.warmup_days=1").run(days=3)
    assert market.world.records.tables["sessions_held"]["viewers"].sum() > 0


def test_no_session_is_held_and_no_clip_shown_in_a_stage_without_a_room():
    """Two days with a room and two without: what it kept of people stays, nobody new is let in."""
    words = ("sessions=daily", "control=media", "plan.stages.a.days=2", "plan.stages.b.options.sessions=none")
    kept = live(small_market("baseline", *words, size=500), 4).world.records.tables
    for table in ("sessions_held", "sessions_seeding"):
        assert set(kept[table]["day"].tolist()) == {0, 1}, table

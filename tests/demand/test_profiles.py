"""Estimates of what people wish for: Bayes, what is shared, who refuses, and what that does to visits."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest

from sim.core.clock import DAYPART_STARTS
from sim.demand.profiles import KEEPERS, LOOKS, Profiles, ProfilesParams, estimate
from sim.world.catalog import CATEGORIES
from sim.world.platforms import PLATFORMS
from sim.world.schema import Source
from tests.conftest import LIVELY, live, small_market

FREE = ("channel_mix.linked_ids=true", "channel_mix.linked_ids_cost=0", "traffic.linked_click=0",
        "choice.unlinked=0")  # fmt: skip
APART = ("channel_mix.linked_ids=false", *FREE[1:])
SHOWN = (int(Source.ORGANIC_FEED), int(Source.PAID_MEDIA))
WISHES = (*LIVELY, "control=media", "profiles=kept", "profiles.guessed=1")


@functools.cache
def play(*words: str, replication: int = 0, days: int = 8):
    market = small_market("baseline", *WISHES, *words, size=1500, replication=replication)
    return live(market, days).world


def matched(world) -> float:
    """Impressions that showed the wish, of all to people who have one."""
    shown = world.records.tables["profiles_shown"]
    return float(shown["known"].sum() / shown["offered"].sum())


def test_an_estimate_is_the_mean_that_bayes_gives():
    """Against the mean of a thousand wishes drawn from the prior, weighted by how likely the looks are."""
    wanted, looks = np.array([0.5, 0.3, 0.2]), np.array([4.0, 0.0, 1.0])
    drawn = np.random.default_rng(1).dirichlet(3.0 * wanted, 400_000)
    likely = (drawn**looks).prod(axis=1)
    mean = (likely[:, None] * drawn).sum(axis=0) / likely.sum()
    error = np.sqrt((likely[:, None] ** 2 * (drawn - mean) ** 2).sum(axis=0)) / likely.sum()
    found = estimate(looks[None], wanted[None], 3.0)[0]
    assert (np.abs(found - mean) < 4.0 * error).all()
    assert estimate(np.zeros((1, 3)), wanted[None], 3.0)[0] == pytest.approx(wanted)


def test_looks_of_all_platforms_tell_more_than_those_of_one():
    """Over people whose wishes are as the prior says, each further platform raises the share of the wish."""
    luck = np.random.default_rng(2)
    wanted = np.full((20_000, 4), 0.25)
    tastes = luck.dirichlet(2.0 * wanted[0], len(wanted))
    wish = (tastes.cumsum(axis=1) < luck.random(len(wanted))[:, None]).sum(axis=1)
    looks, before = np.zeros((len(wanted), 4)), None
    for _ in range(3):
        share = estimate(looks, wanted, 2.0)[np.arange(len(wish)), wish]
        if before is not None:
            gain = share - before
            assert gain.mean() > 3.0 * gain.std() / math.sqrt(len(gain))
        before, looks = share, looks + luck.multinomial(2, tastes)


def test_a_half_life_halves():
    assert ProfilesParams(half_life=7.0).daily() ** 7 == pytest.approx(0.5)


def test_platforms_remember_their_own_looks_of_those_who_let_them():
    """A slow count over all visits, faded by the day; nobody who refuses is in it."""
    world = play("profiles.refuses=0", "turnover.exit_rate=0", "experiment.burn_in_days=0", days=3)
    visits, daily = world.records.visits, ProfilesParams().daily()
    slow = np.zeros((len(KEEPERS), len(world.people), len(CATEGORIES)))
    seats = world.seats_of(visits["person"])
    for seat, origin, category, day in zip(
        seats, visits["origin"], visits["category"], visits["day"], strict=True
    ):
        if seat >= 0 and PLATFORMS[origin] in KEEPERS:
            slow[KEEPERS.index(PLATFORMS[origin]), seat, category] += daily ** (visits["day"].max() - day)
    assert slow.sum() > 100
    for name, expected in zip(LOOKS, slow, strict=True):
        assert getattr(world.people, name) == pytest.approx(expected, abs=1e-4)
    hidden = play("profiles.refuses=1")
    assert not any(getattr(hidden.people, name).any() for name in LOOKS)


def test_counts_of_what_was_shown_add_up(monkeypatch):
    """As many are shown their wish as estimates make likely, all of them come, and a third of the others."""
    chances: list[np.ndarray] = []
    estimates = Profiles._estimates

    def noted(self, world, draw, visits):
        share = estimates(self, world, draw, visits)
        known = share[np.arange(len(share)), visits["category"]]
        chances.append(1.0 - self.params.guessed * (1.0 - known))
        return share

    monkeypatch.setattr(Profiles, "_estimates", noted)
    shown = play.__wrapped__().records.tables["profiles_shown"]  # lived anew, with what is noted
    chance = np.concatenate(chances)
    assert len(chance) == shown["offered"].sum()
    luck = math.sqrt((chance * (1.0 - chance)).sum())
    assert abs(shown["known"].sum() - chance.sum()) < 4.0 * luck
    offered, known = shown["offered"].sum(), shown["known"].sum()
    assert (shown["met"] == shown["known"]).all()
    assert abs(shown["other"].sum() - (offered - known) / 3.0) < 4.0 * math.sqrt(offered / 3.0)


def test_nobody_is_led_astray_where_nothing_is_guessed():
    with_it, without = (
        live(small_market("baseline", *LIVELY, "control=media", *words), 4).records.visits
        for words in (("profiles=kept", "profiles.guessed=0"), ())
    )
    for name in ("visit_id", "category", "minute", "source"):
        assert (with_it[name] == without[name]).all()


def test_linked_identities_know_wishes_better_and_bring_more_visits():
    """The same worlds with and without: three standard errors of the differences."""
    more, visits = [], []
    for replication in range(4):
        one, apart = (play(*words, replication=replication) for words in (FREE, APART))
        more.append(matched(one) - matched(apart))
        counts = [_shown(world) for world in (one, apart)]
        visits.append(math.log(counts[0] / counts[1]))
    for gain in (np.array(more), np.array(visits)):
        assert gain.mean() > 3.0 * gain.std(ddof=1) / math.sqrt(len(gain))


def _shown(world) -> int:
    """Visits by feeds and ads of people who wished for something."""
    shown = world.records.tables["profiles_shown"]
    return int((shown["met"] + shown["other"]).sum())


def test_who_keeps_platforms_apart_gains_nothing_by_links():
    linked, apart = (play(*words, "profiles.keeps_apart=1", days=4) for words in (FREE, APART))
    assert matched(linked) == matched(apart)


def test_feeds_and_ads_alone_are_guessed():
    """In the first daypart, before anything else differs, all other visits are what they are without it."""
    worlds = [
        live(small_market("baseline", *LIVELY, "control=media", *words, size=6000), 1).records.visits
        for words in ((), ("profiles=kept", "profiles.guessed=1"))
    ]
    first = [
        visits["minute"] < visits["minute"].min() // 1440 * 1440 + DAYPART_STARTS[1] for visits in worlds
    ]
    chosen = [np.isin(visits["source"], SHOWN) for visits in worlds]
    for name in ("visit_id", "category", "minute"):
        before, after = (v[name][f & ~c] for v, f, c in zip(worlds, first, chosen, strict=True))
        assert len(before) > 0
        assert (before == after).all()
    before, after = (int((f & c).sum()) for f, c in zip(first, chosen, strict=True))
    assert after < before

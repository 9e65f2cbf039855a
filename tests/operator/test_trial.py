"""Trials: what an experiment inside the market finds, beside what paired worlds say of the whole market."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.rng import Draw
from sim.operator.trial import effect
from sim.world.trial import drawn
from tests.conftest import LIVELY, live, small_market

DAYS, SIZE = 8, 2500
#: Nobody talks, stock and riders are without end, feeds do not follow sales, rivals keep their prices.
APART = (
    "sharing=none", "trust=none", "logistics.enabled=false", "rival=none", "influencers=none",
    "sessions=none", "affiliates=none", "turnover=none", "control=media", "platforms.rank_floor=1",
    "platforms.rank_ceiling=1",
)  # fmt: skip
#: The same, but that buyers tell many of their friends, who come to look.
TALKING = (
    *APART[1:], "sharing.good_delivery=5", "sharing.audience=12", "sharing.weak_click=0.5",
    "sharing.share_click=0.5", "sharing.duplicate=0", "sharing.invite_base=0", "sharing.tiring=0",
    "sharing.delay_median=5", "sharing.usual_satisfaction=0.1",
)  # fmt: skip
COUPON = ("pricing=coupon", "pricing.coupon_share=1", "pricing.coupon_discount=0.4")


def world(*words: str):
    return live(small_market("baseline", *LIVELY, "choice.order_intercept=-1", *words, size=SIZE), DAYS).world


def both(around: tuple[str, ...]) -> tuple[float, float, float]:
    """The experiment's estimate and its error, and what treating everybody does in paired worlds."""
    tried = world(*around, *COUPON, "trial.enabled=true", "trial.share=0.5")
    all_, none = (len(world(*around, *COUPON, "trial.enabled=true", f"trial.share={s}").records.orders)
                  for s in (1, 0))  # fmt: skip
    return *effect(tried.records.tables), (all_ - none) / SIZE


def test_without_interference_an_experiment_finds_the_truth():
    found, error, truth = both(APART)
    assert truth > 4.0 * error, "the coupon must do something"
    assert abs(found - truth) < 3.0 * error


def test_with_people_who_move_each_other_it_does_not():
    """Untreated friends of buyers buy as well, so that the arms are less apart than two markets would be."""
    found, error, truth = both(TALKING)
    assert found < truth - 3.0 * error


def test_nobody_treated_is_a_market_without_the_lever():
    """Coupons for nobody, and no coupons: the same orders."""
    tried = world(*APART, *COUPON, "trial.enabled=true", "trial.share=0").records.orders
    assert np.array_equal(tried["order_id"], world(*APART).records.orders["order_id"])


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_arms_are_as_large_as_said_and_nest(share):
    ids = np.arange(20_000)
    arms = drawn(Draw(7), ids, share)
    assert abs(arms.mean() - share) < 4.0 * math.sqrt(share * (1.0 - share) / len(ids))
    assert not (arms & ~drawn(Draw(8, 3), ids, 1.0)).any()
    assert (drawn(Draw(7), ids, share + 0.2) | ~arms).all()


def test_the_estimate_is_a_difference_of_means_with_welchs_error():
    a, b = np.array([0, 0, 1, 3]), np.array([1, 2, 2, 4, 6])
    table = {
        "day": np.array([3, 4, 4]),
        "treated": np.array([True, False, True]),
        "people": np.array([9, 4, 5]),
        "orders": np.array([0, a.sum(), b.sum()]),
        "squares": np.array([0, (a**2).sum(), (b**2).sum()]),
    }
    found, error = effect({"trial_days": table})
    assert found == pytest.approx(b.mean() - a.mean())
    assert error == pytest.approx(math.sqrt(a.var(ddof=1) / 4 + b.var(ddof=1) / 5))
    assert math.isnan(effect({"trial_days": {name: values[:0] for name, values in table.items()}})[0])


@pytest.mark.parametrize(
    ("lever", "words"),
    [
        ("group", ("group_buy.enabled=true", "group_buy.uptake=1", "group_buy.worth_waiting=0.01")),
        ("new_user", ("pricing.new_user_discount=0.3",)),
    ],
)
def test_a_lever_reaches_only_the_treated(lever, words):
    """Concessions of that kind are all theirs."""
    tried = world(*APART, *words, "trial.enabled=true", f"trial.offer={lever}")
    terms = tried.records.order_terms
    names = tried.records.term_names(terms["term"])
    bought = terms["order_id"][(names == f"bill.{lever}") & (terms["value"] > 0)]
    orders = tried.records.orders
    persons = orders["person"][np.isin(orders["order_id"], bought)]
    assert len(persons) > 10
    assert drawn(Draw(tried.seed, 0), persons, 0.5).all()

"""Memory of lateness: who remembers, how it fades, and what it does to carts and scores."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sim.commerce.late_memory import LateMemoryParams
from sim.world.schema import Cancel
from tests.conftest import LIVELY, live, small_market

LATE = (*LIVELY, "turnover=none", "logistics=tight", "late_memory=default", "late_memory.days=20")
OLIST = Path(__file__).parents[2] / "../shared/data/commerce/olist_full_aggregates.json"


def test_whoever_got_something_late_or_gave_up_remembers_and_forgets_exponentially():
    """Recomputed from deliveries and cancellations: exp(-days since the latest / time constant)."""
    market = live(small_market("baseline", *LATE, size=600), 20)
    done, given_up, people = market.records.deliveries, market.records.cancellations, market.world.people
    late = done["minute"] > done["promised_minute"]
    tired = given_up["reason"] == int(Cancel.LATE)
    persons = np.concatenate([done["person"][late], given_up["person"][tired]])
    days = np.concatenate([done["day"][late], given_up["day"][tired]])
    latest = {}
    for person, day in zip(persons.tolist(), days.tolist(), strict=True):
        latest[person] = max(day, latest.get(person, -1))
    here = [latest.get(person) for person in people.id.tolist()]
    expected = [0.0 if day is None else np.exp(-(19 - day) / 20) for day in here]
    np.testing.assert_allclose(people.late_memory_level, expected, rtol=1e-4)
    assert (people.late_memory_level > 0).sum() > 30
    assert (people.late_memory_level == 0).sum() > 30


def remembering(*words: str, days: int = 12, replication: int = 0):
    """A market in which a fixed half of the people remember a late delivery, day after day."""
    market = small_market(
        "baseline",
        *LIVELY,
        "late_memory=default",
        "late_memory.days=3650",
        *words,
        size=800,
        replication=replication,
    )
    half = market.world.people.id % 2 == 0
    for _ in range(days):
        market.world.people.late_memory_level[:] = np.where(half, 1.0, 0.0)
        market.step()
    persons = market.records.orders["person"]
    return market, np.array([(persons % 2 == 1).sum(), (persons % 2 == 0).sum()])


def test_without_a_causal_share_the_same_people_buy_the_same():
    base = live(small_market("baseline", *LIVELY, size=800), 12).records.orders["order_id"]
    none, _ = remembering("late_memory.causal=0", "aftersales.low_remembered=0")
    np.testing.assert_array_equal(np.sort(base), np.sort(none.records.orders["order_id"]))


def test_with_it_those_who_remember_buy_less_and_the_carts_odds_fall_by_the_stated_share():
    words = ("late_memory.causal=1", "late_memory.shortfall=0.5", "aftersales.low_remembered=0")
    market, with_it = remembering(*words)
    _, without = remembering("late_memory.causal=0", "aftersales.low_remembered=0")
    assert with_it[1] < 0.92 * without[1]
    assert abs(with_it[0] / without[0] - 1) < 0.1
    terms = market.tables()["order_terms"]
    own = terms["value"][terms["term"] == "cart.late_memory"]
    assert len(own)
    assert set(np.round(own, 5)) <= {0.0, round(float(np.log(0.5)), 5)}


def test_the_next_delivery_is_judged_harder():
    """Whoever remembers scores low with the chance put in, whatever else speaks for it: 1 - (1 - p) / 2."""
    shares = []
    for low in (0.0, 0.5):
        words = (f"aftersales.low_remembered={low}", "late_memory.causal=0")
        worlds = [remembering(*words, replication=k)[0].records.deliveries for k in range(2)]
        mine = np.concatenate([done["person"] for done in worlds]) % 2 == 0
        scored = np.concatenate([done["low_score"] for done in worlds])
        shares.append((scored[mine].mean(), scored[~mine].mean(), mine.sum()))
    (base, _, before), (soured, _, after) = shares
    expected = 1.0 - (1.0 - base) * (1.0 - 0.5)
    error = np.sqrt(0.25 * base * (1.0 - base) / before + soured * (1.0 - soured) / after)
    assert abs(soured - expected) < 4.0 * error
    assert soured > base + 0.25
    assert abs(shares[1][1] - shares[0][1]) < 0.05


def test_switched_off_nobody_remembers():
    market = live(small_market("baseline", *LIVELY, "logistics=tight", size=300), 8)
    assert "late_memory_level" not in market.world.people.columns


@pytest.mark.skipif(not OLIST.exists(), reason=f"reference data {OLIST.name} is not here")
def test_the_shortfall_is_the_one_of_olist():
    """1 - (share who order again within a year after a late first parcel / after a punctual one)."""
    olist = json.loads(OLIST.read_text(encoding="utf-8"))
    again = [1.0 - olist[f"no_repeat_prob_{kind}"]["360"] for kind in ("late", "ontime")]
    assert abs(LateMemoryParams().shortfall - (1.0 - again[0] / again[1])) < 0.005
    first = [1.0 - olist[f"no_repeat_prob_{kind}"]["90"] for kind in ("late", "ontime")]
    assert first[0] / first[1] > again[0] / again[1]

"""What must not matter: seats, processes, hash seeds, and people or mechanisms that are not involved."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.mechanism import order_mechanisms
from sim.world.schema import Source
from tests.conftest import LIVELY, live, small_market
from tests.market.worlds import differences, digest, events, persons, reseat

BUSY = {
    "baseline": ("turnover.exit_rate=0.05", "turnover.return_share=0.9"),
    "flat_cash_referral": ("sharing.invite_gain=0.5", "affiliates.posts=1.0", "affiliates.join=1.0"),
    "group_buy": ("sharing.good_delivery=2.0", "group_buy.uptake=1.0", "group_buy.size=3"),
    "private_domain": (
        "influencers=livestream",
        "influencers.sessions_per_week=7",
        "private_domain.join=1.0",
    ),
}
#: The fund is common: where it runs out, whoever spends before leaves less to the others.
RICH = "control.daily_budget=50"


@pytest.mark.parametrize("scenario", BUSY)
def test_nothing_hangs_on_the_seat(scenario):
    """People who are dealt other seats, ids and ties going along, live the same lives to the bit."""
    one, two = (small_market(scenario, *BUSY[scenario], *LIVELY) for _ in range(2))
    reseat(two.world, np.random.default_rng(5).permutation(len(two.world.people)))
    live(one, 7), live(two, 7)
    assert len(one.records.orders) > 100
    # the mean over all people is summed in the order of their seats: its last digits may differ
    assert np.allclose(one.records.daily["mean_trust"], two.records.daily["mean_trust"], rtol=1e-6)
    assert set(differences(events(one.world), events(two.world))) <= {"daily.mean_trust"}
    assert differences(persons(one.world), persons(two.world)) == []
    assert one.world.ledger.balance == two.world.ledger.balance


_CHILD = """
import sys
from tests.conftest import LIVELY, live, small_market
from tests.market.worlds import digest
print(digest(live(small_market("flat_cash_referral", *LIVELY, size=300), 5)))
"""


def test_same_configuration_and_seed_are_the_same_to_the_bit_in_any_process():
    root = Path(__file__).parents[2]
    children = [
        subprocess.Popen(
            [sys.executable, "-c", _CHILD], cwd=root, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        )
        for seed in ("0", "4242")
    ]  # fmt: skip
    here = digest(live(small_market("flat_cash_referral", *LIVELY, size=300), 5))
    assert [child.communicate()[0].strip() for child in children] == [here, here]


def test_another_seed_or_replication_is_another_world():
    worlds = [
        digest(live(small_market("baseline", f"experiment.seed={seed}", size=200, replication=r), 2))
        for seed, r in [(1, 0), (2, 0), (1, 1)]
    ]
    assert len(set(worlds)) == 3


def market_without(*names: str, scenario: str = "flat_cash_referral", days: int = 1):
    """A lively market, with something to talk about, in which the named mechanisms do not act."""
    market = small_market(scenario, *BUSY[scenario], *LIVELY, RICH, size=800)
    market.open_window()
    market.world.people.affiliate[::5] = True
    market.world.people.good_news[::2] = 1
    left = [m for m in market.mechanisms if m.name not in names]
    assert len(left) == len(market.mechanisms) - len(names)
    market.mechanisms = order_mechanisms(left)
    for phase, members in market.schedule.items():
        members[:] = [m for m in market.mechanisms if m.phase == phase]
    return live(market, days)


TRADE = ("visits", "orders", "touches", "posts", "media", "deliveries")
NEWCOMERS = (*TRADE, "registrations", "rewards")


@pytest.mark.parametrize(
    ("gone", "alike"),
    [
        # evening mechanisms cannot reach back into the first day's trade
        (("word_of_mouth", "experience"), NEWCOMERS),
        (("enlistment",), NEWCOMERS),
        (("fraud",), TRADE),
        (("compliance",), NEWCOMERS),
        (("rival",), NEWCOMERS),
        (("membership",), NEWCOMERS),
        (("ranking",), NEWCOMERS),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_leaving_a_mechanism_out_re_deals_no_other(gone, alike):
    full, less = events(market_without().world), events(market_without(*gone).world)
    assert len(full["orders"]["day"]) > 10
    assert differences({name: full[name] for name in alike}, less) == []


@pytest.mark.parametrize(
    ("gone", "sources"),
    [
        (("affiliates",), {Source.AFFILIATE}),
        (("sharing",), {Source.SHARE, Source.INVITATION}),
        (("posts",), {Source.INFLUENCER_POST, Source.SPONSORED_POST}),
        (("livestreams",), {Source.LIVESTREAM}),
    ],
)
def test_a_source_that_falls_silent_moves_nobody_whom_it_did_not_reach(gone, sources):
    """On the first day, people who had no touch from the source visit as they would have anyway."""
    scenario = "private_domain" if gone == ("livestreams",) else "flat_cash_referral"
    full, less = (market_without(*names, scenario=scenario) for names in ((), gone))
    visits, others = full.records.visits, less.records.visits
    mask = sum(1 << int(source) for source in sources)
    reached = set(visits["person"][visits["sources_seen"] & mask != 0].tolist())
    assert reached or gone == ("posts",)
    reached |= (
        set(full.records.touches["receiver"].tolist()) if gone[0] in ("sharing", "affiliates") else set()
    )
    reached |= readers(full) if gone[0] in ("posts", "livestreams") else set()

    def of_others(table, column):
        keep = ~np.isin(table["person"], list(reached))
        return dict(zip(table["visit_id"][keep].tolist(), table[column][keep].tolist(), strict=True))

    assert len(of_others(visits, "minute")) > 30
    for column in ("minute", "source", "origin", "surface", "category", "cart"):
        assert of_others(visits, column) == of_others(others, column), column


def readers(market) -> set[int]:
    """Ids of everybody in the audience of somebody who posted."""
    role = market.world.influencers
    posted = np.flatnonzero(np.isin(role.id, market.records.posts["influencer"]))
    return {int(i) for row in posted for i in market.world.people.id[role.audience.of(row)]}


def test_one_more_person_changes_nobody_elses_traits_or_first_day():
    """Without media (whose prices look at all people), ties and a scarce fund, nobody's business."""
    social = ("media", "sharing", "affiliates", "influencers", "logistics")
    off = [f"{section}.enabled=false" for section in social]
    one, two = (small_market("baseline", *off, *LIVELY, RICH, size=size) for size in (500, 501))
    assert (two.world.people.group[:500] == one.world.people.group).all()
    for name, column in one.world.people.columns.items():
        assert column.tobytes() == two.world.people.columns[name][:500].tobytes(), name
    live(one, 1), live(two, 1)
    mine, theirs = events(one.world), events(two.world)
    for name in ("visits", "orders", "registrations", "deliveries"):
        keep = theirs[name]["person"] != 500
        theirs[name] = {column: values[keep] for column, values in theirs[name].items()}
        assert differences({name: mine[name]}, theirs) == []
    assert len(mine["orders"]["day"]) > 5

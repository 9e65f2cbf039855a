"""Partners' own business: what shared users earn them, that it keeps them, and who comes back."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.rng import Draw
from sim.operator.partner_bargain import bargain, readmit
from sim.operator.partner_firms import LEFT, MEMBER, traits
from sim.operator.partners_params import PartnersParams
from tests.operator.test_partners import Office, firms, play

SHOWN_BACK = ("partners.shows_back=200", "partners.share=0", "partners.effort=1")


@pytest.fixture(scope="module")
def shared():
    return play(*SHOWN_BACK)


def test_users_who_answer_earn_partners_their_margin_and_cost_the_brand_its_showing(shared):
    back = shared.records.tables["partners_back"]
    overlap = traits(Draw(shared.seed, 0), PartnersParams())[0]
    margin = np.round(600 * (1.0 - overlap[back["firm"] - 1]) * back["answers"])
    assert back["earned_fen"].tolist() == pytest.approx(margin.tolist(), abs=1)
    assert back["fen"].tolist() == (10 * back["shown"]).tolist()
    shown, answers = back["shown"].sum(), back["answers"].sum()
    assert shown > 1000
    assert abs(answers / shown - 0.8) < 4.0 * math.sqrt(0.8 * 0.2 / shown)  # tires=0 in this market
    days = np.bincount(back["day"], back["shown"], 12)
    assert abs(days[2:].mean() - 4 * 200) < 4.0 * math.sqrt(4 * 200 / 10) + 80  # without firms that have left


def test_what_keeps_partners_is_no_cost_of_acquisition(shared):
    """Showing partners' goods brings nobody to the brand: it has a purpose of its own."""
    back, offers = (shared.records.tables[f"partners_{name}"]["fen"].sum() for name in ("back", "offers"))
    assert shared.ledger.balance["partners_kept"] == back > 0
    names = shared.kinds.columns()
    account = names["what"] == "account"
    roles = dict(zip(names["name"][account].tolist(), names["role"][account].tolist(), strict=True))
    assert (roles["partners_kept"], roles["partners_joint"]) == ("campaign", "acquisition")
    bare = play("partners.share=0", "partners.effort=1")
    upkeep = bare.ledger.balance["partners_joint"] - bare.records.tables["partners_offers"]["fen"].sum()
    assert shared.ledger.balance["partners_joint"] == offers + upkeep


def test_offers_in_return_cost_habit_in_proportion():
    """The same days with and without what is bought elsewhere; 0.8 times 200 answers a firm and day."""
    kept, lost = (play(*SHOWN_BACK, f"partners.diverts={d}", days=4).people for d in (0, 0.2))
    users = kept.registered & lost.registered
    assert lost.habit[users].mean() < 0.8 * kept.habit[users].mean()


def test_own_business_keeps_partners_who_are_paid_nothing():
    """Half of the effort earned by users shown in return: half as many leave."""
    p, numbers = PartnersParams(leaves=0.1, quarrels=0.0), 1000
    for earned, chance in ((0.0, 0.1), (50.0, 0.05), (100.0, 0.0)):
        stand = firms(numbers, borne=100.0, earned=earned, since=-100)
        bargain(Office(0), Draw(1, 0), p, stand)
        left = (stand.state == LEFT).mean()
        assert abs(left - chance) <= 4.0 * math.sqrt(chance * (1.0 - chance) / numbers)
        assert stand.cover[stand.state == LEFT] == pytest.approx(earned / 100.0)


def away(cover: float, paid: float, since: int = -100):
    """A member that is paid so much for an effort of 100, and a thousand that left with a cover."""
    stand = firms(1001, borne=100.0, paid=paid, since=since, cover=cover)
    stand.state[1:] = LEFT
    stand.since[0] = -1000
    return stand


@pytest.mark.parametrize(
    ("cover", "paid", "since", "chance"),
    [(0.4, 120.0, -100, 0.16), (0.0, 300.0, -100, 0.2), (0.4, 90.0, -100, 0.0), (1.5, 120.0, -100, 0.0),
     (0.4, 120.0, -20, 0.0)],
)  # fmt: skip
def test_who_left_comes_back_after_a_probation_if_the_offer_is_better(cover, paid, since, chance):
    """By how much better members' effort is covered than one's own was, if all of it is covered."""
    p, office, stand = PartnersParams(readmits=True, returns=0.2), Office(0), away(cover, paid, since)
    readmit(office, Draw(4, 0), p, stand)
    back = stand.state[1:] == MEMBER
    assert abs(back.mean() - chance) <= 4.0 * math.sqrt(chance * (1.0 - chance) / 1000)
    assert office.spent == 500 * back.sum()
    assert office.purposes <= {"partners_kept"}
    assert (stand.since[1:][back] == 0).all()


def test_nobody_comes_back_unasked_or_to_an_empty_alliance():
    stand = away(0.0, 300.0)
    readmit(Office(0), Draw(4, 0), PartnersParams(returns=1.0), stand)
    stand.state[0] = LEFT
    readmit(Office(0), Draw(4, 0), PartnersParams(readmits=True, returns=1.0), stand)
    assert (stand.state == LEFT).all()

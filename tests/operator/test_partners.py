"""Partners: whom they bring, what they are paid, when chains break, and whether they stay."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from sim.core.clock import Clock
from sim.core.records import Table
from sim.core.rng import Draw
from sim.logistics.params import SupplyParams
from sim.logistics.stock import Stock
from sim.operator.partner_bargain import bargain, unpaid
from sim.operator.partner_chains import BREAKS, broken_today, mishaps, pooled
from sim.operator.partner_firms import LEFT, MEMBER, QUARREL, Firms
from sim.operator.partners import JOINT, SPLIT, Partners
from sim.operator.partners_params import PartnersParams
from tests.conftest import LIVELY, live, small_market

#: Partners reach many, so that there are customers whom they brought by the dozen.
SHOWN = (
    "partners=marketing", "partners.reach=100", "partners.click=0.8", "partners.tires=0", "partners.leaves=0",
    "partners.quarrels=0", "control=media", "influencers=none", "sessions=none", *LIVELY,
)  # fmt: skip


def play(*words: str, days: int = 12):
    return live(small_market("baseline", *SHOWN, *words, size=1000), days).world


def figure(world, name: str) -> float:
    return next(one for one in Partners.figures if one.name == name).value(world.records.tables)


@pytest.fixture(scope="module")
def world():
    return play("partners.share=0.2")


def firms(number: int, **columns: float) -> Firms:
    """Partners that all stand alike."""
    kinds = {"state": np.int8, "since": np.int64, "until": np.int64}
    return Firms(**{n: np.full(number, columns.get(n, 0), kinds.get(n, float)) for n in Firms._fields})


class Office:
    """A world of a thousand people with money, in which partners are dealt with."""

    def __init__(self, day: int) -> None:
        self.day, self.people, self.spent = day, range(1000), 0
        self.purposes: set[str] = set()
        self.clock = Clock(day)
        disputes = Table("partners_disputes", Partners.events["partners_disputes"])
        breaks = Table("partners_breaks", BREAKS)
        tables = {"partners_breaks": breaks, "partners_disputes": disputes}
        self.records = SimpleNamespace(**tables, tables=tables)

    def affords(self, kind: str, fen: int) -> bool:
        return True

    def spend(self, kind: str, fen: int) -> None:
        self.spent += fen
        self.purposes.add(kind)


def test_who_came_by_a_partner_is_known_and_its_part_is_paid_to_the_fen(world):
    users, new = world.records.tables["partners_users"], world.records.registrations
    came = new["person"][(new["source"] == world.kinds.source("partners_visit")) & ~new["fake"]]
    assert sorted(users["person"].tolist()) == sorted(came.tolist())
    assert len(came) > 30
    firm = dict(zip(users["person"].tolist(), users["firm"].tolist(), strict=True))
    done, back = world.records.deliveries, world.records.returns
    owed = 0
    for table, column, sign in ((done, "paid_fen", 1), (back, "refund_fen", -1)):
        for who, fen in zip(table["person"].tolist(), table[column].tolist(), strict=True):
            owed += math.floor(0.2 * sign * fen + 0.5) if who in firm else 0
    assert world.ledger.balance.get(SPLIT, 0) == owed > 0
    assert {1, 2, 3, 4} >= set(firm.values())


def test_offers_cost_their_price_and_agreements_their_upkeep(world):
    shown = world.records.tables["partners_offers"]
    p = PartnersParams()
    upkeep = round(100 * p.upkeep * 4)  # of a thousand people and four partners
    days = world.day + 1 if world.clock.daypart else world.day
    assert world.ledger.balance.get(JOINT, 0) == shown["fen"].sum() + upkeep * days
    assert 0 < shown["fen"].sum() == pytest.approx(100 * p.offer_cost * shown["offers"].sum(), rel=1e-3)


def test_offers_go_to_strangers_or_to_users_as_audiences_overlap():
    """Who is a customer of both is no new user, and lists that are compared spare them."""
    same = play("partners.overlap=1", "partners.spread=0", days=3)
    apart = play("partners.overlap=0", "partners.spread=0", days=3)
    assert figure(same, "partners_new_users") == 0 < figure(apart, "partners_new_users")
    words = ("partners.overlap=1", "partners.spread=0", "partners.spares=1")
    spared = play(*words, "partners.agreement=data", days=3).records.tables["partners_offers"]
    assert not spared["offers"].sum()


def test_open_interfaces_save_their_share_of_the_cost_of_a_visit():
    """As many more visits an offer, four standard errors; and only where data are shared."""
    words = ("partners.click=0.3", "partners.spares=0", "partners.agreement=data")
    rates = []
    for openness in (0, 1):
        one = play(*words, f"partners.openness={openness}", days=8)
        visits = one.records.visits["source"] == one.kinds.source("partners_visit")
        rates.append((int(visits.sum()), int(one.records.tables["partners_offers"]["offers"].sum())))
    (closed, shown), (opened, also) = rates
    assert min(closed, shown, opened, also) > 0
    ratio = (closed / shown) / (opened / also)
    assert abs(ratio - 0.78) < 4.0 * 0.78 * math.sqrt(1.0 / closed + 1.0 / opened)
    assert PartnersParams(openness=1.0).opened == 0.0


def test_customers_of_others_lose_habit_faster():
    """Those of the first two days, ten days later: 0.8 to the tenth is left, beside what they add."""
    kept, lost = (play(f"partners.fades={fades}") for fades in (0, 0.2))
    habits = []
    for one in (kept, lost):
        early = (one.people.partners_by > 0) & (one.people.registered_day < 2)
        assert early.sum() > 5
        habits.append(one.people.habit[early].mean())
    assert habits[1] < 0.6 * habits[0]


@pytest.mark.parametrize(
    ("linked", "contingency", "hours"), [(True, True, 6.25), (False, True, 30.0), (True, False, 100.0)]
)
def test_a_break_is_felt_until_it_is_seen_and_another_supplier_delivers(linked, contingency, hours):
    p = PartnersParams(linked=linked, contingency=contingency)
    felt, taken = p.outage(np.array([100.0, 5.0]))
    assert felt.tolist() == [hours, 5.0]  # what is mended sooner is not taken over
    assert taken.tolist() == [contingency, False]


def test_a_broken_chain_counts_for_the_part_of_the_day():
    office = Office(3)
    office.records.partners_breaks.append(
        day=np.array([2, 3]), firm=np.array([1, 2]), start=np.array([2 * 1440, 3 * 1440 + 360]),
        end=np.array([3 * 1440 + 720, 9 * 1440]), taken_over=np.array([True, False]),
    )  # fmt: skip
    assert broken_today(office, 3).tolist() == [0.5, 0.75, 0.0]


def test_a_pool_evens_losses_out_and_costs_its_fee():
    """Members' losses follow one law, so that pooling leaves the mean and lowers the spread."""
    alone, shared = (PartnersParams(breaks=0.1, pooled=x, pool_fee=0.0) for x in (0.0, 1.0))
    days = []
    for day in range(800):
        own, others = mishaps(Office(day), Draw(5, day), alone, np.ones(4, bool))
        days.append([pooled(p, own, others, 4) for p in (alone, shared)])
    mean, spread = np.mean(days, axis=0), np.std(days, axis=0)
    error = math.sqrt((spread**2).sum() / len(days))
    assert abs(mean[0] - mean[1]) < 4.0 * error
    assert spread[1] < 0.7 * spread[0]  # one over the root of five, if all were independent
    fee = PartnersParams(breaks=0.1, pooled=1.0, pool_fee=0.1)
    assert pooled(fee, 0.0, np.zeros(4), 4) == pytest.approx(0.1 * mean[0], abs=0.4 * error)


def test_who_gets_nothing_for_its_effort_leaves_and_who_is_paid_stays():
    p, numbers = PartnersParams(leaves=0.1, quarrels=0.0), 1000
    for paid, chance in ((0.0, 0.1), (50.0, 0.05), (100.0, 0.0)):
        stand = firms(numbers, borne=100.0, paid=paid, since=-100)
        bargain(Office(0), Draw(1, 0), p, stand)
        left = (stand.state == LEFT).mean()
        assert abs(left - chance) <= 4.0 * math.sqrt(chance * (1.0 - chance) / numbers)


def test_who_is_paid_less_than_fair_begins_a_dispute():
    p, numbers = PartnersParams(quarrels=0.2, fair=0.5), 1000
    for paid, chance in ((0.0, 0.2), (25.0, 0.1), (50.0, 0.0)):
        stand = firms(numbers, gained=100.0, paid=paid, since=-100)
        bargain(Office(0), Draw(1, 0), p, stand)
        quarrels = (stand.state == QUARREL).mean()
        assert abs(quarrels - chance) <= 4.0 * math.sqrt(chance * (1.0 - chance) / numbers)
    assert unpaid(np.array([5.0, 0.0]), np.array([0.0, -3.0])).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("mediation", "chance"), [(True, 0.7), (False, 0.3)])
def test_a_third_party_settles_more_disputes_and_is_paid(mediation, chance):
    p, office = PartnersParams(mediation=mediation, walks_out=0.0), Office(0)
    for day in range(400):
        office.day = day
        stand = firms(2, since=-100)
        stand.state[0] = QUARREL
        bargain(office, Draw(3, day), p, stand)
    settled = office.records.partners_disputes["settled"]
    assert len(settled) == 400
    assert abs(settled.mean() - chance) < 4.0 * math.sqrt(chance * (1.0 - chance) / 400)
    assert office.spent == (400 * 1000 if mediation else 0)


def test_half_of_all_members_walk_out_of_a_dispute_that_is_not_settled():
    p, stand = PartnersParams(settles=0.0), firms(1000, since=-100)
    stand.state[0] = QUARREL
    bargain(Office(0), Draw(2, 0), p, stand)
    assert abs((stand.state == LEFT).mean() - 0.5) < 4.0 * math.sqrt(0.25 / 1000)
    assert stand.state[0] in (MEMBER, LEFT)


def test_who_walks_out_of_one_dispute_does_not_come_back_by_the_end_of_its_own():
    """A thousand disputes end on one day; the first is not settled, and everybody walks out of it."""
    p, office, stand = PartnersParams(settles=0.0, walks_out=1.0), Office(0), firms(1000, since=-100)
    stand.state[:] = QUARREL
    bargain(office, Draw(2, 0), p, stand)
    assert (stand.state == LEFT).all()
    disputes = office.records.partners_disputes
    assert disputes["firm"].tolist() == [1]
    assert disputes["left"].tolist() == [1000]


def test_what_is_left_of_an_alliance_pays_for_no_more_research_and_no_pool():
    """From the day on which the strategy has no alliance any more; what partners brought is paid as ever."""
    words = ("partners.agreement=supply", "partners.research=10", "partners.breaks=0", "partners.insured=1",
             "partners.share=0.2")  # fmt: skip
    world = play(*words, "plan.stages.on.days=6", "plan.stages.off.options.partners=none")
    spend, kinds = world.records.spend, world.kinds
    paid = {name: spend["day"][spend["kind"] == kinds.booking(name).kind].max()
            for name in ("partners_chains", "partners_insured", SPLIT)}  # fmt: skip
    assert paid["partners_chains"] == paid["partners_insured"] == 5 < paid[SPLIT]
    depth = world.records.tables["partners_firms"]["depth"].reshape(-1, 4).mean(axis=1)
    assert depth.argmax() == 5


def test_no_other_supplier_takes_over_without_money():
    """The same breaks as where nobody would take over, and the same losses."""
    wants, waits = (PartnersParams(breaks=1.0, break_hours=200.0, contingency=c) for c in (True, False))
    poor, patient, rich = Office(3), Office(3), Office(3)
    poor.affords = lambda kind, fen: fen <= 0
    members = np.ones(5, bool)
    lost = [
        mishaps(o, Draw(5, 3), p, members)[0] for o, p in ((poor, wants), (patient, waits), (rich, wants))
    ]
    assert rich.records.partners_breaks["taken_over"].any()
    assert not poor.records.partners_breaks["taken_over"].any()
    assert poor.records.partners_breaks["end"].tolist() == patient.records.partners_breaks["end"].tolist()
    assert lost[0] == lost[1] != lost[2]


def test_depth_shortens_the_lead_slowly():
    """Days from order to receipt: the lead over one plus the haste, on the mean of nights."""
    stock = SimpleNamespace(supply=SupplyParams(supplier_lead_days=3), haste=0.35)
    stock.lead_days = lambda: Stock.lead_days(stock)
    nights = [Stock._lead_of(stock, day, np.uint64(7)) for day in range(2000)]
    assert stock.lead_days() == pytest.approx(3 / 1.35)
    assert set(nights) == {2, 3}
    assert abs(np.mean(nights) - 3 / 1.35) < 4.0 * math.sqrt(0.25 / 2000)
    deep = play("partners.agreement=supply", "partners.research=100", "partners.breaks=0", days=10)
    depth = deep.records.tables["partners_firms"]["depth"].reshape(-1, 4).mean(axis=1)
    assert depth == pytest.approx(1.0 - np.exp(-np.arange(1, 11) / 60.0), abs=1e-9)


def test_broken_chains_of_deep_partners_make_suppliers_late():
    words = (
        "partners.agreement=supply",
        "partners.research=100",
        "partners.depth_days=1",
        "partners.breaks=1",
    )
    late = play(*words, "partners.break_hours=2000", days=8)
    assert late.conditions.suppliers_short > 0.3
    assert late.logistics.stock.suppliers_short == late.conditions.suppliers_short
    quick = play(
        *words, "partners.break_hours=2000", "partners.linked=true", "partners.contingency=true", days=8
    )
    assert 0.0 < quick.conditions.suppliers_short < 0.6 * late.conditions.suppliers_short
    assert figure(quick, "partners_break_hours") < 7.0 < figure(late, "partners_break_hours")


def test_what_breaks_is_no_technology_that_support_pays_back():
    """Nothing is developed together: a part of what content costs is paid back, and no broken chain."""
    world = play("partners.agreement=supply", "partners.research=0", "partners.linked=false",
                 "partners.breaks=0.5", "policy=support", "policy.relief=0.3", "control=media")  # fmt: skip
    assert world.ledger.balance["partners_broken"] > 0
    assert "partners_chains" not in world.ledger.balance
    spend, relief = world.records.spend, world.records.tables["policy_days"]["relief_fen"]
    mine = spend["kind"] == world.kinds.booking("content").kind
    content = np.bincount(spend["day"][mine], spend["fen"][mine], len(relief))
    assert content.min() > 0
    assert relief.tolist() == np.floor(0.3 * content).astype(int).tolist()

"""Guardrails on tables small enough to count by hand, and sums that must agree."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.clock import MINUTES_PER_DAY
from sim.logistics import network
from sim.measure.events import Events
from sim.measure.guardrails import FIGURES, GUARDRAILS, UNITS, guardrails, measure
from sim.measure.kpis import KPIS, kpis
from sim.measure.money import books, profit_before_campaign, profit_on_kept_orders
from sim.measure.series import daily_kpis
from sim.measure.service import SERVICE_CLASSES, on_time
from sim.world.accounts import Account
from sim.world.platforms import PLATFORMS
from sim.world.schema import Cancel, Source, Spend
from tests.measure.tables import at, random_tables, shuffled, tables

WINDOW = (10, 20)


def shop() -> dict[str, Any]:
    """Four orders: kept, cancelled, returned fit for sale, returned as scrap; and the bills."""

    def order(order_id: int, person: int, lifetime: int, **more: int) -> dict[str, Any]:
        money = {"list_fen": 12000, "paid_fen": 10000, "goods_fen": 4000, "commission_fen": 700}
        fixed = {"campaign_commission_fen": 200, "service": 3, "promised_minute": 14 * MINUTES_PER_DAY}
        return (
            at(11)
            | money
            | fixed
            | {"order_id": order_id, "person": person, "lifetime_order": lifetime}
            | more
        )

    return {
        "orders": [
            order(1, 1, 2), order(2, 2, 1), order(3, 3, 1), order(4, 1, 3, paid_fen=20000, list_fen=22000),
        ],
        "cancellations": [at(12) | {"order_id": 2, "refund_fen": 10000}],
        "deliveries": [
            at(13) | {"order_id": i, "service": 3, "promised_minute": 14 * MINUTES_PER_DAY} for i in (1, 3)
        ]
        + [
            at(15)
            | {"order_id": 4, "service": 3, "promised_minute": 14 * MINUTES_PER_DAY, "complaint": True}
        ],
        "return_requests": [at(14) | {"order_id": 3}, at(16) | {"order_id": 4}],
        "returns": [
            at(16) | {"order_id": 3, "refund_fen": 9000, "restocked": True},
            at(18) | {"order_id": 4, "refund_fen": 20000, "restocked": False},
        ],
        "spend": [
            {"day": 10, "kind": Spend.MEDIA, "fen": 3000},
            {"day": 11, "kind": Spend.DISCOUNT, "fen": 6000},
            {"day": 12, "kind": Spend.REWARD, "fen": 500},
        ],
        "daily": [
            {"day": d, "logistics_fen": 200, "spoilage_fen": 10, "stock_fen": 80000, "refused": 1,
             "capacity_orders": 2.0, "media_allowance_fen": 600, "registered": 5, "private_domain": d}
            for d in range(10, 20)
        ],
        "cohort": [{"person": 1, "orders": 1}, {"person": 2, "orders": 0}, {"person": 9, "orders": 3}],
    }  # fmt: skip


@pytest.fixture
def figures() -> dict[str, float]:
    return guardrails(tables(**shop()), WINDOW)


def test_contribution_margin_by_hand(figures: dict[str, float]) -> None:
    # revenue 500 - refunds 390; goods lost: the kept and the scrapped order, 80; platform
    # commission of all but the cancelled order, 15; logistics 20, spoilage 1; campaign 30 + 5
    profit = 500 - 390 - 80 - 15 - 20 - 1
    assert figures["profit_on_kept_orders"] == pytest.approx(profit)
    assert figures["contribution_margin"] == pytest.approx((profit - 35) / 10)
    assert figures["contribution_per_1000"] == pytest.approx((profit - 35) * 1000 / 3)
    assert figures["kept_revenue"] == pytest.approx(110)
    assert figures["all_in_spend"] == pytest.approx(95)
    assert math.isnan(figures["contribution_per_new_user"])


def test_books_lead_from_list_price_to_the_margin() -> None:
    way = books(Events(tables(**shop()), WINDOW))
    assert way["list_price"] == pytest.approx(460)  # the cancelled order never became revenue
    assert sum(way.values()) == pytest.approx((500 - 390 - 80 - 15 - 20 - 1) - 35)


def test_repeat_customers_share_of_profit_by_hand() -> None:
    rows = shop()
    rows["orders"] = rows["orders"][:3]
    rows["spend"][1]["fen"] = 4000
    rows["returns"] = rows["returns"][:1]
    rows["deliveries"] = rows["deliveries"][:2]
    got = guardrails(tables(**rows), WINDOW)
    # orders: kept 100-40-5 = 55 (repeat), cancelled 0, restocked with 90 of 100 refunded 10-5;
    # bills 21 spread over the two that were not cancelled
    assert got["profit_on_kept_orders"] == pytest.approx(60 - 21)
    assert got["repeat_profit_share"] == pytest.approx((55 - 10.5) / (60 - 21))


def test_profits_of_parts_add_up_to_all_profit() -> None:
    """However orders are parted, cancelled ones among them: overhead is spread once and wholly."""
    events = Events(tables(**shop()), WINDOW)
    n = len(events.orders("person"))
    assert events.fates.cancelled.any()
    for code in range(2**n):
        part = np.array([bool(code >> i & 1) for i in range(n)])
        profits = profit_before_campaign(events, part), profit_before_campaign(events, ~part)
        assert sum(profits) == pytest.approx(profit_on_kept_orders(events))


def test_goods_spoiled_on_the_way_are_paid_for_once_and_are_no_returns() -> None:
    rows = shop()
    rows["deliveries"][1]["spoiled"] = True  # order 3, refunded on the spot
    rows["returns"][0] |= {"refund_fen": 10000, "restocked": False}
    rows["return_requests"] = rows["return_requests"][1:]
    rows["daily"][3]["spoilage_fen"] += 4000  # where logistics books its goods
    got = guardrails(tables(**rows), WINDOW)
    assert got["profit_on_kept_orders"] == pytest.approx(500 - 400 - 80 - 15 - 20 - 41)
    assert got["return_rate"] == pytest.approx(1 / 3)  # order 4
    assert got["spoilage_rate"] == pytest.approx(1 / 3)


def test_no_profit_has_no_shares() -> None:
    rows = shop()
    rows["daily"][0]["logistics_fen"] = 10**6
    assert math.isnan(guardrails(tables(**rows), WINDOW)["repeat_profit_share"])


def test_service_by_hand(figures: dict[str, float]) -> None:
    assert figures["on_time_rate"] == pytest.approx(2 / 3)  # the cancelled order carries no promise
    assert figures["on_time_rate_next_day"] == pytest.approx(2 / 3)
    assert math.isnan(figures["on_time_rate_30_minutes"])
    assert figures["complaint_rate"] == pytest.approx(1 / 3)
    assert figures["return_rate"] == pytest.approx(2 / 3)
    assert figures["refund_rate"] == pytest.approx(390 / 500)
    assert math.isnan(guardrails(tables(**shop()), (10, 17))["refund_rate"])  # too short to know
    assert figures["cancelled_share"] == 0.25
    assert figures["stock_out_rate"] == pytest.approx(10 / 14)
    assert figures["capacity_over_orders"] == pytest.approx(20 / 4)
    assert figures["inventory_days"] == pytest.approx(800 / (120 / 10))
    assert figures["logistics_cost_share"] == pytest.approx(20 / 500)
    assert figures["media_budget_used"] == pytest.approx(30 / 60)
    assert figures["private_domain_size"] == 19


def test_deliveries_that_may_still_come_back_are_not_judged() -> None:
    rows = shop()
    for delivery, ends in zip(rows["deliveries"], (19, 19, 22), strict=True):
        delivery["return_ends"] = ends * MINUTES_PER_DAY
    assert math.isnan(guardrails(tables(**rows), (10, 19))["return_rate"])
    assert guardrails(tables(**rows), (10, 20))["return_rate"] == 1 / 2  # orders 1 and 3
    assert guardrails(tables(**rows), (10, 23))["return_rate"] == pytest.approx(2 / 3)


def test_a_parcel_that_never_arrives_is_late_once_its_promise_is_due() -> None:
    rows = shop()
    rows["deliveries"] = rows["deliveries"][:1]
    assert guardrails(tables(**rows), WINDOW)["on_time_rate"] == pytest.approx(1 / 3)
    assert math.isnan(guardrails(tables(**rows), (10, 14))["on_time_rate"])  # nothing due yet


def test_a_group_buy_is_promised_anew_when_its_group_fills() -> None:
    rows = shop()
    rows["deliveries"][2]["promised_minute"] = 16 * MINUTES_PER_DAY  # the order said day 14
    assert guardrails(tables(**rows), WINDOW)["on_time_rate"] == 1.0
    for end, judged in ((16, 2), (17, 3)):
        events = Events(tables(**rows), (10, end))
        assert on_time().per.total(events) == on_time().over.total(events) == judged


def test_an_order_given_up_for_lateness_is_late_and_other_cancelled_orders_are_not_judged() -> None:
    """Who is made to wait until they cancel may not improve the rate."""
    for reason in Cancel:
        rows = shop()
        rows["cancellations"] = [at(17) | {"order_id": 2, "refund_fen": 10000, "reason": int(reason)}]
        rate = guardrails(tables(**rows), WINDOW)["on_time_rate"]
        assert rate == pytest.approx(2 / 4 if reason is Cancel.LATE else 2 / 3), reason


def test_cancelled_orders_are_judged_once_late_hand_overs_are_in() -> None:
    """One in ten is cancelled within the day, all others arrive after three: a tenth, or not known yet."""
    orders = [
        at(10 + k // 10) | {"order_id": k, "person": k, "promised_minute": (10 + k // 10) * MINUTES_PER_DAY}
        for k in range(200)
    ]
    gone = [at(o["day"], 23) | {"order_id": o["order_id"]} for o in orders if o["order_id"] % 10 == 0]
    there = [
        at(o["day"] + 3) | {"order_id": o["order_id"], "promised_minute": o["minute"]}
        for o in orders
        if o["order_id"] % 10
    ]
    for end in (11, 12, 14, 17, 18, 20, 25, 30):
        rows = {"orders": orders, "cancellations": gone, "deliveries": there}
        cut = {name: [row for row in table if row["day"] < end] for name, table in rows.items()}
        rate = guardrails(tables(**cut), (10, end))["cancelled_share"]
        assert math.isnan(rate) if end <= 17 else rate == pytest.approx(0.1), end
        by_day = daily_kpis(tables(**cut), (10, end))["cancelled_share"]
        assert np.nanmax(by_day, initial=0.1) == pytest.approx(0.1)


def test_groups_are_judged_when_their_time_is_up() -> None:
    """Half of the groups fill within the hour, the others expire after two days: a half, or not known yet."""
    groups = []
    for k in range(240):
        opened, fills = 9 * MINUTES_PER_DAY + 60 * k, k % 2 == 0
        ended = opened + (30 if fills else 2 * MINUTES_PER_DAY)
        groups.append(
            {
                "day": ended // MINUTES_PER_DAY,
                "opened_minute": opened,
                "deadline_minute": opened + 2 * MINUTES_PER_DAY,
                "ended_minute": ended,
                "filled": fills,
            }
        )
    for end in range(11, 24):
        known = [one for one in groups if one["day"] < end]
        rate = guardrails(tables(group_buys=known), (10, end))["group_buy_success_rate"]
        assert math.isnan(rate) if end <= 12 else rate == 0.5, end


def test_the_value_of_kept_orders_waits_for_what_comes_back() -> None:
    """Every second order is refunded in full six days later: half of what is paid, or not known yet."""
    orders = [at(10 + k // 4) | {"order_id": k, "person": k, "paid_fen": 10000} for k in range(80)]
    there = [
        at(o["day"], 18) | {"order_id": o["order_id"], "return_ends": o["minute"] + 3 * MINUTES_PER_DAY}
        for o in orders
    ]
    back = [at(o["day"] + 6) | {"order_id": o["order_id"], "refund_fen": 10000} for o in orders[::2]]
    for end in range(11, 40):
        rows = {"orders": orders, "deliveries": there, "returns": back}
        cut = {name: [row for row in table if row["day"] < end] for name, table in rows.items()}
        value = guardrails(tables(**cut), (10, end))["order_value_kept"]
        assert math.isnan(value) if end <= 20 else value == 50, end


def test_payback_by_hand() -> None:
    rows = shop()
    rows["registrations"] = [at(10) | {"person": p, "inviter": -1, "seen_new": True} for p in (1, 8)]
    rows["spend"] = [{"day": 10, "kind": Spend.MEDIA, "fen": 1300}]
    rows["orders"], rows["returns"] = rows["orders"][:1], []
    rows["cancellations"], rows["deliveries"] = [], rows["deliveries"][:1]
    rows["orders"][0]["list_fen"] = 10000
    # 13 CNY bought two users; the one who ordered brought 100 - 40 - 5 - 21 in 2 x 9.5 days (from noon)
    assert guardrails(tables(**rows), WINDOW)["payback_days"] == pytest.approx(6.5 / (34 / 19))
    rows["daily"][0]["logistics_fen"] = 10**6
    assert math.isnan(guardrails(tables(**rows), WINDOW)["payback_days"])


def test_order_values_new_existing_kept(figures: dict[str, float]) -> None:
    assert figures["order_value_new"] == 100
    assert figures["order_value_existing"] == 150
    assert figures["order_value_kept"] == pytest.approx(110 / 3)  # returns take their money back


def test_day_zero_cohort_by_hand(figures: dict[str, float]) -> None:
    assert figures["cohort_orders_per_1000"] == pytest.approx(3000 / 3)  # persons 1 (twice) and 2
    assert figures["cohort_revenue_per_1000"] == pytest.approx((100 + 200 + 100) * 1000 / 3)
    assert figures["cohort_kept_revenue_per_1000"] == pytest.approx(100 * 1000 / 3)
    assert math.isnan(figures["cohort_repurchase_30d"])  # a window of 10 days
    assert guardrails(tables(**shop()), (10, 40))["cohort_repurchase_30d"] == 0.5  # 1 yes, 9 no


def test_marketing_return_by_platform_by_hand() -> None:
    def order(source: Source, origin: int, paid: int) -> dict[str, Any]:
        return at(11) | {"source": source, "origin": origin, "paid_fen": paid, "campaign_commission_fen": 50}

    made = tables(
        orders=[
            order(Source.PAID_MEDIA, 0, 9000),
            order(Source.LIVESTREAM, 0, 5000),
            order(Source.SEARCH, 0, 7777),
            order(Source.SPONSORED_POST, 1, 600),
        ],
        media=[{"day": 10, "platform": 0, "spend_fen": 3000}, {"day": 9, "platform": 0, "spend_fen": 10**6}],
        posts=[at(10) | {"platform": 0, "fee_fen": 900}, at(10) | {"platform": 1, "fee_fen": 250}],
    )
    got = guardrails(made, WINDOW)
    assert got[f"marketing_roi_{PLATFORMS[0]}"] == pytest.approx(14000 / (3000 + 900 + 100))
    assert got[f"marketing_roi_{PLATFORMS[1]}"] == pytest.approx(600 / (250 + 50))
    assert math.isnan(got[f"marketing_roi_{PLATFORMS[2]}"])
    assert got["marketing_roi"] == pytest.approx(14600 / 4300)
    room = {"day": 10, "debit": int(Account.SESSIONS), "credit": int(Account.CASH), "fen": 2000}
    orders = {**made["orders"], "touch": np.array([-1, 77, -1, -1])}  # the livestream was no host's
    got = guardrails({**made, "orders": orders, "journal": tables(journal=[room])["journal"]}, WINDOW)
    assert got[f"marketing_roi_{PLATFORMS[0]}"] == pytest.approx(14000 / (4000 + 2000))
    assert got[f"marketing_roi_{PLATFORMS[1]}"] == pytest.approx(600 / (250 + 50))
    assert got["marketing_roi"] == pytest.approx(14600 / 6300)


def test_fraud_and_growth_by_hand() -> None:
    def account(person: int, **more: Any) -> dict[str, Any]:
        return at(11) | {"person": person, "inviter": 7, "seen_new": True} | more

    def group(opened: int, ended: int, **more: Any) -> dict[str, Any]:
        times = {name: day * MINUTES_PER_DAY for name, day in (("opened", opened), ("deadline", ended))}
        return {"day": ended} | {f"{name}_minute": minute for name, minute in times.items()} | more

    def invitation(sender: int) -> dict[str, Any]:
        return at(11) | {"sender": sender, "source": Source.INVITATION}

    made = tables(
        registrations=[
            account(1), account(2), account(3, caught=True), account(4, fake=True),
            account(5, fake=True, caught=True), account(6, inviter=-1),
        ],
        touches=[*map(invitation, (7, 7, 8, 9)), at(11) | {"source": Source.SHARE}],
        daily=[{"day": d, "registered": 4} for d in range(10, 20)],
        spend=[{"day": 10, "kind": Spend.MEDIA, "fen": 1200}],
        orders=[at(12) | {"lifetime_order": 1}, at(12) | {"lifetime_order": 2}],
        group_buys=[group(11, 12, filled=True), group(12, 13), group(24, 25, filled=True)],
    )  # fmt: skip
    got = measure(made, WINDOW)
    assert got["fraud_rate"] == pytest.approx(2 / 5)
    assert got["fraud_rate_detected"] == pytest.approx(2 / 5)  # one fake and one honest user
    assert got["fraud_rate_undetected"] == pytest.approx(1 / 3)
    assert got["new_users"] == 3  # 1, 2 and 6
    assert got["acquisition_cost"] == pytest.approx(12 / 3)
    assert got["acquisition_cost_measured"] == pytest.approx(12 / 4)
    assert got["cost_per_first_buyer"] == pytest.approx(12)
    assert got["k_factor"] == pytest.approx(2 / 3)
    assert got["invitations_per_user_day"] == pytest.approx(4 / 40)
    assert got["group_buy_success_rate"] == 0.5


def test_traffic_dispersion_is_one_minus_hhi() -> None:
    visits = [at(11) | {"origin": o} for o in (0, 0, 1, 2)]
    visits += [at(11) | {"origin": 3, "source": s} for s in (Source.DIRECT, Source.PRIVATE_DOMAIN)]
    assert measure(tables(visits=visits), WINDOW)["traffic_dispersion"] == pytest.approx(1 - (4 + 1 + 1) / 16)
    one = [at(11) | {"origin": 0, "source": s} for s in (0, 1, 2, 5)]  # sources differ, the platform does not
    assert measure(tables(visits=one), WINDOW)["traffic_dispersion"] == 0


def test_conversion_by_source() -> None:
    visits = [at(11) | {"source": Source.SEARCH, "order": o} for o in (True, False, False, False)]
    got = measure(tables(visits=visits), WINDOW)
    assert got["order_conversion_search"] == 0.25
    assert math.isnan(got["order_conversion_direct"])


def test_names_are_unique_and_every_class_platform_and_source_is_there() -> None:
    assert len(UNITS) == len(FIGURES) == len(KPIS) + len(GUARDRAILS)
    assert all(f"order_conversion_{s.name.lower()}" in UNITS for s in Source)
    assert tuple(name.replace(" ", "_") for name in network.CLASS_NAMES) == SERVICE_CLASSES


def test_nothing_happened_is_nan_wherever_something_is_divided() -> None:
    zero = {"contribution_margin", "profit_on_kept_orders", "revenue", "kept_revenue", "all_in_spend"}
    zero |= {"kept_orders_new", "kept_orders_existing", "days_without_money"}
    zero |= {"acquisition_spend", "new_users"}  # sums and counts: nothing is 0 CNY
    got = guardrails(tables(), WINDOW)
    assert {name for name, value in got.items() if not math.isnan(value)} == zero
    assert all(got[name] == 0 for name in zero)


@pytest.mark.property
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_shares_are_shares_sums_agree_and_row_order_does_not_matter(seed: int) -> None:
    made = random_tables(seed)
    window = (40, 110)
    got = measure(made, window)
    unbounded = {"repeat_profit_share", "logistics_cost_share", "media_budget_used"}
    for name, value in got.items():
        if UNITS[name] == "share" and name not in unbounded and np.isfinite(value):
            assert 0 <= value <= 1, name
    assert got | kpis(made, window) == pytest.approx(got, nan_ok=True)
    assert sum(books(Events(made, window)).values()) == pytest.approx(got["contribution_margin"] * 70)
    assert measure(shuffled(made, seed), window) == pytest.approx(got, nan_ok=True, rel=1e-12)

"""How the market grew: where visits and users came from, what was faked, and the fixed day-0 cohort.

Some targets can be gamed: cutting ads raises the organic share, slower acquisition raises
repurchase. The figures of the day-0 cohort cannot, because the same people are followed under
every strategy, whoever else arrives.
"""

from __future__ import annotations

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.measure.events import NAN, Events, cny, count, find, ratio, share
from sim.measure.indicators import (
    ACQUISITION_COST,
    FRAUD_RATE,
    FRAUD_RATE_DETECTED,
    FRAUD_RATE_UNDETECTED,
    REPURCHASE_DAYS,
    Rate,
    conversion,
    invited,
    public,
)
from sim.measure.kpis import (
    KPIS,
    Guardrail,
    Kpi,
    acquisition_spend,
    average_order_value,
    cross_platform_conversion,
    order_conversion,
    repurchase_30d,
)
from sim.measure.money import per_thousand, profit_before_campaign
from sim.world import weights
from sim.world.kinds import SOURCES
from sim.world.platforms import PLATFORMS
from sim.world.schema import Source


def from_source(name: str) -> Rate:
    """Conversion of the visits that one source brought."""
    return conversion(lambda events: events.visits("source") == events.source_numbers.get(name, -1))


def traffic_dispersion(events: Events) -> float:
    """1 - HHI: one minus the sum of squared shares of the platforms on which public visits were won.

    0 if all come from one platform, 1 - 1/n if all n platforms bring the same.
    """
    won = events.visits("origin")[public(events)]
    visits = np.bincount(won, minlength=len(PLATFORMS))
    total = int(visits.sum())
    return 1 - float(np.sum((visits / total) ** 2)) if total else NAN


def acquisition_cost_measured(events: Events) -> float:
    """Acquisition spend over accounts that passed review: what the operator sees, fakes included."""
    return ratio(acquisition_spend(events), count(weights.passed_review(events.rows)))


def cost_per_first_buyer(events: Events) -> float:
    """Acquisition spend over customers whose first order ever lies in the window."""
    return ratio(acquisition_spend(events), count(events.orders("lifetime_order") == 1))


def payback_days(events: Events) -> float:
    """Acquisition cost over what a new user earned per day since registering; nan if that is not positive.

    Time counts from the minute of registering: whole days would be half a day too long for everybody,
    which weighs the more the shorter the window is.
    """
    person = events.column("registrations", "person")[events.new_users]
    joined = events.column("registrations", "minute")[events.new_users].astype(np.int64)
    theirs = find(events.orders("person"), person) >= 0
    days = int((events.end_minute - joined).sum()) / MINUTES_PER_DAY
    earned = ratio(profit_before_campaign(events, theirs), days)
    return ACQUISITION_COST.value(events) / earned if earned > 0 else NAN


def invitations_per_user_day(events: Events) -> float:
    """Invitations sent over registered users, summed over days."""
    sent = count(events.column("touches", "source") == Source.INVITATION)
    return ratio(sent, int(events.column("daily", "registered").sum()))


def k_factor(events: Events) -> float:
    """Real users registered on an invitation over people who sent one."""
    sender = events.column("touches", "sender")[events.column("touches", "source") == Source.INVITATION]
    return ratio(count(invited(events) & events.new_users), len(np.unique(sender)))


def cohort_repurchase_30d(events: Events) -> float:
    """Customers at the window's opening who order within its first 30 days; nan in a shorter window."""
    if events.days < REPURCHASE_DAYS:
        return NAN
    customers = events.column("cohort", "person")[events.column("cohort", "orders") >= 1]
    early = events.orders("day") < events.first + REPURCHASE_DAYS
    return share(np.isin(customers, events.orders("person")[early]))


def cohort_orders_per_1000(events: Events) -> float:
    """Orders of day-0 people per 1,000 of them."""
    return per_thousand(events, count(events.from_cohort))


def cohort_revenue_per_1000(events: Events) -> float:
    """Revenue from day-0 people per 1,000 of them, CNY."""
    return per_thousand(events, cny(events.orders("paid_fen")[events.from_cohort]))


def cohort_kept_revenue_per_1000(events: Events) -> float:
    """Kept revenue from day-0 people per 1,000 of them, CNY."""
    fen = events.orders("paid_fen") - events.fates.refund_fen
    return per_thousand(events, cny(fen[events.from_cohort]))


#: Targets on kept orders, and how the same is counted on all accepted orders.
GROSS = {
    "cross_platform_conversion": cross_platform_conversion,
    "order_conversion": order_conversion,
    "average_order_value": average_order_value,
    "repurchase_30d": repurchase_30d,
}


def _gross(kpi: Kpi) -> Guardrail:
    return Guardrail(
        f"{kpi.name}_gross",
        f"{kpi.label}, gross",
        kpi.unit,
        kpi.better,
        "As the target of the same name, on all accepted orders, cancelled and expired ones included.",
        lambda events: GROSS[kpi.name](events, gross=True),
    )


def of_source(name: str) -> Guardrail:
    """Order conversion of a source, one of the market's own or one that a feature declares."""
    words = name.replace("_", " ")
    return Guardrail(
        f"order_conversion_{name}",
        f"Order conversion, {words}",
        "share",
        "higher",
        f"Visits with an order / visits, among visits credited to {words} (last touch).",
        from_source(name).value,
    )


GROWTH: tuple[Guardrail, ...] = (
    Guardrail(
        "acquisition_cost_measured",
        "Acquisition cost as the operator measures it",
        "CNY/account",
        "lower",
        "Acquisition spend / accounts that passed review, fakes included.",
        acquisition_cost_measured,
    ),
    Guardrail(
        "cost_per_first_buyer",
        "Cost per first buyer",
        "CNY/first buyer",
        "lower",
        "Acquisition spend / customers whose first order ever lies in the window.",
        cost_per_first_buyer,
    ),
    Guardrail(
        "payback_days",
        "Payback of a new user",
        "days",
        "lower",
        "Acquisition cost / profit before campaign money per new user and day since registration.",
        payback_days,
    ),
    Guardrail(
        "acquisition_spend",
        "Acquisition spend",
        "CNY",
        "",
        "Numerator of the acquisition cost.",
        acquisition_spend,
    ),
    Guardrail(
        "new_users",
        "New real users",
        "users",
        "higher",
        "Real people's first registrations, not rejected by review.",
        lambda e: float(count(e.new_users)),
    ),
    Guardrail(
        "fraud_rate",
        "Fraud rate, true",
        "share",
        "lower",
        "Fakes / accounts registered on an invitation.",
        FRAUD_RATE.value,
    ),
    Guardrail(
        "fraud_rate_detected",
        "Fraud rate, detected",
        "share",
        "",
        "Accounts rejected by review, rightly or not / accounts registered on an invitation.",
        FRAUD_RATE_DETECTED.value,
    ),
    Guardrail(
        "fraud_rate_undetected",
        "Fraud rate after review",
        "share",
        "lower",
        "Fakes / accounts registered on an invitation that passed review.",
        FRAUD_RATE_UNDETECTED.value,
    ),
    Guardrail(
        "invitations_per_user_day",
        "Invitations per user and day",
        "1/user/day",
        "higher",
        "Invitations sent / registered users summed over days.",
        invitations_per_user_day,
    ),
    Guardrail(
        "k_factor",
        "k-factor",
        "users/inviter",
        "higher",
        "Real users registered on an invitation / people who sent one.",
        k_factor,
    ),
    Guardrail(
        "traffic_dispersion",
        "Traffic dispersion",
        "index",
        "higher",
        "1 - HHI: one minus the sum of squared shares of the platforms in public visits (by where the touch "
        "was seen); 0 if all come from one.",
        traffic_dispersion,
    ),
    Guardrail(
        "private_domain_size",
        "Private domain",
        "people",
        "higher",
        "People in the private domain at the end of the last day.",
        lambda e: e.last_daily("private_domain"),
    ),
    *(_gross(kpi) for kpi in KPIS if kpi.name in GROSS),
    Guardrail(
        "kept_orders_new",
        "Kept orders of new buyers",
        "orders",
        "higher",
        "Kept orders that are their customer's first ever.",
        lambda e: float(count(e.fates.kept & (e.orders("lifetime_order") == 1))),
    ),
    Guardrail(
        "kept_orders_existing",
        "Kept orders of existing buyers",
        "orders",
        "higher",
        "Kept orders that are their customer's second or a later one.",
        lambda e: float(count(e.fates.kept & (e.orders("lifetime_order") > 1))),
    ),
    Guardrail(
        "cohort_repurchase_30d",
        "Repurchase of day-0 customers",
        "share",
        "higher",
        "Customers at the window's opening who order within its first 30 days / such customers.",
        cohort_repurchase_30d,
    ),
    Guardrail(
        "cohort_orders_per_1000",
        "Orders per 1,000 day-0 consumers",
        "orders/1000 consumers",
        "higher",
        "Orders of people present when the window opened, per 1,000 of them.",
        cohort_orders_per_1000,
    ),
    Guardrail(
        "cohort_revenue_per_1000",
        "Revenue per 1,000 day-0 consumers",
        "CNY/1000 consumers",
        "higher",
        "Revenue from people present when the window opened, per 1,000 of them.",
        cohort_revenue_per_1000,
    ),
    Guardrail(
        "cohort_kept_revenue_per_1000",
        "Kept revenue per 1,000 day-0 consumers",
        "CNY/1000 consumers",
        "higher",
        "Kept revenue from people present when the window opened, per 1,000 of them.",
        cohort_kept_revenue_per_1000,
    ),
    *(of_source(source.name) for source in SOURCES),
)

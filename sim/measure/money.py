"""Where the money went: the ledger of the window, from list price to contribution margin.

Every figure of cost and profit is a sum over accounts of the one ledger, so each fen counts once.
The margin is what the window added to the brand's equity: revenue is recognised at the hand-over,
and orders, returns and rewards still open are valued at both ends. Figures by order (revenue of the
orders accepted, their value, profit by customer) share that result out.
"""

from __future__ import annotations

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.ledger import FEN_PER_CNY
from sim.measure.events import NAN, Events, Role, cny, count, find, ratio
from sim.measure.indicators import is_in, moved
from sim.measure.kpis import Guardrail
from sim.world.accounts import LOGISTICS, Account
from sim.world.platforms import PLATFORMS
from sim.world.schema import Source, Spend

#: Sources that were paid for and are credited to a platform by last touch.
PAID_ON_PLATFORM = (Source.PAID_MEDIA, Source.SPONSORED_POST, Source.LIVESTREAM)

#: Days that delivery, pick-up, inspection and refund may take together.
SETTLING_DAYS = 7


def goods_lost(events: Events) -> np.ndarray:
    """bool[n orders]: the order's goods are gone and paid for by the order.

    Goods of cancelled orders never left and goods returned fit for sale came back; goods that
    spoiled on the way are in the day's spoilage.
    """
    fates = events.fates
    lost: np.ndarray = ~(fates.cancelled | (fates.returned & fates.restocked) | fates.spoiled)
    return lost


def platform_commission_fen(events: Events) -> np.ndarray:
    """int64[n orders]: owed to the platform, 0 for cancelled orders (returns do not undo it)."""
    owed = events.orders("commission_fen") - events.orders("campaign_commission_fen")
    fen: np.ndarray = owed * ~events.fates.cancelled
    return fen


def order_profit_fen(events: Events) -> np.ndarray:
    """int64[n orders]: paid - refunded - goods lost - platform commission; before logistics.

    A key by which the ledger's profit is shared out among customers, not a book of its own.
    """
    goods = events.orders("goods_fen") * goods_lost(events)
    profit: np.ndarray = (
        events.orders("paid_fen") - events.fates.refund_fen - goods - platform_commission_fen(events)
    )
    return profit


#: Lines of the way from list price to margin: name -> accounts of the ledger.
LINES: dict[str, tuple[Account, ...] | Role] = {
    "list_price": (Account.REVENUE,),
    "discounts": (Account.DISCOUNTS,),
    "refunds": (Account.REFUNDS,),
    "goods": "goods",
    "platform_commission": (Account.PLATFORM_COMMISSIONS,),
    "logistics": LOGISTICS,
    "spoilage": (Account.SPOILAGE,),
    "campaign": "campaign",
    "income_beside_sales": "income",
    "open_orders": (Account.REVALUATION,),
}


def books(events: Events) -> dict[str, float]:
    """The way from list price to contribution margin, CNY; costs are negative and the sum is the margin.

    Income beside sales is a line where a feature has some.
    """
    numbers = {line: events.accounts(of) if isinstance(of, str) else of for line, of in LINES.items()}
    return {line: -events.moved_cny(*accounts) for line, accounts in numbers.items() if accounts}


def campaign_cash(events: Events) -> float:
    """All-in spend without discounts, CNY: what stands between profit on orders and margin."""
    return events.moved_cny(*events.accounts("campaign"))


def revenue(events: Events) -> float:
    """Paid by customers for orders accepted in the window, before refunds, CNY."""
    return cny(events.orders("paid_fen"))


def kept_revenue(events: Events) -> float:
    """Revenue less what was refunded on those orders by the end of the window, CNY."""
    return revenue(events) - cny(events.fates.refund_fen)


def profit_on_kept_orders(events: Events) -> float:
    """Contribution before campaign money, CNY: what a strategy must raise to pay for itself.

    What others pay beside sales comes from no order.
    """
    beside = {*events.accounts("campaign"), *events.accounts("income")}
    return -events.moved_cny(*(account for account in events.accounts("result") if account not in beside))


def contribution_margin(events: Events) -> float:
    """What the window added to the ledger's equity, open commitments valued at both ends, CNY."""
    return -events.moved_cny(*events.accounts("result"))


def logistics_cost(events: Events) -> float:
    """The logistics bills of the window, capacity beyond the baseline's included, CNY."""
    return events.moved_cny(*LOGISTICS, Account.CAPACITY)


def per_thousand(events: Events, value: float) -> float:
    """``value`` per 1,000 people present when the window opened."""
    return ratio(1000 * value, len(events.column("cohort", "person")))


def profit_before_campaign(events: Events, chosen: np.ndarray) -> float:
    """Profit on ``chosen`` orders (bool[n orders]) before campaign money, CNY.

    Logistics and spoilage are spread evenly over the orders that were not cancelled.
    """
    shipped = ~events.fates.cancelled
    fen = order_profit_fen(events)
    overhead = cny(fen) - profit_on_kept_orders(events)
    return cny(fen[chosen]) - overhead * count(shipped & chosen) / max(count(shipped), 1)


def repeat_profit_share(events: Events) -> float:
    """Share of profit before campaign money from customers with two or more lifetime orders by the end.

    Without a positive profit a share means nothing and is nan.
    """
    person, lifetime = events.orders("person"), events.orders("lifetime_order")
    repeat = np.isin(person, person[lifetime >= 2])
    total = profit_on_kept_orders(events)
    return profit_before_campaign(events, repeat) / total if total > 0 else NAN


def logistics_cost_share(events: Events) -> float:
    """Logistics costs over revenue."""
    return ratio(logistics_cost(events), revenue(events))


def marketing_roi(events: Events, platform: int | None = None) -> float:
    """Revenue by last touch over what was paid for it, on one platform or on all.

    Revenue, before refunds, of orders whose last touch was paid media, a sponsored post or a
    livestream seen on the platform; over the media bill, the fees of posts and sessions there, what the
    brand's own sessions cost, and the campaign commissions of those orders.
    """
    return ratio(*paid_reach(events, platform))


def paid_reach(events: Events, platform: int | None = None) -> tuple[float, float]:
    """Revenue by last touch and what was paid for it, CNY: the two parts of :func:`marketing_roi`."""
    credited = is_in(events.orders("source"), PAID_ON_PLATFORM)
    bill, fees = events.column("media", "spend_fen"), events.column("posts", "fee_fen")
    if platform is not None:
        credited = credited & (events.orders("origin") == platform)
        bill = bill[events.column("media", "platform") == platform]
        fees = fees[events.column("posts", "platform") == platform]
    cost = cny(bill) + cny(fees) + cny(events.orders("campaign_commission_fen")[credited])
    cost += _own_sessions(events, platform)
    return cny(events.orders("paid_fen")[credited]), cost


def _own_sessions(events: Events, platform: int | None) -> float:
    """What own sessions cost, CNY, where they sell: at the livestream orders that no host's post brought."""
    cost = float(moved(Account.SESSIONS)(events).sum()) / FEN_PER_CNY
    if platform is None or cost == 0.0:
        return cost
    own = is_in(events.orders("source"), [int(Source.LIVESTREAM)])
    own = own & (find(events.orders("touch"), events.column("posts", "post")) < 0)
    return cost * ratio(count(own & (events.orders("origin") == platform)), count(own))


def settled_in_full(events: Events) -> np.ndarray:
    """bool[n orders]: old enough that cancellation, return and refund lie behind it at the window's end.

    Those placed at least the right of return and ``SETTLING_DAYS`` before it; none while nothing has been
    handed over.
    """
    handed_over = events.column("deliveries", "minute")
    if not len(handed_over):
        return np.zeros(len(events.orders("minute")), bool)
    right = max(0, int((events.column("deliveries", "return_ends") - handed_over).max()))
    old: np.ndarray = events.orders("minute") < events.end_minute - right - SETTLING_DAYS * MINUTES_PER_DAY
    return old


def order_value(events: Events, chosen: np.ndarray) -> float:
    """Paid less refunded per order among ``chosen`` (bool[n orders]), CNY, for kept figures."""
    fen = events.orders("paid_fen") - events.fates.refund_fen
    return ratio(cny(fen[chosen]), count(chosen))


def paid_per_order(events: Events, chosen: np.ndarray) -> float:
    """Paid per order among ``chosen`` (bool[n orders]), before refunds, CNY."""
    return ratio(cny(events.orders("paid_fen")[chosen]), count(chosen))


def first_day_without_money(events: Events) -> float:
    """Day of the window (from 1) on which a campaign first found no money; nan if it never did."""
    days = events.column("campaign_stops", "day")
    return float(days.min() - events.first + 1) if len(days) else NAN


def inventory_days(events: Events) -> float:
    """Mean stock at cost over the mean daily cost of goods ordered and not cancelled."""
    stock = events.column("daily", "stock_fen")
    sold = cny(events.orders("goods_fen")[~events.fates.cancelled]) / events.days
    return ratio(float(stock.mean()) / FEN_PER_CNY, sold) if len(stock) else NAN


def _by_platform(index: int, name: str) -> Guardrail:
    words = name.replace("_", " ")
    return Guardrail(
        f"marketing_roi_{name}",
        f"Marketing return, {words}",
        "CNY/CNY",
        "higher",
        f"As the marketing return, for money spent and touches seen on {words}.",
        lambda events: marketing_roi(events, index),
    )


MONEY: tuple[Guardrail, ...] = (
    Guardrail(
        "contribution_margin",
        "Contribution margin per day",
        "CNY/day",
        "higher",
        "(List price of goods handed over - discounts - refunds - goods - platform commissions - logistics "
        "- spoilage - other campaign money + change in the value of open orders and returns) / days, from "
        "the ledger.",
        lambda e: contribution_margin(e) / e.days,
    ),
    Guardrail(
        "contribution_per_new_user",
        "Contribution per new user",
        "CNY/new user",
        "higher",
        "Contribution margin of the whole window / new real registered users; the window is the horizon.",
        lambda e: ratio(contribution_margin(e), count(e.new_users)),
    ),
    Guardrail(
        "contribution_per_1000",
        "Contribution per 1,000 day-0 consumers",
        "CNY/1000 consumers",
        "higher",
        "Contribution margin of the whole window per 1,000 people present when it opened.",
        lambda e: per_thousand(e, contribution_margin(e)),
    ),
    Guardrail(
        "profit_on_kept_orders",
        "Profit on kept orders",
        "CNY",
        "higher",
        "Contribution margin of the whole window before campaign money and income beside sales.",
        profit_on_kept_orders,
    ),
    Guardrail(
        "profit_on_kept_orders_per_1000",
        "Profit on kept orders per 1,000 day-0 consumers",
        "CNY/1000 consumers",
        "higher",
        "Profit on kept orders per 1,000 people present when the window opened.",
        lambda e: per_thousand(e, profit_on_kept_orders(e)),
    ),
    Guardrail(
        "revenue",
        "Revenue",
        "CNY",
        "higher",
        "Paid for orders accepted in the window, net of coupons, before refunds.",
        revenue,
    ),
    Guardrail(
        "kept_revenue",
        "Kept revenue",
        "CNY",
        "higher",
        "Revenue - refunds on the same orders by the end of the window.",
        kept_revenue,
    ),
    Guardrail(
        "order_value_new",
        "Order value of new buyers",
        "CNY/order",
        "higher",
        "Revenue / orders, first orders ever.",
        lambda e: paid_per_order(e, e.orders("lifetime_order") == 1),
    ),
    Guardrail(
        "order_value_existing",
        "Order value of existing buyers",
        "CNY/order",
        "higher",
        "Revenue / orders, second and later orders.",
        lambda e: paid_per_order(e, e.orders("lifetime_order") > 1),
    ),
    Guardrail(
        "order_value_kept",
        "Order value of kept orders",
        "CNY/order",
        "higher",
        "(Paid - refunded) / orders, among kept orders placed at least the right of return and 7 days before "
        "the window's end.",
        lambda e: order_value(e, e.fates.kept & settled_in_full(e)),
    ),
    Guardrail(
        "repeat_profit_share",
        "Profit from repeat customers",
        "share",
        "higher",
        "Profit before campaign money of customers with two or more lifetime orders / all such "
        "profit; logistics and spoilage spread evenly over orders not cancelled.",
        repeat_profit_share,
    ),
    Guardrail(
        "marketing_roi",
        "Marketing return",
        "CNY/CNY",
        "higher",
        "Revenue by last touch of paid media, sponsored posts and livestreams / (media bills + fees + "
        "own sessions + campaign commissions on those orders).",
        marketing_roi,
    ),
    Guardrail(
        "logistics_cost_share",
        "Logistics cost share",
        "share",
        "lower",
        "Logistics costs / revenue.",
        logistics_cost_share,
    ),
    Guardrail(
        "inventory_days",
        "Inventory days",
        "days",
        "lower",
        "Mean stock at cost / mean daily cost of goods ordered and not cancelled.",
        inventory_days,
    ),
    Guardrail(
        "all_in_spend",
        "All-in spend",
        "CNY",
        "",
        "Media, fees, commissions, rewards, discounts, review, private domain, capacity, content, and what "
        "features declare beside.",
        lambda e: e.spend_cny(),
    ),
    Guardrail(
        "all_in_spend_per_1000",
        "All-in spend per 1,000 day-0 consumers",
        "CNY/1000 consumers",
        "",
        "All-in spend per 1,000 people present when the window opened.",
        lambda e: per_thousand(e, e.spend_cny()),
    ),
    Guardrail(
        "days_without_money",
        "Days without money",
        "days",
        "lower",
        "Days on which something was wanted and not promised because the all-in budget was used up.",
        lambda e: float(len(np.unique(e.column("campaign_stops", "day")))),
    ),
    Guardrail(
        "first_day_without_money",
        "First day without money",
        "day",
        "higher",
        "First such day, counted from 1; not observable if the money lasted.",
        first_day_without_money,
    ),
    Guardrail(
        "media_budget_used",
        "Media budget used",
        "share",
        "",
        "Media bills / what the budget rule allowed for media.",
        lambda e: ratio(100 * e.spend_cny(Spend.MEDIA), int(e.column("daily", "media_allowance_fen").sum())),
    ),
    *(_by_platform(index, name) for index, name in enumerate(PLATFORMS)),
)

"""Compares the market with the plan's figures.

``python -m docs.calibration [WORLDS] [CONSUMERS] [CACHE] [TABLE ...]`` lives a few worlds under the
baseline and under the strategies that some figures speak of, counts each figure from events, and writes
the tables of ``calibration.md``, or only those named (``fitted``, ``"not fitted"``, ``published``,
``emergent``, ``composition``). Nothing is fitted here: that is done by ``liebian calibrate``, and the
intercepts that it found are the defaults in ``sim/``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from docs.pages import table, write_block
from sim.demand.bidders import growth_since
from sim.demand.choice import fresh_curve
from sim.market import Market
from sim.measure.events import Events, find
from sim.measure.indicators import first_orders
from sim.measure.intervals import t_interval
from sim.world.catalog import CATEGORIES
from sim.world.platforms import PLATFORMS
from sim.world.schema import Cancel, Source

#: Sizes of the two experiments on the running market: list prices and a fixed media budget, times this. Both
#: hold the media budget: where concessions and media share one purse, dearer goods leave more for media.
DEARER, MORE_ADS = 1.05, 1.5
#: Strategy -> what differs from the baseline.
STRATEGIES: dict[str, tuple[str, ...]] = {
    "baseline": ("baseline",),
    "three tiers": ("three_tier_referral",),
    "flat cash": ("flat_cash_referral",),
    "private domain": ("private_domain",),
    "sensors": ("baseline", "logistics.sensors=true"),
    "shared riders": ("baseline", "logistics.idle_resale_share=1.0"),
    "dearer": ("baseline", "control=media", f"pricing.list_level={DEARER}"),
    "ads": ("baseline", "control=media"),
    "more ads": ("baseline", "control=media", f"control.media_budget={round(0.05 * MORE_ADS, 6)}"),
}
#: Sources that reach people in public; the brand's own surfaces are left out.
_PUBLIC = [int(s) for s in Source if s not in (Source.DIRECT, Source.PRIVATE_DOMAIN)]
#: Sources in which one acquaintance reaches another.
_ACQUAINTANCE = [int(s) for s in (Source.SHARE, Source.INVITATION, Source.AFFILIATE, Source.GROUP_BUY)]


class World(dict[str, Market]):
    """One world under every strategy that is asked for, each branched from the same burnt-in snapshot.

    All share the world's random numbers, so that the same person can be followed under two strategies.
    """

    def __init__(self, number: int, consumers: int, cache: Path | None, *more: str) -> None:
        super().__init__()
        self.number, self.cache = number, cache
        self.same = (f"population.size={consumers}", *more)

    def __missing__(self, name: str) -> Market:
        first, *more = STRATEGIES[name]
        market = Market.from_scenario(first, *more, *self.same, replication=self.number, cache=self.cache)
        return self.setdefault(name, market.run())


Figure = Callable[[World], float]


class Compared(NamedTuple):
    """One figure of the plan and how the market's counterpart is counted."""

    fact: str
    what: str
    stated: str
    counted: str
    figure: Figure
    money: bool = False
    level: float = float("nan")
    """As stated, where the plan calls the figure calibrated; a bound (``most``) where it says so."""
    most: bool = False


def conversion(m: Market, mask: Callable[[dict[str, np.ndarray]], np.ndarray]) -> float:
    """Orders over visits, of the visits that the mask keeps."""
    visits = m.tables()["visits"]
    chosen = mask(visits)
    return float(visits["order"][chosen].mean()) if chosen.any() else float("nan")


def on(platform: str) -> Figure:
    """Conversion of public visits that came from one platform, in the baseline."""
    code = PLATFORMS.index(platform)
    return lambda w: conversion(
        w["baseline"], lambda v: (v["origin"] == code) & np.isin(v["source"], _PUBLIC)
    )


def rural(w: World) -> float:
    """Conversion of public visits that look at rural specialities."""
    code = CATEGORIES.index("rural")
    return conversion(w["baseline"], lambda v: (v["category"] == code) & np.isin(v["source"], _PUBLIC))


def acquaintance(w: World) -> float:
    """Conversion of visits that another person sent."""
    return conversion(w["baseline"], lambda v: np.isin(v["source"], _ACQUAINTANCE))


def share_conversion(w: World) -> float:
    """Conversion of visits that an unrewarded share brought."""
    return conversion(w["baseline"], lambda v: v["source"] == int(Source.SHARE))


def share_response(w: World) -> float:
    """Visits over people reached, of ordinary shares."""
    t = w["baseline"].tables()
    sent = int((t["touches"]["source"] == int(Source.SHARE)).sum())
    came = int((t["visits"]["source"] == int(Source.SHARE)).sum())
    return came / sent if sent else float("nan")


def fission_cost(w: World) -> float:
    """Rewards kept, over real accounts that registered on an invitation, in CNY."""
    t = w["flat cash"].tables()
    paid, new = t["rewards"], t["registrations"]
    won = (new["source"] == int(Source.INVITATION)) & ~new["fake"]
    kept = np.where(paid["clawed_back"], -paid["fen"], paid["fen"]).sum()
    return float(kept / 100.0 / won.sum()) if won.any() else float("nan")


def half_an_hour(w: World) -> float:
    """Acceptance of a promise of half an hour by the curve that the choice follows."""
    choice = w["baseline"].config.choice
    level, slope = fresh_curve(choice.fresh_accept_30min, choice.fresh_accept_72h)
    return float(1.0 / (1.0 + np.exp(slope * np.log(0.5) - level)))


def slow_growth(w: World) -> float:
    """Growth of traffic in the eleventh year after the burn-in, where other bidders are there."""
    p = w["baseline"].config.bidders
    years = [growth_since(p.traffic_first, p.traffic_last, p.slowing_days, 365 * n) for n in (10, 11)]
    return float(np.exp(years[1] - years[0]) - 1.0)


def kpi(strategy: str, name: str) -> Figure:
    """An indicator or guardrail of one strategy."""
    return lambda w: w[strategy].kpis()[name]


def change(strategy: str, name: str) -> Figure:
    """Relative change of an indicator against the baseline on the same world."""
    return lambda w: w[strategy].kpis()[name] / w["baseline"].kpis()[name] - 1.0


def young_share(w: World) -> float:
    """Share of revenue from Cyber Natives (18-24)."""
    orders = w["baseline"].tables()["orders"]
    return float(orders["paid_fen"][orders["group"] == 1].sum() / orders["paid_fen"].sum())


def buyers_again(m: Market) -> tuple[np.ndarray, np.ndarray]:
    """Buyers whose 30 days after their first kept order are over, and whether they bought again in them."""
    events = Events(m.tables(), m.window)
    kept = events.fates.kept
    first = np.flatnonzero(first_orders(events, kept, again=False))
    first = first[np.argsort(events.orders("person")[first])]
    return events.orders("person")[first], first_orders(events, kept, again=True)[first]


def pool_premium(w: World) -> float:
    """Repurchase of customers in the private domain relative to that of the others, who did not join."""
    m = w["private domain"]
    buyers, again = buyers_again(m)
    pool = np.isin(buyers, m.world.people.id[m.world.people.private_domain])
    return float(again[pool].mean() / again[~pool].mean() - 1.0)


def pool_effect(w: World) -> float:
    """Repurchase of those in the private domain relative to the same people's in the world without it.

    The same random numbers make them the same people with the same luck until somebody joins. Those are
    followed whose 30 days can be seen in both worlds.
    """
    m = w["private domain"]
    inside = m.world.people.id[m.world.people.private_domain]
    (buyers, again), (twins, again_without) = buyers_again(m), buyers_again(w["baseline"])
    twin = find(buyers, twins)
    same = np.isin(buyers, inside) & (twin >= 0)
    return float(again[same].mean() / again_without[twin[same]].mean() - 1.0)


#: Where orders come from, by last touch.
COMPOSITION: dict[str, tuple[Source, ...]] = {
    "livestreams": (Source.LIVESTREAM,),
    "posts and notes of influencers": (Source.INFLUENCER_POST, Source.SPONSORED_POST),
    "shares, invitations, links and groups of friends": (
        Source.SHARE, Source.INVITATION, Source.AFFILIATE, Source.GROUP_BUY,
    ),
    "private domain": (Source.PRIVATE_DOMAIN,),
    "feeds and paid media": (Source.ORGANIC_FEED, Source.PAID_MEDIA),
    "search and direct visits": (Source.SEARCH, Source.DIRECT),
}  # fmt: skip
#: Minutes after which a wish to cancel has come or will not.
_SETTLED = 3 * 1440


def share_of_orders(sources: Sequence[Source]) -> Figure:
    """Share of the baseline's orders whose last touch was one of these."""
    return lambda w: float(np.isin(w["baseline"].tables()["orders"]["source"], [*map(int, sources)]).mean())


def _live(orders: dict[str, np.ndarray], live: bool, category: str | None) -> np.ndarray:
    chosen = (orders["source"] == int(Source.LIVESTREAM)) == live
    if category is not None:
        chosen = chosen & (orders["category"] == CATEGORIES.index(category))
    return np.asarray(chosen)


def returned(live: bool, category: str | None = None) -> Figure:
    """Share sent back of deliveries whose right of return is over, from livestreams or from elsewhere."""

    def figure(w: World) -> float:
        m = w["baseline"]
        t, end = m.tables(), 1440 * m.window[1]
        over = t["deliveries"]["order_id"][t["deliveries"]["return_ends"] < end]
        judged = _live(t["orders"], live, category) & np.isin(t["orders"]["order_id"], over)
        back = np.isin(t["orders"]["order_id"], t["return_requests"]["order_id"])
        return float(back[judged].mean()) if judged.any() else float("nan")

    return figure


def cancelled(live: bool) -> Figure:
    """Share cancelled by the customer before dispatch, from livestreams or from elsewhere."""

    def figure(w: World) -> float:
        m = w["baseline"]
        t = m.tables()
        judged = _live(t["orders"], live, None) & (t["orders"]["minute"] < 1440 * m.window[1] - _SETTLED)
        gone = t["cancellations"]
        chosen = gone["order_id"][gone["reason"] == int(Cancel.BY_CUSTOMER)]
        return (
            float(np.isin(t["orders"]["order_id"][judged], chosen).mean()) if judged.any() else float("nan")
        )

    return figure


def elasticity(more: str, less: str, ratio: float, days: int) -> Figure:
    """Relative change of orders in the first days between two strategies over that of the lever, in logs."""

    def sold(m: Market) -> int:
        return int((m.tables()["orders"]["day"] < m.window[0] + days).sum())

    return lambda w: float(np.log(sold(w[more]) / sold(w[less])) / np.log(ratio))


FITTED = (
    Compared("F007", "Xiaohongshu seeding notes convert", "5.2%", "orders / public visits from Xiaohongshu",
             on("xiaohongshu"), level=0.052),
    Compared("F008", "traditional e-commerce converts", "1.8%", "orders / public visits from JD", on("jd"),
             level=0.018),
    Compared("F037", "acquaintance selling in WeChat converts", "3.6%", "orders / public visits from WeChat",
             on("wechat"), level=0.036),
    Compared("F040", "rural produce converts in social distribution", "1.2%",
             "orders / public visits that look at rural specialities", rural, level=0.012),
    Compared("F066", "ordinary shares convert", "2%", "orders / visits by unrewarded shares",
             share_conversion, level=0.02),
    Compared("F101", "merchants' return on Douyin", "3.2", "revenue by last touch / media bill, Douyin",
             kpi("baseline", "marketing_roi_douyin"), True, level=3.2),
    Compared("F013", "repurchase of firms that look at single sales", "below 30%",
             "30-day repurchase, baseline", kpi("baseline", "repurchase_30d"), level=0.30, most=True),
)  # fmt: skip
NOT_FITTED = (
    Compared("F066", "the same, read as response to a share", "2%",
             "visits / people reached by unrewarded shares", share_response),
    Compared("F038", "acquisition cost by group fission", "12",
             "rewards / real accounts registered on an invitation, under flat cash, CNY", fission_cost, True,
             level=12.0),
    Compared("F028", "fresh-food users who accept half an hour", "92%",
             "put in: the curve of the choice at half an hour", half_an_hour, level=0.92),
    Compared("F009", "growth of sales on leading platforms", "12%",
             "put in: growth of traffic a year once it has slowed down", slow_growth, level=0.12),
    Compared("F037", "the same, only visits sent by a person", "3.6%",
             "orders / visits by shares, links and invitations", acquaintance),
)  # fmt: skip
PUBLISHED = tuple(
    Compared(source, f"{what}, first {days} days", stated, f"orders with {lever} times {ratio}",
             elasticity(more, less, ratio, days), True)
    for source, what, stated, lever, ratio, more, less in (
        ("Bijmolt 2005", "price elasticity", "-2.62", "a fixed media budget and list prices",
         DEARER, "dearer", "ads"),
        ("Sethuraman 2011", "advertising elasticity", "0.12 short, 0.24 long", "a fixed media budget",
         MORE_ADS, "more ads", "ads"),
    )
    for days in (14, 90)
)  # fmt: skip
EMERGENT = (
    Compared("F002", "revenue from consumers under 25", "42% (direction)", "Cyber Natives (18-24), baseline",
             young_share),
    Compared("F014", "profit from repurchasing users", "68%", "profit from customers with two or more orders",
             kpi("baseline", "repeat_profit_share")),
    Compared("F061", "cheating under three tiers", "at most 2%",
             "fakes / accounts registered on an invitation", kpi("three tiers", "fraud_rate")),
    Compared("F048", "repurchase with a private domain", "43% (direction)", "30-day repurchase, all buyers",
             kpi("private domain", "repurchase_30d")),
    Compared("F104", "repurchase premium of private-domain users", "+28%",
             "kept orders of those in the pool at the end, against other buyers: who joins, too",
             pool_premium),
    Compared("F104", "the same, what the pool does", "+28%",
             "kept orders of those in the pool at the end, against the same people in the world without it",
             pool_effect),
    Compared("F161", "less damage with cold-chain sensors", "-18% (direction)",
             "spoiled deliveries, against the baseline", change("sensors", "spoilage_rate")),
    Compared("F160", "cheaper delivery from shared front warehouses", "-25%",
             "logistics cost share with all idle rider time resold, against the baseline",
             change("shared riders", "logistics_cost_share")),
    Compared("F165", "logistics cost share", "18% (direction)", "logistics cost / revenue, baseline",
             kpi("baseline", "logistics_cost_share")),
)  # fmt: skip

#: What the trade reports, as far as it does; ranges are taken as plausible for one brand.
TRADE = dict(zip(COMPOSITION, ("15-35%", "5-15%", "3-12%", "0", "15-35%", "20-45%"), strict=True))
COMPOSED = (
    *(
        Compared("orders", what, TRADE[what], "orders by last touch / orders", share_of_orders(sources))
        for what, sources in COMPOSITION.items()
    ),
    Compared("cancelled", "shelf", "2-10%", "cancelled by the customer before dispatch / orders",
             cancelled(False)),
    Compared("cancelled", "livestream", "10-30%", "cancelled by the customer before dispatch / orders",
             cancelled(True)),
    *(
        Compared("returned", f"{'livestream' if live else 'shelf'}, {category or 'all goods'}", stated,
                 "sent back / deliveries whose right of return is over", returned(live, category))
        for live, category, stated in (
            (False, None, "8-15%"), (True, None, "25-50%"),
            (False, "apparel", "10-50%"), (True, "apparel", "30-60%"),
            (False, "beauty", "–"), (True, "beauty", "–"),
            (False, "healthy_food", "–"), (True, "healthy_food", "–"),
            (False, "fresh", "far less"), (True, "fresh", "far less"),
        )
    ),
)  # fmt: skip

TABLES = {
    "composition": COMPOSED,
    "fitted": FITTED,
    "not fitted": NOT_FITTED,
    "published": PUBLISHED,
    "emergent": EMERGENT,
}


def written(x: float, c: Compared, signed: bool) -> str:
    """A figure as the tables write it."""
    if not np.isfinite(x):
        return "–"
    sign = "+" if signed else ""
    return f"{x:{sign}.2f}" if c.money else f"{100 * x:{sign}.1f}%"


def rows(compared: Sequence[Compared], values: dict[Compared, list[float]]) -> str:
    """Table of stated and simulated figures with 95% intervals over worlds."""
    lines, judged = [], any(np.isfinite(c.level) for c in compared)
    for c in compared:
        value, low, high, n = t_interval(np.array(values[c]))
        signed = c.stated[0] in "+-" and not c.money
        between = f"{written(low, c, signed)} to {written(high, c, signed)}" if n > 1 else "–"
        told = [verdict(c, value, low, high)] if judged else []
        lines.append((c.fact, c.what, c.stated, written(value, c, signed), between, *told, c.counted))
    headings = ("figure", "what is said", "stated", "simulated", "95% interval")
    return table((*headings, *(["verdict"] if judged else []), "counted as"), lines)


#: Relative distance from a calibrated figure at which it is met.
NEAR = 0.05


def verdict(c: Compared, value: float, low: float, high: float) -> str:
    """How a calibrated figure came out: near what is stated, in its interval, or off by how much."""
    off = value / c.level - 1.0
    if not np.isfinite(off):
        return "not observed"
    if c.most:
        return "below" if high < c.level else "above" if low > c.level else "cannot be told"
    if abs(off) <= NEAR:
        return f"within 5% ({100 * off:+.1f}%)"
    return "in the interval" if low <= c.level <= high else f"off by {100 * off:+.1f}%"


def main(arguments: list[str]) -> None:
    """Live the worlds one after another and write the tables asked for."""
    number, consumers = [*map(int, arguments[:2]), *(5, 20_000)[len(arguments[:2]) :]]
    cache = Path(arguments[2]) if len(arguments) > 2 else Path("results/cache")
    wanted = {name: TABLES[name] for name in arguments[3:] or TABLES}
    values: dict[Compared, list[float]] = {c: [] for compared in wanted.values() for c in compared}
    for k in range(number):
        world = World(k, consumers, cache)
        for c, counted in values.items():
            counted.append(c.figure(world))
        how = f"{k + 1} worlds of {consumers:,} consumers, 90 measured days each."
        for name, compared in wanted.items():  # after every world, so that a run broken off leaves its own
            write_block("calibration.md", name, f"{how}\n\n{rows(compared, values)}")


if __name__ == "__main__":
    main(sys.argv[1:])

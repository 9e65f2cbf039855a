"""How the market's counterparts of the plan's figures are counted: markets that were lived -> a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np

from sim.market import Market
from sim.measure.events import Events, find
from sim.measure.indicators import first_orders
from sim.world.schema import GROUPS, Source

#: Arms of one world by name; each is lived when it is first asked for.
Arms = Mapping[str, Market]
Count = Callable[[Arms], float]

NAN = float("nan")


def kpi(arm: str, name: str) -> Count:
    """An indicator or guardrail of one arm's window."""
    return lambda arms: arms[arm].kpis()[name]


def change(arm: str, name: str, base: str = "baseline") -> Count:
    """Relative change of an indicator against another arm of the same world."""
    return ratio(kpi(arm, name), kpi(base, name))


def difference(arm: str, base: str, name: str) -> Count:
    """An indicator of one arm less that of another of the same world."""
    return lambda arms: arms[arm].kpis()[name] - arms[base].kpis()[name]


def group_share_of_revenue(group: str) -> Count:
    """Share of the baseline's revenue that a consumer group pays."""

    def count(arms: Arms) -> float:
        orders = arms["baseline"].tables(copy=False)["orders"]
        mine = orders["group"] == GROUPS.index(group)
        paid = orders["paid_fen"]
        return float(paid[mine].sum() / paid.sum()) if len(paid) else NAN

    return count


def group_share_of_people(group: str) -> Count:
    """Share of people who belong to a consumer group."""
    return lambda arms: float((arms["baseline"].world.people.group == GROUPS.index(group)).mean())


def buyers_again(market: Market) -> tuple[np.ndarray, np.ndarray]:
    """Buyers whose 30 days after their first kept order of the window are over, and who bought again in them.

    Returns
    -------
    buyers : int64[k]
        Stable ids, sorted.
    again : bool[k]
        Whether each did.
    """
    events = Events(market.tables(), market.window)
    kept = events.fates.kept
    first = np.flatnonzero(first_orders(events, kept, again=False))
    first = first[np.argsort(events.orders("person")[first])]
    return events.orders("person")[first], first_orders(events, kept, again=True)[first]


def effect_on_insiders(arm: str, column: str) -> Count:
    """Repurchase of those inside something, relative to the same people's in the world without it.

    The same random numbers make them the same people with the same luck until they join. Those are followed
    whose 30 days can be seen in both worlds.
    """

    def count(arms: Arms) -> float:
        people = arms[arm].world.people
        inside = people.id[getattr(people, column) > 0]
        (buyers, again), (twins, without) = buyers_again(arms[arm]), buyers_again(arms["baseline"])
        twin = find(buyers, twins)
        same = np.isin(buyers, inside) & (twin >= 0)
        before = float(without[twin[same]].mean()) if same.any() else 0.0
        return float(again[same].mean()) / before - 1.0 if before else NAN

    return count


def tellings_per_share(arm: str) -> Count:
    """People told of what an ordinary person shared, for each such share that anybody was told of."""

    def count(arms: Arms) -> float:
        touches = arms[arm].tables(copy=False)["touches"]
        roots = touches["root"][touches["source"] == int(Source.SHARE)]
        return len(roots) / len(np.unique(roots)) if len(roots) else NAN

    return count


def members_again(arm: str) -> Count:
    """30-day repurchase among buyers who are members at the end."""

    def count(arms: Arms) -> float:
        people = arms[arm].world.people
        buyers, again = buyers_again(arms[arm])
        inside = np.isin(buyers, people.id[people.member])
        return float(again[inside].mean()) if inside.any() else NAN

    return count


def conversion_of(source: Source) -> Count:
    """Orders over visits of one source, in the baseline."""

    def count(arms: Arms) -> float:
        visits = arms["baseline"].tables(copy=False)["visits"]
        mine = visits["source"] == int(source)
        return float(visits["order"][mine].mean()) if mine.any() else NAN

    return count


def joiners_again(arm: str, column: str) -> Count:
    """Repurchase of those inside something at the end, relative to that of other buyers of the same arm."""

    def count(arms: Arms) -> float:
        people = arms[arm].world.people
        buyers, again = buyers_again(arms[arm])
        inside = np.isin(buyers, people.id[getattr(people, column) > 0])
        if not inside.any() or not again[~inside].any():
            return NAN
        return float(again[inside].mean() / again[~inside].mean()) - 1.0

    return count


def next_day_of_invited(arm: str) -> Count:
    """Share of those registered on an invitation who visit on the next day, where that lies in the window."""

    def count(arms: Arms) -> float:
        market = arms[arm]
        tables = market.tables(copy=False)
        rows = tables["registrations"]
        mine = (rows["source"] == int(Source.INVITATION)) & ~rows["fake"]
        mine &= (rows["day"] >= market.first_measured_day) & (rows["day"] < rows["day"].max(initial=0))
        came = set(zip(tables["visits"]["person"].tolist(), tables["visits"]["day"].tolist(), strict=True))
        new = zip(rows["person"][mine].tolist(), rows["day"][mine].tolist(), strict=True)
        back = [(person, day + 1) in came for person, day in new]
        return float(np.mean(back)) if back else NAN

    return count


def less(top: Count, bottom: Count) -> Count:
    """One count less another."""
    return lambda arms: top(arms) - bottom(arms)


def hours(minutes: Count) -> Count:
    """Minutes in hours."""
    return lambda arms: minutes(arms) / 60.0


def clicks(arm: str) -> Count:
    """Visits by advertisements over impressions bought."""

    def count(arms: Arms) -> float:
        tables = arms[arm].tables(copy=False)
        shown = int(tables["media"]["impressions"].sum())
        came = int((tables["visits"]["source"] == int(Source.PAID_MEDIA)).sum())
        return came / shown if shown else NAN

    return count


def revenue(arm: str, first: int, days: int) -> Count:
    """Paid by customers on some days of the measured window, counted from its first, CNY."""

    def count(arms: Arms) -> float:
        orders = arms[arm].tables(copy=False)["orders"]
        since = orders["day"] - arms[arm].first_measured_day - first
        return float(orders["paid_fen"][(since >= 0) & (since < days)].sum()) / 100.0

    return count


def cost_of_partners_visits(arm: str) -> Count:
    """Joint marketing a visit that partners bring, CNY."""

    def count(arms: Arms) -> float:
        tables, source = arms[arm].tables(copy=False), arms[arm].world.kinds.source("partners_visit")
        visits = int((tables["visits"]["source"] == source).sum())
        return float(tables["partners_offers"]["fen"].sum()) / 100.0 / visits if visits else NAN

    return count


def response_of_suppliers(arm: str) -> Count:
    """By how much faster suppliers answer at the end than their usual lead."""

    def count(arms: Arms) -> float:
        market = arms[arm]
        lead = float(cast("Any", market.world.logistics).stock.lead_days())
        return float(market.config.supply.supplier_lead_days) / lead - 1.0

    return count


def ratio(top: Count, bottom: Count) -> Count:
    """One count relative to another, less 1; nan where the other is 0."""

    def count(arms: Arms) -> float:
        below = bottom(arms)
        return top(arms) / below - 1.0 if below else NAN

    return count

"""Parameters of goods that cross a border: the way, the station, what is promised, tax, and sending back."""

from __future__ import annotations

from sim.core.params import Params, constant, lever, uncertainty
from sim.stations.pool import PoolParams
from sim.world.catalog import CATEGORIES

#: Goods that may come from the second place: not those of the first, nor such as need no way at all.
SECOND = tuple(one for one in CATEGORIES if one not in ("cross_border_beauty", "personal_growth"))


class SecondPlaceParams(Params):
    """Goods of one more category from a second place, which is nearer."""

    category: str = lever("none", "category", "S023", table=("none", *SECOND))
    """Goods that are sent from there."""

    promise_days: float = lever(6.0, "days", "A-1600", ge=0, le=60, span=(3, 15))
    """What the way from there adds to every promise of these goods."""

    stocked: float = lever(0.0, "share of parcels", "A-1601", ge=0, le=1, span=(0, 0.9))
    """Parcels of these goods that lie ready in the bonded warehouse."""

    way_days: float = uncertainty(
        3.5,
        "days",
        "A-1602; a neighbour across a land border, by lorry and air",
        ge=0,
        le=60,
        span=(1.5, 8),
        scope="strategy",
    )
    """Mean time of the way from there to the border."""

    way_spread: float = uncertainty(
        0.7,
        "standard deviation of log",
        "A-1603; roads and their borders vary more than flights",
        ge=0,
        le=2,
        span=(0.3, 1.1),
        scope="strategy",
    )
    """How much ways from there differ (log-normal)."""

    freight: float = uncertainty(
        10.0, "CNY/parcel", "A-1604; shorter than by air", ge=0, le=1000, span=(5, 25), scope="strategy"
    )
    """The way from there; goods in bond come at ``bulk_freight`` of it."""

    tax: float = uncertainty(
        0.091,
        "share of value",
        "A-1605; as of goods from the first place unless they are of a lower rate, such as food",
        ge=0,
        le=2,
        span=(0.06, 0.12),
        scope="strategy",
    )
    """Tax on goods from there within the limits."""


class OutParams(Params):
    """Customers who live abroad: whatever they order goes across the border to them."""

    share: float = uncertainty(
        0.0, "share of people", "A-1606; nobody by default", ge=0, le=1, span=(0, 0.1), scope="strategy"
    )
    """People who live abroad."""

    promise_days: float = lever(9.0, "days", "A-1607", ge=0, le=60, span=(4, 20))
    """What their orders are promised beside the region's own time."""

    way_days: float = uncertainty(
        7.0,
        "days",
        "A-1608; a week by air, their customs included",
        ge=0,
        le=60,
        span=(4, 14),
        scope="strategy",
    )
    """Mean time of the way out."""

    way_spread: float = uncertainty(
        0.5,
        "standard deviation of log",
        "A-1609; as of the way in",
        ge=0,
        le=2,
        span=(0.2, 0.9),
        scope="strategy",
    )
    """How much ways out differ (log-normal)."""

    freight: float = uncertainty(
        45.0, "CNY/parcel", "A-1610; a kilogram by air", ge=0, le=1000, span=(20, 90), scope="strategy"
    )
    """What the way out costs the brand."""

    tax: float = uncertainty(
        0.1,
        "share of value",
        "A-1611; value-added taxes of South-East Asia lie at 7% to 12%",
        ge=0,
        le=2,
        span=(0, 0.2),
        scope="strategy",
    )
    """Tax where they live, without a limit; ``tax_borne`` of it is the brand's."""

    return_cost: float = uncertainty(
        80.0,
        "CNY/parcel",
        "A-1612; dearer than a parcel out",
        ge=0,
        le=1000,
        span=(30, 160),
        scope="strategy",
    )
    """What sending one parcel back from abroad costs; ``return_borne`` of it is the brand's."""


class CrossBorderParams(Params):
    """Beauty goods from abroad: a long and uncertain way, a station that clears parcels, tax and returns."""

    enabled: bool = lever(False, "switch", "S023")
    """Such goods are sent from abroad; otherwise they lie on the region's shelves like all others."""

    second: SecondPlaceParams = SecondPlaceParams()
    """Goods of a second category from another place."""

    out: OutParams = OutParams()
    """Customers abroad."""

    promise_days: float = lever(10.0, "days", "A-1362", ge=0, le=60, span=(5, 20))
    """What the way across the border adds to every promise: a short one sells and is broken more often."""

    stocked: float = lever(0.0, "share of parcels", "A-1363", ge=0, le=1, span=(0, 0.9))
    """Parcels that lie ready in a bonded warehouse at the border and need no way from abroad."""

    tax_borne: float = lever(0.0, "share of the tax", "A-1364", ge=0, le=1, span=(0, 1))
    """Tax that the brand bears; customers pay the rest on top of the price, and see it before they order."""

    return_borne: float = lever(1.0, "share of its cost", "A-1365", ge=0, le=1, span=(0, 1))
    """What the brand pays of sending goods back; customers pay the rest."""

    brokers: PoolParams = PoolParams(
        staff=0.15, minutes=2.0, evenness=0.6, hours=8.0, patience=48.0, wage=45.0
    )
    """People who clear one parcel at a time at the border, most at once and some for long; what waits longer
    than it may, or finds nobody, goes over the public counter."""

    counter_days: float = uncertainty(
        5.0, "days", "A-1376; a working week", ge=0, le=90, span=(2, 15), scope="strategy"
    )
    """Time that a parcel takes over the public counter."""

    way_days: float = uncertainty(
        6.0,
        "days",
        "A-1366; a week for parcels by air, judging by carriers' pages",
        ge=0,
        le=60,
        span=(3, 12),
        scope="strategy",
    )
    """Mean time of the way from abroad to the border."""

    way_spread: float = uncertainty(
        0.5,
        "standard deviation of log",
        "A-1367; one in ten takes nearly twice as long",
        ge=0,
        le=2,
        span=(0.2, 0.9),
        scope="strategy",
    )
    """How much ways differ (log-normal)."""

    bonded_days: float = uncertainty(
        0.5, "days", "A-1368; picked within half a day", ge=0, le=30, span=(0.2, 1.5), scope="strategy"
    )
    """Time until a parcel of the bonded warehouse is at the station."""

    bonded_upkeep: float = uncertainty(
        8.0, "CNY/1,000 people/day", "A-1369", ge=0, le=1000, span=(3, 20), scope="strategy"
    )
    """A bonded warehouse that could send every parcel, for a smaller share in proportion to its square root:
    goods of all sorts have to lie there before the first parcel can be sent."""

    freight: float = uncertainty(
        18.0, "CNY/parcel", "A-1370; a light parcel by air", ge=0, le=1000, span=(10, 40), scope="strategy"
    )
    """The way from abroad; goods for the bonded warehouse come together at ``bulk_freight`` of that."""

    bulk_freight: float = uncertainty(
        0.3, "ratio", "A-1371; by sea, many together", ge=0, le=1, span=(0.1, 0.6), scope="strategy"
    )
    """Freight of what comes together, relative to a single parcel's."""

    tax: float = constant(
        0.091,
        "share of value",
        "Finance ministry, Caiguanshui 2018/49",
        ge=0,
        le=2,
        scope="strategy",
    )
    """Retail imports within the limits pay no tariff and seven tenths of the value-added tax."""

    full_tax: float = uncertainty(
        0.16,
        "share of value",
        "A-1372; value-added tax of 13% and a tariff of some 3%",
        ge=0,
        le=2,
        span=(0.13, 0.3),
        scope="strategy",
    )
    """Tax beyond the limits, as of general trade."""

    order_limit: float = constant(
        5000.0, "CNY/order", "Finance ministry, Caiguanshui 2018/49", ge=0, le=1e6, scope="strategy"
    )
    """Value of an order up to which the lower tax is due."""

    year_limit: float = constant(
        26000.0,
        "CNY/person/year",
        "Finance ministry, Caiguanshui 2018/49",
        ge=0,
        le=1e7,
        scope="strategy",
    )
    """Value of a person's orders in a year up to which it is due; counted from the world's first day."""

    return_cost: float = uncertainty(
        60.0,
        "CNY/parcel",
        "A-1373; abroad, or back into bond",
        ge=0,
        le=1000,
        span=(20, 120),
        scope="strategy",
    )
    """What sending one parcel back across the border costs beside its collection."""

    tax_back_days: int = constant(30, "days", "Customs announcement 2018/194", ge=0, le=365, scope="strategy")
    """Days from its clearing within which a parcel from abroad has to be back, fit to be sold again: tax is
    paid back, and the year's limit forgets it."""

    deters: float = uncertainty(
        1.2, "log returns", "A-1374; 70% fewer", ge=0, le=10, span=(0.5, 2.5), scope="strategy"
    )
    """How much rarer goods come back where customers pay all of it; refused parcels do as ever."""

    worry: float = uncertainty(0.3, "logit", "A-1375", ge=0, le=5, span=(0.1, 0.8), scope="strategy")
    """What speaks against an order where customers would pay all of sending goods back."""

"""Parameters of livestreams at the origin: the sessions, who packs, the way, and what is promised."""

from __future__ import annotations

from sim.core.params import Params, constant, lever, uncertainty
from sim.stations.pool import PoolParams


class OriginParams(Params):
    """Fresh goods that are sold in livestreams where they grow, and packed only once they are ordered."""

    enabled: bool = lever(False, "switch", "S063")
    """Fresh goods are also sold at their origin; otherwise the shelves alone have them."""

    per_week: float = lever(7.0, "sessions/week", "A-1305; one a morning", ge=0, le=7, span=(0, 7))
    """Livestreams from the field, at most one a day."""

    hour: float = lever(10.0, "hour of the day", "A-1306", ge=0, le=23, span=(7, 21))
    """When a session begins: the later, the fewer of its orders are packed before the truck leaves."""

    minutes: int = constant(120, "minutes", "A-1307; two hours", ge=10, le=720)
    """Length of a session."""

    discount: float = lever(0.1, "share of price", "A-1308", ge=0, le=0.8, span=(0, 0.3))
    """Price cut for whoever buys from a session."""

    boxes: float = lever(4.0, "units/1,000 people/day", "A-1309", ge=0, le=1000, span=(0, 12))
    """Most that is sold in a day: what is sold beyond what can be packed misses the truck."""

    promise_hours: float = lever(24.0, "hours", "F169", ge=1, le=240, span=(20, 48))
    """What customers of a session are promised: the next day."""

    crew: PoolParams = PoolParams(staff=0.12, minutes=4.0, evenness=3.4, opens=9.0, hours=9.0, wage=30.0)
    """People who harvest and pack one order after another; what they do not finish today waits for the next
    shift, and what waits longer than it may is packed by neighbours on the second day, at the crew's wage. In
    a market too small for one of them, somebody works the end of the shift. Nothing is sold without them."""

    session_cost: float = uncertainty(
        3.0,
        "CNY/session/1,000 people",
        "A-1310; a grower, a host and a phone for two hours",
        ge=0,
        le=1000,
        span=(1, 10),
        scope="strategy",
    )
    """What a session costs, of a room that a larger market sees more of."""

    reach: float = uncertainty(
        0.05,
        "share of people/session",
        "A-1311; about what a short clip reaches",
        ge=0,
        le=1,
        span=(0.02, 0.12),
        scope="strategy",
    )
    """People who see a session, more of them where and when people are more active."""

    click: float = uncertainty(
        0.2,
        "visits/viewer",
        "A-1312; as from other sessions of the brand",
        ge=0,
        le=1,
        span=(0.05, 0.4),
        scope="strategy",
    )
    """Viewers who look at what is for sale, if nothing else brings them."""

    margin_gain: float = uncertainty(
        0.25, "ratio", "F087; read as relative", ge=0, le=1, span=(0.1, 0.4), scope="strategy"
    )
    """Gross margin at the usual price that is gained at the origin, where no dealer stands between."""

    freight: float = uncertainty(
        4.0, "CNY/order", "A-1313; a cooled box by night truck", ge=0, le=1000, span=(2, 9), scope="strategy"
    )
    """The way of one order's box from the origin to the region."""

    departs: float = constant(18.0, "hour of the day", "A-1314; before the night", ge=0, le=23.99)
    """When the day's truck leaves; what is packed later goes with the next day's."""

    way_hours: float = uncertainty(
        8.0, "hours", "A-1315; 500 km by night", ge=0.1, le=240, span=(4, 16), scope="strategy"
    )
    """Mean time of a truck to the regional centre."""

    way_spread: float = uncertainty(
        0.2,
        "standard deviation of log",
        "A-1316; one truck in ten takes a third longer",
        ge=0,
        le=2,
        span=(0.05, 0.5),
        scope="strategy",
    )
    """How much trucks differ (log-normal); all orders of a truck come together."""

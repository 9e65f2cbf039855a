"""What the firm is worth to somebody who looks at its customers: counted every midnight, never set.

The value is what the books hold so far and what today's customers will still bring: their number, what one
brings in a month, how many of them stay from one month to the next, and a discount (Gupta, Lehmann & Stuart
2004). Nothing pushes it: it falls when fewer buy, stay away or bring less, whatever the reason.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.core.ledger import FEN_PER_CNY
from sim.core.params import Params, constant, lever
from sim.core.rng import Draw
from sim.feature import Feature, Figure, Tables, act
from sim.mechanism import Phase
from sim.world.accounts import BALANCE_SHEET
from sim.world.kinds import CAMPAIGN
from sim.world.world import World

_YEAR = 365.0


class FirmValueParams(Params):
    """How a firm is valued by its customers."""

    enabled: bool = lever(False, "switch", "S072")
    """The firm's value is reckoned every day; it changes nothing."""

    period: int = constant(28, "days", "definition; whole weeks", ge=1, le=92, scope="strategy")
    """Time over which customers, what they bring and who of them stays are counted."""

    discount: float = constant(
        0.12, "share/year", "Gupta, Lehmann & Stuart 2004", ge=0.01, le=1, scope="strategy"
    )
    """Yearly rate at which what customers bring later is worth less."""


def customer_value(margin: float, stays: float, rate: float) -> float:
    """What a customer will still bring: ``margin × stays / (1 + rate - stays)`` over all later periods.

    Parameters
    ----------
    margin : float
        What one brings in a period, in any currency.
    stays : float
        Chance to stay from one period to the next, 0..1.
    rate : float
        Discount of a period, above 0.
    """
    return margin * stays / (1.0 + rate - stays)


def deepest_fall(values: np.ndarray) -> float:
    """Largest loss from an earlier height, as its share; 0 if values only rise, nan if none is above 0."""
    known = values[np.isfinite(values)]
    peaks = np.maximum.accumulate(known)
    worth = peaks > 0.0
    return float((1.0 - known[worth] / peaks[worth]).max()) if worth.any() else float("nan")


def _known(tables: Tables) -> np.ndarray:
    """float64[n]: 1 on days with a value."""
    known: np.ndarray = np.isfinite(tables["firm_value_days"]["value"]).astype(np.float64)
    return known


class FirmValue(Feature):
    """Market value as what is in the books and what customers will still bring (S072)."""

    section = "firm_value"
    Params = FirmValueParams
    events: ClassVar = {
        "firm_value_days": {
            "day": ("int32", "absolute day"),
            "equity": ("float64", "in the books, CNY"),
            "campaign": ("float64", "campaign money spent so far, less income beside sales, CNY"),
            "customers": ("int64", "bought within the period; 0 until it is over"),
            "stay": ("float64", "share of those of the period before who bought again; nan until then"),
            "value": ("float64", "value of the firm, CNY; nan until two periods are over"),
        },
    }
    figures = (
        Figure(
            "firm_value_mean",
            "Value of the firm by its customers",
            "CNY",
            over=lambda t: np.nan_to_num(t["firm_value_days"]["value"]),
            per=_known,
        ),
        Figure(
            "firm_value_fall",
            "Deepest fall of the firm's value",
            "share",
            over=lambda t: np.array([deepest_fall(t["firm_value_days"]["value"])]),
        ),
    )

    @act(
        Phase.MEASURE,
        reads=["records.orders", "records.firm_value_days", "ledger"],
        writes=["records.firm_value_days"],
    )
    def reckon(self, world: World, draw: Draw) -> None:
        """Note today's books, and once two periods are over what the firm is worth."""
        p, days = self.params, cast("Any", world.records).firm_value_days
        equity, campaign = books(world)
        customers, stay, value = 0, float("nan"), float("nan")
        if len(days) >= 2 * p.period:
            customers, stay = customers_of(world.records.orders, world.day, p.period)
            before = -p.period
            brought = equity - days["equity"][before] + campaign - days["campaign"][before]
            rate = (1.0 + p.discount) ** (p.period / _YEAR) - 1.0
            value = equity + customer_value(brought, stay, rate)
        days.append(
            day=world.day, equity=equity, campaign=campaign, customers=customers, stay=stay, value=value
        )


def books(world: World) -> tuple[float, float]:
    """What the books hold, and campaign money less income beside sales since they were opened, CNY.

    Neither is what customers bring.
    """
    balance = world.ledger.balance
    spent = [account.key for account in CAMPAIGN]
    spent += [one.name for one in world.kinds.added if not one.of_goods]
    held = sum(balance.get(account.key, 0) for account in BALANCE_SHEET)
    return held / FEN_PER_CNY, sum(balance.get(name, 0) for name in spent) / FEN_PER_CNY


def customers_of(orders: Any, today: int, period: int) -> tuple[int, float]:
    """Who bought within a period that ends today, and which share of the buyers of the one before did.

    Parameters
    ----------
    orders : mapping of str to array
        ``day``, int[n], absolute; ``person``, int64[n], stable ids.
    today : int
        Absolute day.
    period : int
        Days.

    Returns
    -------
    (int, float)
        The share is 0 where nobody bought in the period before.
    """
    age = today - np.asarray(orders["day"])
    now = np.unique(orders["person"][age < period])
    before = np.unique(orders["person"][(age >= period) & (age < 2 * period)])
    return len(now), float(np.isin(before, now).mean()) if len(before) else 0.0

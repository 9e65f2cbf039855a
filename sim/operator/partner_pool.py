"""The alliance's pool for losses by shocks from outside: paid into by size, paid out as far as it goes.

Partners are struck one at a time, by chance; the brand by the shocks of its market. Some shocks strike all at
once (consumers, riders, suppliers); then everybody claims, and nobody is left to pay: the pool gives what it
has, to each in proportion, and what is not paid is not made up for later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Schema
from sim.operator.partner_firms import Firms
from sim.operator.partners_params import PartnersParams
from sim.world.world import World

#: What is paid in, and what is paid out: income, by which no budget grows.
INSURED, CLAIMS = "partners_insured", "partners_claims"
#: Conditions by which a shock strikes every member, and not the brand alone.
COMMON = frozenset({"confidence", "acceptance", "riders", "suppliers"})

POOL: Schema = {
    "day": ("int32", "absolute day"),
    "in_fen": ("int64", "what the brand paid in, fen"),
    "out_fen": ("int64", "what the pool paid the brand, fen"),
    "claims": ("float64", "claims of all members, fen"),
    "paid": ("float64", "share of claims that is paid, 0..1"),
    "money": ("float64", "what is left in the pool, fen"),
    "usual": ("float64", "what the brand earns a day without a shock, of late, fen"),
    "short": ("float64", "what the brand earned less since the shock began, fen"),
    "claimed": ("float64", "what it has claimed of that, fen"),
    "calm": ("int32", "days without a shock so far"),
}


class Purse(NamedTuple):
    """The pool's money, the brand's earnings and claims, fen, and its days without a shock (see ``POOL``)."""

    money: float = 0.0
    usual: float = 0.0
    short: float = 0.0
    claimed: float = 0.0
    calm: float = 0.0


def strengths(shocks: Sequence[Any], since: int) -> tuple[float, float]:
    """Of a day of the measured window: how hard the brand is struck at all, and how hard everybody is, 0..1.

    Parameters
    ----------
    shocks : sequence of OneShock
        Shocks of the market.
    since : int
        Days since the first measured day.
    """
    felt = [(one.strength(since), not COMMON.isdisjoint(one.moves)) for one in shocks]
    return max((size for size, _ in felt), default=0.0), max(
        (size for size, all_ in felt if all_), default=0.0
    )


def shared(money: float, claims: np.ndarray) -> float:
    """Share of claims, fen[n], that can be paid from ``money``, fen."""
    total = float(claims.sum())
    return min(1.0, money / total) if total > 0.0 else 1.0


def partners_losses(draw: Draw, p: PartnersParams, earnings: np.ndarray, common: float) -> np.ndarray:
    """float64[n firms]: what members lose today, in the unit of what they earn a day (``earnings``)."""
    numbers = np.arange(1, len(earnings) + 1)
    stream = draw("partners.strikes")
    struck = keyed_uniforms(stream, numbers, 0) < p.strikes
    days = -p.strike_days * np.log(1.0 - keyed_uniforms(stream, numbers, 1))
    return earnings * (struck * days + common)


def brands_claim(p: PartnersParams, purse: Purse, earned: float, struck: bool) -> tuple[Purse, float]:
    """What the brand claims today, fen, and its books: it knows its loss only by what it earned less.

    Losses are summed up over the days of a shock, so that good days count against bad ones.

    Parameters
    ----------
    p : PartnersParams
        Numbers.
    purse : Purse
        How it stood yesterday.
    earned : float
        What the brand earned today, fen.
    struck : bool
        Whether a shock is on; of the days without one the first are averaged alike.
    """
    if not struck:
        calm = purse.calm + 1.0
        usual = purse.usual + max(1.0 / p.memory, 1.0 / calm) * (earned - purse.usual)
        return purse._replace(usual=usual, short=0.0, claimed=0.0, calm=calm), 0.0
    short = purse.short + purse.usual - earned
    claim = max(0.0, p.insured * short - purse.claimed)
    return purse._replace(short=short, claimed=purse.claimed + claim), claim


def insure(
    world: World, draw: Draw, p: PartnersParams, firms: Firms, size: np.ndarray, shock: tuple[float, float]
) -> None:
    """Pay in, claim and pay out.

    Parameters
    ----------
    world, draw
        The market and its draws.
    p : PartnersParams
        Numbers.
    firms : Firms
        How it stands with each; who is no member neither pays nor claims.
    size : float64[n firms]
        Size of each relative to the mean.
    shock : (float, float)
        See :func:`strengths`.
    """
    orders, table = world.records.orders, cast("Any", world.records).partners_pool
    left = (orders.today("paid_fen") - orders.today("goods_fen") - orders.today("commission_fen")).sum()
    purse = Purse(*(float(table[name][-1]) for name in Purse._fields)) if len(table) else Purse()
    purse, mine = brands_claim(p, purse, float(left), shock[0] > 0.0)
    earnings = p.earns * 100.0 * len(world.people) / 1000.0 * size * firms.members
    losses = p.insured * partners_losses(draw, p, earnings, shock[1])
    paid_in = to_fen(p.premium * max(0.0, purse.usual) / 100.0)
    if not world.affords(INSURED, paid_in):
        paid_in, mine = 0, 0.0
    money = purse.money + (1.0 - p.pool_fee) * (paid_in + p.premium * float(earnings.sum()))
    claims = np.append(losses, mine)
    share = shared(money, claims)
    out = int(share * mine)
    cast("Any", world.records).partners_pool.append(
        day=world.day,
        in_fen=paid_in,
        out_fen=out,
        claims=float(claims.sum()),
        paid=share,
        **purse._replace(money=money - share * float(losses.sum()) - out)._asdict(),
    )
    world.spend(INSURED, paid_in)
    world.spend(CLAIMS, -out)

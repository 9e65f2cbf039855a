"""Terms: what speaks for a cart and an order, and what is taken off a bill, each under its name.

Whatever moves a decision adds to the daypart's sums (``flow.cart``, ``flow.order``, in logits) or offers a
line of the bill (``flow.bill``); choices look at the sums and at the price, and orders keep the terms that
they were made under (``order_terms``).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from sim.core.errors import RunError
from sim.world.accounts import Account
from sim.world.division import shares_of, to_the_fen

Values = np.ndarray | float
#: Who bears what is taken off a price: the brand, unless an account is named.
BRAND = "brand"
#: What the ground itself says of an order; these are the first columns of ``flow.visits["why"]``, followed by
#: the exclusive concession that was given and the price of one unit, as shares of the list price, and 1 where
#: the brand had no money for its own concessions.
GROUND = ("level", "price", "confidence", "rival", "promise", "reading")


class TermSum:
    """A sum of named terms, one value a visit of the daypart.

    Parameters
    ----------
    decision : str
        What the sum speaks for (``cart``, ``order``, or ``basket``: the log of an order's value), for error
        messages and the names in ``order_terms``.
    """

    __slots__ = ("cooling", "decision", "parts")

    def __init__(self, decision: str) -> None:
        self.decision = decision
        self.parts: dict[str, Values] = {}
        self.cooling: list[str] = []

    def add(self, name: str, values: Values, *, cools: bool = False) -> None:
        """Add a term.

        Parameters
        ----------
        name : str
            Name of the term, its own within the sum.
        values : float64[n visits] or float
            Logits, 0 where it says nothing; terms are centred, so that a feature that is switched off moves
            nothing by its mean.
        cools : bool
            It is the heat of the moment: orders that it makes may be regretted
            (:mod:`sim.commerce.second_thoughts`).

        Raises
        ------
        RunError
            If there is a term of that name already.
        """
        if name in self.parts:
            raise RunError(f"flow.{self.decision}: the term '{name}' is added twice; give each its own name")
        self.parts[name] = values
        if cools:
            self.cooling.append(name)

    def heat(self, n: int) -> np.ndarray:
        """Sum of the terms that cool, float64[n]."""
        heat = np.zeros(n)
        for name in sorted(self.cooling):
            heat += self.parts[name]
        return heat

    def total(self, n: int) -> np.ndarray:
        """Sum in the order of names, float64[n].

        Raises
        ------
        RunError
            If a term has another number of values than there are visits, or one that is not finite.
        """
        total = np.zeros(n)
        for name in sorted(self.parts):
            values = self.parts[name]
            shape = values.shape if isinstance(values, np.ndarray) else np.shape(values)
            if shape != (n,) and shape != ():
                raise RunError(
                    f"flow.{self.decision}: the term '{name}' must have one value a visit, {n} (it has shape "
                    f"{np.shape(values)}); take the people of flow.visits['seat']"
                )
            total += values
        if not np.isfinite(total).all():
            self._refuse(n)
        return total

    def _refuse(self, n: int) -> None:
        bad = [name for name in sorted(self.parts) if not np.isfinite(self.parts[name]).all()]
        raise RunError(
            f"flow.{self.decision}: terms must be finite numbers ({', '.join(bad)} of {n} visits "
            "are not); bound what they are made of"
        )


class Offers(NamedTuple):
    """What a daypart's bills come to, one value a visit, as shares of the price.

    deal : the best of the exclusive lines; also, several : what is left to pay after further lines, from one
    unit and from two units on; own, own_several : part of what is taken off that the brand bears; theirs,
    also_theirs : the best exclusive line of others, and what their further lines leave to pay; level : the
    price before anything is taken off, relative to that of the list.
    """

    deal: np.ndarray
    also: np.ndarray
    several: np.ndarray
    own: np.ndarray
    own_several: np.ndarray
    theirs: np.ndarray
    also_theirs: np.ndarray
    level: np.ndarray


class Line(NamedTuple):
    """One line that may be taken off a bill, as offered (see :meth:`Bill.add`)."""

    share: Values | None
    price: Values | None
    cap: float | None
    units: int
    kind: str
    payer: str


class Settled(NamedTuple):
    """Orders whose bills are taken apart, one row each.

    visit : row of the daypart's visits; conceded : list price less what is paid, fen; granted : exclusive
    share that was given; grouped : it is a group's; several : whether lines from two units on count;
    dropped : whether the brand's own lines do not.
    """

    visit: np.ndarray
    conceded: np.ndarray
    granted: np.ndarray
    grouped: np.ndarray
    several: np.ndarray
    dropped: np.ndarray


class Bill:
    """Lines that are offered to the visits of a daypart; the best of the exclusive ones counts."""

    __slots__ = ("lines", "names", "payer", "rises", "shares")

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}
        self.rises: dict[str, np.ndarray] = {}
        self.payer = BRAND
        self.names: list[str] = []
        self.shares = np.zeros((0, 0))

    def add(
        self,
        name: str,
        share: Values | None = None,
        *,
        price: Values | None = None,
        cap: float | None = None,
        units: int = 1,
        kind: Literal["best", "more"] = "best",
        payer: str = BRAND,
    ) -> None:
        """Offer something off the price.

        Parameters
        ----------
        name : str
            Name of the line.
        share : float64[n visits] or float, optional
            Share of the price that is taken off, 0..1; 0 for whom it does not hold.
        price : float64[n visits] or float, optional
            In its place, what one unit costs with it, fen.
        cap : float, optional
            Most that is taken off one unit, fen.
        units : {1, 2}
            Number of units from which it holds.
        kind : {'best', 'more'}
            Exclusive, the best one counts; or taken off what is left to pay after that.
        payer : str
            ``"brand"``, or the account that bears it (``"cash"``: somebody outside pays at once).

        Raises
        ------
        RunError
            If the line is not one of these, or a second one has its name.
        """
        problem = _problem(name, share, price, units, kind, payer)
        if name in self.lines:
            problem = "is offered twice; give each its own name"
        if payer not in (BRAND, self.payer) and self.payer != BRAND:
            problem = f"is borne by '{payer}', another by '{self.payer}'; let one account bear both"
        if problem:
            raise RunError(f"flow.bill: the line '{name}' {problem}")
        if payer != BRAND:
            self.payer = payer
        self.lines[name] = Line(share, price, cap, units, kind, payer)

    def add_rise(self, name: str, rise: np.ndarray) -> None:
        """Ask more than the list price; several rises multiply.

        Parameters
        ----------
        name : str
            Name of the rise.
        rise : float64[n visits]
            What is asked beyond the list price, as a share of it; 0 where nothing is.

        Raises
        ------
        RunError
            If a second rise has the name, or one is negative or no number.
        """
        if name in self.rises:
            raise RunError(f"flow.bill: the rise '{name}' is added twice; give each its own name")
        if not (rise.min(initial=0.0) >= 0.0 and np.isfinite(rise).all()):
            raise RunError(f"flow.bill: the rise '{name}' must be a finite share of at least 0; offer a line")
        self.rises[name] = rise

    def _level(self, n: int) -> np.ndarray:
        """float64[n]: price before anything is taken off, relative to the list price."""
        level = np.ones(n)
        for name in sorted(self.rises):
            level *= 1.0 + self.rises[name]
        return level

    def settle(self, unit_fen: np.ndarray) -> Offers:
        """What the lines come to for visits that look at goods of the given price.

        Parameters
        ----------
        unit_fen : int64[n visits]
            Catalogue price of one unit, fen.

        Raises
        ------
        RunError
            If a share lies outside 0..1, or there are not as many as visits.
        """
        n, lines = len(unit_fen), self.lines
        best = sorted((line.payer == BRAND, name) for name, line in lines.items() if line.kind == "best")
        more = sorted((line.units, name) for name, line in lines.items() if line.kind == "more")
        self.names = [name for _, name in (*best, *more)]  # of two that take off as much, others bear theirs
        self.shares = np.empty((len(self.names), n))
        for row, name in zip(self.shares, self.names, strict=True):
            self._fill(row, name, unit_fen)
        if not (self.shares.min(initial=0.0) >= 0.0 and self.shares.max(initial=0.0) <= 1.0):  # nor for nan
            self._refuse()
        deal = self.shares[: len(best)].max(axis=0, initial=0.0)
        also = several = own = own_several = also_theirs = np.ones(n)
        theirs = np.zeros(n)
        for (units, _), share in zip(more, self.shares[len(best) :], strict=True):
            also, several = (also * (1.0 - share), several) if units == 1 else (also, several * (1.0 - share))
        if self.payer != BRAND:
            rows, none = np.arange(n), np.zeros(n, np.bool_)
            own, own_several = (
                self._own(Settled(rows, rows, deal, none, two, none)) for two in (none, ~none)
            )
            theirs = self.shares[: sum(not brand for brand, _ in best)].max(axis=0, initial=0.0)
            for (units, name), share in zip(more, self.shares[len(best) :], strict=True):
                if units == 1 and lines[name].payer != BRAND:
                    also_theirs = also_theirs * (1.0 - share)
        return Offers(deal, also, several, own, own_several, theirs, also_theirs, self._level(n))

    def _fill(self, row: np.ndarray, name: str, unit_fen: np.ndarray) -> None:
        """Shares of one line by visit, written into ``row``."""
        line = self.lines[name]
        taken = 0.0 if line.share is None else line.share
        if line.price is not None:
            taken = np.maximum(1.0 - line.price / unit_fen, 0.0)
        if line.cap is not None:
            taken = np.minimum(taken, line.cap / unit_fen)
        if np.shape(taken) not in ((), row.shape):
            raise RunError(
                f"flow.bill: the line '{name}' must have one value a visit, {len(row)} (it has shape "
                f"{np.shape(taken)}); take the people of flow.visits['seat']"
            )
        row[:] = taken

    def _refuse(self) -> None:
        for name, row in zip(self.names, self.shares, strict=True):
            if not (row.min() >= 0.0 and row.max() <= 1.0):
                raise RunError(
                    f"flow.bill: the line '{name}' must take 0..1 of the price (it takes {row.min():g} to "
                    f"{row.max():g}); bound its share"
                )

    def _parts(self, settled: Settled) -> np.ndarray:
        """Share of the price that each line takes off, and last a group's, float64[lines + 1, k]."""
        best = sum(line.kind == "best" for line in self.lines.values())
        two = np.array([self.lines[name].units == 2 for name in self.names], np.bool_)
        parts: np.ndarray = shares_of(self.shares, best, two, self._brand(), settled)
        return parts

    def _brand(self) -> np.ndarray:
        """bool[lines + 1]: the brand bears it."""
        return np.array([*(self.lines[name].payer == BRAND for name in self.names), True])

    def _own(self, settled: Settled) -> np.ndarray:
        """Part of all that is taken off that the brand bears, float64[k]; 1 where nothing is."""
        parts = self._parts(settled)
        total, own = parts.sum(axis=0), parts[self._brand()].sum(axis=0)
        part: np.ndarray = np.divide(own, total, out=np.ones(len(total)), where=total > 0.0)
        return part

    def split(self, settled: Settled) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Take concessions apart into lines to the fen.

        Returns
        -------
        lines : dict of str to int64[k]
            Fen by line; they add up to what was conceded.
        others : int64[k]
            The part that another account than the brand's bears, fen.
        """
        fen = to_the_fen(self._parts(settled), settled.conceded)
        others = np.zeros(fen.shape[1], np.int64) if self.payer == BRAND else fen[~self._brand()].sum(axis=0)
        return dict(zip([*self.names, "group"], fen, strict=True)), others


def _problem(name: str, share: Values | None, price: Values | None, units: int, kind: str, payer: str) -> str:
    """What is wrong with a line, or nothing."""
    if (share is None) == (price is None):
        return "must have a share or a price; give one of the two"
    if units not in (1, 2) or kind not in ("best", "more") or (kind == "best" and units != 1):
        return "must be 'best' or 'more', and 'more' from 1 or 2 units on; choose one of these"
    if payer != BRAND and payer not in {account.key for account in Account}:
        return f"must be borne by 'brand' or an account ('{payer}' is none); see sim.world.accounts"
    if name == "group":
        return "has the name of the price of groups; choose another"
    return ""

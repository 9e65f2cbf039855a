"""What happened in the measured window: the event tables of one run, cut to its days.

Every indicator reads the tables through :class:`Events`, so that the window, the orders carried
over from before the run and the meaning of an empty denominator are settled once. An order's
fate (cancelled, delivered, returned, refunded) is looked up here by its id, as far as the window
lets one see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.ledger import FEN_PER_CNY
from sim.world.accounts import RESULT, SPENDING, Account
from sim.world.kinds import ACQUIRING, CAMPAIGN, SOURCES
from sim.world.names import NAMES
from sim.world.schema import SCHEMAS, Cancel, Spend

NAN = float("nan")

#: Event tables of one run: table name -> column name -> values. A ``Records`` fits as well.
Tables = Mapping[str, Mapping[str, np.ndarray]]
#: Accounts by what they are for (:meth:`Events.accounts`).
Role = Literal["acquisition", "campaign", "spending", "goods", "income", "result"]
#: First day and the day past the last, absolute.
Window = tuple[int, int]


def ratio(numerator: float, denominator: float) -> float:
    """Quotient, or nan where there is nothing to divide by (not observable, never 0)."""
    return float(numerator) / float(denominator) if denominator else NAN


def count(flags: np.ndarray) -> int:
    """Number of True."""
    return int(np.count_nonzero(flags))


def share(flags: np.ndarray) -> float:
    """Share of True, or nan if there are no rows."""
    return ratio(count(flags), len(flags))


def cny(fen: np.ndarray) -> float:
    """Sum of fen as CNY; summed in integers, so that the order of rows does not matter."""
    return int(fen.sum(dtype=np.int64)) / FEN_PER_CNY


def find(needles: np.ndarray, haystack: np.ndarray) -> np.ndarray:
    """int64[n]: a row of ``haystack`` that holds each needle, -1 where there is none."""
    if not len(haystack):
        return np.full(len(needles), -1, np.int64)
    order = np.argsort(haystack, kind="stable")
    place = np.minimum(np.searchsorted(haystack, needles, sorter=order), len(haystack) - 1)
    row = order[place]
    return np.where(haystack[row] == needles, row, -1)


class Fates(NamedTuple):
    """What became of each order of the window by its end, one row an order.

    cancelled, given_up, delivered, on_time, spoiled, returned, restocked : bool[n]; given up are those
    cancelled because their promise had been broken. refund_fen : int64[n]; promised_minute : int64[n],
    absolute. A group-buy is promised anew when its group fills, which its delivery records.
    """

    cancelled: np.ndarray
    given_up: np.ndarray
    delivered: np.ndarray
    on_time: np.ndarray
    spoiled: np.ndarray
    returned: np.ndarray
    restocked: np.ndarray
    refund_fen: np.ndarray
    promised_minute: np.ndarray

    @property
    def kept(self) -> np.ndarray:
        """bool[n]: not cancelled, refused or expired so far; returns take their money back, not the order."""
        return ~self.cancelled

    @property
    def decided(self) -> np.ndarray:
        """bool[n]: handed over or cancelled."""
        return self.cancelled | self.delivered


class Events:
    """Event tables of one run, cut to the measured window.

    Parameters
    ----------
    tables : mapping of str to mapping of str to ndarray
        As ``sim.world.schema`` lays them out.
    window : (int, int)
        First measured day and the day past the last, absolute.

    Raises
    ------
    ValueError
        If the window is empty.
    """

    def __init__(self, tables: Tables, window: Window) -> None:
        if window[1] <= window[0]:
            raise ValueError(f"window must hold at least one day (got {window[0]}..{window[1]})")
        self.tables = tables
        self.first, self.end = int(window[0]), int(window[1])
        self._rows: dict[str, np.ndarray | slice] = {}

    @property
    def days(self) -> int:
        """Length of the window, days."""
        return self.end - self.first

    @property
    def end_minute(self) -> int:
        """Absolute minute just past the window."""
        return self.end * MINUTES_PER_DAY

    def column(self, table: str, name: str) -> np.ndarray:
        """Rows of a column whose day lies in the window, orders carried over left out."""
        if table not in self._rows:
            self._rows[table] = self._select(table)
        return np.asarray(self.tables[table][name])[self._rows[table]]

    @cached_property
    def rows(self) -> Tables:
        """The window's rows, table by table, as weights take them (:mod:`sim.world.weights`)."""
        return _Cut(self)

    def _select(self, table: str) -> np.ndarray | slice:
        schema = SCHEMAS[table]
        if "day" not in schema:
            return slice(None)
        day = np.asarray(self.tables[table]["day"])
        inside = (day >= self.first) & (day < self.end)
        if "carried_over" in schema:
            inside &= ~np.asarray(self.tables[table]["carried_over"], bool)
        return slice(None) if inside.all() else inside

    @cached_property
    def _added(self) -> dict[str, list[tuple[int, str, str]]]:
        """Numbers, names and roles beside the market's own, by what is numbered (see the table ``names``)."""
        own = {"source": len(SOURCES), "spend": len(Spend), "account": len(Account)}
        names = self.tables.get("names", {})
        rows = zip(*(np.asarray(names[c]).tolist() for c in NAMES), strict=True) if names else ()
        found: dict[str, list[tuple[int, str, str]]] = {what: [] for what in own}
        for what, number, name, role in rows:
            if number >= own[what]:
                found[what].append((number, name, role))
        return found

    @cached_property
    def source_numbers(self) -> dict[str, int]:
        """Sources of visits by name, those that features declare included."""
        own = {one.name: number for number, one in enumerate(SOURCES)}
        return own | {name: number for number, name, _ in self._added["source"]}

    def sources_of(self, standing: str) -> list[int]:
        """Numbers of the sources that are ``organic``, ``paid`` or ``owned``."""
        own = [number for number, one in enumerate(SOURCES) if one.standing == standing]
        return own + [number for number, _, role in self._added["source"] if role == standing]

    @cached_property
    def purposes(self) -> dict[str, int]:
        """Purposes of spending by name: numbers in the table ``spend``."""
        own = {kind.name.lower(): int(kind) for kind in Spend}
        return own | {name: number for number, name, _ in self._added["spend"]}

    def accounts(self, role: Role) -> list[int]:
        """Numbers of the accounts of money that brings users, of campaign money with and without discounts.

        ``campaign`` is without discounts, ``spending`` with them; ``goods`` is what was sold, with freight
        and duties where features declare them; ``income`` is what features earn beside sales; ``result`` is
        all that makes the margin.
        """
        spending = tuple(account for account, _ in SPENDING.values())
        sold = (Account.COST_OF_GOODS,)
        own: tuple[Account, ...] = {
            "acquisition": ACQUIRING,
            "campaign": CAMPAIGN,
            "spending": spending,
            "goods": sold,
            "income": (),
            "result": RESULT,
        }[role]
        money = {"campaign", "acquisition"}
        among = {"campaign": money, "spending": money, "result": {*money, "goods", "income"}}.get(
            role, {role}
        )
        return [int(account) for account in own] + [n for n, _, how in self._added["account"] if how in among]

    def visits(self, name: str) -> np.ndarray:
        """A column of the window's visits."""
        return self.column("visits", name)

    def orders(self, name: str) -> np.ndarray:
        """A column of the window's orders."""
        return self.column("orders", name)

    def last_daily(self, name: str) -> float:
        """Figure of the window's last day, nan if no day was recorded."""
        day = self.column("daily", "day")
        return float(self.column("daily", name)[np.argmax(day)]) if len(day) else NAN

    def per_day(self, day: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        """float64[days]: rows (or sums of ``weights``) by day of the window."""
        return np.bincount(day - self.first, weights, minlength=self.days).astype(float)

    def moved_fen(self, *accounts: int) -> np.ndarray:
        """int64[days]: net fen debited to some accounts of the ledger, by day of the window."""
        day, fen = self.column("journal", "day") - self.first, self.column("journal", "fen")
        out = np.zeros(self.days, np.int64)
        for side, sign in (("debit", 1), ("credit", -1)):
            among = np.isin(self.column("journal", side), [int(a) for a in accounts])
            np.add.at(out, day[among], sign * fen[among])
        return out

    def moved_cny(self, *accounts: int) -> float:
        """Net CNY debited to some accounts of the ledger within the window."""
        return cny(self.moved_fen(*accounts))

    def spend_cny(self, *kinds: Spend) -> float:
        """Campaign money accrued in the window on the given kinds (all if none is given), CNY."""
        return self.moved_cny(*([SPENDING[kind][0] for kind in kinds] or self.accounts("spending")))

    @cached_property
    def new_users(self) -> np.ndarray:
        """bool[n registrations]: a real person's first registration ever, not rejected by review."""
        real = ~self.column("registrations", "fake") & ~self.column("registrations", "caught")
        accepted: np.ndarray = real & self.column("registrations", "seen_new")
        return accepted

    @cached_property
    def from_cohort(self) -> np.ndarray:
        """bool[n orders]: placed by people who were present when the window opened."""
        return find(self.orders("person"), self.column("cohort", "person")) >= 0

    @cached_property
    def fates(self) -> Fates:
        """What became of each order of the window."""
        ids = self.orders("order_id")
        gone, cancelled = self._matched("cancellations", ids)
        back, returned = self._matched("returns", ids)
        there, delivered = self._matched("deliveries", ids)
        refund = np.zeros(len(ids), np.int64)
        np.add.at(refund, cancelled, self.column("cancellations", "refund_fen")[gone])
        np.add.at(refund, returned, self.column("returns", "refund_fen")[back])
        late = self.column("cancellations", "reason") == Cancel.LATE
        promise = self.column("deliveries", "promised_minute")
        kept_promise = self.column("deliveries", "minute") <= promise
        promised = self.orders("promised_minute").astype(np.int64)
        promised[delivered] = promise[there]
        return Fates(
            cancelled=_marked(len(ids), cancelled),
            given_up=_marked(len(ids), cancelled[late[gone]]),
            delivered=_marked(len(ids), delivered),
            on_time=_marked(len(ids), delivered[kept_promise[there]]),
            spoiled=_marked(len(ids), delivered[self.column("deliveries", "spoiled")[there]]),
            returned=_marked(len(ids), returned),
            restocked=_marked(len(ids), returned[self.column("returns", "restocked")[back]]),
            refund_fen=refund,
            promised_minute=promised,
        )

    def _matched(self, table: str, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows of a table that speak of the window's orders, and the order row of each."""
        row = find(self.column(table, "order_id"), ids)
        known = row >= 0
        return known, row[known]


class _Cut(Mapping[str, Mapping[str, np.ndarray]]):
    """Event tables of a window."""

    def __init__(self, events: Events) -> None:
        self.events = events

    def __getitem__(self, table: str) -> Mapping[str, np.ndarray]:
        return _CutTable(self.events, table)

    def __iter__(self) -> Iterator[str]:
        return iter(self.events.tables)

    def __len__(self) -> int:
        return len(self.events.tables)


class _CutTable(Mapping[str, np.ndarray]):
    def __init__(self, events: Events, table: str) -> None:
        self.events, self.table = events, table

    def __getitem__(self, column: str) -> np.ndarray:
        return self.events.column(self.table, column)

    def __iter__(self) -> Iterator[str]:
        return iter(self.events.tables[self.table])

    def __len__(self) -> int:
        return len(self.events.tables[self.table])


def _marked(n: int, rows: np.ndarray) -> np.ndarray:
    """bool[n] with True at ``rows``."""
    flags = np.zeros(n, bool)
    flags[rows] = True
    return flags

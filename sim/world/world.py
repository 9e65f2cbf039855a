"""The world: all state of one market, with no behaviour of its own.

Mechanisms meet only here: in people's columns, platforms, records, what is waiting to fall due and the
ledger. Whatever must outlive a snapshot is an array.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sim.core.clock import Clock
from sim.core.ledger import Ledger
from sim.core.records import Agenda, Table
from sim.network.csr import CSRGraph
from sim.stations.pool import Team
from sim.world import invited
from sim.world.absent import Absent
from sim.world.accounts import Account, movements
from sim.world.answers import Answers
from sim.world.attention import Lanes, nothing_shown
from sim.world.catalog import CATEGORIES, Catalog
from sim.world.flow import Flow
from sim.world.group_wishes import ExpectedWishes
from sim.world.influencers import Influencers
from sim.world.kinds import Kinds
from sim.world.library import Library
from sim.world.observed import Observed
from sim.world.open_orders import OpenOrders
from sim.world.platforms import Platforms
from sim.world.population import People
from sim.world.schema import GROUPS, Records, Spend
from sim.world.seat_index import SeatIndex
from sim.world.stage import StageNow
from sim.world.terms import Bill, TermSum
from sim.world.trial import Trial

if TYPE_CHECKING:
    from sim.world.fulfilment import LogisticsEngine

#: A touch on its way to a consumer: an invitation, share, post, session or private message.
TOUCH_COLUMNS = {
    "minute": "int64",
    "seat": "int32",
    "person": "int64",
    "source": "int8",
    "origin": "int8",
    "category": "int8",
    "chance": "float32",
    "touch": "int64",
    "sender": "int64",
    "discount": "float32",
    "commission": "float32",
    "rewarded": "bool",
}

#: Commitments that fall due; ``row`` is a handle into ``records.orders``.
AGENDAS = {
    "touches": TOUCH_COLUMNS,
    "cancels": {"minute": "int64", "row": "int64"},
    "returns": {"minute": "int64", "row": "int64"},
    "border": {"minute": "int64", "row": "int64", "cleared": "bool"},
    "origin": {"minute": "int64", "row": "int64", "packed": "int64"},
    "promises": {"minute": "int64", "invitee": "int64", "stage": "int8", "fen": "int64", "own_fen": "int64"},
    "rewards": {
        "minute": "int64",
        "inviter": "int64",
        "invitee": "int64",
        "fen": "int64",
        "stage": "int8",
        "fake": "bool",
    },
}

#: What money may be spoken for beside promised rewards: today's wages of extra capacity, the pots saved
#: for influencers and the fees of posts bought for today.
RESERVES = ("capacity", "pots", "posts")

OPEN, WAITING, DELIVERED, CANCELLED, RETURNED, RETURNING = range(6)

#: Mutable companion of ``records.orders``, row by row.
ORDER_STATE = {
    "status": ("int8", "OPEN, WAITING (for a group), DELIVERED, CANCELLED, RETURNED or RETURNING"),
    "node": (
        "int32",
        "node that set the goods aside, -1 for digital goods, -2 while made to order",
    ),
    "heat": ("float32", "logits that the heat of the moment added to the cart"),
    "promised": ("int64", "absolute minute of the promise in force (a group's fill restarts it)"),
    "payer": ("int8", "account beside the brand's that bears part of the price, -1 for none"),
    "payer_fen": ("int64", "that part, fen"),
    "points_fen": ("int64", "points that it earned, fen"),
}


@dataclass
class Terms:
    """What the operator offers today: price level, a group's price, linked ids, content, trials."""

    list_level: float = 1.0
    group_discount: float = 0.0
    group_uptake: float = 0.0
    group_worth: float = 1.0
    linked_ids: bool = False
    content: bool = True
    trial: Trial | None = None


@dataclass
class Operator:
    """What the operator has decided for today, and the counters its rules look at.

    media_fen : int64[n_platforms], media budget of the day.
    influencer_fen : influencer budget of the day; influencer_pots : float64[2], saved by tier (KOC, KOL).
    sponsored : rows of influencers paid to post today.
    allowance_fen, spent_fen : running totals of the all-in budget and of what was spent on it.
    review_intensity : share of invited accounts that are reviewed.
    terms : what is offered today.
    stage_counts : float64[3], invited people who reached registration, first and second order (with a
    small prior), from which the operator publishes what a promise is worth.
    limited : one allowance for everything, which no new promise may exceed.
    stopped : since the budget was last divided, something was wanted for which there was no money.
    budget_days : days on which the strategy in force has had an allowance.
    reserved_fen : float64[3], money that is spoken for, by ``RESERVES``.
    extra_capacity_fen : what delivery capacity beyond the baseline's costs a day.
    open_value_fen : what the open commitments are worth in the books.
    experience : float64[14], decaying sums from which they are valued (see ``measure.valuation``).
    invited_life : float64[2, 2, 9], decaying life table of invited people (see ``world.invited``).
    kept_promises_fen : money that was reserved for the promises of rewards kept today.
    """

    media_fen: np.ndarray
    influencer_fen: float = 0.0
    influencer_pots: np.ndarray = field(default_factory=lambda: np.zeros(2))
    sponsored: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    stage_counts: np.ndarray = field(default_factory=lambda: np.array([20.0, 7.0, 3.0]))
    terms: Terms = field(default_factory=Terms)
    allowance_fen: int = 0
    spent_fen: int = 0
    review_intensity: float = 0.0
    usual_other_spend: float = 0.0
    extra_capacity_fen: int = 0
    limited: bool = False
    stopped: bool = False
    budget_days: int = 0
    reserved_fen: np.ndarray = field(default_factory=lambda: np.zeros(len(RESERVES)))
    open_value_fen: int = 0
    experience: np.ndarray = field(default_factory=lambda: np.zeros(14))
    invited_life: np.ndarray = field(default_factory=invited.fresh)
    kept_promises_fen: int = 0


@dataclass
class Conditions:
    """The outside world: what shocks move and rivals charge.

    foreseen, demand : float64[n_categories], needs relative to the usual by the calendar, and as they are.
    confidence : consumer confidence, 1 = normal; moves needs, prices accepted and returns.
    rival_price : float64[n_categories], rivals' price relative to the brand's list price.
    acceptance : readiness to pay, 1 = normal; moves prices accepted and baskets, as confidence does, alone.
    riders_short, suppliers_short : share of riders missing, of suppliers' deliveries late beyond the usual.
    search : searches relative to those of people who do not know the brand.
    scandal : size of a controversy that the press tells of, 0 = none.
    sessions_short, carrier_short : share of own sessions' viewers, and of riders beside those that a shock
    takes, that a broken link keeps away.
    """

    rival_price: np.ndarray
    confidence: float = 1.0
    acceptance: float = 1.0
    riders_short: float = 0.0
    suppliers_short: float = 0.0
    search: float = 1.0
    scandal: float = 0.0
    sessions_short: float = 0.0
    carrier_short: float = 0.0
    foreseen: np.ndarray = field(default_factory=lambda: np.ones(len(CATEGORIES)))
    demand: np.ndarray = field(default_factory=lambda: np.ones(len(CATEGORIES)))


@dataclass
class OpenGroup:
    """A group-buy that waits for members: order rows in the order they joined, and how many others did.

    It keeps the size and the deadline under which it was opened, whatever is offered later. ``opener`` is -1
    for a group that somebody outside the simulated market opened.
    """

    group_id: int
    opener: int
    category: int
    opened: int
    deadline: int
    size: int
    rows: list[int]
    strangers: int = 0
    outsiders: int = 0


@dataclass
class World:
    """All state of one market."""

    seed: int
    people: People
    graph: CSRGraph
    influencers: Influencers
    catalog: Catalog
    platforms: Platforms
    logistics: LogisticsEngine
    zones: int
    operator: Operator
    conditions: Conditions
    clock: Clock = field(default_factory=Clock)
    ledger: Ledger = field(default_factory=Ledger)
    records: Records = field(default_factory=Records)
    flow: Flow = field(init=False)
    orders: Table = field(default_factory=lambda: Table("order_state", ORDER_STATE))
    open_orders: OpenOrders = field(default_factory=lambda: OpenOrders((OPEN, WAITING)))
    agendas: dict[str, Agenda] = field(
        default_factory=lambda: {name: Agenda(name, schema) for name, schema in AGENDAS.items()}
    )
    away: Absent = field(default_factory=Absent)
    observed: Observed = field(default_factory=Observed)
    answers: Answers = field(default_factory=Answers)
    stage: StageNow = field(default_factory=StageNow)
    library: Library = field(default_factory=Library)
    teams: dict[str, Team] = field(default_factory=dict)
    kinds: Kinds = field(default_factory=Kinds)
    groups: list[OpenGroup] = field(default_factory=list)
    group_links: dict[int, int] = field(default_factory=dict)
    group_wishes: ExpectedWishes = field(default_factory=ExpectedWishes)
    counts: dict[str, float] = field(default_factory=dict)
    bill: dict[str, int] = field(default_factory=dict)
    revalued_fen: int = 0
    _index: SeatIndex | None = None

    def __post_init__(self) -> None:
        self.flow = self._new_flow()

    def _new_flow(self) -> Flow:
        return Flow(nothing_shown(len(self.people), len(GROUPS), len(self.platforms.feed)))

    @property
    def day(self) -> int:
        """Absolute day."""
        return self.clock.day

    def spend(self, kind: Spend | int | str, fen: int) -> None:
        """Book money of one kind, given by name where declared: once, and against the all-in budget.

        What goods cost and income (``Purpose.beside``) are no campaign money and leave the budget alone. A
        negative amount takes back what was promised and is not owed after all, or is income.
        """
        if fen == 0:
            return
        booking = self.kinds.booking(kind)
        self.ledger.pay(booking.gives, booking.bears, fen)
        table = self.records.goods_costs if booking.beside else self.records.spend
        table.append(day=self.day, kind=booking.kind, fen=int(fen))
        self.operator.spent_fen += 0 if booking.beside else int(fen)

    def free_fen(self) -> float:
        """Money that may still be promised: what the allowance leaves after all that was spent and promised.

        Without an all-in budget there is no limit.
        """
        operator = self.operator
        if not operator.limited:
            return math.inf
        promised = int(self.agendas["promises"].columns["fen"].sum())
        return operator.allowance_fen - operator.spent_fen - float(operator.reserved_fen.sum()) - promised

    def affords(self, kind: Spend | int | str, fen: float) -> bool:
        """Whether there is money for a new promise; if not, the campaign's stop is recorded."""
        if fen <= 0 or fen <= self.free_fen():
            return True
        self.stop(kind)
        return False

    def stop(self, kind: Spend | int | str) -> None:
        """Record, once a day, that there was no money left for new promises of a kind."""
        self.operator.stopped = True
        stops, number = self.records.campaign_stops, self.kinds.booking(kind).kind
        if number not in stops.today("kind"):
            stops.append(day=self.day, minute=self.clock.start, kind=number)

    def reserve(self, purpose: str, fen: float) -> None:
        """Set money aside (all of it that is set aside for this purpose)."""
        self.operator.reserved_fen[RESERVES.index(purpose)] = fen

    def revalue(self, fen: int) -> None:
        """Put a new value on the open commitments; the change is part of today's result."""
        self.revalued_fen, self.operator.open_value_fen = fen - self.operator.open_value_fen, fen
        self.ledger.pay(Account.REVALUATION.key, Account.OPEN_COMMITMENTS.key, self.revalued_fen)

    def count(self, name: str, number: float) -> None:
        """Add to one of today's counters (arrivals, exits, ...)."""
        self.counts[name] = self.counts.get(name, 0) + number

    def seats_of(self, persons: np.ndarray) -> np.ndarray:
        """int64[k] seats of the given person ids; -1 for those who are not present."""
        return self.index.seats_of(persons)

    @property
    def index(self) -> SeatIndex:
        """Who sits where."""
        if self._index is None:
            self._index = SeatIndex(self.people.id)
        return self._index

    def forget_index(self) -> None:
        """Drop the id index (everybody was seated anew)."""
        self._index = None

    def begin_daypart(self, daypart: int) -> None:
        """Move the clock to a daypart; nothing has been said for its carts, orders and bills."""
        self.clock.daypart = daypart
        flow = self.flow
        flow.cart, flow.order, flow.basket = TermSum("cart"), TermSum("order"), TermSum("basket")
        flow.bill = Bill()
        flow.lanes = Lanes()
        flow.to_order = flow.farther = None

    def begin_day(self) -> None:
        """Turn the page: today's rows, postings and counters start empty."""
        self.records.begin_day()
        self.ledger.begin_day()
        self.counts = {}
        self.bill = {}
        self.revalued_fen = 0
        self.flow = self._new_flow()

    def commitments(self) -> dict[str, int]:
        """Balances that the open commitments say some accounts must have, fen by account."""
        orders, open_now = self.records.orders, self.open_orders.rows(self.orders)
        held = {
            Account.DEPOSITS: -int(orders["list_fen"][open_now].sum()),
            Account.COMMISSIONS_PAYABLE: -int(orders["campaign_commission_fen"][open_now].sum()),
            Account.REWARDS_PAYABLE: -int(self.agendas["rewards"].columns["fen"].sum()),
            Account.OPEN_COMMITMENTS: self.operator.open_value_fen,
        }
        goods = self.logistics.goods_fen()
        if goods is not None:
            held[Account.INVENTORY] = goods
        return {account.key: fen for account, fen in held.items()} | self.people.owed(self.away)

    def check(self) -> None:
        """Raise unless people and money balance, goods at cost included (units and parcels: see logistics).

        Raises
        ------
        ConservationError
            Naming what does not balance, with day, expected and found.
        """
        self.ledger.check(
            self.day,
            movements(self.records, self.bill, self.revalued_fen, self.kinds.accounts_of_added()),
            self.commitments(),
            Account.CASH.key,
        )
        self.index.follow(self.people.id)
        self.index.check(self.day)

    def end_day(self) -> None:
        """Check that everything balances, and enter the day's postings into the journal."""
        self.check()
        number, posted = self.kinds.accounts, sorted(self.ledger.today.items())
        self.records.journal.append(
            day=self.day,
            credit=np.array([number[credit] for (credit, _), _ in posted], np.int64),
            debit=np.array([number[debit] for (_, debit), _ in posted], np.int64),
            fen=np.array([fen for _, fen in posted], np.int64),
        )

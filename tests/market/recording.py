"""A world that notes who looks at what: thin stand-ins for its parts, and a reading of what has changed.

Names are those of the mechanisms' declarations (``people.trust``, ``operator.terms.price``).
Configuration that never changes (catalogue, platform prices, clock) has no name: anybody may
look at it. The day's counters (``world.count``) are a diary that all may add to; only reading
it has a name.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from sim.demand.choice import DECIDED
from sim.registry import FEATURES
from sim.world.population import COLUMNS
from sim.world.terms import Bill
from sim.world.world import World

#: Persistent traits; with ``people.id`` and ``people.group`` they change by turnover alone.
TRAITS = frozenset(
    ("male", "lower_tier", "zone", "income", "price_sensitivity", "kol_reliance", "proof_need",
     "belonging", "taste", "activity", "cost_of_faking", "affinity", "need_rate", "need_total",
     "basket", "exit_pace")
)  # fmt: skip
STATE = frozenset(COLUMNS).union(*(f.columns for f in FEATURES)) - TRAITS - {"id", "group"}
#: Names that stand for many columns: whoever settles people in touches all of them.
WIDE = {
    "people.traits": frozenset(f"people.{c}" for c in TRAITS),
    "people.state": frozenset(f"people.{c}" for c in STATE),
    "operator.terms": frozenset(f"operator.terms.{part}" for part in ("price", "group", "linked", "trial")),
}

PLATFORMS = {"paid_scale": "scale", "feed_scale": "scale", "paid_slots": "scale",
             "rank": "rank", "adstock": "adstock",
             "sales": "sales", "impressions": "impressions", "low_score": "score", "return_share": "score",
             "complaint_share": "score",
             "traffic": "traffic", "paid_traffic": "traffic", "unpaid_traffic": "traffic",
             "commission_rise": "commission", "dearness": "auction", "growth": "auction",
             "ban_until": "ban", "ban_loss": "ban"}  # fmt: skip
OPERATOR = {"media_fen": "media", "influencer_fen": "media", "influencer_pots": "sponsored",
            "sponsored": "sponsored", "allowance_fen": "allowance", "usual_other_spend": "allowance",
            "stage_counts": "stage_counts",
            "review_intensity": "review_intensity", "open_value_fen": "valuation",
            "experience": "valuation", "invited_life": "invited_life",
            "kept_promises_fen": "kept_promises", "extra_capacity_fen": "allowance",
            "limited": "allowance", "budget_days": "allowance"}  # fmt: skip
TERMS = {
    "group_discount": "group",
    "group_uptake": "group",
    "group_worth": "group",
    "linked_ids": "linked",
    "content": "content",
    "trial": "trial",
}
CONDITIONS = {
    "confidence": "confidence",
    "search": "search",
    "rival_price": "rival_price",
    "riders_short": "riders",
    "acceptance": "acceptance",
    "demand": "demand",
    "foreseen": "foreseen",
    "suppliers_short": "suppliers",
    "scandal": "scandal",
    "sessions_short": "links",
    "carrier_short": "links",
}
LIBRARY = {"pieces": "pieces", "finished": "finished", "drafts": "drafts", "briefs": "drafts",
           "stations": "stations", "looks": "minds", "bored": "minds", "defence": "minds", "data": "minds",
           "accuracy": "accuracy", "click": "shown", "usual": "shown",
           "shown": "shown", "appeal": "shown", "answers": "answers", "listed": "listed",
           "clerks": "clerks"}  # fmt: skip
FLOW = {"visits": "flow.visits", "shown": "flow.shown", "moments": "flow.moments",
        "hours": "flow.choices", "service": "flow.choices",
        "accepted": "flow.accepted", "accepted_minute": "flow.accepted_minute",
        "grouped": "flow.grouped", "openers": "flow.openers", "expired": "flow.expired",
        "group_hope": "flow.group_odds", "group_wait": "flow.group_odds",
        "lanes": "flow.lanes", "cart": "flow.terms", "order": "flow.terms", "basket": "flow.terms",
        "bill": "flow.terms", "to_order": "flow.to_order",
        "farther": "flow.farther"}  # fmt: skip
#: Engine methods -> (what they let one see, what they change).
LOGISTICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "quote_hours": ("logistics.quote", ()), "service": ("logistics.quote", ()),
    "promised_hours": ("logistics.quote", ()), "promised_service": ("logistics.quote", ()),
    "reserve": ("", ("stock",)), "submit": ("", ("logistics.parcels",)),
    "cancel": ("", ("logistics.parcels", "stock")), "take_back": ("", ("logistics.parcels",)),
    "run_until": ("", ("logistics.parcels",)), "delivered": ("logistics.delivered", ("logistics.delivered",)),
    "inspected": ("logistics.inspected", ("logistics.inspected", "stock")),
    "close_day": ("logistics.parcels logistics.delivered logistics.inspected", ("stock",)),
    "stock_on_hand": ("stock", ()), "capacity_orders_per_day": ("logistics.riders", ()),
    "shock_suppliers": ("", ("logistics.suppliers",)), "hasten_suppliers": ("", ("logistics.suppliers",)),
    "lengthen": ("", ("logistics.further",)), "bring": ("", ("stock",)),
    "expect": ("", ("logistics.expected",)), "on_shelves": ("stock", ()), "for_sale": ("stock", ()),
    "shock_riders": ("", ("logistics.riders",)), "wages_per_day": ("", ()),
}  # fmt: skip


#: Methods that change what was observed.
OBSERVED_BY = ("add", "look", "delay", "since", "closes")


class Notes:
    """What one mechanism read and wrote through the stand-ins."""

    def __init__(self) -> None:
        self.read: set[str] = set()
        self.wrote: set[str] = set()


class StandIn:
    """Passes everything on to the real thing and notes the names of what is looked at."""

    def __init__(self, real: Any, names: dict[str, str], notes: Notes, prefix: str = "") -> None:
        self.__dict__.update(_real=real, _names={k: prefix + v for k, v in names.items()}, _notes=notes)

    def __getattr__(self, attribute: str) -> Any:
        if attribute in self._names:
            self._notes.read.add(self._names[attribute])
        return getattr(self._real, attribute)

    def __setattr__(self, attribute: str, value: Any) -> None:
        if attribute in self._names:
            self._notes.wrote.add(self._names[attribute])
        setattr(self._real, attribute, value)

    def __len__(self) -> int:
        return len(self._real)

    def __getitem__(self, key: Any) -> Any:
        self._notes.read.add(self._names["[]"])
        return self._real[key]


class TableStandIn(StandIn):
    """A table or agenda: adding rows is writing, looking at them is reading."""

    def __getattr__(self, attribute: str) -> Any:
        name = self._names["[]"]
        if attribute in ("append", "add", "take"):
            self._notes.wrote.add(name)
        if attribute in ("today", "arrays", "columns", "take"):
            self._notes.read.add(name)
        return getattr(self._real, attribute)

    def __len__(self) -> int:
        self._notes.read.add(self._names["[]"])
        return len(self._real)


class PlatformsStandIn(StandIn):
    """Platforms: what they show today follows from shocks and bans."""

    def __getattr__(self, attribute: str) -> Any:
        if attribute == "open_share":
            self._notes.read.update(("platforms.traffic", "platforms.ban"))
        return super().__getattr__(attribute)


class PeopleStandIn(StandIn):
    """People: every column has its name; the table of columns has all of them."""

    def __getattr__(self, attribute: str) -> Any:
        if attribute == "columns":
            self._notes.read.update(self._names.values())
        return super().__getattr__(attribute)


class TermsStandIn(StandIn):
    """Sums and bills of a daypart: adding is writing, all else is reading."""

    def __getattr__(self, attribute: str) -> Any:
        (self._notes.wrote if attribute == "add" else self._notes.read).add("flow.terms")
        return getattr(self._real, attribute)


class FlowStandIn(StandIn):
    """What passes from phase to phase."""

    def __getattr__(self, attribute: str) -> Any:
        if attribute in ("cart", "order", "basket", "bill"):
            return TermsStandIn(getattr(self._real, attribute), {}, self._notes)
        if attribute == "lanes":
            return PlainStandIn(self._real.lanes, "flow.lanes", ("add",), self._notes)
        return super().__getattr__(attribute)


class LogisticsStandIn(StandIn):
    """The engine: what its methods show and change."""

    def __getattr__(self, attribute: str) -> Any:
        if attribute in LOGISTICS:
            seen, changed = LOGISTICS[attribute]
            self._notes.read.update(seen.split())
            self._notes.wrote |= set(changed)
        return getattr(self._real, attribute)


class LedgerStandIn(StandIn):
    """The ledger: paying is writing."""

    def __getattr__(self, attribute: str) -> Any:
        (self._notes.wrote if attribute == "pay" else self._notes.read).add("ledger")
        return getattr(self._real, attribute)


class TeamStandIn(StandIn):
    """A pool at work: serving changes it, its figures are looked at."""

    def __getattr__(self, attribute: str) -> Any:
        self._notes.read.add("teams")
        if attribute in ("work", "staff"):
            self._notes.wrote.add("teams")
        return getattr(self._real, attribute)

    def __setattr__(self, attribute: str, value: Any) -> None:
        self._notes.wrote.add("teams")
        setattr(self._real, attribute, value)


class TeamsStandIn(dict[str, Any]):
    """All pools by name."""

    def __init__(self, real: dict[str, Any], notes: Notes) -> None:
        super().__init__({name: TeamStandIn(team, {}, notes) for name, team in real.items()})
        self.real, self.notes = real, notes

    def setdefault(self, name: str, team: Any = None) -> Any:
        """A new pool is written."""
        self.notes.wrote.add("teams")
        return TeamStandIn(self.real.setdefault(name, team), {}, self.notes)


class PlainStandIn(StandIn):
    """State under one name: methods of some names change it, everything else looks at it."""

    def __init__(self, real: Any, name: str, changed_by: tuple[str, ...], notes: Notes) -> None:
        super().__init__(real, {}, notes)
        self.__dict__.update(_name=name, _changed_by=changed_by)

    def __getattr__(self, attribute: str) -> Any:
        (self._notes.wrote if attribute in self._changed_by else self._notes.read).add(self._name)
        return getattr(self._real, attribute)

    def __setattr__(self, attribute: str, value: Any) -> None:
        self._notes.wrote.add(self._name)
        setattr(self._real, attribute, value)


class RecordingWorld:
    """Stands in for a world for the length of one ``act``."""

    def __init__(self, world: World, notes: Notes) -> None:
        operator = StandIn(world.operator, OPERATOR, notes, "operator.")
        operator._names["spent_fen"] = "records.spend"  # its running total
        price = {name: TERMS.get(name, "price") for name in vars(world.operator.terms)}
        operator.__dict__["terms"] = StandIn(world.operator.terms, price, notes, "operator.terms.")
        records = StandIn(world.records, {}, notes)
        for name, table in world.records.tables.items():
            records.__dict__[name] = TableStandIn(table, {"[]": f"records.{name}"}, notes)
        people = PeopleStandIn(world.people, {c: c for c in world.people.columns}, notes, "people.")
        held = ("id", "seat", "tier", "category", "platform", "followers", "audience", "bound")
        roles = dict.fromkeys(held, "influencers")
        self.__dict__.update(
            _world=world, _notes=notes, people=people, records=records, operator=operator,
            platforms=PlatformsStandIn(world.platforms, PLATFORMS, notes, "platforms."),
            conditions=StandIn(world.conditions, CONDITIONS, notes, "conditions."),
            library=StandIn(world.library, LIBRARY, notes, "library."),
            influencers=StandIn(world.influencers, roles | {"credibility": "influencers.credibility"}, notes),
            logistics=LogisticsStandIn(world.logistics, {}, notes),
            ledger=LedgerStandIn(world.ledger, {}, notes),
            flow=FlowStandIn(world.flow, FLOW, notes),
            orders=TableStandIn(world.orders, {"[]": "orders"}, notes),
            agendas={n: TableStandIn(a, {"[]": f"agendas.{n}"}, notes) for n, a in world.agendas.items()},
            teams=TeamsStandIn(world.teams, notes),
            observed=PlainStandIn(world.observed, "observed", OBSERVED_BY, notes),
            stage=PlainStandIn(world.stage, "stage", ("released",), notes),
            answers=PlainStandIn(world.answers, "answers", ("open", "on", "number"), notes),
            graph=StandIn(world.graph, dict.fromkeys(("indptr", "indices", "strength"), "graph"), notes),
        )  # fmt: skip

    def __getattr__(self, attribute: str) -> Any:
        if attribute in ("groups", "group_wishes", "group_links", "away", "counts"):
            self._notes.read.add("groups" if attribute == "group_wishes" else attribute)
        return getattr(self._world, attribute)

    def __setattr__(self, attribute: str, value: Any) -> None:
        self._notes.wrote.add(attribute)
        setattr(self._world, attribute, value)

    def seats_of(self, persons: np.ndarray) -> np.ndarray:
        """Looking somebody up is looking at ids."""
        self._notes.read.add("people.id")
        return self._world.seats_of(persons)

    def spend(self, kind: int, fen: int) -> None:
        """Money is a record, that of campaigns or of what goods cost; the running total goes with it."""
        beside = self._world.kinds.booking(kind).beside
        self._notes.wrote |= {"records.goods_costs" if beside else "records.spend", "ledger"}
        self._world.spend(kind, fen)

    def free_fen(self) -> float:
        """What everybody has spent and promised leaves something of the allowance, or nothing."""
        self._notes.read.add("operator.allowance")
        return self._world.free_fen()

    def affords(self, kind: int, fen: float) -> bool:
        """The same; that it was empty is noted by whoever finds it so."""
        self._notes.read.add("operator.allowance")
        return self._world.affords(kind, fen)

    def stop(self, kind: int) -> None:
        """The note alone."""
        self._world.stop(kind)

    def reserve(self, purpose: str, fen: float) -> None:
        """What is set aside belongs to nobody either."""
        self._world.reserve(purpose, fen)

    def count(self, name: str, number: int) -> None:
        """The diary is everybody's."""
        self._world.count(name, number)


def terms_of(sums: Any) -> list[Any]:
    """What a sum or a bill holds, by name."""
    held = sums.lines if isinstance(sums, Bill) else sums.parts
    return [(name, held[name]) for name in sorted(held)]


def frozen(value: Any) -> Any:
    """Something that hashes for a value: arrays by their bytes, containers by what they hold, else text."""
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, Mapping):
        return tuple((key, frozen(held)) for key, held in value.items())
    if isinstance(value, (list, tuple, deque)):
        return tuple(frozen(held) for held in value)
    if is_dataclass(value) and not isinstance(value, type):
        return tuple(frozen(getattr(value, field.name)) for field in fields(value))
    return repr(value)


def fingerprints(world: World) -> dict[tuple[str, str], int]:
    """(name, part) -> hash of all state that can be told apart by looking."""
    found: dict[tuple[str, str], int] = {}

    def note(name: str, part: str, value: Any) -> None:
        found[name, part] = hash(frozen(value))

    for column, values in world.people.columns.items():
        note(f"people.{column}", "", values)
    tables: dict[str, Any] = {}
    for name, table in world.records.tables.items():
        if name != "campaign_stops":  # the purse's own notes
            tables[f"records.{name}"] = table.arrays() if len(table) else {}
    agendas = {f"agendas.{name}": agenda.columns for name, agenda in world.agendas.items()}
    for name, columns in (tables | agendas | {"orders": world.orders.arrays(), "away": world.away}).items():
        for column, values in columns.items():
            note(name, column, values)
    owners = [(world.platforms, PLATFORMS, "platforms."), (world.operator, OPERATOR, "operator."),
              (world.conditions, CONDITIONS, "conditions."), (world.flow, FLOW, "")]  # fmt: skip
    for owner, names, prefix in owners:
        for attribute, name in names.items():
            if attribute in ("cart", "order", "basket", "bill"):
                note(name, attribute, terms_of(getattr(owner, attribute)))
            elif attribute == "lanes":
                note(name, attribute, sorted(owner.lanes.pulls))
            elif attribute != "visits":
                note(prefix + name, attribute, getattr(owner, attribute))
    for column, values in world.flow.visits.items():
        note("flow.choices" if column in DECIDED else "flow.visits", column, values)
    for attribute, value in vars(world.operator.terms).items():
        note(f"operator.terms.{TERMS.get(attribute, 'price')}", attribute, value)
    note("influencers.credibility", "", world.influencers.credibility)
    for name, team in world.teams.items():
        for part, values in team.state().items():
            note("teams", f"{name}/{part}", values)
    for attribute, name in LIBRARY.items():
        held = getattr(world.library, attribute)
        if attribute == "stations":
            held = {number: team.state() for number, team in held.items()}
        note(f"library.{name}", attribute, held)
    note("observed", "", world.observed.state())
    note("answers", "", str(world.answers))
    note("ledger", "", sorted(world.ledger.balance.items()))
    note("groups", "", world.groups)
    note("groups", "wishes", world.group_wishes.mean)
    note("group_links", "", sorted(world.group_links.items()))
    return found


def changes(before: dict[tuple[str, str], int], after: dict[tuple[str, str], int]) -> set[str]:
    """Names of what is new or other than it was; what has merely gone was dropped with what held it."""
    return {name for (name, part), value in after.items() if before.get((name, part)) != value}

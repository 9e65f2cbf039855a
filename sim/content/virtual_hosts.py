"""Virtual hosts: rendered hosts who hold sessions at any hour without staff in turn, and are new for a while.

Their sessions run in the brand's own room, one after another from an hour on. A rendered host answers more
than people do as long as it is new to a viewer; with each session seen of late it does so less. Viewers tire
of rooms whoever holds them.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

import numpy as np

from sim.content.session_audience import Session, Viewers, audience
from sim.content.sessions import SessionParams, Sessions
from sim.core.fields import fields_of
from sim.core.ledger import to_fen
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, hash_id_py
from sim.feature import Feature, Figure, Moment, act
from sim.mechanism import Mechanism, Phase
from sim.world.kinds import Purpose
from sim.world.people import Column
from sim.world.schema import Source
from sim.world.touches import shown
from sim.world.world import World


class VirtualHostParams(Params):
    """Sessions of rendered hosts in the brand's own room."""

    enabled: bool = lever(False, "switch", "S055")
    """Rendered hosts hold sessions, beside those of people."""

    per_week: float = lever(14.0, "sessions/week", "S055", ge=0, le=56, span=(0, 28))
    """Sessions; those of a day follow one another, and none begins after midnight."""

    hour: float = lever(0.0, "hour of the day", "S055", ge=0, le=23.99)
    """Start of the day's first."""

    cost: float = uncertainty(
        1.5, "CNY/hour/1,000 people", "A-1174; rendering and a minder", ge=0.01, le=1000, scope="strategy"
    )
    """What an hour costs, less than people in turn and a studio."""

    gain: float = constant(0.27, "share of interaction", "F082", ge=-1, le=5, scope="strategy")
    """Interaction beyond that of people, with a viewer to whom such hosts are new."""

    wears: float = uncertainty(
        0.1, "log interaction/session", "A-1175", ge=0, le=5, span=(0.03, 0.3), scope="strategy"
    )
    """Interaction lost for each such session that a viewer has seen and remembers."""

    novelty_days: float = uncertainty(60.0, "days", "A-1176", ge=1, le=3650, span=(20, 180), scope="strategy")
    """Time constant with which such sessions are forgotten."""


class VirtualHosts(Feature):
    """Rendered hosts (S055)."""

    section = "virtual_hosts"
    Params = VirtualHostParams
    columns: ClassVar = {
        "virtual_hosts_seen": Column("float32", "sessions of rendered hosts remembered", start=0)
    }
    events: ClassVar = {
        "virtual_hosts_held": {
            "day": ("int32", "absolute day"),
            "session": ("int64", "id"),
            "start_minute": ("int64", "absolute minute"),
            "viewers": ("int32", "people who came in"),
            "interaction": ("float64", "sum over viewers, 1 = as with people"),
            "fen": ("int64", "what it cost"),
        }
    }
    figures = (
        Figure(
            "virtual_hosts_interaction",
            "Interaction with rendered hosts, relative to that with people",
            "ratio",
            over=lambda t: t["virtual_hosts_held"]["interaction"],
            per=lambda t: t["virtual_hosts_held"]["viewers"],
        ),
        Figure(
            "virtual_hosts_cost_per_viewer",
            "Cost of a viewer of a rendered host",
            "CNY/viewer",
            over=lambda t: t["virtual_hosts_held"]["fen"] / 100.0,
            per=lambda t: t["virtual_hosts_held"]["viewers"],
        ),
    )
    declares = (Purpose("virtual_hosts_cost", "Sessions of rendered hosts.", acquires=True),)

    def __init__(
        self, params: VirtualHostParams, room: SessionParams, hours: np.ndarray, heard: float
    ) -> None:
        super().__init__(params)
        when = {"per_week": params.per_week, "hour": params.hour, "slots": "in_a_row"}
        own = room.model_copy(update=when)
        self.room, self.heard = Sessions(own, hours, heard), heard

    @classmethod
    def on(cls, config: Any) -> bool:
        """Where the brand has a room."""
        return bool(config.section(cls.section).enabled and config.sessions.enabled)

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, in the room of the brand's sessions."""
        own = config.section(cls.section)
        return cls(own, config.sessions, moment.hours, config.choice.cart_live).acts()

    @staticmethod
    def session_id(day: int, number: int) -> int:
        """Id of a day's session."""
        return hash_id_py(day, number, 14)

    def liveliness(self, seen: np.ndarray) -> np.ndarray:
        """Interaction with viewers who remember so many sessions, relative to that with people."""
        lively: np.ndarray = (1.0 + self.params.gain) * np.exp(-self.params.wears * seen.astype(np.float64))
        return lively

    @act(
        Phase.EXPOSE,
        reads=[
            "people.id",
            "people.group",
            "people.activity",
            "people.affinity",
            "people.need_category~",
            "people.sessions_follows",
            "people.sessions_follows~",
            "people.sessions_watched",
            "people.sessions_watched~",
            "people.sessions_seeded_until",
            "people.virtual_hosts_seen",
            "platforms.traffic",
            "platforms.ban~",
            "operator.allowance",
        ],
        writes=[
            "agendas.touches",
            "records.virtual_hosts_held",
            "records.spend",
            "ledger",
            "people.virtual_hosts_seen",
            "people.sessions_watched",
        ],
        offers=True,
    )
    def hold(self, world: World, draw: Draw) -> None:
        """Hold the sessions that start in this daypart, as far as there is money."""
        clock = world.clock
        for number, start in enumerate(self.room.starts(world, draw)):
            if clock.start <= start < clock.end:
                self._hold(world, draw, number, start)

    def _hold(self, world: World, draw: Draw, number: int, start: int) -> None:
        """One session: who comes in, touches for them, a record, a bill."""
        p, room, people = self.params, self.room, world.people
        fen = to_fen(p.cost * room.params.minutes / 60.0 * len(people) / 1000.0)
        if not world.affords("virtual_hosts_cost", fen):
            return
        session = room.session(world, number, start)._replace(id=self.session_id(world.day, number))
        seats, minutes = self._viewers(world, draw, number, session)
        need = people.need_category[seats]
        world.agendas["touches"].add(
            minute=minutes,
            seat=seats,
            person=people.id[seats],
            source=int(Source.LIVESTREAM),
            origin=room.platform,
            category=np.where(need >= 0, need, room.theme(world, draw, 1000 + number)),
            chance=room.params.click,
            touch=session.id,
            sender=-1,
            discount=room.params.discount,
            commission=0.0,
            rewarded=False,
        )
        lively = self.liveliness(people.virtual_hosts_seen[seats])
        people.virtual_hosts_seen[seats] += 1.0
        people.sessions_watched[seats] += 1.0
        cast("Any", world.records).virtual_hosts_held.append(
            day=world.day,
            session=session.id,
            start_minute=start,
            viewers=len(seats),
            interaction=float(lively.sum()),
            fen=fen,
        )
        world.spend("virtual_hosts_cost", fen)

    def _viewers(
        self, world: World, draw: Draw, number: int, session: Session
    ) -> tuple[np.ndarray, np.ndarray]:
        """Seats of those who come in, and when; rooms tire whoever holds them."""
        people = world.people
        stream = draw(f"virtual_hosts.audience.{number}")
        seats, minutes, *_ = audience(stream, session, fields_of(Viewers, people))
        open_share = np.full(len(seats), world.platforms.open_share(world.day)[self.room.platform])
        let_in = shown(draw, people.id[seats], np.full(len(seats), session.id), open_share)
        return seats[let_in], minutes[let_in]

    @act(
        Phase.BUY,
        reads=["flow.visits", "people.virtual_hosts_seen", "people.virtual_hosts_seen~"],
        writes=["flow.terms"],
    )
    def engage(self, world: World, draw: Draw) -> None:
        """A host who answers more makes carts; one that is no novelty any more makes fewer."""
        visits, flow = world.flow.visits, world.flow
        number = math.ceil(self.params.per_week / 7.0)
        ours = [self.session_id(day, k) for day in (world.day, world.day - 1) for k in range(number)]
        here = visits["source"] == int(Source.LIVESTREAM)
        here[here] = np.isin(visits["touch"][here], ours)
        # this session itself is no longer new to whoever comes from it
        before = np.maximum(world.people.virtual_hosts_seen[visits["seat"]] - 1.0, 0.0)
        flow.cart.add("virtual_hosts", here * self.heard * (self.liveliness(before) - 1.0), cools=True)

    @act(Phase.SETTLE, reads=["people.virtual_hosts_seen"], writes=["people.virtual_hosts_seen"])
    def forget(self, world: World, draw: Draw) -> None:
        """Sessions fade from memory."""
        cast("Any", world.people).virtual_hosts_seen *= math.exp(-1.0 / self.params.novelty_days)

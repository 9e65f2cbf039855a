"""Links between factory, session and customer that break: the studio and the carrier.

A studio without power or network shows nobody anything, a carrier that stands still delivers nothing. Whoever
waits for complaints hears of it after hours; a desk to which both report sees it in minutes, and costs money
every day. Where there is a plan for it, a recorded session or another host stands in as soon as the break is
seen, and another carrier takes the parcels, each for a premium by the hour, as long as there is money for it.
Chains of suppliers break in the alliance (:mod:`sim.operator.partner_chains`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, cast

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.ledger import to_fen
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Moment, Schema, Tables, act
from sim.mechanism import Mechanism, Phase
from sim.world.kinds import Purpose
from sim.world.world import World

DESK, STANDS_IN = "links_desk", "links_stand_in"
SESSION, CARRIER = range(2)


class LinksParams(Params):
    """How often links break, when that is seen, and who stands in."""

    enabled: bool = lever(False, "switch", "S064")
    """Studio and carrier may break down."""

    linked: bool = lever(False, "switch", "S064")
    """Studio and carrier report to one desk."""

    contingency: bool = lever(False, "switch", "S064")
    """Somebody else takes over as soon as a break is seen; otherwise one waits until it is mended."""

    breaks: float = uncertainty(
        0.02,
        "chance/day/link",
        "A-1590; seven days a year, no data",
        ge=0,
        le=1,
        span=(0.005, 0.05),
        scope="strategy",
    )
    """A link breaks down."""

    lasts_hours: float = uncertainty(
        12.0, "hours", "A-1591; no data", ge=0.1, le=720, span=(4, 48), scope="strategy"
    )
    """Mean time until it is mended, exponential."""

    linked_minutes: float = constant(15.0, "minutes", "F088", ge=0, le=100000, scope="strategy")
    """Time until a break is seen where there is a desk."""

    seen_hours: float = uncertainty(
        6.0, "hours", "A-1592; customers complain, no data", ge=0, le=720, span=(2, 24), scope="strategy"
    )
    """Time until it is seen otherwise."""

    host_minutes: float = uncertainty(
        20.0,
        "minutes",
        "A-1593; a recording is started, no data",
        ge=0,
        le=1440,
        span=(5, 60),
        scope="strategy",
    )
    """Until a recorded session or another host is on."""

    carrier_hours: float = uncertainty(
        2.0, "hours", "A-1594; riders are called, no data", ge=0, le=240, span=(0.5, 8), scope="strategy"
    )
    """Until another carrier takes parcels."""

    stand_in: float = uncertainty(
        0.5, "share", "A-1595; recordings hold fewer, no data", ge=0, le=1, span=(0.2, 0.8), scope="strategy"
    )
    """Viewers whom a session has that is recorded, or of another host."""

    carried: float = uncertainty(
        0.6, "share", "A-1596; one of two carriers, no data", ge=0, le=1, span=(0.3, 1), scope="strategy"
    )
    """Deliveries of the carrier that may stand still."""

    desk_cost: float = uncertainty(
        1.5,
        "CNY/1,000 people/day",
        "A-1597; as the alliance's desk",
        ge=0,
        le=1000,
        span=(0.5, 4),
        scope="strategy",
    )
    """Data feeds and a desk."""

    premium: float = uncertainty(
        2.0, "CNY/1,000 people/hour", "A-1598; no data", ge=0, le=1000, span=(0.5, 8), scope="strategy"
    )
    """What it costs while somebody stands in for one link."""

    def watches(
        self, link: np.ndarray, start: np.ndarray, lasts: np.ndarray, linked: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """Absolute minutes at which somebody stands in, and at which links are mended.

        Parameters
        ----------
        link : int64[k]
            Which links.
        start : int64[k]
            Absolute minutes at which each breaks.
        lasts : float64[k]
            Minutes until each is mended; somebody who would come later does not come.
        linked : bool
            Whether there is a desk today.
        """
        seen = self.linked_minutes if linked else 60.0 * self.seen_hours
        switch = seen + np.array([self.host_minutes, 60.0 * self.carrier_hours])[link]
        taken = np.where(self.contingency, np.minimum(switch, lasts), lasts)
        return start + np.rint(taken).astype(np.int64), start + np.rint(lasts).astype(np.int64)


def part(begin: np.ndarray, end: np.ndarray, start: int, stop: int) -> float:
    """Part of a stretch of minutes that lies in any of some others, which begin in their order, 0..1."""
    total, reached = 0, start
    for low, high in zip(np.maximum(begin, start).tolist(), np.minimum(end, stop).tolist(), strict=True):
        total += max(0, high - max(low, reached))
        reached = max(reached, high)
    return total / (stop - start)


def _hours(tables: Tables) -> np.ndarray:
    table = tables["links_breaks"]
    hours: np.ndarray = (table["taken"] - table["start"]) / 60.0
    return hours


class Links(Feature):
    """Studio and carrier break down, are watched or not, and somebody stands in or not (S064)."""

    section = "links"
    Params = LinksParams
    events: ClassVar[dict[str, Schema]] = {
        "links_breaks": {
            "day": ("int32", "absolute day"),
            "link": ("int8", "0 session, 1 carrier"),
            "start": ("int64", "absolute minute"),
            "taken": ("int64", "absolute minute from which somebody stands in, or at which it is mended"),
            "end": ("int64", "absolute minute at which it is mended"),
        }
    }
    figures = (
        Figure(
            "links_open_hours",
            "Hours for which nobody stands in for a broken link",
            "hours/break",
            _hours,
            lambda t: np.ones(len(t["links_breaks"]["day"])),
        ),
    )
    declares = (
        Purpose(DESK, "A desk to which studio and carrier report."),
        Purpose(STANDS_IN, "Recorded sessions, other hosts and other carriers that stand in."),
    )

    def __init__(self, params: LinksParams, links: Sequence[int] = (SESSION, CARRIER)) -> None:
        super().__init__(params)
        self.links = np.array(links, np.int64)

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, which know of which links there are any: nothing stands in for what is not there."""
        studio = config.sessions.enabled and config.sessions.per_week > 0.0
        there = ((SESSION, studio), (CARRIER, config.logistics.enabled))
        return cls(config.section(cls.section), [link for link, any_ in there if any_]).acts()

    @act(
        Phase.STRIKE,
        reads=["conditions.riders"],
        writes=["conditions.links", "logistics.riders"],
    )
    def mend(self, world: World, draw: Draw) -> None:
        """All links hold, until they are heard of."""
        world.conditions.sessions_short = 0.0
        _carry(world, 0.0)

    @act(
        Phase.EXPOSE,
        reads=["conditions.riders", "records.links_breaks", "operator.allowance"],
        writes=["conditions.links", "logistics.riders", "records.links_breaks", "records.spend", "ledger"],
        offers=True,
    )
    def watch(self, world: World, draw: Draw) -> None:
        """Break links of the day; each daypart goes without them while nobody stands in who can be paid."""
        clock, p = world.clock, self.params
        if clock.daypart == 0:
            fen = to_fen(p.desk_cost * len(world.people) / 1000.0)
            linked = p.linked and world.affords(DESK, fen)
            world.spend(DESK, fen * linked)
            self._break(world, draw, linked)
        table = cast("Any", world.records).links_breaks
        live = table["end"] > clock.start
        open_, covered = np.zeros(2), np.zeros(2)
        for link in (SESSION, CARRIER):
            at = np.flatnonzero(live & (table["link"] == link))
            start, taken, end = (table[name][at] for name in ("start", "taken", "end"))
            open_[link] = part(start, taken, clock.start, clock.end)
            covered[link] = part(start, end, clock.start, clock.end) - open_[link]
        fen = self._premium(world, covered)
        if not world.affords(STANDS_IN, fen):
            fen, open_, covered = 0, open_ + covered, np.zeros(2)
            waits = live & (table["taken"] < clock.end)
            table["taken"][waits] = np.minimum(table["end"][waits], clock.end)
        world.conditions.sessions_short = float(open_[SESSION] + covered[SESSION] * (1.0 - p.stand_in))
        _carry(world, float(p.carried * open_[CARRIER]))
        world.spend(STANDS_IN, fen)

    def _premium(self, world: World, covered: np.ndarray) -> int:
        """Premiums of a daypart of which these parts are covered, fen."""
        hours = max(0.0, float(covered.sum())) * (world.clock.end - world.clock.start) / 60.0
        return to_fen(self.params.premium * hours * len(world.people) / 1000.0)

    def _break(self, world: World, draw: Draw, linked: bool) -> None:
        """Links of today: when each breaks, is seen, and is mended."""
        p, links, stream = self.params, self.links, draw("links.breaks")
        luck, when, how_long = (keyed_uniforms(stream, links, k) for k in range(3))
        start = world.clock.midnight + (when * MINUTES_PER_DAY).astype(np.int64)
        taken, end = p.watches(links, start, -60.0 * p.lasts_hours * np.log(1.0 - how_long), linked)
        broken = np.flatnonzero(luck < p.breaks)
        cast("Any", world.records).links_breaks.append(
            day=np.full(len(broken), world.day),
            link=links[broken],
            start=start[broken],
            taken=taken[broken],
            end=end[broken],
        )


def _carry(world: World, short: float) -> None:
    """Let a share of riders be missing beside those that a shock takes; planned anew only on a change."""
    if short != world.conditions.carrier_short:
        world.conditions.carrier_short = short
        world.logistics.shock_riders(1.0 - (1.0 - world.conditions.riders_short) * (1.0 - short))

"""Attachment: who is answered warmly by people of the brand comes to feel for it.

Visitors and customers write to the brand: they comment on what they saw, or tell what came. People of the
brand answer one at a time, as many as there is time for. A warm answer closes a part of what is missing of a
person's attachment, less of it the later it comes; no answer takes a part away. Attachment fades unless it is
renewed, and speaks for carts.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

import numpy as np

from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Schema, act, mean_of, mean_over_days
from sim.mechanism import Phase
from sim.stations.pool import Pool, PoolParams
from sim.world.kinds import Purpose
from sim.world.people import Column
from sim.world.world import World

HOSTS = "attachment_hosts"
#: Draws for whether a visit or a delivery makes somebody write.
_VISIT, _DELIVERY = 0, 1


class AttachmentParams(Params):
    """Who writes, who answers, and what that does."""

    enabled: bool = lever(False, "switch", "S014")
    """What people write to the brand can touch them."""

    writes: float = uncertainty(
        0.05, "chance/visit or delivery", "A-1434", ge=0, le=1, span=(0.01, 0.15), scope="strategy"
    )
    """Visits and deliveries after which somebody writes: few do."""

    touched: float = uncertainty(
        0.25, "share of the gap", "A-1435", ge=0, le=1, span=(0.1, 0.5), scope="strategy"
    )
    """Part of what is missing of full attachment that an answer at once closes."""

    late_hours: float = uncertainty(6.0, "hours", "A-1436", ge=0.1, le=240, span=(2, 24), scope="strategy")
    """Wait after which an answer touches by a third as much."""

    snub: float = uncertainty(0.1, "share", "A-1437", ge=0, le=1, span=(0, 0.3), scope="strategy")
    """Part of attachment that is lost where nobody answers."""

    days: float = uncertainty(45.0, "days", "A-1438", ge=1, le=3650, span=(15, 120), scope="strategy")
    """Mean time for which attachment lasts without being renewed."""

    cart: float = uncertainty(0.4, "logit", "A-1439", ge=0, le=5, span=(0.1, 0.9), scope="strategy")
    """What full attachment does for a cart."""

    hosts: PoolParams = PoolParams(staff=0.0, minutes=4.0, patience=12.0)
    """People who answer in person."""


class Attachment(Feature):
    """Feeling that answers build (S014)."""

    section = "attachment"
    Params = AttachmentParams
    columns: ClassVar = {"attachment_felt": Column("float32", "attachment to the brand, 0..1", start=0)}
    events: ClassVar[dict[str, Schema]] = {
        "attachment_replies": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "waited_hours": ("float64", "until somebody had time; nan = not answered"),
            "answered": ("bool", "answered"),
        }
    }
    gauges: ClassVar = {"felt": mean_of("attachment_felt", "mean attachment, 0..1")}
    figures = (
        mean_over_days("attachment_felt", "Attachment to the brand", "0..1", "attachment_daily", "felt"),
        Figure(
            "attachment_answered",
            "What people write that is answered",
            "share",
            over=lambda t: t["attachment_replies"]["answered"],
            per=lambda t: np.ones(len(t["attachment_replies"]["day"])),
        ),
    )
    declares = (
        Purpose("attachment_cost", "People who answer what is written to the brand."),
        Pool(
            HOSTS,
            "Answer what people write to the brand.",
            "hosts",
            "attachment_cost",
            used=lambda p: p.enabled and p.hosts.staff > 0,
        ),
    )

    @act(Phase.BUY, reads=["flow.visits", "people.attachment_felt~"], writes=["flow.terms"])
    def feel(self, world: World, draw: Draw) -> None:
        """Attachment speaks for a cart."""
        felt = cast("Any", world.people).attachment_felt[world.flow.visits["seat"]]
        world.flow.cart.add("attachment", self.params.cart * felt.astype(np.float64))

    @act(Phase.MEASURE, writes=["people.attachment_felt"])
    def fade(self, world: World, draw: Draw) -> None:
        """Yesterday's attachment fades, also once nobody answers any more."""
        felt = cast("Any", world.people).attachment_felt
        felt *= np.float32(math.exp(-1.0 / self.params.days))

    @act(
        Phase.MEASURE,
        reads=["people.id", "people.attachment_felt", "records.visits", "records.deliveries", "teams"],
        writes=["people.attachment_felt", "records.attachment_replies", "teams", "teams#hosts"],
        offers=True,
    )
    def answer(self, world: World, draw: Draw) -> None:
        """Some write today, and are answered as far as there are people."""
        felt = cast("Any", world.people).attachment_felt
        ids, person, minute = self._written(world, draw)
        answered, waited = np.zeros(len(ids), np.bool_), np.full(len(ids), np.nan)
        if len(ids) and HOSTS in world.teams and self.params.hosts.staff > 0:
            work = world.teams[HOSTS].work(draw, ids, minute)
            answered, waited = work.done, work.waited / 60.0
        self._touch(felt, world.seats_of(person), answered, waited)
        cast("Any", world.records).attachment_replies.append(
            day=np.full(len(ids), world.day), person=person, waited_hours=waited, answered=answered
        )

    def _written(self, world: World, draw: Draw) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Ids, people and minutes of what is written today by people who are here, int64[k] each."""
        found = []
        for table, key, kind in (
            (world.records.visits, "visit_id", _VISIT),
            (world.records.deliveries, "order_id", _DELIVERY),
        ):
            ids = table.today(key)
            rows = np.flatnonzero(keyed_uniforms(draw("attachment.writes"), ids, kind) < self.params.writes)
            found.append([ids[rows], table.today("person")[rows], table.today("minute")[rows]])
        ids, person, minute = (np.concatenate(columns) for columns in zip(*found, strict=True))
        here = world.seats_of(person) >= 0
        return ids[here], person[here], minute[here]

    def _touch(self, felt: np.ndarray, seats: np.ndarray, answered: np.ndarray, waited: np.ndarray) -> None:
        """Let answers close their part of what is missing, and silence take its own; answers count first."""
        p = self.params
        closes = np.where(answered, p.touched * np.exp(-np.nan_to_num(waited) / p.late_hours), 0.0)
        missing, kept = np.ones(len(felt)), np.ones(len(felt))
        np.multiply.at(missing, seats, 1.0 - closes)
        np.multiply.at(kept, seats, np.where(answered, 1.0, 1.0 - p.snub))
        felt[:] = (1.0 - (1.0 - felt.astype(np.float64)) * missing) * kept

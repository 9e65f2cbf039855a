"""A studio: people write pieces, or machines generate and optimise what people refine and review.

Three stations in a row with rates, costs and shares that are sent on, and a fourth that checks sensitive
claims. Each is a queue: what it cannot do waits, and a piece grows old from its brief on. A claim that is not
allowed and that nobody checked may be reported while it is shown, which costs money and traffic.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.content import attributes, praised
from sim.content import pieces as made
from sim.content.line import DONE, GENERATE, OPTIMISE, REFINE, REVIEW, WRITE, following, station, work
from sim.content.pool_params import PoolOfContentParams
from sim.content.studio_params import StudioParams
from sim.content.studio_tables import EVENTS, FIGURES
from sim.core.clock import MINUTES_PER_DAY
from sim.core.ledger import to_fen
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Moment, act
from sim.mechanism import Mechanism, Phase
from sim.world.catalog import CATEGORIES
from sim.world.kinds import Purpose
from sim.world.library import Columns, chosen, together
from sim.world.topics import topic_shares
from sim.world.world import World

#: Goods whose safety and effect are claimed (S058).
SENSITIVE = np.isin(CATEGORIES, ("healthy_food", "mother_baby", "beauty", "cross_border_beauty"))
#: Occasions of the draws of a brief.
WHEN, MACHINE, OPTIMISED, REFINED, CLAIMS, WRONG, REVIEWED, FOUND, PRAISED = range(9)
#: Numbers of a day's briefs begin after those of pieces made by hand.
_FIRST = 100_000


class Studio(Feature):
    """A production line of content (S053, S054, S058, S059)."""

    section = "studio"
    Params = StudioParams
    events: ClassVar = EVENTS
    figures = FIGURES
    declares = (
        Purpose("studio_work", "Wages and machines of the production line of content."),
        Purpose("studio_review", "People who check sensitive claims."),
        Purpose("studio_fines", "Fines for claims that are not allowed."),
    )

    def __init__(
        self,
        params: StudioParams,
        pool: PoolOfContentParams,
        usual: made.Mix,
        *,
        adapted: made.Making,
        mixing: float,
        first_topic: float,
        wanted: bool = True,
    ) -> None:
        super().__init__(params)
        self.wanted = wanted
        self.pool, self.mix, self.making, self.mixing = pool, usual, adapted, mixing
        self.first_topic = first_topic

    @classmethod
    def on(cls, config: Any) -> bool:
        """Where there is a pool that it makes pieces for."""
        return bool(config.section(cls.section).enabled and config.content_pool.enabled)

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, with what pieces are like that go into the pool."""
        pool = config.content_pool
        mix = made.Mix(pool.original, config.content.hybrid_share, pool.tested, pool.scene)
        making = made.Making(mix, pool.adapted, pool.allocation == "measured")
        feature = cls(
            config.section(cls.section),
            pool,
            mix,
            adapted=making,
            mixing=config.content.mixing(),
            first_topic=config.reviews.first_topic,
            wanted=not moment.leaves(cls),
        )
        return feature.acts()

    def _stations(self) -> tuple[tuple[int, float, int, bool], ...]:
        """Number, minutes a task, servers, and whether they are people."""
        p = self.params
        return (
            (WRITE, p.write_minutes, p.writers, True),
            (GENERATE, p.write_minutes / (1.0 + p.speed), p.machines, False),
            (OPTIMISE, p.optimise_minutes, p.machines, False),
            (REFINE, p.refine_minutes, p.refiners, True),
            (REVIEW, p.review_minutes, p.reviewers, True),
        )

    @act(
        Phase.DECIDE,
        reads=["operator.allowance"],
        writes=["library.stations", "library.clerks", "records.spend", "ledger", "records.studio_costs"],
    )
    def staff(self, world: World, draw: Draw) -> None:
        """Wages of a shift are due in the morning; without money for them people stay away.

        Who stays away, or is wanted no more, is paid for the work in hand, which is still done.
        """
        p, library, teams, now = self.params, world.library, world.library.stations, world.clock.midnight
        spent, wage = {"studio_work": 0, "studio_review": 0}, p.wage * len(world.people) / 1000.0
        for number, minutes, servers, people in self._stations():
            opens, hours = (p.opens, p.hours) if people else (0.0, 24.0)
            fresh = station(number, minutes, opens, hours)
            team = teams.setdefault(number, fresh)
            team.adopt(fresh.params, now)
            purpose = "studio_review" if number == REVIEW else "studio_work"
            servers = servers if self.wanted else 0
            fen = to_fen(servers * hours * wage) if people else 0
            if fen and not world.affords(purpose, fen):
                servers, fen = 0, 0
            left = team.staff(servers, now)
            fen += to_fen(left * wage) if people else 0
            world.spend(purpose, fen)
            spent[purpose] += fen
        library.clerks, spent_on = self._clerks(world)
        spent["studio_work"] += spent_on
        self._book(world, spent["studio_work"], spent["studio_review"])

    def _clerks(self, world: World) -> tuple[int, int]:
        """Clerks who are there today, and their wages in fen."""
        p, clerks = self.params, self.params.clerks if self.wanted else 0
        fen = to_fen(clerks * p.hours * p.wage * len(world.people) / 1000.0)
        if fen and not world.affords("studio_work", fen):
            return 0, 0
        world.spend("studio_work", fen)
        return clerks, fen

    @staticmethod
    def _book(world: World, work: int, review: int) -> None:
        cast("Any", world.records).studio_costs.append(day=world.day, work_fen=work, review_fen=review)

    @act(
        Phase.DECIDE,
        reads=["operator.allowance", "library.drafts", "library.clerks", "records.reviews_read~"],
        writes=["library.drafts", "records.spend", "ledger", "records.studio_costs"],
        offers=True,
    )
    def brief(self, world: World, draw: Draw) -> None:
        """Ask for pieces, over the hours of the shift; machines, tests and scenes are paid by the piece."""
        library, p = world.library, self.params
        library.briefs += p.briefs
        number = int(library.briefs)
        drafts = self._drafts(world, draw, made.ids_of(world.day, _FIRST, number))
        fen = to_fen(self._cost(drafts) * len(world.people) / 1000.0)
        library.briefs -= number
        if fen and not world.affords("studio_work", fen):
            return
        world.spend("studio_work", fen)
        self._book(world, fen, 0)
        library.drafts = together(library.drafts, drafts)

    def _cost(self, drafts: Columns) -> float:
        """CNY per 1,000 people: machines, and what pieces show, which costs what it does by hand."""
        p, machine = self.params, drafts["machine"]
        stages = float((machine * (1.0 + drafts["optimised"])).sum())
        stages += p.topic_stages * float((drafts["topic"] >= 0).sum())
        by_people = ~machine | drafts["refined"]
        more = made.premium(self.pool, ~machine, by_people) + self.mixing * by_people
        more = np.broadcast_to(more, machine.shape)
        return stages * p.machine_cost + self.pool.piece_cost * float(more.sum())

    def _drafts(self, world: World, draw: Draw, ids: np.ndarray) -> Columns:
        """Today's briefs: when each comes, who writes it, and which stations it is sent on to."""
        p, stream = self.params, draw.timeless("studio.brief")

        def happens(occasion: int, chance: float) -> np.ndarray:
            found: np.ndarray = keyed_uniforms(stream, ids, occasion) < chance
            return found

        category = made.subjects(draw, ids, world.catalog.group_weight)
        machine = happens(MACHINE, p.machine_share)
        claims = machine & SENSITIVE[category] & happens(CLAIMS, p.claim_share)
        at = world.clock.midnight + 60.0 * (p.opens + p.hours * keyed_uniforms(stream, ids, WHEN))
        told = machine & happens(PRAISED, p.from_reviews)
        topic = np.where(told, praised.most_praised(p, world)[category], praised.NO_TOPIC)
        filled = attributes.filled_in(p, draw, machine, at, world.library.clerks)
        wrong = keyed_uniforms(stream, ids, WRONG) < attributes.made_up(p, filled)
        drafts = {
            "id": ids,
            "brief": at.astype(np.int64),
            "minute": at,
            "station": np.zeros(len(ids), np.int8),
            "machine": machine,
            "optimised": machine & happens(OPTIMISED, p.optimised),
            "attributes": filled,
            "refined": machine & happens(REFINED, p.refined),
            "topic": topic.astype(np.int8),
            "claims": claims,
            "wrong": claims & wrong,
            "reviewed": claims & happens(REVIEWED, p.reviewed),
            "waited": np.zeros(len(ids)),
        }
        drafts["station"] = following(drafts, -1)
        return drafts

    @act(
        Phase.MEASURE,
        reads=["library.drafts", "library.stations", "library.answers", "library.finished"],
        writes=[
            "library.drafts",
            "library.stations",
            "library.finished",
            "records.studio_finished",
            "records.studio_served",
        ],
    )
    def work(self, world: World, draw: Draw) -> None:
        """Let the stations work through the day; what is finished comes into the pool next morning."""
        library, end = world.library, world.clock.midnight + MINUTES_PER_DAY
        drafts = library.drafts
        for number, served in work(draw, library.stations, drafts, end):
            cast("Any", world.records).studio_served.append(
                day=np.full(len(served["row"]), world.day),
                piece=drafts["id"][served["row"]],
                station=number,
                waited=served["waited"],
            )
        done = (drafts["station"] == DONE) & (drafts["minute"] < end)
        ready, library.drafts = chosen(drafts, done), chosen(drafts, ~done)
        found = keyed_uniforms(draw.timeless("studio.brief"), ready["id"], FOUND) < self.params.found
        ready["wrong"] = ready["wrong"] & ~(ready["reviewed"] & found)
        cast("Any", world.records).studio_finished.append(
            day=np.full(int(done.sum()), world.day),
            piece=ready["id"],
            hours=(ready["minute"] - ready["brief"]) / 60.0,
            **{
                name: ready[name]
                for name in ("machine", "attributes", "topic", "refined", "claims", "reviewed", "wrong")
            },
        )
        library.finished = together(library.finished, self._pieces(world, draw, ready))

    def _pieces(self, world: World, draw: Draw, ready: Columns) -> Columns:
        """What goes on: machine copy is more alike, has stories and scenes if refined, and no test."""
        p, machine = self.params, ready["machine"]
        alike = self.pool.model_copy(update={"duplication": p.machine_alike})
        by_hand, by_machine = (
            made.make(world, draw, numbers, self.making, ready["id"], ready["brief"])
            for numbers in (self.pool, alike)
        )
        pieces = {name: np.where(machine, by_machine[name], by_hand[name]) for name in by_hand}
        pieces["machine"] = np.where(machine, np.where(ready["refined"], p.left, 1.0), 0.0)
        pieces["hook"] = pieces["hook"] * np.where(ready["optimised"], p.optimised_hook, 1.0)
        pieces["mixed"] = pieces["mixed"] & (~machine | ready["refined"])
        pieces["tested"] = pieces["tested"] & ~machine
        pieces["scene"] = pieces["scene"] & (~machine | ready["refined"])
        pieces["wrong"] = ready["wrong"]
        topic, about = ready["topic"], pieces["category"].astype(np.int64)
        pieces["topic"] = topic
        pieces["pleases"] = praised.pleases(p, topic_shares(draw, self.first_topic), about, topic)
        pieces["look"] = praised.look(pieces, topic)
        pieces["informed"] = attributes.gain(p, ready["attributes"])
        return pieces

    @act(
        Phase.SETTLE,
        reads=["library.pieces", "platforms.ban"],
        writes=["library.pieces", "platforms.ban", "records.studio_penalties", "records.spend", "ledger"],
    )
    def report(self, world: World, draw: Draw) -> None:
        """Claims that are not allowed may be reported: a fine, less traffic for a while, and no piece."""
        library, p, platforms = world.library, self.params, world.platforms
        pieces = library.pieces
        u = keyed_uniforms(draw("studio.report"), pieces["id"], 0)
        rows = np.flatnonzero(pieces["wrong"] & (u < p.caught))
        if not len(rows):
            return
        fen = to_fen(p.fine * len(world.people) / 1000.0)
        for home in pieces["home"][rows].tolist():
            platforms.ban_loss[home] = (
                max(p.loss, platforms.ban_loss[home]) if world.day < platforms.ban_until[home] else p.loss
            )
            platforms.ban_until[home] = max(platforms.ban_until[home], world.day + 1 + p.loss_days)
            world.spend("studio_fines", fen)
        cast("Any", world.records).studio_penalties.append(
            day=np.full(len(rows), world.day),
            piece=pieces["id"][rows],
            platform=pieces["home"][rows],
            fen=fen,
        )
        kept = np.ones(len(pieces["id"]), np.bool_)
        kept[rows] = False
        library.pieces = chosen(pieces, kept)

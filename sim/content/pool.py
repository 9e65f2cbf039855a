"""The pool of content: feeds and media show pieces, of which viewers tire and which they leave in seconds.

Without the pool all content is of one usual kind. Here impressions are filled with pieces by a recommender
that knows a share of what viewers prefer. A viewer gives a piece some seconds to come to the point; looks
that everybody shows, and copy that a machine wrote, leave less patience. What clicks come of it, relative to
the usual content, is what the feeds' and media's pulls are multiplied by; every visit they bring is credited
to a piece.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

import numpy as np

from sim.content import pieces as made
from sim.content.grades import counted, listed
from sim.content.notes import ContentParams
from sim.content.pool_params import PoolOfContentParams
from sim.content.pool_rules import closed, dwell, resistance, stays
from sim.content.pool_tables import EVENTS, FIGURES
from sim.content.viewing import Viewing, by_look, each_person
from sim.core.clock import MINUTES_PER_DAY
from sim.core.ledger import to_fen
from sim.core.rng import Draw, keyed_uniforms
from sim.core.whole_numbers import whole_number
from sim.feature import Feature, Gauge, Moment, act
from sim.mechanism import Mechanism, Phase
from sim.world.kinds import Purpose, among
from sim.world.library import Columns, chosen, together
from sim.world.platforms import PLATFORMS
from sim.world.schema import GROUPS, Source
from sim.world.world import World

#: Pools of the usual kind whose mean is the usual content.
OPENINGS = 20
#: Impressions remembered of a look below which it is forgotten.
_FORGOTTEN = 1e-3
_SHOWN_BY = among(Source.ORGANIC_FEED, Source.PAID_MEDIA)


class ContentPool(Feature):
    """Pieces, who is shown them, and what that leaves (S005, S032, S033, S035, S036, S056)."""

    section = "content_pool"
    Params = PoolOfContentParams
    events: ClassVar = EVENTS
    figures = FIGURES
    gauges: ClassVar = {
        "pieces": Gauge(
            "int64", lambda world: len(world.library.pieces["id"]), "pieces in the pool", ("library.pieces",)
        ),
        "resistance": Gauge(
            "float64",
            lambda world: float(world.library.defence.mean()),
            "impressions of machine copy that are remembered, mean over groups",
            ("library.minds",),
        ),
        "accuracy": Gauge(
            "float64",
            lambda world: world.library.accuracy,
            "share of impressions that the recommender would fill as preferred",
            ("library.accuracy",),
        ),
    }
    declares = (
        Purpose("content_pool_pieces", "Pieces of content beyond the usual ones, and their adaptation."),
        Purpose("content_pool_data", "Behaviour data and videos made for one person."),
    )

    def __init__(self, params: PoolOfContentParams, content: ContentParams, targeting: float) -> None:
        super().__init__(params)
        self.content = content
        self.viewing = Viewing(params, content, targeting)

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, with what the usual content is like.

        A pool that the strategy has left shows usual pieces, beside its own until these have grown old.
        """
        params, content = config.section(cls.section), config.content
        if moment.leaves(cls):
            params, content = params.usual(), moment.strategy.content
        return cls(params, content, config.media.targeting).acts()

    # --- the morning --------------------------------------------------------------------------

    @act(
        Phase.DECIDE,
        reads=[
            "operator.allowance",
            "operator.terms.content",
            "library.answers~",
            "library.finished~",
            "library.shown~",
            "library.pieces",
        ],
        writes=[
            "library.pieces",
            "library.finished",
            "library.listed",
            "records.content_pool_pieces",
            "records.spend",
            "ledger",
        ],
    )
    def stock(self, world: World, draw: Draw) -> None:
        """Put today's pieces into the pool; what has grown old leaves it."""
        library, p = world.library, self.params
        if library.usual is None:
            library.pieces = self._opening(world, draw, 0)
        fresh = self._today(world, draw)
        born = library.pieces["born"] > world.clock.midnight - p.kept_days * MINUTES_PER_DAY
        library.pieces = together(chosen(library.pieces, born), fresh, library.finished)
        self._list(world)
        new = together(fresh, library.finished)
        library.finished = chosen(library.finished, np.zeros(0, np.int64))
        cast("Any", world.records).content_pool_pieces.append(
            day=world.day, piece=new["id"], **{name: new[name] for name in made.KEPT}
        )

    def _list(self, world: World) -> None:
        """Make the list anew once it is old enough; pieces that left leave their places free.

        A list on which nothing stands yet is not kept: it is made as soon as there is something to list.
        """
        library, p = world.library, self.params
        old = library.listed < 0 or world.clock.midnight - library.listed >= 60.0 * p.list_hours
        if p.list_size == 0:
            library.listed = -1
            library.pieces["place"] = np.zeros(len(library.pieces["id"]), np.int16)
        elif old:
            place = listed(p, library.pieces)
            library.listed = world.clock.midnight if place.any() else -1
            library.pieces["place"] = place
        else:
            place = library.pieces["place"]
            library.pieces["place"] = np.where(place > p.list_size, 0, place).astype(np.int16)

    def _today(self, world: World, draw: Draw) -> Columns:
        """Pieces made by hand, as many as can be paid for; none on a day without money for content.

        Where adapting cannot be paid, what the studio has finished fits the platform it was made for alone.
        """
        p = self.params
        number, making = whole_number(draw("content_pool.more"), p.pieces), self._making(p.adapted)
        if not world.operator.terms.content:
            number = 0
        per_piece = p.piece_cost * float(made.premium(p, True, True))
        extra = max(0.0, number - p.usual_pieces)  # the usual ones are paid as content of the day
        cost = number * per_piece + extra * p.piece_cost * (1.0 + self.content.mixing())
        adapting = p.adapted * (number + len(world.library.finished["id"])) * p.adapted_cost
        fen = to_fen((cost + adapting) * len(world.people) / 1000.0)
        if fen and not world.affords("content_pool_pieces", fen):
            number, making = min(number, int(p.usual_pieces)), self._usual_making()
            finished = world.library.finished
            finished["fits"] = np.int64(1) << finished["home"].astype(np.int64)
        else:
            world.spend("content_pool_pieces", fen)
        ids = made.ids_of(world.day, 0, number)
        return made.make(world, draw, p, making, ids, np.full(number, world.clock.midnight))

    def _making(self, adapted: int) -> made.Making:
        p = self.params
        mix = made.Mix(p.original, self.content.hybrid_share, p.tested, p.scene)
        return made.Making(mix, adapted, p.allocation == "measured")

    def _usual_making(self) -> made.Making:
        return made.Making(made.Mix(0.0, self.content.usual_hybrid, self.params.usual_tested), 0, False)

    def _opening(self, world: World, draw: Draw, number: int) -> Columns:
        """A pool of the usual kind, as it would have been made over the days that pieces are kept."""
        p = self.params
        n = max(1, round(p.usual_pieces * p.kept_days))
        ids = made.ids_of(-1 - number, 0, n)
        born = world.clock.midnight - (np.arange(n) * p.kept_days * MINUTES_PER_DAY) // n
        return made.make(world, draw, p, self._usual_making(), ids, born)

    # --- what is shown ------------------------------------------------------------------------

    @act(
        Phase.DECIDE,
        reads=[
            "platforms.scale",
            "people.group",
            "people.activity",
            "people.affinity",
            "people.registered~",
            "operator.allowance",
            "operator.terms.content",
            "library.pieces",
            "library.pieces~",
            "library.minds~",
            "library.answers~",
            "observed",
            "observed~",
        ],
        writes=["library.shown", "library.accuracy", "library.minds", "observed", "records.spend", "ledger"],
    )
    def show(self, world: World, draw: Draw) -> None:
        """Fill the day's impressions; clicks that come of it are relative to those of the usual content."""
        library, p = world.library, self.params
        volume, known = self.viewing.volume(world)
        if library.usual is None:
            self._open(world, draw, volume)
        base = self.content.match_accuracy
        learnt = closed(base, p.full_accuracy, library.data, p.learn_enough)
        world.observed.closes("content_pool", world.day, learnt)
        library.accuracy = world.observed.match(world.day, base)
        lifted = self.content.lift() if world.operator.terms.content else self.content.plain_lift()
        gain = p.trial_gain * self._trial_share(world, float(volume.sum()), known)
        library.shown, library.appeal = self.viewing.appeal(world, library.pieces, library.accuracy, gain)
        usual = cast("np.ndarray", library.usual)
        appeal = library.appeal.sum(axis=2)
        # where the usual content shows nobody anything, whatever is shown is as good as the usual
        library.click = np.divide(appeal, usual, out=np.sign(appeal), where=usual > 0) / max(lifted, 1e-12)

    def _open(self, world: World, draw: Draw, volume: np.ndarray) -> None:
        """What the usual content brings: the mean of some pools that viewers are used to."""
        library, base, found = world.library, self.content.match_accuracy, []
        for number in range(OPENINGS):
            pieces = self._opening(world, draw, number)
            shown, _ = self.viewing.appeal(world, pieces, base, 0.0, self.viewing.completes_usually)
            library.looks, library.bored = by_look(pieces["look"], each_person(shown, volume, world))
            library.bored /= 1.0 - math.exp(-1.0 / self.params.memory_days)
            _, appeal = self.viewing.appeal(world, pieces, base, 0.0, self.viewing.completes_usually)
            found.append(appeal.sum(axis=2))
            if number == 0:
                first = library.looks, library.bored
        library.usual = np.mean(found, axis=0)
        library.looks, library.bored = first

    def _trial_share(self, world: World, total: float, known: float) -> float:
        """Share of impressions that are videos made for their viewer, as far as they are paid for."""
        p = self.params
        videos = min(p.trial_videos * len(world.people) / 1000.0, known * total)
        fen = to_fen(videos * p.trial_cost)
        if total == 0.0 or fen == 0 or not world.affords("content_pool_data", fen):
            return 0.0
        world.spend("content_pool_data", fen)
        return videos / total

    # --- visits and the evening ---------------------------------------------------------------

    @act(
        Phase.BUY,
        reads=[
            "flow.visits",
            "library.shown",
            "library.pieces",
            "library.pieces~",
            "people.group",
            "people.notes",
        ],
        writes=["people.notes", "records.content_pool_clicks"],
    )
    def credit(self, world: World, draw: Draw) -> None:
        """Say which piece brought each visit of feeds and media; tests and scenes are something read."""
        visits, library, people = world.flow.visits, world.library, world.people
        rows = np.flatnonzero(_SHOWN_BY[visits["source"]])
        if not len(rows) or not len(library.pieces["id"]):
            return
        seats, where = visits["seat"][rows], visits["origin"][rows]
        course = library.appeal[people.group[seats], where].cumsum(axis=1)
        u = (
            keyed_uniforms(draw.timeless("content_pool.piece_of"), visits["visit_id"][rows], 0)
            * course[:, -1]
        )
        at = np.minimum((course <= u[:, None]).sum(axis=1), course.shape[1] - 1)
        tested, scene = library.pieces["tested"][at], library.pieces["scene"][at]
        np.add.at(people.notes, seats[tested], np.float32(self.params.tested_notes))
        np.add.at(people.notes, seats[scene], np.float32(self.params.scene_notes))
        cast("Any", world.records).content_pool_clicks.append(
            day=world.day,
            visit_id=visits["visit_id"][rows],
            piece=library.pieces["id"][at],
            platform=where,
            tested=tested,
            scene=scene,
            machine=library.pieces["machine"][at],
        )

    @act(
        Phase.PERSUADE,
        reads=[
            "flow.shown",
            "people.group",
            "people.activity",
            "people.affinity",
            "people.registered~",
            "library.pieces",
            "library.pieces~",
            "library.shown",
            "library.accuracy",
            "library.minds",
            "records.content_pool_clicks",
            "operator.allowance",
        ],
        writes=[
            "library.minds",
            "library.pieces",
            "library.answers",
            "records.content_pool_shown",
            "records.spend",
            "ledger",
        ],
    )
    def remember(self, world: World, draw: Draw) -> None:
        """Count what was shown; viewers remember looks and machine copy, and the recommender learns."""
        library, p, pieces = world.library, self.params, world.library.pieces
        shown = self.viewing.impressions(world)[:, :, None] * library.shown
        by_group = shown.sum(axis=1)
        stayed = by_group * stays(pieces["hook"], self.viewing.patience(world, pieces))
        self._record(world, by_group, stayed)
        each = by_group / np.maximum(np.bincount(world.people.group, minlength=len(GROUPS)), 1)[:, None]
        self._tire(world, each)
        library.defence = resistance(
            library.defence,
            each @ pieces["machine"],
            each @ pieces["mixed"].astype(np.float64),
            math.exp(-1.0 / p.defence_days),
            p.soothes,
        )
        self._learn(world, float(stayed.sum()) / len(world.people))
        today = cast("Any", world.records).content_pool_clicks
        clicks = np.bincount(today.today("platform"), minlength=len(PLATFORMS))
        won = pieces["won"] * math.exp(-1.0 / p.list_days)
        library.pieces = pieces | {"won": won + counted(pieces["id"], today.today("piece"))}
        library.answers = np.vstack([library.answers, clicks])[-p.answer_days :]

    def _record(self, world: World, by_group: np.ndarray, stayed: np.ndarray) -> None:
        """One row a piece: impressions, and what came of them as chances say."""
        library, p, pieces = world.library, self.params, world.library.pieces
        if not len(pieces["id"]):
            return
        age = (world.clock.midnight - pieces["born"]) / MINUTES_PER_DAY
        filled = self.viewing.filled(world, pieces, age, library.accuracy)
        right = by_group * filled.right / np.maximum(filled.right + filled.other, 1e-300)
        finished = stayed * self.viewing.completes[pieces["mixed"].astype(np.int64)]
        before = by_group * dwell(pieces["hook"], self.viewing.patience(world, pieces))
        cast("Any", world.records).content_pool_shown.append(
            day=np.full(len(pieces["id"]), world.day),
            piece=pieces["id"],
            tested=pieces["tested"],
            scene=pieces["scene"],
            place=pieces["place"],
            mixed=pieces["mixed"],
            alike=pieces["common"] > 0.0,
            machine=pieces["machine"],
            impressions=by_group.sum(axis=0),
            preferred=right.sum(axis=0),
            stayed=stayed.sum(axis=0),
            finished=finished.sum(axis=0),
            seconds=(before + finished * p.seconds).sum(axis=0),
        )

    def _tire(self, world: World, each: np.ndarray) -> None:
        """Impressions a person of each look are remembered for a while."""
        library = world.library
        keep = math.exp(-1.0 / self.params.memory_days)
        looks, bored = by_look(
            np.concatenate([library.looks, library.pieces["look"]]),
            np.concatenate([library.bored * keep, each], axis=1),
        )
        kept = bored.max(axis=0, initial=0.0) > _FORGOTTEN
        library.looks, library.bored = looks[kept], bored[:, kept]

    def _learn(self, world: World, watched: float) -> None:
        """Data of those whose behaviour is collected, if it is paid for; old data lose their worth."""
        library, p = world.library, self.params
        library.data *= math.exp(-1.0 / p.learn_days)
        fen = to_fen(p.learn * p.learn_cost * len(world.people) / 1000.0)
        if fen and world.affords("content_pool_data", fen):
            world.spend("content_pool_data", fen)
            library.data += p.learn * watched

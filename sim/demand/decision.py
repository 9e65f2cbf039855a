"""A long decision: to look at something, to look for proof, to wait, and to come back and order.

Whoever needs proof and has read too little does not order what is looked at for the first time. Such a person
considers it, looks for proof day by day, and decides once there is enough; then most come back, and order as
everybody else does, or not. Whoever has not found enough in time gives the wish up. The brand may send proof
to those who consider something, so many a day, at a cost each, and less well the more often.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.core.whole_numbers import whole_number
from sim.feature import Feature, Figure, act
from sim.mechanism import Phase
from sim.world.catalog import CATEGORIES
from sim.world.kinds import Purpose, VisitSource
from sim.world.money import affordable
from sim.world.people import Column
from sim.world.touches import send
from sim.world.world import World

#: Steps that are recorded, by number.
STEPS = ("considers", "decides", "gives_up")
CONSIDERS, DECIDES, GIVES_UP = range(len(STEPS))
#: Logits against an order of who has not decided: nobody orders then.
NOT_YET = 50.0
_NEVER = -100_000


class DecisionParams(Params):
    """Who decides in steps, how proof is found, and what the brand sends."""

    enabled: bool = constant(False, "switch", "S013")
    """Who needs proof decides in several steps."""

    takes_steps: float = uncertainty(
        1.0, "share/need for proof", "A-1377; who needs proof wholly always does", ge=0, le=1, span=(0.3, 1)
    )
    """Purchases that are decided in steps, of somebody whose need for proof is 1; in proportion to it."""

    enough: float = uncertainty(
        2.0, "pieces of proof", "A-1378; mothers read three notes and more", ge=0, le=20, span=(1, 4)
    )
    """Notes read of late and pieces found, with which somebody decides."""

    looks: float = uncertainty(0.35, "chance/day", "A-1379; every third day", ge=0, le=1, span=(0.15, 0.7))
    """Somebody who considers something looks for proof on a day."""

    finds: float = uncertainty(0.6, "chance", "A-1380; no data", ge=0, le=1, span=(0.3, 0.9))
    """A look finds a piece of proof."""

    gives_up: int = uncertainty(21, "days", "A-1381; three weeks", ge=1, le=720, span=(10, 45))
    """Days after which somebody who has not found enough gives the wish up."""

    returns: float = uncertainty(
        0.4, "visits/decision", "A-1382; others forget, or buy elsewhere", ge=0, le=1, span=(0.2, 0.7)
    )
    """Visits of those who have decided, on that day."""

    folders: float = lever(0.0, "folders/1,000 people/day", "S013", ge=0, le=1000, span=(0, 20))
    """Proof that is sent to registered people who consider something: tests, certificates, samples."""

    folder_cost: float = uncertainty(
        0.5, "CNY/folder", "A-1383; a message, and some with a sample", ge=0.001, le=100, span=(0.1, 2)
    )
    """Sending one."""

    folder_convinces: float = uncertainty(
        0.6, "chance", "A-1384; as a look of one's own", ge=0, le=1, span=(0.3, 0.9)
    )
    """The first folder is taken as a piece of proof."""

    folder_tires: float = uncertainty(
        0.7, "log response/folder", "A-1348; the second half as well", ge=0, le=5, span=(0.3, 1.5)
    )
    """Response lost with every folder on the same wish."""


def _steps(number: int) -> Any:
    return lambda t: (t["decision_steps"]["step"] == number).astype(np.float64)


class Decision(Feature):
    """A decision in several steps (S013)."""

    section = "decision"
    Params = DecisionParams
    world = True
    columns: ClassVar = {
        "decision_category": Column("int8", "goods considered last, -1 for none", start=-1, back="start"),
        "decision_since": Column("int32", "absolute day of the first look at them", start=_NEVER),
        "decision_made": Column("bool", "has decided on them", start=False, back="start"),
        "decision_found": Column("float32", "pieces of proof found since", start=0, back="start"),
        "decision_sent": Column("int16", "folders sent since", start=0, back="start"),
    }
    events: ClassVar = {
        "decision_steps": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "category": ("int8", "goods that are considered"),
            "step": ("int8", "0 considers, 1 decides, 2 gives up"),
            "days": ("int32", "days since the first look"),
        },
        "decision_folders": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id of who is written to"),
            "number": ("int32", "number of the folder on this wish"),
            "taken": ("bool", "it was taken as proof"),
        },
    }
    figures = (
        Figure(
            "decision_days",
            "Days from the first look to a decision",
            "days",
            over=lambda t: t["decision_steps"]["days"] * _steps(DECIDES)(t),
            per=_steps(DECIDES),
        ),
        Figure(
            "decision_made",
            "Wishes that end in a decision and are not given up",
            "share",
            over=_steps(DECIDES),
            per=lambda t: _steps(DECIDES)(t) + _steps(GIVES_UP)(t),
        ),
    )
    declares = (
        VisitSource("decision_return", "People who come back once they have decided.", "owned"),
        Purpose("decision_proof", "Proof that is sent to those who consider something."),
    )

    @act(
        Phase.SHARE,
        reads=[
            "people.id",
            "people.registered~",
            "people.decision_category~",
            "people.decision_made~",
            "people.decision_found",
            "people.decision_sent",
            "operator.allowance",
        ],
        writes=[
            "people.decision_found",
            "people.decision_sent",
            "records.decision_folders",
            "records.spend",
            "ledger",
        ],
        offers=True,
    )
    def inform(self, world: World, draw: Draw) -> None:
        """Send proof in the morning, first to those who were sent least."""
        p, people = self.params, cast("Any", world.people)
        if world.clock.daypart != 1 or p.folders == 0.0:
            return
        seats = np.flatnonzero((people.decision_category >= 0) & ~people.decision_made & people.registered)
        turn = keyed_uniforms(draw("decision.turn"), people.id[seats], 0)
        order = np.lexsort((turn, people.decision_sent[seats]))
        number = min(len(seats), self._capacity(world, draw))
        cost = 100.0 * p.folder_cost
        seats = seats[order[: affordable(world, "decision_proof", cost, number)]]
        if not len(seats):
            return
        chance = p.folder_convinces * np.exp(-p.folder_tires * people.decision_sent[seats])
        taken = keyed_uniforms(draw("decision.folder"), people.id[seats], 0) < chance
        people.decision_found[seats] += taken
        people.decision_sent[seats] += 1
        world.spend("decision_proof", to_fen(p.folder_cost * len(seats)))
        cast("Any", world.records).decision_folders.append(
            day=np.full(len(seats), world.day),
            person=people.id[seats],
            number=people.decision_sent[seats],
            taken=taken,
        )

    def _capacity(self, world: World, draw: Draw) -> int:
        """Folders that can be sent today; a part of one is made up over the days."""
        return whole_number(draw("decision.capacity"), self.params.folders * len(world.people) / 1000.0)

    @act(
        Phase.SHARE,
        reads=[
            "people.id",
            "people.notes~",
            "people.need_category",
            "people.need_until",
            "people.decision_category",
            "people.decision_since~",
            "people.decision_made",
            "people.decision_found",
        ],
        writes=[
            "agendas.touches",
            "people.need_category",
            "people.need_until",
            "people.decision_category",
            "people.decision_made",
            "people.decision_found",
            "records.decision_steps",
        ],
    )
    def decide(self, world: World, draw: Draw) -> None:
        """In the morning people look for proof; who has enough decides and may come back, some give up."""
        p, people = self.params, cast("Any", world.people)
        if world.clock.daypart != 1:
            return
        seats = np.flatnonzero((people.decision_category >= 0) & ~people.decision_made)
        luck = keyed_uniforms(draw("decision.looks"), people.id[seats], 0)
        people.decision_found[seats] += luck < p.looks * p.finds
        self._keep_wish(world, seats)
        proof = people.notes[seats].astype(np.float64) + people.decision_found[seats]
        ready = proof >= p.enough
        late = ~ready & (world.day - people.decision_since[seats] >= p.gives_up)
        decided, given_up = seats[ready], seats[late]
        self._record(world, decided, DECIDES)
        self._record(world, given_up, GIVES_UP)
        people.decision_made[decided] = True
        if len(decided):
            about = people.decision_category[decided]
            send(world, "decision_return", decided, p.returns, platform="own_site", category=about)
        wish = people.need_category[given_up] == people.decision_category[given_up]
        people.need_category[given_up[wish]] = -1
        people.decision_category[given_up] = -1

    def _keep_wish(self, world: World, seats: np.ndarray) -> None:
        """What somebody considers is wanted until that ends."""
        people = cast("Any", world.people)
        wanted = seats[people.need_category[seats] == people.decision_category[seats]]
        people.need_until[wanted] = np.maximum(people.need_until[wanted], world.day + 2)

    def _record(self, world: World, seats: np.ndarray, step: int) -> None:
        people = cast("Any", world.people)
        cast("Any", world.records).decision_steps.append(
            day=np.full(len(seats), world.day),
            person=people.id[seats],
            category=people.decision_category[seats],
            step=np.full(len(seats), step),
            days=world.day - people.decision_since[seats],
        )

    @act(
        Phase.BUY,
        reads=[
            "flow.visits",
            "people.id",
            "people.proof_need",
            "people.notes~",
            "people.decision_category",
            "people.decision_since",
            "people.decision_made",
            "people.decision_found",
        ],
        writes=[
            "flow.terms",
            "people.decision_category",
            "people.decision_since",
            "people.decision_made",
            "people.decision_found",
            "people.decision_sent",
            "records.decision_steps",
        ],
    )
    def consider(self, world: World, draw: Draw) -> None:
        """Who looks at what takes proof without enough of it considers it, and does not order yet."""
        p, people, visits = self.params, cast("Any", world.people), world.flow.visits
        seats, category = visits["seat"].astype(np.int64), visits["category"]
        chance = p.takes_steps * people.proof_need[seats].astype(np.float64)
        of = people.id[seats] * len(CATEGORIES) + category
        careful = keyed_uniforms(draw.timeless("decision.steps"), of, 0) < chance
        same = people.decision_category[seats] == category
        made = same & people.decision_made[seats]
        enough = people.notes[seats] + np.where(same, people.decision_found[seats], 0.0) >= p.enough
        decides = seats[careful & same & ~made & enough]
        self._record(world, decides, DECIDES)
        people.decision_made[decides] = True
        open_ = careful & ~made & ~enough
        begins = seats[open_ & ~same]
        people.decision_category[begins] = category[open_ & ~same]
        people.decision_since[begins] = world.day
        people.decision_made[begins] = False
        people.decision_found[begins] = 0.0
        people.decision_sent[begins] = 0
        self._record(world, begins, CONSIDERS)
        world.flow.order.add("decision", -NOT_YET * open_)

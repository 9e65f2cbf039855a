"""Content: what the brand shows, how far people watch it, and what it costs.

A data-copy post is watched to the end less often than one that mixes user stories with expert
endorsement (completion rises to 65%); attention is won in proportion. The
gain wears as mixed content becomes the usual thing, and each further piece costs more to make.
"""

from __future__ import annotations

from sim.core.ledger import to_fen
from sim.core.params import Params, param
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.schema import Spend
from sim.world.world import World


# fmt: off
class ContentParams(Params):
    """Response to content and what it costs."""

    click_chance: float = param(
        0.012, unit="clicks/impression", kind="uncertainty", source="A-114", ge=0, le=0.5,
        span=(0.010, 0.016),
        why="Unpaid impressions of unregistered people without a need; 1.0-1.6% over all.",
    )
    paid_click_chance: float = param(
        0.0138, unit="clicks/impression", kind="uncertainty", source="A-115", ge=0, le=0.5,
        span=(0.01, 0.018),
        why="The same for paid impressions.",
    )
    match_accuracy: float = param(
        0.82, unit="share", kind="constant", source="F015", ge=0, le=1,
        why="Recommended goods that match the person's preference.",
    )
    hybrid_share: float = param(
        0.2, unit="share of content", kind="lever", source="S036", ge=0, le=1,
        span=(0.0, 0.6),
        why="Content that mixes user stories and expert endorsement.",
    )
    hybrid_completion: float = param(
        0.65, unit="share watched to the end", kind="constant", source="F060", ge=0, le=1,
        why="Completion of hybrid content.",
    )
    plain_completion: float = param(
        0.45, unit="share watched to the end", kind="uncertainty", source="A-116", ge=0.01, le=1,
        span=(0.25, 0.6),
        why="Completion of plain data copy; no figure in the plan.",
    )
    hybrid_wear: float = param(
        0.75, unit="share of the gain/share of content", kind="uncertainty", source="A-871", ge=0, le=5,
        span=(0.4, 1.2),
        why="What the gain loses as mixed content becomes the usual thing; 65% holds at the usual mix.",
    )
    hybrid_scarcity: float = param(
        4.0, unit="ratio/share of content", kind="uncertainty", source="A-872", ge=0, le=50, span=(1, 8),
        why="Rise of the cost of mixed content with its share: users with a story and experts run out.",
    )
    usual_hybrid: float = param(
        0.2, unit="share of content", kind="constant", source="A-117", ge=0, le=1,
        why="Hybrid share at which the click chances above were observed.",
    )
    cost_per_1000: float = param(
        0.6, unit="CNY/1000 consumers/day", kind="uncertainty", source="A-118", ge=0, le=1000,
        span=(0.3, 2.0),
        why="Plain content of a small brand.",
    )
    hybrid_premium: float = param(
        2.0, unit="ratio", kind="uncertainty", source="A-119", ge=0, le=20,
        span=(1.0, 5.0),
        why="Cost of hybrid content relative to plain, on top of it.",
    )

    def lift(self) -> float:
        """Click chance relative to the usual mix of content."""
        return self.completion(self.hybrid_share) / self.completion(self.usual_hybrid)

    def plain_lift(self) -> float:
        """The same on a day without money for content: what there is is plain."""
        plain = self.model_copy(update={"hybrid_share": 0.0})
        return min(self.lift(), plain.lift())

    def completion(self, hybrid: float) -> float:
        """Mean share watched to the end at a share of mixed content, whose gain wears as it spreads."""
        gain = (self.hybrid_completion - self.plain_completion) * (
            1.0 - self.hybrid_wear * (hybrid - self.usual_hybrid)
        )
        return self.plain_completion + hybrid * max(gain, -self.plain_completion)

    def daily_cost(self) -> float:
        """CNY per 1,000 consumers and day; mixed content costs the more, the more of it there is."""
        dearer = self.hybrid_premium * (1.0 + self.hybrid_scarcity * self.hybrid_share)
        return self.cost_per_1000 * (1.0 + dearer * self.hybrid_share)
# fmt: on


class Content:
    """Pays for the content of the day; its effect works through the click chance."""

    name = "content"
    phase = Phase.DECIDE
    reads = frozenset({"operator.allowance"})
    writes = frozenset({"ledger", "records.spend", "operator.terms.content"})

    def __init__(self, params: ContentParams) -> None:
        self.params = params

    def act(self, world: World, draw: Draw) -> None:
        """One day's production bill."""
        fen = to_fen(self.params.daily_cost() * len(world.people) / 1000.0)
        world.operator.terms.content = world.affords(Spend.CONTENT, fen)
        if world.operator.terms.content:
            world.spend(Spend.CONTENT, fen)

"""Content: what the brand shows, how far people watch it, and what it costs.

A data-copy post is watched to the end less often than one that mixes user stories with expert
endorsement (completion rises to 65%); attention is won in proportion. The
gain wears as mixed content becomes the usual thing, and each further piece costs more to make.
"""

from __future__ import annotations

from sim.core.ledger import to_fen
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.schema import Spend
from sim.world.world import World


class ContentParams(Params):
    """Response to content and what it costs."""

    click_chance: float = uncertainty(0.012, "clicks/impression", "A-114", ge=0, le=0.5, span=(0.010, 0.016))
    """Unpaid impressions of unregistered people without a need; users and people with one click several times
    as often (traffic.registered_response, traffic.need_response): 4% over all."""

    paid_click_chance: float = uncertainty(
        0.0138, "clicks/impression", "A-115", ge=0, le=0.5, span=(0.01, 0.018)
    )
    """The same for paid impressions."""

    match_accuracy: float = constant(0.82, "share", "F015", ge=0, le=1)
    """Recommended goods that match the person's preference."""

    hybrid_share: float = lever(0.2, "share of content", "S036", ge=0, le=1, span=(0.0, 0.6))
    """Content that mixes user stories and expert endorsement."""

    hybrid_completion: float = constant(0.65, "share watched to the end", "F060", ge=0.01, le=1)
    """Completion of hybrid content."""

    plain_completion: float = uncertainty(
        0.45, "share watched to the end", "A-116", ge=0.01, le=1, span=(0.25, 0.6)
    )
    """Completion of plain data copy; no figure in the plan."""

    hybrid_wear: float = uncertainty(
        0.75, "share of the gain/share of content", "A-871", ge=0, le=5, span=(0.4, 1.2)
    )
    """What the gain loses as mixed content becomes the usual thing; 65% holds at the usual mix."""

    hybrid_scarcity: float = uncertainty(4.0, "ratio/share of content", "A-872", ge=0, le=50, span=(1, 8))
    """Rise of the cost of mixed content with its share: users with a story and experts run out."""

    usual_hybrid: float = constant(0.2, "share of content", "A-117", ge=0, le=1)
    """Hybrid share at which the click chances above were observed."""

    cost_per_1000: float = uncertainty(0.6, "CNY/1000 consumers/day", "A-118", ge=0, le=1000, span=(0.3, 2.0))
    """Plain content of a small brand."""

    hybrid_premium: float = uncertainty(2.0, "ratio", "A-119", ge=0, le=20, span=(1.0, 5.0))
    """Cost of hybrid content relative to plain, on top of it."""

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

    def mixing(self) -> float:
        """What mixing adds to the cost of content, relative to plain; dearer, the more of it is mixed."""
        return self.hybrid_share * self.hybrid_premium * (1.0 + self.hybrid_scarcity * self.hybrid_share)

    def daily_cost(self) -> float:
        """CNY per 1,000 consumers and day."""
        return self.cost_per_1000 * (1.0 + self.mixing())


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

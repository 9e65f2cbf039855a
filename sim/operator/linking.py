"""Linking identities: without it, a visit that is sent on to another surface starts as a stranger's."""

from __future__ import annotations

from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.world import World


class Unlinked:
    """Speaks against orders of visits that were sent on, on days without linked identities."""

    name = "order_unlinked"
    phase = Phase.BUY
    reads = frozenset({"flow.visits", "operator.terms.linked"})
    writes = frozenset({"flow.terms"})

    def __init__(self, loss: float) -> None:
        self.loss = loss

    def act(self, world: World, draw: Draw) -> None:
        """Add it to this daypart's visits."""
        visits = world.flow.visits
        if not world.operator.terms.linked_ids:
            world.flow.order.add("unlinked", -self.loss * (visits["surface"] != visits["origin"]))

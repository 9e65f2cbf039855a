"""Features of the private domain: one pool and what is sent to it, or three levels with advisers."""

from __future__ import annotations

from sim.feature import Feature, SourceTerm, built_in
from sim.private_domain.circles import Circles
from sim.private_domain.cocreation import Cocreation
from sim.private_domain.levels import Community
from sim.private_domain.pool import PrivateDomainEntry, PrivateDomainParams, PrivateMessages
from sim.private_domain.touchpoints import Touchpoints
from sim.world.schema import Source

FEATURES: tuple[type[Feature], ...] = (
    built_in(
        "private_domain",
        PrivateDomainParams,
        lambda c, at: [
            PrivateMessages(c.private_domain, at.shares),
            PrivateDomainEntry(c.private_domain),
            SourceTerm("private", "order", (Source.PRIVATE_DOMAIN,), c.choice.order_private),
        ],
        on=lambda c: c.private_domain.pool != "none",
    ),
    Community,
    Cocreation,
    Circles,
    Touchpoints,
)

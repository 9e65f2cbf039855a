"""Feature of the private domain: its pool and what is sent to it."""

from __future__ import annotations

from sim.feature import built_in
from sim.private_domain.pool import PrivateDomainEntry, PrivateDomainParams, PrivateMessages

FEATURES = (
    built_in(
        "private_domain",
        PrivateDomainParams,
        lambda c, at: [PrivateMessages(c.private_domain, at.shares), PrivateDomainEntry(c.private_domain)],
        on=lambda c: c.private_domain.pool != "none",
    ),
)

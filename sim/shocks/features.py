"""Feature of shocks: outside conditions that change."""

from __future__ import annotations

from sim.feature import built_in
from sim.shocks.policy import Policy
from sim.shocks.shocks import Shock, ShockParams

FEATURES = (
    built_in(
        "shock",
        ShockParams,
        lambda c, at: [Shock(c.shock, at.first_day)],
        on=lambda c: bool(c.shock.listed()),
    ),
    Policy,
)

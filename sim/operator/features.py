"""Features of the operator: channel mix, and the control of money and review."""

from __future__ import annotations

from sim.feature import built_in
from sim.operator.budget import Alarm, Budget, BudgetClose, ChannelMixParams, ControlParams, Monitor
from sim.operator.teams import teams

FEATURES = (
    built_in("channel_mix", ChannelMixParams),
    built_in(
        "control",
        ControlParams,
        lambda c, at: [
            Budget(c.channel_mix, c.control, at.extra_capacity, c.influencers.enabled),
            BudgetClose(),
            Alarm(c.control, c.fraud.review if c.fraud.enabled else 0.0, at.first_day),
            Monitor(at.first_day),
            *teams(c, at),
        ],
    ),
)

"""What the two strategies of a draw are compared by: invitations, cheating, what they cost, and the targets.

Everything is counted from the events of the measured window. Counts of people are per 1,000
consumers present on day 0, so that studies of different sizes can be read side by side.
"""

from __future__ import annotations

import numpy as np

from sim.core.language import mark
from sim.measure.events import Events, cny, count, find, ratio
from sim.measure.growth import invitations_per_user_day
from sim.measure.indicators import FRAUD_RATE, FRAUD_RATE_UNDETECTED, invited
from sim.measure.kpis import KPIS
from sim.measure.money import contribution_margin, per_thousand

#: Figure -> name as people read it, and unit; the nine targets' levels follow.
FIGURES: dict[str, tuple[str, str]] = {
    "invitations": (mark("Rewarded invitations"), mark("per 1,000 registered user-days")),
    "invited_users": (mark("Real invited registrations"), mark("per 1,000 day-0 consumers")),
    "fraud_rate": (mark("Fraud rate, true"), "share"),
    "fraud_rate_undetected": (mark("Fraud rate after review"), "share"),
    "fake_accounts": (mark("Fake accounts"), mark("per 1,000 day-0 consumers")),
    "reward_cost": (mark("Rewards per real invitee"), mark("CNY, what fakes earn included")),
    "honest_reward_cost": (mark("Rewards, fakes' left out"), mark("CNY per real invitee")),
    "contribution_per_1000": (mark("Contribution margin"), mark("CNY per 1,000 day-0 consumers")),
    **{kpi.name: (kpi.label, kpi.unit) for kpi in KPIS},
}


def figures(events: Events) -> dict[str, float]:
    """What is compared, in the order of :data:`FIGURES`; nan = not observable."""
    mine = invited(events)
    fake = events.column("registrations", "fake")
    real = count(mine & events.new_users)
    stage_fen = events.column("rewards", "fen") * np.where(events.column("rewards", "clawed_back"), -1, 1)
    ours = find(events.column("rewards", "invitee"), events.column("registrations", "person")[mine]) >= 0
    honest = ours & ~events.column("rewards", "fake")
    counted = {
        "invitations": 1000.0 * invitations_per_user_day(events),
        "invited_users": per_thousand(events, real),
        "fraud_rate": FRAUD_RATE.value(events),
        "fraud_rate_undetected": FRAUD_RATE_UNDETECTED.value(events),
        "fake_accounts": per_thousand(events, count(mine & fake)),
        "reward_cost": ratio(cny(stage_fen[ours]), real),
        "honest_reward_cost": ratio(cny(stage_fen[honest]), real),
        "contribution_per_1000": per_thousand(events, contribution_margin(events)),
    }
    return counted | {kpi.name: kpi.measure(events) for kpi in KPIS}

"""Compliance: platforms punish induced sharing, and the law caps how far pay may reach.

Rewarded invitations risk a ban of a campaign day, more so the larger and the more numerous the rewards and
the fewer invitations were read first; while a ban lasts, rewards set nobody inviting and the brand is shown
less there. More than two paid referral levels and more private messages than the cap are not to be had.
"""

from __future__ import annotations

import numpy as np

from sim.core.params import Params, constant, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.mechanism import Phase
from sim.world.platforms import WECHAT
from sim.world.world import World

#: What ``ban_risk`` is stated at: CNY, and rewarded invitations per 1,000 consumers and day.
USUAL_REWARD, USUAL_VOLUME = 10.0, 10.0


class ComplianceParams(Params):
    """Ban risk and caps."""

    enabled: bool = constant(True, "switch", "definition")
    """Off: platforms do not care."""

    ban_risk: float = uncertainty(
        0.002, "chance/campaign day", "A-360; 0.1-3% a campaign day", ge=0, le=1, span=(0.001, 0.03)
    )
    """At a reward of 10 CNY and 10 rewarded invitations per 1,000 consumers a day."""

    ban_ceiling: float = uncertainty(0.03, "chance/campaign day", "A-361", ge=0, le=1, span=(0.01, 0.10))
    """Highest daily risk."""

    ban_days: int = uncertainty(7, "days", "A-362", ge=1, le=365, span=(3, 30))
    """Length of a ban."""

    ban_loss: float = uncertainty(
        0.40, "share of traffic", "A-861; as after a rule change, F098", ge=0, le=1, span=(0.1, 0.9)
    )
    """What the brand loses of the platform's traffic, paid and unpaid, while a ban lasts."""

    reading_mends: float = uncertainty(0.8, "share", "A-1285", ge=0, le=1, span=(0.4, 0.95))
    """Of what is read before it is shown (``sharing.content_review``), offers that are worded so that no
    platform takes them for induced sharing: they add nothing to the risk."""

    message_cap: float = constant(4.0, "messages/person/week", "A-363", ge=0, le=100)
    """Service accounts may send four messages a month, WeCom groups about daily; four a week is tolerated."""


class Compliance:
    """Draws bans from what was sent today."""

    name = "compliance"
    phase = Phase.SETTLE
    reads = frozenset({"records.touches", "counts"})
    writes = frozenset({"platforms.ban"})

    def __init__(self, params: ComplianceParams) -> None:
        self.params = params

    def act(self, world: World, draw: Draw) -> None:
        """Risk grows with the reward times the number of rewarded invitations."""
        touches, p = world.records.touches, self.params
        rewarded = touches.today("reward_fen") > 0
        if not rewarded.any() or world.day < world.platforms.ban_until[WECHAT]:
            return
        reward = float(touches.today("reward_fen")[rewarded].mean()) / 100.0
        volume = rewarded.sum() * self._unmended(world) / (len(world.people) / 1000.0)
        risk = min(p.ban_ceiling, p.ban_risk * (reward / USUAL_REWARD) * (volume / USUAL_VOLUME))
        if float(keyed_uniforms(draw("compliance.ban"), np.array([0]), 0)[0]) < risk:
            world.platforms.ban_until[WECHAT] = world.day + 1 + p.ban_days
            world.platforms.ban_loss[WECHAT] = p.ban_loss

    def _unmended(self, world: World) -> float:
        """Share of today's invitations that nobody worded anew: cascades are chosen for reading by chance."""
        read, told = world.counts.get("tellings_read", 0.0), world.counts.get("tellings", 0.0)
        return 1.0 - self.params.reading_mends * read / told if told else 1.0

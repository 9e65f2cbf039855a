"""Shocks: a downturn, a platform that loses traffic, riders who fall short.

Each has a start, a length, a size and a recovery, counted from the first measured day, and
acts on the outside conditions only; what follows is the market's own doing.
"""

from __future__ import annotations

from typing import Literal

from sim.core.params import Params, param
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.platforms import PLATFORMS
from sim.world.world import World


# fmt: off
class ShockParams(Params):
    """One shock, or none."""

    kind: Literal["none", "downturn", "platform_loss", "rider_shortage"] = param(
        "none", unit="shock", kind="uncertainty", source="S077", scope="strategy",
        why="none, a downturn (S077), a rule change that costs a platform's traffic (S079), or "
        "missing riders everywhere (no single node or supplier fails, S139).",
    )
    start: int = param(
        20, unit="day of the measured window", kind="uncertainty", source="A-370", ge=0, le=3650,
        scope="strategy",
        why="First day.",
    )
    days: int = param(
        30, unit="days", kind="uncertainty", source="A-371", ge=1, le=3650, scope="strategy",
        why="Length at full size.",
    )
    recovery: int = param(
        10, unit="days", kind="uncertainty", source="A-372", ge=0, le=3650, scope="strategy",
        why="Linear return to normal afterwards.",
    )
    size: float = param(
        0.4, unit="share lost", kind="uncertainty", source="F098", ge=0, le=0.95, scope="strategy",
        why="Platform loss: traffic lost, 40%. Downturn: confidence lost. Riders: share missing.",
    )
    platform: Literal["douyin", "wechat", "xiaohongshu", "taobao_live", "jd"] = param(
        "douyin", unit="platform", kind="uncertainty", source="F098", scope="strategy",
        why="Platform that changes its rules.",
    )
# fmt: on


class Shock:
    """Sets the conditions of the day."""

    name = "shock"
    phase = Phase.STRIKE
    reads = frozenset({"conditions.riders"})
    writes = frozenset(
        {"conditions.confidence", "conditions.riders", "platforms.traffic", "logistics.riders"}
    )

    def __init__(self, params: ShockParams, first_day: int) -> None:
        self.params = params
        self.first_day = first_day

    def strength(self, day: int) -> float:
        """Size of the shock on absolute ``day``, 0 = none."""
        p = self.params
        since = day - self.first_day - p.start
        if since < 0:
            return 0.0
        if since < p.days:
            return p.size
        gone = since - p.days + 1
        return p.size * max(0.0, 1.0 - gone / (p.recovery + 1))

    def act(self, world: World, draw: Draw) -> None:
        """Apply today's strength to what this kind of shock hits."""
        strength = self.strength(world.day)
        if self.params.kind == "downturn":
            world.conditions.confidence = 1.0 - strength
        elif self.params.kind == "platform_loss":
            world.platforms.traffic[PLATFORMS.index(self.params.platform)] = 1.0 - strength
        elif self.params.kind == "rider_shortage" and strength != world.conditions.riders_short:
            world.conditions.riders_short = strength
            world.logistics.shock_riders(strength)

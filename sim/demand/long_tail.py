"""Rare goods: where a feed chooses what people see, what few want sells worse.

Search finds what is rare as well as what is common; a feed of videos tells its audience apart less finely.
The term is centred over what people need, so that a platform's conversion as a whole stays about where it is.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from sim.core.params import Params, constant, uncertainty
from sim.core.rng import Draw
from sim.feature import Feature, Moment, act
from sim.mechanism import Mechanism, Phase
from sim.world.catalog import Catalog
from sim.world.platforms import PLATFORMS
from sim.world.world import World


class LongTailParams(Params):
    """How much worse rare goods sell, by platform."""

    enabled: bool = constant(False, "switch", "definition")
    """Rare goods sell worse on platforms of videos."""

    douyin: float = uncertainty(0.5, "logit/log rarity", "A-1223; S019", ge=0, le=5, span=(0.1, 1.0))
    """Loss of an order of goods that are rarer by a factor e, on the platform of videos."""

    taobao_live: float = uncertainty(0.15, "logit/log rarity", "A-1224; S019", ge=0, le=5, span=(0, 0.4))
    """The same where search stands beside the sessions: less, by the plan."""


def rarity(weight: np.ndarray) -> np.ndarray:
    """float64[n_categories]: log of how much rarer than usual the need for a category is; mean 0 over needs.

    Parameters
    ----------
    weight : float64[n_categories]
        Needs by category; what nobody needs is neither rare nor common.
    """
    share = weight / weight.sum()
    rare = -np.log(np.where(share > 0.0, share, 1.0))
    centred: np.ndarray = np.where(share > 0.0, rare - float(share @ rare), 0.0)
    return centred


class LongTail(Feature):
    """Rare goods convert worse on the platform of videos (S019, S018)."""

    section = "long_tail"
    Params = LongTailParams
    world = True
    events: ClassVar = {}

    def __init__(self, params: LongTailParams, catalog: Catalog) -> None:
        super().__init__(params)
        rare = rarity(catalog.group_weight.sum(axis=0))
        slope = np.array([getattr(params, name, 0.0) for name in PLATFORMS])
        self.loss = slope[:, None] * rare[None, :]

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its act, which knows how rare goods are."""
        return cls(config.section(cls.section), moment.catalog).acts()

    @act(Phase.BUY, reads=["flow.visits"], writes=["flow.terms"])
    def hold_back(self, world: World, draw: Draw) -> None:
        """Speak against orders of rare goods, and for those of common ones."""
        visits = world.flow.visits
        world.flow.order.add("long_tail", -self.loss[visits["origin"], visits["category"]])

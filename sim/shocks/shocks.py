"""Shocks: any number of outside events, each with a start, a length, a size and a recovery.

Days count from the first measured day. A shock acts on outside conditions only; what follows is the
market's own doing. Shocks that overlap combine by one rule: each takes its share of what the others leave
(0.3 and 0.5 of the same traffic leave 0.7 x 0.5 = 0.35 of it), and rises multiply in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from types import GenericAlias
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import create_model, field_validator

from sim.core.errors import ConfigError
from sim.core.params import Params, uncertainty
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.shocks.kinds import CONDITIONS, KINDS, ShockKind, Strength, add_kind, platform_row
from sim.world.platforms import PLATFORMS
from sim.world.world import World

_NAME = re.compile(r"[a-z0-9_]{1,64}")


class OneShock(Params):
    """One shock, or none."""

    kind: str = uncertainty("none", "shock", "S077", scope="strategy", table=KINDS)
    """What happens: a downturn (S077), rules that cost a platform traffic, feed, ads or commission (S079),
    or missing riders and late suppliers everywhere (no single node or supplier fails, S139)."""
    start: int = uncertainty(20, "day of the measured window", "A-370", ge=0, le=3650, scope="strategy")
    """First day."""
    days: int = uncertainty(30, "days", "A-371", ge=1, le=3650, scope="strategy")
    """Length at full size."""
    recovery: int = uncertainty(10, "days", "A-372", ge=0, le=3650, scope="strategy")
    """Linear return to normal afterwards."""
    size: float = uncertainty(0.4, "share lost", "F098", ge=0, le=0.95, scope="strategy")
    """Platform loss: traffic lost, 40%; feed change and ad limits: their part of it. Downturn: confidence
    lost; price resistance: readiness to pay. Riders: share missing. Suppliers: share that comes late. Storm:
    both. Commission: its rise, as a share of the usual one."""
    platform: Literal["douyin", "wechat", "xiaohongshu", "taobao_live", "jd"] = uncertainty(
        "douyin", "platform", "F098", scope="strategy"
    )
    """Platform that changes its rules."""

    kinds: ClassVar[Mapping[str, ShockKind]] = KINDS
    """What may be chosen: the market's own kinds, and those of features that are there."""

    added: ClassVar[tuple[ShockKind, ...]] = ()
    """Kinds of features among them."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        """A model with kinds of features is made again where it is unpickled."""
        if not self.added:
            return super().__reduce_ex__(protocol)
        return _again, (self.added, isinstance(self, ShockParams), self.model_dump())

    @property
    def moves(self) -> Mapping[str, float]:
        """Condition -> share of the size by which this shock moves it."""
        return self.kinds[self.kind].moves

    def strength(self, since: int) -> float:
        """Size ``since`` days after the first measured day, 0 = none."""
        since -= self.start
        if since < 0:
            return 0.0
        if since < self.days:
            return self.size
        gone = since - self.days + 1
        return self.size * max(0.0, 1.0 - gone / (self.recovery + 1))


class ShockParams(OneShock):
    """A first shock, and any number of further ones by name."""

    also: dict[str, OneShock] = uncertainty({}, "named shocks", "S077", scope="strategy")
    """Further shocks, each a name with the keys of the first: shock.also.NAME.kind=platform_loss
    shock.also.NAME.start=40. Where shocks overlap, each takes its share of what the others leave."""

    @field_validator("also", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        """Names are words that a dotted key can hold, and every further shock says of what kind it is."""
        for name, entry in value.items() if isinstance(value, dict) else ():
            if not _NAME.fullmatch(str(name)):
                raise ValueError(
                    f"must have names of 1 to 64 of a-z, 0-9 and _ (you wrote '{name}'); write another name"
                )
            if isinstance(entry, dict) and "kind" not in entry:
                raise ValueError(
                    f"shock.also.{name}.kind must be given (you wrote {', '.join(map(str, entry)) or '{}'}); "
                    f"write shock.also.{name}.kind= one of {', '.join(cls.kinds)}"
                )
        return value

    def listed(self) -> dict[str, OneShock]:
        """Name -> shock, of all shocks of some kind; the first is called ``shock``."""
        every = {"shock": self, **{f"also.{name}": one for name, one in self.also.items()}}
        return {name: one for name, one in every.items() if one.moves}


def params_with(kinds: Sequence[ShockKind]) -> type[ShockParams]:
    """The section ``shock`` where features bring kinds of their own; without any, the market's.

    Raises
    ------
    ConfigError
        If there is a kind of one of these names already, or one moves what is no condition.
    """
    if not kinds:
        return ShockParams
    table = dict(KINDS)
    for kind in kinds:
        try:
            add_kind(kind, table)
        except ValueError as error:
            raise ConfigError(f"features: {error}") from None
    shock = partial(uncertainty, source="S077", scope="strategy")
    choice = shock("none", "shock", table=table, why="What happens: one of the kinds that there are.")
    several = shock({}, "named shocks", why="Further shocks by name, with the keys of the first.")
    one = create_model("OneShock", __base__=OneShock, __module__=__name__, kind=(str, choice))
    many: Any = GenericAlias(dict, (str, one))
    every = create_model(
        "ShockParams", __base__=ShockParams, __module__=__name__, kind=(str, choice), also=(many, several)
    )
    one.kinds = every.kinds = table
    one.added = every.added = tuple(kinds)
    one.__doc__, every.__doc__ = OneShock.__doc__, ShockParams.__doc__
    return every


def _again(kinds: Sequence[ShockKind], whole: bool, values: dict[str, Any]) -> OneShock:
    """A model as it was: the section, or one of its further shocks."""
    section = params_with(kinds)
    if whole:
        return section.model_validate(values)
    return section.model_validate({"also": {"it": values}}).also["it"]


def together(shocks: Sequence[OneShock], condition: str, since: int) -> Strength:
    """How far a condition is moved by all shocks together.

    Parameters
    ----------
    shocks : sequence of OneShock
        Those in force or not.
    condition : str
        Name of a condition.
    since : int
        Days since the first measured day.

    Returns
    -------
    float64[n_platforms] or float64[1]
        Share lost, or rise, by platform where the condition has platforms.
    """
    of = CONDITIONS[condition]
    moved = np.zeros(len(PLATFORMS) if of.by_platform else 1)
    for shock in shocks:
        weight = shock.moves.get(condition, 0.0)
        if not weight:
            continue
        at = platform_row(shock.platform) if of.by_platform else 0
        step = weight * shock.strength(since)
        moved[at] += step * (1.0 + moved[at]) if of.rises else step * (1.0 - moved[at])
    return moved


class Shock:
    """Sets the conditions of the day."""

    name = "shock"
    phase = Phase.STRIKE
    reads = frozenset[str]().union(*(condition.reads for condition in CONDITIONS.values()))
    writes = frozenset[str]().union(*(condition.writes for condition in CONDITIONS.values()))

    def __init__(self, params: ShockParams, first_day: int) -> None:
        self.shocks = list(params.listed().values())
        moves = {name for one in self.shocks for name in one.moves}
        self.moved = [name for name in CONDITIONS if name in moves]
        self.first_day = first_day

    def act(self, world: World, draw: Draw) -> None:
        """Set each condition that a shock of this market moves to what all of them leave today."""
        for name in self.moved:
            CONDITIONS[name].apply(world, together(self.shocks, name, world.day - self.first_day))

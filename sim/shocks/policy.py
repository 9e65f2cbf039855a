"""Policy: support for technology, and rules on user data, each from a date on.

Neither is the operator's to choose. Support pays back a part of what technology costs while it lasts. A rule
that opens platforms' interfaces takes friction from visits that move between surfaces, so that linking
identities for money is worth less; it also asks for consent, without which some bought advertisements are not
shown any more, and for records of every registered user. So it shifts what renting and owning traffic cost.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.params import Params, constant, uncertainty
from sim.core.rng import Draw
from sim.feature import Feature, Figure, Moment, Schema, act
from sim.mechanism import Mechanism, Phase
from sim.world.kinds import Purpose
from sim.world.world import World

#: Purposes of spending that are technology.
TECHNOLOGY = ("linked_ids", "content", "partners_chains")


class PolicyParams(Params):
    """What the state does, from which day on."""

    support: bool = constant(False, "switch", "S007", scope="strategy")
    """Technology is supported."""

    relief: float = uncertainty(0.3, "share", "A-1276", ge=0, le=1, span=(0.1, 0.5), scope="strategy")
    """Part of what linked identities, content and partners' systems cost that is paid back."""

    relief_from: int = uncertainty(
        0, "day of the measured window", "S007", ge=0, le=3650, span=(0, 90), scope="strategy"
    )
    """First day of support."""

    relief_days: int = uncertainty(90, "days", "S007", ge=1, le=3650, span=(30, 365), scope="strategy")
    """Length of the programme."""

    open_data: bool = constant(False, "switch", "S009", scope="strategy")
    """Platforms have to open interfaces to user data."""

    opens_from: int = uncertainty(
        20, "day of the measured window", "S009", ge=0, le=3650, span=(0, 90), scope="strategy"
    )
    """Day on which the rule comes into force."""

    opens: float = uncertainty(0.5, "share", "A-1277", ge=0, le=1, span=(0.2, 0.9), scope="strategy")
    """Part of the friction between surfaces (``choice.unlinked``) that open interfaces take away."""

    consent: float = uncertainty(0.1, "share", "A-1278", ge=0, le=0.95, span=(0, 0.4), scope="strategy")
    """Advertisements bought that are not shown any more, for want of consent to the use of data."""

    duty: float = uncertainty(
        0.002, "CNY/registered user/day", "A-1279", ge=0, le=10, span=(0.0005, 0.01), scope="strategy"
    )
    """Records, requests and reports that the rule asks for, from whoever holds data of users."""


class Policy(Feature):
    """Support and rules from outside (S007, S009)."""

    section = "policy"
    Params = PolicyParams
    events: ClassVar[dict[str, Schema]] = {
        "policy_days": {
            "day": ("int32", "absolute day"),
            "relief_fen": ("int64", "paid back of technology, fen"),
            "duty_fen": ("int64", "cost of the rule on data, fen"),
            "open": ("bool", "the rule is in force"),
        }
    }
    figures = (
        Figure(
            "policy_relief",
            "Support for technology",
            "CNY",
            over=lambda t: t["policy_days"]["relief_fen"] / 100.0,
        ),
        Figure(
            "policy_duty", "Cost of rules on data", "CNY", over=lambda t: t["policy_days"]["duty_fen"] / 100.0
        ),
    )
    declares = (
        Purpose("policy_support", "Support for technology, which lowers what was spent."),
        Purpose("policy_duty_cost", "Records and reports that rules on data ask for."),
    )

    def __init__(self, params: PolicyParams, first: int, loss: float, shocked: bool) -> None:
        super().__init__(params)
        self.first, self.loss, self.shocked = first, loss, shocked

    @classmethod
    def on(cls, config: Any) -> bool:
        """Either of the two."""
        own = config.section(cls.section)
        return bool(own.support or own.open_data)

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, with the friction that there is between surfaces."""
        shocked = any("paid_traffic" in one.moves for one in config.shock.listed().values())
        own = config.section(cls.section)
        return cls(own, moment.first_day, config.choice.unlinked, shocked).acts()

    def supported(self, day: int) -> bool:
        """Whether technology is supported on an absolute day."""
        p = self.params
        return bool(p.support and 0 <= day - self.first - p.relief_from < p.relief_days)

    def open(self, day: int) -> bool:
        """Whether the rule on data is in force on an absolute day."""
        return bool(self.params.open_data and day - self.first >= self.params.opens_from)

    @act(Phase.STRIKE, reads=["platforms.traffic", "traffic#given"], writes=["platforms.traffic"])
    def ask(self, world: World, draw: Draw) -> None:
        """Show fewer of the advertisements bought, where people have to be asked."""
        shown = 1.0 - self.params.consent if self.open(world.day) else 1.0
        usual = world.platforms.paid_traffic if self.shocked else np.ones(len(world.platforms.paid_traffic))
        world.platforms.paid_traffic[:] = usual * shown

    @act(Phase.BUY, reads=["flow.visits", "operator.terms.linked"], writes=["flow.terms"])
    def link(self, world: World, draw: Draw) -> None:
        """Take friction from visits that were sent on, where it is not paid away already."""
        visits = world.flow.visits
        if self.open(world.day) and not world.operator.terms.linked_ids:
            moved = visits["surface"] != visits["origin"]
            world.flow.order.add("policy", self.loss * self.params.opens * moved)

    @act(
        Phase.MEASURE,
        reads=["records.spend", "people.registered"],
        writes=["records.policy_days", "records.spend", "ledger"],
    )
    def pay(self, world: World, draw: Draw) -> None:
        """Pay technology back in part, and what the rule asks for."""
        p, spend, relief, duty = self.params, world.records.spend, 0, 0
        if self.supported(world.day):
            numbers = [world.kinds.booking(name).kind for name in TECHNOLOGY]
            relief = int(p.relief * spend.today("fen")[np.isin(spend.today("kind"), numbers)].sum())
        if self.open(world.day):
            duty = to_fen(p.duty * int(world.people.registered.sum()))
        world.spend("policy_support", -relief)
        world.spend("policy_duty_cost", duty)
        cast("Any", world.records).policy_days.append(
            day=world.day, relief_fen=relief, duty_fen=duty, open=self.open(world.day)
        )

"""Features of the operator: channel mix, control of money, instruments, and rules with their teams."""

from __future__ import annotations

from typing import Any

from sim.feature import Feature, Moment, built_in
from sim.mechanism import Mechanism
from sim.operator.budget import Budget, ChannelMixParams, ControlParams
from sim.operator.data_platform import DataPlatform
from sim.operator.firm_value import FirmValue
from sim.operator.instruments import Instruments, InstrumentsBetween, InstrumentsParams
from sim.operator.linking import Unlinked
from sim.operator.links import Links
from sim.operator.named_rules import RulesParams, replies_of, signals_of, watches_of
from sim.operator.own_traffic import OwnTraffic
from sim.operator.partners import Partners
from sim.operator.platform_ally import PlatformAlly
from sim.operator.remix import Remix
from sim.operator.rules import ReviewIntensity, Rules
from sim.operator.signals import FISSION, SIGNALS
from sim.operator.stages import PlanParams
from sim.operator.teams import teams
from sim.operator.trial import TrialRuns
from sim.rules import Monitor, Response
from sim.world.observed import USUAL_DAYS


def _alarmed(control: ControlParams, c: Any) -> dict[str, float]:
    """What an alarm sets: more review, and what else the operator decided to do then."""
    levers = {"fraud.review": min(1.0, c.fraud.review + control.alarm_review)}
    if control.alarm_damping > 0.0:
        levers["sharing.damping"] = max(c.sharing.damping, control.alarm_damping)
    if control.alarm_content_review > 0.0:
        levers["sharing.content_review"] = max(c.sharing.content_review, control.alarm_content_review)
    return levers


#: The plan's alarm: passings-on per buyer of a category, three times the usual, raise review (F064).
ALARM = Monitor("control_alarm", "Passings-on per buyer of a category stand out.", FISSION.name, "alarm")
ANSWER = Response(
    "control_answer",
    "More invited accounts are reviewed; content may be read first and invitations limited.",
    to=ALARM.name,
    params="answer",
    levers=_alarmed,
)


def _instruments(c: Any, at: Moment) -> list[Mechanism]:
    usual_end = at.burn_in or at.first_day
    days = max(0, usual_end - USUAL_DAYS), at.first_day
    every: list[type[Feature]] = [*at.features, OwnTraffic]  # media money that it moved is looked at, if any
    schemas = {table: schema for one in every for table, schema in one.tables().items()}
    watched = {watch.figure for watch in watches_of(c, at)}
    watched |= {stage.gate.figure for _, stage in c.plan.listed()}
    args = c.instruments, signals_of(at.features), watched, days, schemas
    between = [InstrumentsBetween(*args)] if c.instruments.every == "daypart" else []
    return [Instruments(*args), *between]


def _rules(c: Any, at: Moment) -> list[Mechanism]:
    days = at.burn_in or at.first_day, at.first_day
    every_daypart = c.instruments.every == "daypart"
    review = c.fraud.review if c.fraud.enabled else 0.0
    strategy = at.strategy or c  # what a response overrides is no new strategy to respond from
    found = watches_of(strategy, at), replies_of(strategy, at.features)
    return [Rules(*found, days, every_daypart), ReviewIntensity(review)]


FEATURES = (
    built_in("channel_mix", ChannelMixParams, lambda c, _: [Unlinked(c.choice.unlinked)]),
    built_in(
        "control",
        ControlParams,
        lambda c, at: [
            Budget(c.channel_mix, c.control, at.extra_capacity, c.influencers.enabled),
            *teams(c, at),
        ],
        declares=(*SIGNALS, ALARM, ANSWER),
    ),
    built_in("instruments", InstrumentsParams, _instruments),
    built_in("rules", RulesParams, _rules),
    built_in("plan", PlanParams),
    TrialRuns,
    Partners,
    PlatformAlly,
    Links,
    Remix,
    OwnTraffic,
    DataPlatform,
    FirmValue,
)

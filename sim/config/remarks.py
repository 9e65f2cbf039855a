"""What is allowed and yet worth a line before a run: settings that a strategist may not have meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sim.config.business import consumers_of
from sim.config.model import Config
from sim.core.language import tr
from sim.core.params import declared
from sim.levers import with_levers
from sim.operator.stages import planned

#: What a trial may try out -> whether these settings offer it to anybody, and what to write so that they do.
_TRIED: dict[str, tuple[Callable[[Any], bool], str]] = {
    "coupon": (lambda c: c.pricing.rule == "coupon" and c.pricing.coupon_share > 0, "pricing=coupon"),
    "new_user": (lambda c: c.pricing.new_user_discount > 0, "pricing.new_user_discount=0.05"),
    "group": (lambda c: c.group_buy.enabled or c.incentive.design == "group_buy", "incentive=group_buy"),
    "recipient_coupon": (lambda c: c.incentive.recipient_coupon > 0, "incentive.recipient_coupon=0.1"),
    "messages": (lambda c: c.private_domain.pool != "none", "private_domain=wecom"),
}


def remarks(config: Config) -> list[str]:
    """One line for each setting that is allowed and perhaps not meant; empty if there is none."""
    told = [
        tr(
            "{section}={options} takes the place of what scenario {scenario} says of {section} "
            "({keys}); write a value on the command line to keep it",
            section=section,
            options=config.options[section],
            scenario=config.scenario,
            keys=", ".join(keys),
        )
        for section, keys in _by_section(config.replaced).items()
    ]
    for name in type(config.catalog).model_fields:
        entry: Any = getattr(config.catalog, name)
        if hasattr(entry, "unit_cost") and entry.price < entry.unit_cost:
            sums = tr("{price:g} against {unit_cost:g} CNY", price=entry.price, unit_cost=entry.unit_cost)
            told.append(
                tr(
                    "catalog.{name}.price is below its unit cost ({sums}): every sale loses money",
                    name=name,
                    sums=sums,
                )
            )
    if not config.channel_mix.shares().any():
        told.append(
            tr(
                "channel_mix gives no platform a share: what they would have got of the allowance "
                "stays unspent"
            )
        )
    return [
        *told,
        *_nothing_to_try(config),
        *_nothing_to_own(config),
        *_unusual_budget(config),
        *_never_begins(config),
    ]


def _nothing_to_try(config: Config) -> list[str]:
    """A trial of what nobody is offered: both arms are treated alike."""
    trial = config.trial
    if not trial.enabled or config.plan.stages:
        return []
    offered, remedy = _TRIED[trial.offer]
    if offered(config):
        return []
    return [
        tr(
            "trial.offer={offer} is offered to nobody, so that both arms are alike; add {remedy}",
            offer=trial.offer,
            remedy=remedy,
        )
    ]


def _nothing_to_own(config: Config) -> list[str]:
    """A firm that would weigh owned traffic and has no pool, or waits for a rule that never comes."""
    lines, weighed = [], [one for one, _, _ in _lived(config) if one.own_traffic.enabled]
    if weighed and all(one.private_domain.pool == "none" for one in weighed):
        lines.append(
            tr("own_traffic has no pool to invite people to, so that nothing moves; add private_domain=wecom")
        )
    if any(one.own_traffic.begins == "rule" for one in weighed) and not config.policy.open_data:
        lines.append(
            tr(
                "own_traffic.begins=rule waits for a rule on data that never comes; add policy=open_data, or "
                "write own_traffic.begins=first_day"
            )
        )
    return lines


def _never_begins(config: Config) -> list[str]:
    """What has a day to begin on, and is not there on that day: it would be missing without a word."""
    days, policy = config.experiment.days, config.policy
    shocks = config.shock.listed().items()
    begins = {f"{name if name == 'shock' else f'shock.{name}'}.start": one.start for name, one in shocks}
    if policy.support:
        begins["policy.relief_from"] = policy.relief_from
    if policy.open_data:
        begins["policy.opens_from"] = policy.opens_from
    late = [
        tr(
            "{key}={day} comes after the last of the {days} measured days, which are counted from 0: it "
            "never begins; lower it, or set experiment.days={more} or more",
            key=key,
            day=day,
            days=days,
            more=day + 1,
        )
        for key, day in begins.items()
        if day >= days
    ]
    return [*late, *_challenges_missed(config)]


def _lived(config: Config) -> list[tuple[Any, int, int]]:
    """What is in force from which measured day to which: one configuration a stage, or the whole."""
    days = config.experiment.days
    stages = planned(config.plan, config.calendar.first, days)
    spans = [(with_levers(config, one.stage.levers), one.first, one.last) for one in stages]
    return spans or [(config, 0, days - 1)]


def _challenges_missed(config: Config) -> list[str]:
    """Challenges that are offered on other days than their first."""
    offered = [one for one in _lived(config) if one[0].challenge.enabled]
    if any(first <= c.challenge.start <= last for c, first, last in offered):
        return []
    return [
        tr(
            "challenge.start={day} is no day on which the challenge is offered, {first} to {last} of the "
            "measured days, which are counted from 0: it never begins; move it",
            day=c.challenge.start,
            first=first,
            last=last,
        )
        for c, first, last in offered[:1]
    ]


def _unusual_budget(config: Config) -> list[str]:
    """A budget far from what plans consider, which often means that the market has another size."""
    each, business = config.control.daily_budget, config.business
    span = next(row.span for row in declared(type(config.control)) if row.path == "daily_budget")
    if not business.budget or span is None or span[0] <= each <= span[1]:
        return []
    return [
        tr(
            "the budget is {each:.3g} CNY a consumer and day, and plans usually have {span:g} to "
            "{span2:g}; it is spent on {consumers_of:,.0f} consumers: if the market has another "
            "size, write market=2000000",
            each=each,
            span=span[0],
            span2=span[1],
            consumers_of=consumers_of(config),
        )
    ]


def _by_section(keys: Sequence[str]) -> dict[str, list[str]]:
    """Section -> its keys."""
    found: dict[str, list[str]] = {}
    for key in keys:
        found.setdefault(key.partition(".")[0], []).append(key)
    return found

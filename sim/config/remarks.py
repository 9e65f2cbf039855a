"""What is allowed and yet worth a line before a run: settings that a strategist may not have meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sim.config.business import consumers_of
from sim.config.model import Config
from sim.core.language import tr
from sim.core.params import declared

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
    return [*told, *_nothing_to_try(config), *_unusual_budget(config)]


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

"""The first paragraph of a comparison: who meets which targets, who earns more, and how sure that is.

Every sentence is a function of verdicts and estimates alone. Who is "most" has been tested against
everybody else; who is "more" has an interval that leaves 0 out; what is unclear is called unclear.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sim.core.language import mark, tr
from sim.measure.scorecard import Joint
from sim.measure.verdicts import MET, counted, counted_words
from sim.report.claims import (
    ALONE_DOWN,
    ALONE_UP,
    BARE,
    DOWN,
    LEVEL,
    SAME,
    SINGLE,
    UNCLEAR,
    UNSEEN,
    UP,
    Estimate,
    beside_baseline,
    capital,
    listed,
)
from sim.report.comparison import Comparison
from sim.report.leads import Lead, lead
from sim.report.sentences import PROFIT, amount, amounts, ends, scenario_label
from sim.store.results import BASELINE

_MOST_NAMED = 4
_HALF = 0.5
_UNIT = mark("CNY per 1,000 day-0 consumers")


@dataclass(frozen=True)
class Verdicts:
    """Verdicts of one strategy on its targets, and how often it meets all of them in one world."""

    name: str
    words: tuple[str, ...]
    joint: Joint


def headline(comparison: Comparison) -> list[str]:
    """Sentences on targets, then on money."""
    shown = comparison.strategies or comparison.scenarios
    verdicts = [
        Verdicts(scenario_label(name), tuple(card["verdict"]), card.attrs["joint"])
        for name, card in ((name, comparison.cards[name]) for name in shown)
    ]
    return [*target_sentences(verdicts), *money_sentences(earned(comparison), leader(comparison))]


def earned(comparison: Comparison) -> list[Estimate]:
    """Change of profit of each strategy against the baseline, with the standing of the tables' marks."""
    rows = [(name, comparison.difference(name, PROFIT)) for name in comparison.strategies]
    return [
        Estimate(scenario_label(name), row["value"], row["low"], row["high"], bool(row["p_holm"] <= LEVEL))
        for name, row in rows
        if row is not None
    ]


def leader(comparison: Comparison) -> Lead | None:
    """Who has the highest mean profit, the baseline among the contenders, and its lead over the others."""
    table = {name: comparison.results.values(name) for name in comparison.scenarios}
    said = {name: tr("the baseline") if name == BASELINE else scenario_label(name) for name in table}
    return lead({said[name]: frame[PROFIT] for name, frame in table.items() if PROFIT in frame})


def target_sentences(strategies: Sequence[Verdicts]) -> Iterator[str]:
    """All targets together, then each strategy's count of verdicts."""
    if not strategies:
        return
    yield together_sentence(strategies)
    ordered = sorted(strategies, key=lambda one: -counted(one.words)[MET])
    told = [f"{one.name} {counted_words(one.words)}" for one in ordered[:_MOST_NAMED]]
    if left := len(ordered) - len(told):
        told.append(tr("{left} more in the table", left=left))
    yield tr(
        "One by one, of {n_words} targets: {told}.", n_words=len(ordered[0].words), told=tr("; ").join(told)
    )


def together_sentence(strategies: Sequence[Verdicts]) -> str:
    """Whether all targets are met together in most worlds, as far as exact intervals allow to say."""
    seen = [one for one in strategies if one.joint.probability is not None]
    if not seen:
        return tr("Whether all targets are met together cannot be observed.")
    if all(one.joint.n == 1 for one in seen):
        met = [one.name for one in seen if one.joint.probability]
        if not met:
            return tr("In the one world simulated, no strategy meets all targets together.")
        under = listed(met, _MOST_NAMED)
        return tr("In the one world simulated, all targets are met together under {under}.", under=under)
    if not any(one.joint.probability for one in seen) and len(seen) == len(strategies):
        return _in_no_world(seen)
    sure = [one for one in seen if (one.joint.low or 0.0) > _HALF]
    if sure:
        names = listed([f"{one.name} ({_worlds(one.joint)})" for one in sure], _MOST_NAMED)
        return tr("All targets are met together in most worlds under {names}.", names=names)
    never = [one for one in seen if (one.joint.high or 0.0) < _HALF]
    if len(never) == len(strategies):
        if len(never) == 1:
            name = capital(never[0].name)
            return tr("{name} does not meet all targets together in most worlds.", name=name)
        return tr("None of the {n} strategies meets all targets together in most worlds.", n=len(never))
    told = listed([f"{one.name} {_worlds(one.joint)}" for one in seen], _MOST_NAMED)
    if blind := len(strategies) - len(seen):
        return tr(
            "Whether all targets are met together in most worlds cannot be told: {told}; not observable "
            "under {blind} more.",
            told=told,
            blind=blind,
        )
    return tr("Whether all targets are met together in most worlds cannot be told: {told}.", told=told)


def _in_no_world(strategies: Sequence[Verdicts]) -> str:
    """All targets together were met in no world at all; how often that leaves them to be met."""
    high = max(one.joint.high or 0.0 for one in strategies)
    if len(strategies) == 1:
        return tr(
            "The strategy meets all targets together in no world simulated (chance at most {high:.0f}%).",
            high=100 * high,
        )
    return tr(
        "None of the {n} strategies meets all targets together in any world simulated (chance at most "
        "{high:.0f}%).",
        n=len(strategies),
        high=100 * high,
    )


def _worlds(joint: Joint) -> str:
    met = round((joint.probability or 0.0) * joint.n)
    return tr(
        "{met} of {n} worlds, {low:.0f}-{high:.0f}%",
        met=met,
        n=joint.n,
        low=100 * (joint.low or 0),
        high=100 * (joint.high or 0),
    )


def money_sentences(changes: Sequence[Estimate], first: Lead | None) -> Iterator[str]:
    """Who earns more and less than the baseline, what is unclear, and who earns most.

    Parameters
    ----------
    changes : sequence of Estimate
        Change of profit against the baseline, one a strategy; ``stands`` once all are corrected for.
    first : Lead or None
        The highest mean among strategies and baseline, tested.
    """
    kinds: dict[str, list[Estimate]] = {}
    for one in sorted((c for c in changes if c.standing != UNSEEN), key=lambda c: -c.value):
        kinds.setdefault(one.standing, []).append(one)
    if not kinds:
        return
    if set(kinds) == {SINGLE}:
        yield from _single(kinds[SINGLE])
        return
    if UP not in kinds:
        yield tr("No strategy surely earns more than the baseline.")
    first_told = True
    for kind in (UP, ALONE_UP, ALONE_DOWN, DOWN, SAME, UNCLEAR, SINGLE):
        if found := kinds.get(kind):
            bare = kind in BARE
            told = [one.name if bare else interval(one, first_told and one is found[0]) for one in found]
            yield beside_baseline(kind, listed(told, _MOST_NAMED), len(found))
            first_told = first_told and bare
    if first is not None:
        yield lead_sentence(first)


def _single(changes: Sequence[Estimate]) -> Iterator[str]:
    told = listed([f"{one.name} {_size(one.value)}" for one in changes], _MOST_NAMED)
    yield (
        tr(
            "In the one world simulated, profit against the baseline is: {told} {unit}; one "
            "world cannot tell luck from effect.",
            told=told,
            unit=tr(_UNIT),
        )
    )


def interval(one: Estimate, first: bool = False) -> str:
    """A name with its size and interval; the first of a paragraph says what they are."""
    size, low, high = amounts((one.value, one.low, one.high), PROFIT, signed=True)
    fields = {
        "name": one.name,
        "size": size,
        "interval": tr("{low} to {high}", low=low, high=high),
    }
    if first:
        return tr("{name} ({size} {unit}, 95% interval {interval})", unit=tr(_UNIT), **fields)
    return tr("{name} ({size}, {interval})", **fields)


def _size(value: float) -> str:
    return amount(value, PROFIT, signed=True)


def lead_sentence(first: Lead) -> str:
    """Who earns most, or from whom the highest mean cannot be told."""
    rivals = first.rivals
    if not rivals:
        near = first.gaps[0]
        low, high = ends(near.low, near.high, PROFIT)
        fields = {
            "first": capital(first.first),
            "near": near.name,
            "size": _size(near.value),
            "low": low,
            "high": high,
        }
        if len(first.gaps) == 1:
            return tr(
                "{first} earns most, tested against {near} in the same worlds: ahead by {size} "
                "({low} to {high}).",
                **fields,
            )
        return tr(
            "{first} earns most, tested against each of the other {n} in the same worlds; the closest is "
            "{near}, with a lead of {size} ({low} to {high}).",
            n=len(first.gaps),
            **fields,
        )
    told = listed([_unresolved(one) for one in rivals], _MOST_NAMED)
    return tr(
        "Which earns most cannot be told: no mean is higher than that of {first}, but it "
        "cannot be told apart from {told}.",
        first=first.first,
        told=told,
    )


def _unresolved(one: Estimate) -> str:
    if one.standing in (SINGLE, UNSEEN):
        return tr("{name} (too few shared worlds)", name=one.name)
    if one.standing == SAME:
        return tr("{name} (exactly the same in every world)", name=one.name)
    low, high = ends(one.low, one.high, PROFIT)
    return tr(
        "{name} (lead {size}, {ends})",
        name=one.name,
        size=_size(one.value),
        ends=tr("{low} to {high}", low=low, high=high),
    )

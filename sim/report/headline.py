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
    DOWN,
    LEVEL,
    SAME,
    SINGLE,
    UNCLEAR,
    UNSEEN,
    UP,
    Estimate,
    capital,
    listed,
)
from sim.report.comparison import Comparison
from sim.report.leads import Lead, lead
from sim.report.sentences import PROFIT, amount, ends, scenario_label
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
    left = len(ordered) - len(told)
    more = tr("; {left} more in the table", left=left) if left else ""
    yield tr(
        "One by one, of {n_words} targets: {told}{more}.",
        n_words=len(ordered[0].words),
        told=tr("; ").join(told),
        more=more,
    )


def together_sentence(strategies: Sequence[Verdicts]) -> str:
    """Whether all targets are met together in most worlds, as far as exact intervals allow to say."""
    seen = [one for one in strategies if one.joint.probability is not None]
    if not seen:
        return tr("Whether all targets are met together cannot be observed.")
    if all(one.joint.n == 1 for one in seen):
        met = [one.name for one in seen if one.joint.probability]
        under = listed(met, _MOST_NAMED) or tr("no strategy")
        return tr("In the one world simulated, all targets are met together under {under}.", under=under)
    if not any(one.joint.probability for one in seen) and len(seen) == len(strategies):
        return _in_no_world(seen)
    sure = [one for one in seen if (one.joint.low or 0.0) > _HALF]
    if sure:
        names = listed([f"{one.name} ({_worlds(one.joint)})" for one in sure], _MOST_NAMED)
        return tr("All targets are met together in most worlds under {names}.", names=names)
    never = [one for one in seen if (one.joint.high or 0.0) < _HALF]
    if len(never) == len(strategies):
        one = (
            tr("{name} does not meet", name=never[0].name)
            if len(never) == 1
            else tr("None of the {n_never} strategies", n_never=len(never))
        )
        return capital(
            tr(
                "{one}{words} all targets together in most worlds.",
                one=one,
                words="" if len(never) == 1 else tr(" meets"),
            )
        )
    told = listed([f"{one.name} {_worlds(one.joint)}" for one in seen], _MOST_NAMED)
    blind = len(strategies) - len(seen)
    unseen = tr("; not observable under {blind} more", blind=blind) if blind else ""
    return tr(
        "Whether all targets are met together in most worlds cannot be told: {told}{unseen}.",
        told=told,
        unseen=unseen,
    )


def _in_no_world(strategies: Sequence[Verdicts]) -> str:
    """All targets together were met in no world at all; how often that leaves them to be met."""
    high = max(one.joint.high or 0.0 for one in strategies)
    many = (
        tr("None of the {n_strategies} strategies meets", n_strategies=len(strategies))
        if len(strategies) > 1
        else tr("The strategy meets")
    )
    no = "any" if len(strategies) > 1 else "no"
    return tr(
        "{many} all targets together in {no} world simulated (chance at most {high:.0f}%).",
        many=many,
        no=no,
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
    reserve = tr(", taken alone, not once corrected for {n_changes} strategies", n_changes=len(changes))
    unit = tr(" ({unit}, 95% intervals)", unit=tr(_UNIT))
    for kind, verb, after in (
        (UP, tr("surely earn"), tr(" more than the baseline")),
        (ALONE_UP, "earn", tr(" more than the baseline{reserve}", reserve=reserve)),
        (ALONE_DOWN, "earn", tr(" less than the baseline{reserve}", reserve=reserve)),
        (DOWN, tr("surely earn"), tr(" less than the baseline")),
        (SAME, "earn", tr(" exactly what the baseline earns, in every world")),
        (UNCLEAR, tr("cannot be told apart"), tr(" from the baseline")),
        (SINGLE, tr("cannot be judged"), tr(" from one world")),
    ):
        if kind in kinds:
            bare = kind in (SAME, SINGLE)
            yield _sentence(kinds[kind], verb, after, "" if bare else unit)
            unit = unit if bare else ""
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


def _sentence(changes: Sequence[Estimate], verb: str, after: str, unit: str) -> str:
    """One class of strategies with their sizes."""
    single = len(changes) == 1 and verb.endswith("earn")
    bare = (SAME, SINGLE)
    told = listed([one.name if one.standing in bare else interval(one) for one in changes], _MOST_NAMED)
    return capital(
        tr(
            "{who} {verb}{s}{after}{unit}.",
            who=told,
            verb=verb,
            s="s" if single else "",
            after=after,
            unit=unit,
        )
    )


def interval(one: Estimate) -> str:
    """A name with its size and interval."""
    low, high = ends(one.low, one.high, PROFIT)
    return tr("{name} {value} ({low} to {high})", name=one.name, value=_size(one.value), low=low, high=high)


def _size(value: float) -> str:
    return amount(value, PROFIT, signed=True)


def lead_sentence(first: Lead) -> str:
    """Who earns most, or from whom the highest mean cannot be told."""
    rivals = first.rivals
    if not rivals:
        near = first.gaps[0]
        others = (
            tr("each of the other {n_gaps}", n_gaps=len(first.gaps)) if len(first.gaps) > 1 else near.name
        )
        runner = (
            tr("; the closest is {near}", near=interval(near))
            if len(first.gaps) > 1
            else f": {interval(near)}"
        )
        return capital(
            tr(
                "{first} earns most, tested against {others} in the same worlds{runner}.",
                first=first.first,
                others=others,
                runner=runner,
            )
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
    return tr(
        "{name} (lead {size}, {ends})",
        name=one.name,
        size=_size(one.value),
        ends=tr(" to ").join(ends(one.low, one.high, PROFIT)),
    )

"""The first paragraph of a comparison: who meets which targets, who earns more, and how sure that is.

Every sentence is a function of verdicts and estimates alone. Who is "most" has been tested against
everybody else; who is "more" has an interval that leaves 0 out; what is unclear is called unclear.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
_UNIT = "CNY per 1,000 day-0 consumers"


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
    said = {name: "the baseline" if name == BASELINE else scenario_label(name) for name in table}
    return lead({said[name]: frame[PROFIT] for name, frame in table.items() if PROFIT in frame})


def target_sentences(strategies: Sequence[Verdicts]) -> Iterator[str]:
    """All targets together, then each strategy's count of verdicts."""
    if not strategies:
        return
    yield together_sentence(strategies)
    ordered = sorted(strategies, key=lambda one: -counted(one.words)[MET])
    told = [f"{one.name} {counted_words(one.words)}" for one in ordered[:_MOST_NAMED]]
    left = len(ordered) - len(told)
    more = f"; {left} more in the table" if left else ""
    yield f"One by one, of {len(ordered[0].words)} targets: {'; '.join(told)}{more}."


def together_sentence(strategies: Sequence[Verdicts]) -> str:
    """Whether all targets are met together in most worlds, as far as exact intervals allow to say."""
    seen = [one for one in strategies if one.joint.probability is not None]
    if not seen:
        return "Whether all targets are met together cannot be observed."
    if all(one.joint.n == 1 for one in seen):
        met = [one.name for one in seen if one.joint.probability]
        under = listed(met, _MOST_NAMED) or "no strategy"
        return f"In the one world simulated, all targets are met together under {under}."
    if not any(one.joint.probability for one in seen) and len(seen) == len(strategies):
        return _in_no_world(seen)
    sure = [one for one in seen if (one.joint.low or 0.0) > _HALF]
    if sure:
        names = listed([f"{one.name} ({_worlds(one.joint)})" for one in sure], _MOST_NAMED)
        return f"All targets are met together in most worlds under {names}."
    never = [one for one in seen if (one.joint.high or 0.0) < _HALF]
    if len(never) == len(strategies):
        one = f"{never[0].name} does not meet" if len(never) == 1 else f"None of the {len(never)} strategies"
        return capital(f"{one}{'' if len(never) == 1 else ' meets'} all targets together in most worlds.")
    told = listed([f"{one.name} {_worlds(one.joint)}" for one in seen], _MOST_NAMED)
    blind = len(strategies) - len(seen)
    unseen = f"; not observable under {blind} more" if blind else ""
    return f"Whether all targets are met together in most worlds cannot be told: {told}{unseen}."


def _in_no_world(strategies: Sequence[Verdicts]) -> str:
    """All targets together were met in no world at all; how often that leaves them to be met."""
    high = max(one.joint.high or 0.0 for one in strategies)
    many = f"None of the {len(strategies)} strategies meets" if len(strategies) > 1 else "The strategy meets"
    no = "any" if len(strategies) > 1 else "no"
    return f"{many} all targets together in {no} world simulated (chance at most {100 * high:.0f}%)."


def _worlds(joint: Joint) -> str:
    met = round((joint.probability or 0.0) * joint.n)
    return f"{met} of {joint.n} worlds, {100 * (joint.low or 0):.0f}-{100 * (joint.high or 0):.0f}%"


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
        yield "No strategy surely earns more than the baseline."
    reserve = f", taken alone, not once corrected for {len(changes)} strategies"
    unit = f" ({_UNIT}, 95% intervals)"
    for kind, verb, after in (
        (UP, "surely earn", " more than the baseline"),
        (ALONE_UP, "earn", f" more than the baseline{reserve}"),
        (ALONE_DOWN, "earn", f" less than the baseline{reserve}"),
        (DOWN, "surely earn", " less than the baseline"),
        (SAME, "earn", " exactly what the baseline earns, in every world"),
        (UNCLEAR, "cannot be told apart", " from the baseline"),
        (SINGLE, "cannot be judged", " from one world"),
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
        f"In the one world simulated, profit against the baseline is: {told} {_UNIT}; one world cannot "
        "tell luck from effect."
    )


def _sentence(changes: Sequence[Estimate], verb: str, after: str, unit: str) -> str:
    """One class of strategies with their sizes."""
    single = len(changes) == 1 and verb.endswith("earn")
    bare = (SAME, SINGLE)
    told = listed([one.name if one.standing in bare else interval(one) for one in changes], _MOST_NAMED)
    return capital(f"{told} {verb}{'s' if single else ''}{after}{unit}.")


def interval(one: Estimate) -> str:
    """A name with its size and interval."""
    return f"{one.name} {_size(one.value)} ({' to '.join(ends(one.low, one.high, PROFIT))})"


def _size(value: float) -> str:
    return amount(value, PROFIT, signed=True)


def lead_sentence(first: Lead) -> str:
    """Who earns most, or from whom the highest mean cannot be told."""
    rivals = first.rivals
    if not rivals:
        near = first.gaps[0]
        others = f"each of the other {len(first.gaps)}" if len(first.gaps) > 1 else near.name
        runner = f"; the closest is {interval(near)}" if len(first.gaps) > 1 else f": {interval(near)}"
        return capital(f"{first.first} earns most, tested against {others} in the same worlds{runner}.")
    told = listed([_unresolved(one) for one in rivals], _MOST_NAMED)
    return (
        f"Which earns most cannot be told: no mean is higher than that of {first.first}, but it cannot be "
        f"told apart from {told}."
    )


def _unresolved(one: Estimate) -> str:
    if one.standing in (SINGLE, UNSEEN):
        return f"{one.name} (too few shared worlds)"
    if one.standing == SAME:
        return f"{one.name} (exactly the same in every world)"
    return f"{one.name} (lead {_size(one.value)}, {' to '.join(ends(one.low, one.high, PROFIT))})"

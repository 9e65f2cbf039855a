"""What could go wrong with a decision, and what it rests on: a few sentences, each with its interval."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from sim.core.language import mark, tr
from sim.measure.intervals import Interval
from sim.measure.verdicts import MET
from sim.report.answer import plan
from sim.report.claims import ALONE_DOWN, ALONE_UP, DOWN, LEVEL, UP, Estimate, capital, listed
from sim.report.comparison import Comparison
from sim.report.html import declared_parameters
from sim.report.notes import CAPACITY, spend_sentences
from sim.report.sentences import BETTER, GUARDS, PROFIT, SPEND, amounts, label, scenario_label
from sim.store.results import BASELINE

#: Sentences of each list at most.
MOST = 5
#: How a sentence on what gets worse begins, where that stands corrected.
SURELY = mark("Surely worse than under the baseline: ")
_PLAINLY_MONEY = (PROFIT, SPEND, "kept_revenue")
_FEW_WORLDS = 10
#: Capacity relative to orders below which a busy day may exceed it.
_NEAR_LIMIT = 1.2
#: Delivery that is near its limit, and that may be.
_NEAR = (
    mark(
        "Delivery is near its limit: capacity is {value} times the orders ({low} to {high}); below 1 parcels "
        "come late."
    ),
    mark(
        "Delivery may be near its limit: capacity is {value} times the orders ({low} to {high}); below 1 "
        "parcels come late."
    ),
)
#: From so many people on, parts of one are not told.
_MANY = 10


def risks(
    comparison: Comparison,
    name: str,
    shocks: bool = False,
    called: Callable[[str], str] = scenario_label,
) -> list[str]:
    """What gets worse under a strategy, what is near its limit, and what was not tried."""
    return [
        *(worse_sentences(_guards(comparison, name)) if name != BASELINE else _others(comparison, called)),
        *_lost_targets(comparison, name),
        *_near_capacity(comparison, name),
        *_untried(comparison, shocks),
    ][:MOST]


def _others(comparison: Comparison, called: Callable[[str], str]) -> Iterator[str]:
    """What surely gets worse under what was tried, where the baseline stays."""
    for name in comparison.strategies[:3]:
        for line in worse_sentences(_guards(comparison, name)):
            if line.startswith(tr(SURELY)):
                yield tr(
                    "{called}, if it is tried all the same: {worse}",
                    called=capital(called(name)),
                    worse=line[:1].lower() + line[1:],
                )


def _guards(comparison: Comparison, name: str) -> list[tuple[str, Estimate]]:
    """Guardrails with their paired differences, those with a good side alone."""
    found = []
    for figure in GUARDS:
        row = comparison.difference(name, figure) if name != BASELINE else None
        if row is None or figure in _PLAINLY_MONEY or not BETTER.get(figure) or figure == CAPACITY:
            continue
        estimate = Estimate(figure, row["value"], row["low"], row["high"], bool(row["p_holm"] <= LEVEL))
        found.append((BETTER[figure], estimate))
    return found


def worse_sentences(changes: Sequence[tuple[str, Estimate]]) -> Iterator[str]:
    """What gets worse: for each figure the good side ("higher" or "lower") and its change.

    Without reserve only where the change stands once everything compared is corrected for.
    """
    sure: list[str] = []
    alone: list[str] = []
    for better, one in changes:
        bad = {"higher": (DOWN, ALONE_DOWN), "lower": (UP, ALONE_UP)}.get(better, ("", ""))
        if one.standing in bad:
            (sure if one.standing == bad[0] else alone).append(_change(one))
    if sure:
        yield tr("{surely}{sure}.", surely=tr(SURELY), sure=listed(sure, 4))
    if alone:
        yield tr("Worse by itself, not once everything is corrected for: {alone}.", alone=listed(alone, 3))
    if not sure and not alone and changes:
        yield tr("None of the figures beside the targets is shown to get worse than under the baseline.")


def _change(one: Estimate) -> str:
    value, low, high = amounts((one.value, one.low, one.high), one.name, signed=True)
    return tr(
        "{name} {value} ({low} to {high})",
        name=label(one.name).lower(),
        value=value,
        low=low,
        high=high,
    )


def _lost_targets(comparison: Comparison, name: str) -> Iterator[str]:
    base = comparison.cards.get(BASELINE)
    if base is None or name == BASELINE:
        return
    mine = comparison.cards[name]
    lost = [label(kpi) for kpi in mine.loc[(base["verdict"] == MET) & (mine["verdict"] != MET), "kpi"]]
    if lost:
        yield tr(
            "Targets that the baseline meets and this is not shown to meet: {lost}.", lost=listed(lost, 4)
        )


def _near_capacity(comparison: Comparison, name: str) -> Iterator[str]:
    yield from capacity_sentence(comparison.level(name, CAPACITY))


def capacity_sentence(level: Interval) -> Iterator[str]:
    """Delivery is near its limit where its whole interval is, and may be where one end is; else nothing."""
    if np.isfinite(level.low) and level.low < _NEAR_LIMIT:
        sure, open_ = _NEAR
        value, low, high = amounts((level.value, level.low, level.high), CAPACITY)
        yield (
            tr(
                sure if level.high < _NEAR_LIMIT else open_,
                value=value,
                low=low,
                high=high,
            )
        )


def _untried(comparison: Comparison, shocks: bool) -> Iterator[str]:
    """That the world of the study is the only one it was tried in; a shock may be one of the strategies."""
    struck = (plan.shocks(comparison.details(name)["config"]) for name in comparison.scenarios)
    if not shocks and not any(struck):
        yield tr("Not tried here: a shock, such as a platform that falls away or a downturn.")
    yield (
        tr(
            "Not tried here: other values of the uncertain numbers. 'liebian reversals' says "
            "which of them would turn this advice round."
        )
    )


def grounds(comparison: Comparison, name: str, called: Callable[[str], str] = scenario_label) -> list[str]:
    """What the decision rests on: worlds, people, days, equal money, and assumptions."""
    info = comparison.details(name)["info"]
    worlds, people = comparison.worlds, info.get("consumers")
    many = "" if worlds >= _FEW_WORLDS else tr("; few, so that intervals are wide")
    told = tr(" of {people:,} simulated people", people=people) if people else ""
    each = (
        tr(", each of whom stands for {represents} real ones", represents=_heads(info["represents"]))
        if info.get("represents", 1) != 1
        else ""
    )
    return [
        tr(
            "{worlds} simulated world{s}{told}{each}, {days} measured days{many}.",
            worlds=worlds,
            s="" if worlds == 1 else "s",
            told=told,
            each=each,
            days=comparison.days,
            many=many if worlds > 1 else "",
        ),
        *_spend(comparison, called),
        tr("Strategies met the same worlds: differences are surer than levels, and levels are no forecast."),
        _assumed(),
        tr("What customers are worth after the {days} days is not counted.", days=comparison.days),
    ][:MOST]


def _heads(people: float) -> str:
    """How many real people one stands for: whole ones, where they are many."""
    return f"{people:,.0f}" if people >= _MANY else f"{people:,.3g}"


def _spend(comparison: Comparison, called: Callable[[str], str]) -> list[str]:
    gaps = [Estimate(called(one), *comparison.relative(one, SPEND)[:3]) for one in comparison.strategies]
    return list(spend_sentences(gaps))[:1]


def _assumed() -> str:
    """How many numbers of the model are assumptions."""
    declared = declared_parameters()
    assumed = [row for row in declared.values() if "A-" in row.source]
    ranged = sum(bool(row.span) for row in assumed)
    return tr(
        "Of the model's {n_declared:,} numbers {n_assumed:,} rest on assumptions, each with "
        "a reason, {ranged:,} with a plausible range as well (liebian list parameters).",
        n_declared=len(declared),
        n_assumed=len(assumed),
        ranged=ranged,
    )

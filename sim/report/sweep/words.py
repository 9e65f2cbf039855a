"""What a sweep found, in sentences: what was swept, what moves profit, what is best and how sure that is.

A lever is said to move an indicator only where the interval that holds for all levers together
leaves 0 out; a configuration is said to be best only where it can be told from the others.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sim.measure.kpis import KPIS
from sim.report.sweep.effects import contrasts, moved, ranks
from sim.report.sweep.paired import Best, best
from sim.report.sweep.study import Axis, Study
from sim.report.sweep.targets import ALL
from sim.report.words import PROFIT, amount, label

#: Values that are spelt out, axes that are, and levers named in a sentence.
_SPELT, _NAMED = 6, 3
_PER = "CNY per 1,000 day-0 consumers"
_UNMOVED = (
    "In profit no configuration differs from the baseline of its own world: what was swept belongs to the "
    "world, or has no effect here, so that there is no best configuration."
)


def headline(study: Study, counts: pd.DataFrame, order: list[int]) -> list[str]:
    """Sentences for the top of the page, the most general first."""
    top = best(study) if moved(study, PROFIT) else None
    return [
        swept_sentence(study),
        *_moves(study),
        *(_best_sentences(study, top) if moved(study, PROFIT) else (_UNMOVED,)),
        *_on_targets(study, counts, order, top),
    ]


def swept_sentence(study: Study) -> str:
    """What was swept and how much of it is there."""
    jobs, configurations = study.swept.jobs, study.swept.configurations
    spelt = [_values(axis) for axis in study.axes if axis.way != "drawn"]
    drawn = study.that_are("drawn")
    if drawn:
        points = len(configurations[[axis.key for axis in drawn]].drop_duplicates())
        names = ", ".join(axis.label for axis in drawn[:_NAMED])
        more = f" and {len(drawn) - _NAMED} more" if len(drawn) > _NAMED else ""
        spelt.append(f"{points:,} points over {len(drawn)} keys ({names}{more})")
    worlds = sorted(set(configurations["planned"]))
    each = f"{worlds[0]}" if len(worlds) == 1 else f"{worlds[0]} to {worlds[-1]}"
    plural = "" if worlds == [1] else "s"
    done = int(jobs["done"].sum())
    missing = f" ({len(jobs) - done:,} are missing, see below)" if done < len(jobs) else ""
    return (
        f"Swept: {' × '.join(spelt) or 'nothing, one configuration'}; {len(configurations):,} "
        f"configuration{'' if len(configurations) == 1 else 's'} in {each} world{plural} each, "
        f"{done:,} of {len(jobs):,} runs{missing}."
    )


def _values(axis: Axis) -> str:
    """An axis with its values, or their range where they are many."""
    unit = f" {axis.unit.partition('/')[0]}" if axis.unit else ""
    if len(axis.values) <= _SPELT:
        said = ", ".join(axis.said(value) for value in axis.values) + unit
    elif axis.numeric:
        first, last = (axis.said(axis.values[end]) for end in (0, -1))
        said = f"{len(axis.values)} values from {first} to {last}{unit}"
    else:
        said = f"{len(axis.values)} choices"
    return f"{axis.label} ({said})"


def _moves(study: Study) -> Iterator[str]:
    """Which levers surely move the main indicators."""
    several = len(study.axes) > 1
    for name in study.main:
        clear, tried = list(_clear(study, name)), len(study.axes)
        what = label(name)
        if clear:
            spelt = _NAMED if name == PROFIT else 1
            left = len(clear) - spelt
            more = f"; {left} more swept key{'s move' if left > 1 else ' moves'} it too" if left > 0 else ""
            most = " most" if len(clear) > 1 else ""
            yield f"{what} moves{most} with {'; '.join(clear[:spelt])}{more}."
        elif name == PROFIT and tried:
            which = f"none of the {tried} swept keys" if several else "the swept key"
            yield f"{what}: {which} surely moves it in these worlds."


def _clear(study: Study, name: str) -> Iterator[str]:
    """Levers whose effect cannot be luck, in words, largest first."""
    axes = {axis.key: axis for axis in study.axes}
    for one in contrasts(study, name).itertuples():
        if one.low > 0 or one.high < 0:
            axis = axes[str(one.key)]
            ends = f"{axis.said(one.first)} to {axis.said(one.second)}"
            size, low, high = (amount(x, name, signed=True) for x in (one.value, one.low, one.high))
            yield f"{axis.label} ({size} from {ends}, {low} to {high})"
    for one in ranks(study, name).itertuples():
        if one.wide_low > 0 or one.wide_high < 0:
            way = "rises" if one.correlation > 0 else "falls"
            yield f"{axes[str(one.key)].label} ({way} with it, rank correlation {one.correlation:+.2f})"


def _best_sentences(study: Study, top: Best | None) -> Iterator[str]:
    """Which configuration earns most, against the baseline and against the others."""
    if top is None:
        return
    who = study.labels[top.configuration]
    value, low, high = (amount(x, PROFIT, signed=True) for x in (top.value, top.low, top.high))
    if not np.isfinite(top.low):
        yield f"In the one world simulated, most is earned by {who}: {value} {_PER} against the baseline."
        return
    size = f"{value} {_PER} (95% interval {low} to {high} in {top.n} worlds)"
    wide = f"{amount(top.wide_low, PROFIT, True)} to {amount(top.wide_high, PROFIT, True)}"
    judged = f"judged together with all others: {wide}"
    if top.wide_low > 0:
        yield f"Most is earned by {who}: {size}; {judged}, so it earns more than the baseline."
    elif top.low > 0:
        yield (
            f"Most is earned by {who}: {size}; {judged}, so the largest of so many may be "
            "above the baseline by luck."
        )
    else:
        yield f"No configuration surely earns more than the baseline; {who} comes first with {size}."
    yield from _rivals(top)


def _rivals(top: Best) -> Iterator[str]:
    if top.others and not top.rivals:
        yield "It earns more than each of the other configurations, all compared together."
    elif top.others:
        count = f"{top.rivals:,} of the {top.others:,} others cannot"
        who = "None of the others can" if top.rivals == top.others else count
        yield f"{who} be told from it in these worlds: more worlds would be needed to name the best."


def _on_targets(study: Study, counts: pd.DataFrame, order: list[int], top: Best | None) -> Iterator[str]:
    """Which configuration meets all targets most often."""
    first = order[0]
    mine = counts[counts["configuration"] == first].set_index("name")
    row = mine.loc[ALL]
    same = " (the same)" if top is not None and top.configuration == first else ""
    if not row["n"]:
        unseen = ", ".join(kpi.label.lower() for kpi in KPIS if not mine.loc[kpi.name, "n"])
        yield f"All targets together cannot be observed{f' ({unseen} is missing)' if unseen else ''}."
        return
    odds = f"{int(row['met'])} of {int(row['n'])} worlds ({100 * row['low']:.0f}-{100 * row['high']:.0f}%)"
    if row["met"]:
        yield f"All targets are met together most often by {study.labels[first]}{same}: in {odds}."
    else:
        likely = int((mine.drop(ALL)["probability"] > 0.5).sum())
        yield (
            f"No configuration meets all targets together in any world; {study.labels[first]}{same} comes "
            f"nearest, with {likely} of {len(KPIS)} met in most worlds (all together: {odds})."
        )


def notes(study: Study) -> list[str]:
    """What a reader must know before believing the page."""
    worlds = int(study.swept.configurations["planned"].max())
    return [
        *(
            ["One world a configuration: no intervals, so that luck and effect cannot be told apart."]
            if worlds == 1
            else [
                f"Up to {worlds} worlds a configuration; each interval is a 95% t interval over worlds, with "
                "every world compared with itself under the baseline."
            ]
        ),
        "Where many configurations or levers are compared, thin lines, double marks and the words “surely” "
        "and “moves” stand on intervals that hold for all of them together (Bonferroni); these are a little "
        "wider than they need be.",
        "Curves, maps and contrasts average over everything else that was swept; a world counts only if all "
        "runs of that average are there.",
        "Organic share rises when advertising is cut, and repurchase when acquisition slows: read both "
        "beside spend and new users.",
        "Much of the model rests on assumptions ('liebian list parameters' gives unit, range and source of "
        "each): the figures compare strategies, they do not forecast sales.",
    ]

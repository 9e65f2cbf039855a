"""What a sweep found, in sentences: what was swept, what moves profit, what is best and how sure that is.

A lever is said to move an indicator only where the interval that holds for all levers together
leaves 0 out; a configuration is said to earn most only where it was tested against all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.core.language import mark, tr
from sim.measure.kpis import KPIS
from sim.report.claims import ALONE_DOWN, ALONE_UP, DOWN, SAME, UP, listed, standing
from sim.report.sentences import PROFIT, amounts, ends, label
from sim.report.sweep.effects import contrasts, moved, ranks
from sim.report.sweep.paired import Best, best
from sim.report.sweep.study import Axis, Study
from sim.report.sweep.targets import ALL

#: Values that are spelt out, axes that are, and levers named in a sentence.
_SPELT, _NAMED = 6, 3
_PER = mark("CNY per 1,000 day-0 consumers")
_UNMOVED = mark(
    "In profit no configuration differs from the baseline of its own world: what was "
    "swept belongs to the world, or has no effect here, so that there is no best "
    "configuration."
)

#: Keys that are not spelt out, one and several.
_MORE = (mark("; {left} more swept key moves it too"), mark("; {left} more swept keys move it too"))
#: What a figure does where a key gets larger.
_WAYS = (
    mark("{label} (rises with it, rank correlation {correlation:+.2f})"),
    mark("{label} (falls with it, rank correlation {correlation:+.2f})"),
)
#: All others, or some of them, cannot be told from the first.
_RIVALS = (
    mark("None of the others can be told from it in these worlds, so which earns most cannot be told."),
    mark(
        "{rivals:,} of the {others:,} others cannot be told from it in these worlds, so which earns most "
        "cannot be told."
    ),
)
#: The highest share of worlds with all targets: of one alone, apart from all others, and not apart.
_SHARES = (
    mark("All targets are met together by {name} in {words}, the highest share."),
    mark("All targets are met together by {name} in {words}, more often than each other one."),
    mark(
        "All targets are met together by {name} in {words}, the highest share, from which {close:,} of the "
        "{n_others:,} others cannot be told."
    ),
)
#: Configurations without observable targets, one and several.
_BLIND = (
    mark(" Under {blind:,} configuration they cannot be observed."),
    mark(" Under {blind:,} configurations they cannot be observed."),
)


def headline(study: Study, counts: pd.DataFrame) -> list[str]:
    """Sentences for the top of the page, the most general first."""
    top = best(study) if moved(study, PROFIT) else None
    return [
        swept_sentence(study),
        *_moves(study),
        *(best_sentences(top, study.labels[top.configuration]) if top is not None else ()),
        *(() if moved(study, PROFIT) else (tr(_UNMOVED),)),
        targets_sentence(study, counts),
    ]


def swept_sentence(study: Study) -> str:
    """What was swept and how much of it is there."""
    jobs, configurations = study.swept.jobs, study.swept.configurations
    spelt = [_values(axis) for axis in study.axes if axis.way != "drawn"]
    drawn = study.that_are("drawn")
    if drawn:
        points = len(configurations[[axis.key for axis in drawn]].drop_duplicates())
        names = tr(", ").join(axis.label for axis in drawn[:_NAMED])
        more = tr(" and {named} more", named=len(drawn) - _NAMED) if len(drawn) > _NAMED else ""
        spelt.append(
            tr(
                "{points:,} points over {n_drawn} keys ({names}{more})",
                points=points,
                n_drawn=len(drawn),
                names=names,
                more=more,
            )
        )
    worlds = sorted(set(configurations["planned"]))
    each = (
        f"{worlds[0]}"
        if len(worlds) == 1
        else tr("{worlds} to {worlds2}", worlds=worlds[0], worlds2=worlds[-1])
    )
    plural = "" if worlds == [1] else "s"
    done = int(jobs["done"].sum())
    missing = tr(" ({done:,} are missing, see below)", done=len(jobs) - done) if done < len(jobs) else ""
    return tr(
        "Swept: {spelt}; {n_configurations:,} configuration{s} in {each} world{plural} each, "
        "{done:,} of {n_jobs:,} runs{missing}.",
        spelt=" × ".join(spelt) or tr("nothing, one configuration"),
        n_configurations=len(configurations),
        s="" if len(configurations) == 1 else "s",
        each=each,
        plural=plural,
        done=done,
        n_jobs=len(jobs),
        missing=missing,
    )


def _values(axis: Axis) -> str:
    """An axis with its values, or their range where they are many."""
    unit = f" {axis.unit.partition('/')[0]}" if axis.unit else ""
    if len(axis.values) <= _SPELT:
        said = tr(", ").join(axis.said(value) for value in axis.values) + unit
    elif axis.numeric:
        first, last = (axis.said(axis.values[end]) for end in (0, -1))
        said = tr(
            "{n_values} values from {first} to {last}{unit}",
            n_values=len(axis.values),
            first=first,
            last=last,
            unit=unit,
        )
    else:
        said = tr("{n_values} choices", n_values=len(axis.values))
    return f"{axis.label} ({said})"


def _moves(study: Study) -> Iterator[str]:
    """Which levers surely move the main indicators."""
    for name in study.main:
        yield from moves_sentence(label(name), list(effects(study, name)), len(study.axes), name == PROFIT)


@dataclass(frozen=True)
class Effect:
    """A tested key: what it is called, its effect in words, and whether it holds for all keys together."""

    key: str
    words: str
    clear: bool


def moves_sentence(what: str, tested: Sequence[Effect], swept: int, main: bool) -> Iterator[str]:
    """Which keys surely move an indicator; of the main one also that none does, or that none was tested.

    Parameters
    ----------
    what : str
        The indicator.
    tested : sequence of Effect
        Keys whose effect has an interval, largest first.
    swept : int
        Keys that were swept, tested or not.
    main : bool
        Whether silence is told as well.
    """
    clear = [one for one in tested if one.clear]
    spelt = _NAMED if main else 1
    if clear:
        left = len(clear) - spelt
        one, many = _MORE
        more = tr(one if left == 1 else many, left=left) if left > 0 else ""
        yield tr(
            "{what} surely moves with {clear}{more}.",
            what=what,
            clear=tr("; ").join(one.words for one in clear[:spelt]),
            more=more,
        )
    elif main and tested:
        if len(tested) == 1:
            yield tr(
                "{what}: the swept key ({key}) does not surely move it in these worlds.",
                what=what,
                key=tested[0].key,
            )
        else:
            yield tr(
                "{what}: none of the {n_tested} swept keys tested surely moves it in these worlds.",
                what=what,
                n_tested=len(tested),
            )
    untested = swept - len(tested)
    if main and untested > 0:
        plural = "" if untested == 1 else "s"
        yield tr(
            "{untested} swept key{plural} could not be tested: one world, a single value, or moved alone.",
            untested=untested,
            plural=plural,
        )


def effects(study: Study, name: str) -> Iterator[Effect]:
    """Tested keys of a sweep with their effect on one indicator."""
    axes = {axis.key: axis for axis in study.axes}
    for one in contrasts(study, name).itertuples():
        axis = axes[str(one.key)]
        if np.isfinite(one.low) and len(axis.values) > 1:
            ends = tr("{first} to {second}", first=axis.said(one.first), second=axis.said(one.second))
            size, low, high = amounts((one.value, one.low, one.high), name, signed=True)
            words = tr(
                "{label} ({size} from {ends}, {low} to {high})",
                label=axis.label,
                size=size,
                ends=ends,
                low=low,
                high=high,
            )
            yield Effect(axis.label, words, bool(one.low > 0 or one.high < 0))
    for one in ranks(study, name).itertuples():
        if np.isfinite(one.wide_low):
            axis = axes[str(one.key)]
            rises, falls = _WAYS
            words = tr(rises if one.correlation > 0 else falls, label=axis.label, correlation=one.correlation)
            yield Effect(axis.label, words, bool(one.wide_low > 0 or one.wide_high < 0))


def best_sentences(top: Best, who: str) -> Iterator[str]:
    """Which configuration earns most, against the baseline and against the others, as far as it is tested."""
    value, low, high = amounts((top.value, top.low, top.high), PROFIT, signed=True)
    if not np.isfinite(top.low):
        yield tr(
            "In the one world simulated, no profit is higher than that of {who}: {value} {per}.",
            who=who,
            value=value,
            per=tr(_PER),
        )
        return
    size = tr(
        "{value} {per} against the baseline (95% interval {low} to {high} in {n} worlds)",
        value=value,
        per=tr(_PER),
        low=low,
        high=high,
        n=top.n,
    )
    wide_low, wide_high = ends(top.wide_low, top.wide_high, PROFIT)
    wide = tr(
        "{wide_low} to {wide_high}",
        wide_low=wide_low,
        wide_high=wide_high,
    )
    judged = tr("judged together with all others, {wide}", wide=wide)
    if top.others and not top.rivals:
        yield (
            tr(
                "Of all configurations most is earned by {who}, tested against each of the other "
                "{others:,}: {size}; {judged}: {against}.",
                who=who,
                others=top.others,
                size=size,
                judged=judged,
                against=_against(top),
            )
        )
        return
    yield tr(
        "No configuration has a higher mean profit than {who}: {size}; {judged}: {against}.",
        who=who,
        size=size,
        judged=judged,
        against=_against(top),
    )
    if top.others:
        none, some = _RIVALS
        yield tr(none if top.rivals == top.others else some, rivals=top.rivals, others=top.others)


def _against(top: Best) -> str:
    """How the first stands against the baseline, and whether anything surely earns more."""
    kind = standing(top.value, top.low, top.high, top.wide_low > 0 or top.wide_high < 0)
    none = "" if top.ahead else tr("; no configuration surely earns more than the baseline")
    words = {
        UP: tr("it surely earns more than the baseline"),
        ALONE_UP: tr("above the baseline by itself, which may be the luck of the largest of so many"),
        DOWN: tr("it surely earns less than the baseline"),
        ALONE_DOWN: tr("below the baseline by itself, not once all are corrected for"),
        SAME: tr("exactly what the baseline earns"),
    }
    return words.get(kind, tr("it cannot be told from the baseline")) + none


def targets_sentence(study: Study, counts: pd.DataFrame) -> str:
    """How often all targets are met together, and whether the first can be told from the others."""
    table = counts.set_index(["configuration", "name"])
    rows = {k: table.loc[(k, ALL)] for k in study.swept.configurations.index}
    seen = {k: row for k, row in rows.items() if row["n"]}
    if not seen:
        blind = [label(k.name).lower() for k in KPIS if not counts.loc[counts["name"] == k.name, "n"].any()]
        missing = tr(": {blind} never seen", blind=listed(blind, len(KPIS))) if blind else ""
        return tr("All targets together cannot be observed{missing}.", missing=missing)
    first = max(seen, key=lambda k: (seen[k]["met"] / seen[k]["n"], seen[k]["n"]))
    top = Met(
        study.labels[first],
        int(seen[first]["met"]),
        int(seen[first]["n"]),
        float(seen[first]["low"]),
        float(seen[first]["high"]),
    )
    others = [
        Met(study.labels[k], int(r["met"]), int(r["n"]), float(r["low"]), float(r["high"]))
        for k, r in seen.items()
        if k != first
    ]
    return together_sentence(top, others, len(rows) - len(seen))


class Met(NamedTuple):
    """In how many worlds a configuration meets all targets, and the exact interval of that chance."""

    name: str
    met: int
    n: int
    low: float
    high: float

    @property
    def words(self) -> str:
        """Worlds and interval."""
        return tr(
            "{met} of {n} world{s} ({percent})",
            met=self.met,
            n=self.n,
            s="" if self.n == 1 else "s",
            percent=_percent(self),
        )


def _percent(one: Met) -> str:
    return f"{100 * one.low:.0f}-{100 * one.high:.0f}%"


def together_sentence(first: Met, others: Sequence[Met], blind: int) -> str:
    """All targets together: counts, and how many others' intervals overlap that of the highest share."""
    one, many = _BLIND
    unseen = tr(one if blind == 1 else many, blind=blind) if blind else ""
    if not first.met:
        said = tr(
            "No configuration meets all targets together in any of its worlds; for {name} that is {words}.",
            name=first.name,
            words=first.words,
        )
        return f"{said}{unseen}"
    close = sum(one.high >= first.low for one in others)
    alone, all_apart, near = _SHARES
    text = near if close else all_apart if others else alone
    said = tr(text, name=first.name, words=first.words, close=close, n_others=len(others))
    return f"{said}{unseen}"


def notes(study: Study) -> list[str]:
    """What a reader must know before believing the page."""
    worlds = int(study.swept.configurations["planned"].max())
    return [
        *(
            [tr("One world a configuration: no intervals, so that luck and effect cannot be told apart.")]
            if worlds == 1
            else [
                tr(
                    "Up to {worlds} worlds a configuration; each interval is a 95% t interval over "
                    "worlds, with every world compared with itself under the baseline.",
                    worlds=worlds,
                )
            ]
        ),
        tr(
            "Where many configurations or levers are compared, thin lines, double marks and the "
            "words “surely” and “moves” stand on intervals that hold for all of them together "
            "(Bonferroni); these are a little wider than they need be."
        ),
        tr(
            "Curves, maps and contrasts average over everything else that was swept; a world "
            "counts only if all runs of that average are there."
        ),
        tr(
            "Organic share rises when advertising is cut, and repurchase when acquisition slows: "
            "read both beside spend and new users."
        ),
        tr(
            "Much of the model rests on assumptions ('liebian list parameters' gives unit, range "
            "and source of each): the figures compare strategies, they do not forecast sales."
        ),
    ]

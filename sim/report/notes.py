"""What a reader must know before believing a comparison: worlds, corrections, spend, and bought targets."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

import numpy as np

from sim.analysis.differences import MAIN_GUARDS
from sim.core.amounts import short
from sim.core.kept import told_of
from sim.core.language import mark, tr
from sim.core.special import stdtrit
from sim.measure.intervals import CONFIDENCE, within
from sim.measure.kpis import KPIS
from sim.measure.verdicts import MET, UNSEEN
from sim.report.claims import DOWN, LEVEL, Estimate, capital, listed
from sim.report.comparison import Comparison
from sim.report.sentences import LABELS, SPEND, amounts, ends, label, scenario_label
from sim.store.results import BASELINE

#: Fewer worlds than these are few for pairs, and for levels.
_FEW, _MANY = 5, 20
#: Spend further than this from the baseline's is no longer "equal".
_EQUAL_SPEND = 0.05
#: A first order says after so many days whether it was followed by another.
REPURCHASE, MATURE_DAYS = "repurchase_30d", 30
#: From so many worlds on, a correction can be survived at usual distances from 0.
ENOUGH_WORLDS = 5
CAPACITY = "capacity_over_orders"
#: Days on which the all-in budget refused something.
DRY = "days_without_money"
#: Contribution of the window and of the days played after it.
LASTING = "lasting_contribution_per_1000"
#: What a strategy shrinks when it meets a target by doing less.
SHRINKING = ("all_in_spend", "kept_revenue", "new_users", "cohort_orders_per_1000")


def notes(comparison: Comparison) -> list[str]:
    """What a reader must know before believing the figures."""
    info = comparison.details(comparison.scenarios[0])["info"]
    return [
        *([f"{capital(comparison.pairing)}."] if comparison.pairing else []),
        *_sample_notes(comparison),
        *_family_notes(comparison),
        *_spend_notes(comparison),
        *dry_sentence(
            [
                Estimate(scenario_label(name), *within(comparison.level(name, DRY), 0.0, comparison.days)[:3])
                for name in comparison.scenarios
            ]
        ),
        *shrinking_notes(comparison),
        *_capacity_note(comparison),
        tr(_GAMING),
        *_after_note(comparison),
        *_reversal_note(comparison.scenarios),
        *(
            tr("{what}: {value}", what=tr(what), value=_noted(told_of(info, key)))
            for key, what in _INFO.items()
            if info.get(key, 1) != 1
        ),
        *told_of(info, "graph_notes"),
        tr(_ASSUMED),
    ]


def _after_note(comparison: Comparison) -> Iterator[str]:
    """Whether what a strategy leaves behind was looked at, and how it is told."""
    if len(comparison.scenarios) < 2:
        return
    if any(np.isfinite(comparison.level(name, LASTING).value) for name in comparison.scenarios):
        yield (
            tr(
                "The days after the measured ones were lived with all levers back at the baseline's: "
                "what differs from the baseline in them is what the strategy left behind, customers "
                "and debts."
            )
        )
    else:
        yield (
            tr(
                "Not counted: what customers are worth after the {days} measured days; "
                "experiment.after_days=90 plays on and tells it.",
                days=comparison.days,
            )
        )


def _reversal_note(strategies: Sequence[str]) -> list[str]:
    """That a comparison holds the uncertain numbers where they are, and which command moves them."""
    if len(strategies) < 2:
        return []
    plain = [name for name in strategies if _NAME.fullmatch(name)]
    names = " ".join(plain if len(plain) > 1 else ["NAME", "NAME"])
    return [
        tr(
            "Not looked at: which uncertain numbers, somewhere in their plausible ranges, would "
            "turn the first recommendation round; 'liebian reversals {names}' tries them one at "
            "a time.",
            names=names,
        )
    ]


_NAME = re.compile(r"[a-z0-9_]{1,64}")
_GAMING = mark(
    "Organic share rises when advertising is cut, and repurchase when acquisition slows: "
    "read both beside spend, new users and the orders of day-0 consumers, who are the "
    "same people under every strategy."
)
_ASSUMED = mark(
    "Much of the model rests on assumptions ('liebian list parameters' gives unit, range "
    "and source of each): the figures compare strategies, they do not forecast sales."
)


def _noted(value: object) -> object:
    """A number that was noted, with four digits; words as they are."""
    return short(value) if isinstance(value, float) else value


_INFO = {
    "graph": mark("Graph"),
    "stationary": mark("Stationarity of the burnt-in market"),
    "represents": mark(
        "Real consumers behind each simulated one (the table in your own units multiplies by it)"
    ),
}


def _sample_notes(comparison: Comparison) -> Iterator[str]:
    worlds = comparison.worlds
    if worlds == 1:
        yield tr("One world: no intervals, so that luck and effect cannot be told apart.")
    elif worlds < _FEW:
        half = stdtrit(worlds - 1, 0.5 + CONFIDENCE / 2)
        yield (
            tr(
                "{worlds} worlds are few: an interval reaches {half:.1f} standard errors to either "
                "side (2.1 with 20 worlds), and hardly any difference stands once corrected.",
                worlds=worlds,
                half=half,
            )
        )
    elif worlds < _MANY:
        sure = 0.025 ** (1 / worlds)
        yield (
            tr(
                "{worlds} worlds: enough to compare strategies in pairs, few for levels; even "
                "{worlds} of {worlds} only says 'at least {sure:.0f}% of worlds'.",
                worlds=worlds,
                sure=100 * sure,
            )
        )
    unseen = {
        row["kpi"]
        for card in comparison.cards.values()
        for row in card.to_dict("records")
        if row["verdict"] == UNSEEN
    }
    if unseen:
        named = tr(", ").join(label(name).lower() for name in LABELS if name in unseen)
        yield tr("Not observable here: {named}.", named=named)
    yield from short_window_sentence(comparison.days, unseen)


def short_window_sentence(days: int, unseen: Collection[str]) -> Iterator[str]:
    """What a window of so many days cannot show, and how long it would have to be."""
    if REPURCHASE in unseen and days <= MATURE_DAYS:
        yield (
            tr(
                "{days} measured days cannot show {repurchase}, which needs first orders "
                "{mature_days} days old, nor therefore all {n_kpis} targets together: write "
                "experiment.days={mature_days2} or more.",
                days=days,
                repurchase=label(REPURCHASE).lower(),
                mature_days=MATURE_DAYS,
                n_kpis=len(KPIS),
                mature_days2=2 * MATURE_DAYS,
            )
        )


def few_worlds_sentence(worlds: int, comparisons: int) -> Iterator[str]:
    """How far off 0 a difference would have to be to survive the correction, where worlds are few."""
    if not 2 <= worlds < ENOUGH_WORLDS or comparisons < 2:
        return
    now, then = (float(stdtrit(n - 1, 1 - LEVEL / 2 / comparisons)) for n in (worlds, ENOUGH_WORLDS))
    yield (
        tr(
            "With {worlds} worlds the first of {comparisons} comparisons beside profit survives "
            "correction only {now:,.0f} standard errors from 0, with {enough_worlds} worlds at "
            "{then:.1f}: write experiment.replications={enough_worlds} or more before anything "
            "is called certain.",
            worlds=worlds,
            comparisons=comparisons,
            now=now,
            enough_worlds=ENOUGH_WORLDS,
            then=then,
        )
    )


def _family_notes(comparison: Comparison) -> Iterator[str]:
    """How many comparisons were looked at, how many stand once corrected, and where a bootstrap disagrees."""
    frame = comparison.differences
    shown = frame[np.isfinite(frame["p_holm"].astype(float))]
    if len(shown) < 2:
        return
    alone, corrected = int((shown["p"] <= LEVEL).sum()), int((shown["p_holm"] <= LEVEL).sum())
    n = len(comparison.strategies)
    guards = sum(name in MAIN_GUARDS for name in shown["name"].unique())
    yield (
        tr(
            "{n_shown} comparisons with the baseline ({n} strateg{s}, {n_kpis} targets and "
            "{guards} guardrails): {alone} differ alone, where 1 in 20 would by chance; "
            "{corrected} still do after Holm's correction (filled marks), profit for the number "
            "of strategies, all others for all of them. Figures beyond these are not corrected, "
            "and their marks stay hollow.",
            n_shown=len(shown),
            n=n,
            s="y" if n == 1 else "ies",
            n_kpis=len(KPIS),
            guards=guards,
            alone=alone,
            corrected=corrected,
        )
    )
    yield from few_worlds_sentence(comparison.worlds, len(shown) - n)
    booted = shown[np.isfinite(shown["boot_low"].astype(float))]
    by_t = (booted["low"] > 0) | (booted["high"] < 0)
    other = booted[by_t != ((booted["boot_low"] > 0) | (booted["boot_high"] < 0))]
    if len(other):
        named = tr("; ").join(
            tr(
                "{name_} under {scenario} ({boot_low} .. {boot_high})",
                name_=label(row.name_),
                scenario=scenario_label(row.scenario),
                boot_low=low,
                boot_high=high,
            )
            for row in other.rename(columns={"name": "name_"}).itertuples()
            for low, high in (ends(row.boot_low, row.boot_high, row.name_),)
        )
        yield tr("The bootstrap interval disagrees with t on whether 0 is left out: {named}.", named=named)


def _spend_notes(comparison: Comparison) -> Iterator[str]:
    """Whether strategies were compared at equal all-in spend, as far as intervals allow to say."""
    yield from spend_sentences(
        [
            Estimate(scenario_label(name), *comparison.relative(name, SPEND)[:3])
            for name in comparison.strategies
        ]
    )


def spend_sentences(gaps: Sequence[Estimate]) -> Iterator[str]:
    """Spend against the baseline's as a share of it: unequal, equal within a tolerance, or unclear."""
    seen = [gap for gap in gaps if np.isfinite(gap.value)]
    off = [gap for gap in seen if gap.low > _EQUAL_SPEND or gap.high < -_EQUAL_SPEND]
    near = [gap for gap in seen if gap.low >= -_EQUAL_SPEND and gap.high <= _EQUAL_SPEND]
    open_ = [gap for gap in seen if gap not in off and gap not in near]
    if off:
        yield tr("Spend is not equal; all-in against the baseline: {shares}.", shares=_shares(off))
    if near:
        which = (
            tr("All-in spend")
            if len(near) == len(seen)
            else tr("Spend of {near}", near=listed([one.name for one in near]))
        )
        yield tr(
            "{which} is equal to the baseline's within {equal_spend:.0f}%.",
            which=which,
            equal_spend=100 * _EQUAL_SPEND,
        )
    if open_:
        yield (
            tr(
                "Whether spend is within {equal_spend:.0f}% of the baseline's cannot be told: {shares}.",
                equal_spend=100 * _EQUAL_SPEND,
                shares=_shares(open_),
            )
        )


def _shares(gaps: Sequence[Estimate]) -> str:
    return tr(", ").join(
        f"{gap.name} {100 * gap.value:+.0f}%"
        + (
            tr(" ({low:+.0f} to {high:+.0f})", low=100 * gap.low, high=100 * gap.high)
            if np.isfinite(gap.low)
            else tr(" (one world)")
        )
        for gap in gaps
    )


def shrinking_notes(comparison: Comparison) -> list[str]:
    """Targets that a strategy meets, the baseline does not, and that came with clearly less business."""
    if BASELINE not in comparison.scenarios:
        return []
    base = comparison.cards[BASELINE]
    found = []
    for name in comparison.strategies:
        card = comparison.cards[name]
        gained = (card["verdict"] == MET) & (base["verdict"] != MET)
        shrunk = [
            Estimate(label(figure), row["value"], row["low"], row["high"], bool(row["p_holm"] <= LEVEL))
            for figure in SHRINKING
            if (row := comparison.difference(name, figure)) is not None
        ]
        found += shrinking_sentence(
            scenario_label(name), [label(kpi) for kpi in card.loc[gained, "kpi"]], shrunk
        )
    return found


def shrinking_sentence(name: str, gained: Sequence[str], changes: Sequence[Estimate]) -> list[str]:
    """One sentence where targets were gained while spend, orders or users clearly fell; else nothing."""
    less = [one.name.lower() for one in changes if one.standing == DOWN]
    if not (gained and less):
        return []
    return [
        tr(
            "{name} meets {gained} with clearly less {less} than the baseline: a target met by "
            "shrinking is no growth.",
            name=capital(name),
            gained=listed([one.lower() for one in gained], 9),
            less=listed(less),
        )
    ]


def dry_sentence(days: Sequence[Estimate]) -> list[str]:
    """On how many days of a world each strategy's money ran out; nothing where it never did."""
    dry = [one for one in days if one.value > 0]
    if not dry:
        return []
    told = [
        f"{one.name} {value}"
        + (tr(" ({low} to {high})", low=low, high=high) if np.isfinite(one.low) else tr(" (one world)"))
        for one in dry
        for value, low, high in (amounts((one.value, one.low, one.high), DRY),)
    ]
    return [
        tr(
            "The allowance ran out, and new rewards, concessions or fees were refused, on so "
            "many days of a world: {told}; what was earned was paid.",
            told=listed(told, 9),
        )
    ]


def _capacity_note(comparison: Comparison) -> Iterator[str]:
    """The capacity of the table, with its interval: below 1 delivery cannot keep up."""
    if BASELINE in comparison.scenarios:
        level = comparison.level(BASELINE, CAPACITY)
        if np.isfinite(level.value):
            value, low, high = amounts((level.value, level.low, level.high), CAPACITY)
            between = "" if level.n < 2 else tr(" ({low} to {high})", low=low, high=high)
            yield tr(
                "{capacity} under the baseline: {value}{ends}.",
                capacity=label(CAPACITY),
                value=value,
                ends=between,
            )

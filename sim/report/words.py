"""What the figures say, in sentences: the headline, changes with their certainty, and the caveats.

Every sentence is generated from stored results. A word such as "more" is used only where the
95% interval of the paired difference leaves 0 out, corrected for how many strategies are compared;
otherwise the sentence says that it is unclear.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sim.experiment.differences import MAIN_GUARDS
from sim.experiment.results import BASELINE
from sim.measure.display import in_unit
from sim.measure.guardrails import GUARDRAILS, UNITS, Guardrail
from sim.measure.intervals import CONFIDENCE, holm
from sim.measure.kpis import KPIS, Kpi
from sim.measure.scorecard import Scorecard
from sim.report.comparison import Comparison

#: What strategies are ranked by: its paired difference is the incremental profit.
PROFIT = "contribution_per_1000"
SPEND = "all_in_spend"
#: Guardrails shown beside the nine targets; the first are worth a line in the terminal's table too.
GUARDS = (
    *MAIN_GUARDS, "repurchase_30d_kept", "on_time_rate", "complaint_rate", "return_rate", "cancelled_share",
    "stock_out_rate", "fraud_rate", "capacity_over_orders",
)  # fmt: skip
_FIGURES: tuple[Kpi | Guardrail, ...] = (*KPIS, *GUARDRAILS)
LABELS = {figure.name: figure.label for figure in _FIGURES}
BETTER: dict[str, str] = {figure.name: figure.better for figure in _FIGURES}

#: From here on, decimals say nothing; and what is counted in heads has none.
_WHOLE = 100
_COUNTED = ("users", "people")
#: Chance of a false claim that differences are held to.
LEVEL = 1 - CONFIDENCE
#: Spend further than this from the baseline's is no longer "equal".
_EQUAL_SPEND = 0.05


def label(name: str) -> str:
    """Name of an indicator as people read it."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def scenario_label(name: str) -> str:
    """Name of a strategy as people read it."""
    return name.replace("_", " ")


def amount(value: float, name: str, signed: bool = False, digits: int | None = None) -> str:
    """A level or a change of an indicator: changes of shares in percentage points."""
    if not np.isfinite(value):
        return "–"
    unit, sign = UNITS.get(name, ""), "+" if signed else ""
    if unit == "share":
        return f"{100 * value:+.{1 if digits is None else digits}f} pp" if signed else in_unit(value, unit)
    if digits is None:
        digits = 0 if abs(value) >= _WHOLE or unit in _COUNTED else 2
    return f"{value:{sign},.{digits}f}"


def change_words(change: pd.Series | None, name: str) -> str:
    """A paired difference on two lines: mean with a mark, then its interval."""
    if change is None or not np.isfinite(change["value"]):
        return "–"
    mean = amount(change["value"], name, signed=True)
    if not np.isfinite(change["low"]):
        return f"{mean}\n(one world)"
    if certainty(change) == "=":
        return "="
    low, high = amount(change["low"], name, signed=True), amount(change["high"], name, signed=True)
    return f"{mean} {certainty(change)}\n({low} .. {high})"


def certainty(change: pd.Series) -> str:
    """▲ or ▼ where the interval of a difference leaves 0 out, = where nothing moved at all, else ~.

    Hollow (△ ▽) where that would not stand once corrected for all the comparisons shown.
    """
    if change["low"] == change["high"] == 0:
        return "="
    hollow = change["p_holm"] > LEVEL
    if change["low"] > 0:
        return "△" if hollow else "▲"
    if change["high"] < 0:
        return "▽" if hollow else "▼"
    return "~"


def joint_words(card: Scorecard) -> str:
    """In how many worlds all targets are met together."""
    joint = card.attrs["joint"]
    if joint.probability is None:
        return "? not observable"
    return f"{round(joint.probability * joint.n)} of {joint.n} worlds"


def met_count(card: Scorecard) -> tuple[int, int, int]:
    """Targets met, missed and not observable."""
    met = sum(1 for value in card["met"] if value is not None and bool(value))
    unseen = sum(1 for value in card["met"] if value is None)
    return met, len(card) - met - unseen, unseen


def headline(comparison: Comparison) -> list[str]:
    """One paragraph: which strategies meet which targets, which pays, and how sure that is."""
    shown = comparison.strategies or comparison.scenarios
    best = max(shown, key=lambda name: met_count(comparison.cards[name])[0])
    return [*_targets_sentences(comparison, shown, best), *_money_sentences(comparison)]


def _targets_sentences(comparison: Comparison, shown: tuple[str, ...], best: str) -> Iterator[str]:
    whole = [name for name in shown if (comparison.cards[name].attrs["joint"].probability or 0) > 0.5]
    if whole:
        names = " and ".join(scenario_label(name) for name in whole)
        yield f"All nine targets are met together in most worlds under {names}."
    else:
        many = (
            f"None of the {len(shown)} strategies meets" if len(shown) > 1 else "The strategy does not meet"
        )
        yield f"{many} all nine targets together in most worlds."
    met, _, unseen = met_count(comparison.cards[best])
    ties = [n for n in shown if met_count(comparison.cards[n])[0] == met]
    named = " and ".join(scenario_label(name) for name in ties[:3]) + (" and others" if len(ties) > 3 else "")
    verb = "meet" if len(ties) > 1 else "meets"
    which = "" if len(ties) > 1 else _which(comparison.cards[best])
    unclear = f"; {unseen} cannot be observed in {comparison.days} days" if unseen and len(ties) == 1 else ""
    yield f"{named.capitalize()} {verb} {met} of {len(comparison.cards[best])} on average{which}{unclear}."


def _which(card: Scorecard) -> str:
    """The targets met or the targets missed, whichever are fewer."""
    rows = card.to_dict("records")
    named = {
        word: [
            label(row["kpi"]).lower()
            for row in rows
            if row["met"] is not None and bool(row["met"]) == (word == "met")
        ]
        for word in _VERDICTS
    }
    word = min(_VERDICTS, key=lambda one: len(named[one]) or len(rows))
    return f" ({word}: {', '.join(named[word])})" if 0 < len(named[word]) <= _MOST_NAMED else ""


def _money_sentences(comparison: Comparison) -> Iterator[str]:
    frame = comparison.differences
    profit = frame[(frame["name"] == PROFIT) & np.isfinite(frame["value"].astype(float))]
    if profit.empty:
        return
    # One indicator is spoken of here, so that strategies alone are the family of the correction.
    profit = profit.assign(sure=holm(profit["p"].to_numpy(float)) <= LEVEL)
    best = profit.loc[profit["value"].idxmax()]
    who = scenario_label(best["scenario"])
    size = f"{amount(best['value'], PROFIT, signed=True)} CNY per 1,000 day-0 consumers"
    if not np.isfinite(best["low"]):
        yield f"In the one world simulated, {who} comes first in profit: {size} against the baseline."
        return
    interval = f"95% interval {amount(best['low'], PROFIT, True)} to {amount(best['high'], PROFIT, True)}"
    if best["sure"] and best["low"] > 0:
        yield f"{who.capitalize()} earns most: {size} more than the baseline on the same worlds ({interval})."
    elif best["sure"] and best["high"] < 0:
        yield f"None earns more than the baseline; {who} comes nearest with {size} ({interval})."
    else:
        yield f"No strategy surely earns more than the baseline; {who} comes first with {size} ({interval})."
    losing = [scenario_label(row.scenario) for row in profit.itertuples() if row.sure and row.high < 0]
    if losing and not (best["sure"] and best["high"] < 0):
        yield (
            f"{', '.join(losing).capitalize()} surely earns less than the baseline."
            if len(losing) == 1
            else (f"{', '.join(losing).capitalize()} surely earn less than the baseline.")
        )


def notes(comparison: Comparison) -> list[str]:
    """What a reader must know before believing the figures."""
    info = comparison.details(comparison.scenarios[0])["info"]
    return [
        *_sample_notes(comparison),
        *_family_notes(comparison),
        *_spend_notes(comparison),
        _GAMING,
        *(f"{what}: {info[key]}" for key, what in _INFO.items() if info.get(key, 1) != 1),
        *(str(note) for note in info.get("graph_notes", ())),
        _ASSUMED,
    ]


_MOST_NAMED = 4
_VERDICTS = ("missed", "met")
_GAMING = (
    "Organic share rises when advertising is cut, and repurchase when acquisition slows: read both beside "
    "spend, new users and the orders of day-0 consumers, who are the same people under every strategy."
)
_ASSUMED = (
    "Much of the model rests on assumptions ('liebian list parameters' gives unit, range and source of "
    "each): the figures compare strategies, they do not forecast sales."
)
_INFO = {
    "graph": "Graph", "capacity": "Capacity under the baseline",
    "stationary": "Stationarity of the burnt-in market",
    "represents": "Real consumers behind each simulated one",
}  # fmt: skip


def _sample_notes(comparison: Comparison) -> Iterator[str]:
    worlds = comparison.worlds
    if worlds == 1:
        yield "One world: no intervals, so that luck and effect cannot be told apart."
    elif worlds < 20:
        sure = 0.025 ** (1 / worlds)
        yield (
            f"{worlds} worlds: enough to compare strategies in pairs, few for levels; "
            f"even {worlds} of {worlds} only says 'at least {100 * sure:.0f}% of worlds'."
        )
    unseen = {
        row["kpi"]
        for card in comparison.cards.values()
        for row in card.to_dict("records")
        if row["met"] is None
    }
    if unseen:
        named = ", ".join(label(name).lower() for name in LABELS if name in unseen)
        yield f"Not observable here: {named}."


def _family_notes(comparison: Comparison) -> Iterator[str]:
    """How many comparisons were looked at, how many stand once corrected, and where a bootstrap disagrees."""
    frame = comparison.differences
    shown = frame[np.isfinite(frame["p_holm"].astype(float))]
    if len(shown) < 2:
        return
    alone, corrected = int((shown["p"] <= LEVEL).sum()), int((shown["p_holm"] <= LEVEL).sum())
    yield (
        f"{len(shown)} comparisons with the baseline ({len(comparison.strategies)} strategies, 9 targets and "
        f"{len(MAIN_GUARDS)} guardrails): {alone} differ alone, where 1 in 20 would by chance; {corrected} "
        "still do after Holm's correction for all of them (filled marks)."
    )
    booted = shown[np.isfinite(shown["boot_low"].astype(float))]
    by_t = (booted["low"] > 0) | (booted["high"] < 0)
    other = booted[by_t != ((booted["boot_low"] > 0) | (booted["boot_high"] < 0))]
    if len(other):
        named = "; ".join(
            f"{label(row.name_)} under {scenario_label(row.scenario)} "
            f"({amount(row.boot_low, row.name_, True)} .. {amount(row.boot_high, row.name_, True)})"
            for row in other.rename(columns={"name": "name_"}).itertuples()
        )
        yield f"The bootstrap interval disagrees with t on whether 0 is left out: {named}."


def _spend_notes(comparison: Comparison) -> Iterator[str]:
    """Whether strategies were compared at equal all-in spend."""
    base = comparison.level(BASELINE, SPEND).value if BASELINE in comparison.scenarios else np.nan
    if not base > 0:
        return
    off = {name: comparison.level(name, SPEND).value / base - 1 for name in comparison.strategies}
    unequal = [
        f"{scenario_label(name)} {100 * gap:+.0f}%" for name, gap in off.items() if abs(gap) > _EQUAL_SPEND
    ]
    if unequal:
        yield f"Spend is not equal; all-in against the baseline: {', '.join(unequal)}."
    elif off:
        yield f"All-in spend is equal to the baseline's within {100 * _EQUAL_SPEND:.0f}%."

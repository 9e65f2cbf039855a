"""Names, amounts and marks as people read them, the same in every table, figure and sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.analysis.differences import MAIN_GUARDS
from sim.core.amounts import alike
from sim.core.language import mark, tr
from sim.measure.display import in_unit, points
from sim.measure.guardrails import GUARDRAILS, UNITS, Guardrail
from sim.measure.kpis import KPI_BY_NAME, KPIS, Kpi
from sim.measure.scorecard import Scorecard
from sim.measure.verdicts import SYMBOLS, UNSEEN
from sim.report.claims import LEVEL, MARKS, SAME, standing
from sim.report.comparison import PROFIT as PROFIT
from sim.report.comparison import Comparison

SPEND = "all_in_spend"
#: Guardrails shown beside the nine targets; the first are worth a line in the terminal's table too.
GUARDS = (
    *MAIN_GUARDS,
    "on_time_rate",
    "complaint_rate",
    "return_rate",
    "cancelled_share",
    "stock_out_rate",
    "fraud_rate",
    "capacity_over_orders",
)
#: The same by platform, for the page.
PLATFORM_GUARDS = tuple(guard.name for guard in GUARDRAILS if guard.name.startswith("marketing_roi_"))
#: What an indicator is before cancelled and failed orders are taken out, where it has such a twin.
GROSS = "_gross"
_FIGURES: tuple[Kpi | Guardrail, ...] = (*KPIS, *GUARDRAILS)
LABELS = {figure.name: figure.label for figure in _FIGURES}
BETTER: dict[str, str] = {figure.name: figure.better for figure in _FIGURES}

#: From here on, decimals say nothing; and what is counted in heads has none.
_WHOLE = 100
_COUNTED = ("users", "people")


def label(name: str) -> str:
    """Name of an indicator as people read it."""
    return tr(LABELS.get(name, name.replace("_", " ").capitalize()))


def scenario_label(name: str) -> str:
    """Name of a strategy as people read it; keys and values in brackets stay as they are written."""
    scenario, bracket, settings = name.partition(" (")
    return tr(scenario.replace("_", " ")) + bracket + settings


_SOURCES = {"share": mark("a friend's share")}


def source_label(name: str) -> str:
    """Where visits come from, as people read it; a share of something is called alike and is another word."""
    return tr(_SOURCES.get(name) or name.replace("_", " "))


def key_words(key: str) -> str:
    """A lever as people read it: ``incentive.invite_reward`` is ``incentive: invite reward``."""
    section, _, rest = key.partition(".")
    name = rest.replace("_", " ").replace(".", ", ")
    return tr("{section}: {name}", section=tr(section.replace("_", " ")), name=tr(name))


def amount(value: float, name: str, signed: bool = False, digits: int | None = None) -> str:
    """A level or a change of an indicator: changes of shares in percentage points."""
    return amounts((value,), name, signed, digits)[0]


def amounts(
    values: Sequence[float], name: str, signed: bool = False, digits: int | None = None
) -> tuple[str, ...]:
    """The same of numbers that are read beside each other, with as many decimals as the largest needs."""
    unit = UNITS.get(name, "")
    if unit == "share":
        return tuple(_share(value, signed, digits) for value in values)
    if digits is None:
        largest = max((abs(value) for value in values if np.isfinite(value)), default=0.0)
        digits = 0 if largest >= _WHOLE or unit in _COUNTED else 2
    return alike(values, digits, signed)


def _share(value: float, signed: bool, digits: int | None) -> str:
    if not signed or not np.isfinite(value):
        return in_unit(value, "share")
    return points(value, 1 if digits is None else digits)


def ends(low: float, high: float, name: str, signed: bool = True) -> tuple[str, ...]:
    """Both bounds of an interval, as :func:`amounts` tells them."""
    return amounts((low, high), name, signed)


def label_with_unit(name: str) -> str:
    """Name of an indicator, with its unit where that is money; shares show theirs, counts have none."""
    if "CNY" not in UNITS.get(name, ""):
        return label(name)
    return tr("{label}, {unit}", label=label(name), unit=unit_words(name))


def unit_words(name: str, change: bool = False) -> str:
    """Unit of an axis or column: of a level, or of a change, which for shares is in percentage points."""
    unit = UNITS.get(name, "")
    if unit == "share":
        return tr("percentage points") if change else "%"
    return tr(unit.replace("CNY/1000 consumers", "CNY per 1,000 people"))


def change_words(change: pd.Series | None, name: str) -> str:
    """A paired difference on two lines: mean with a mark, then its interval."""
    if change is None or not np.isfinite(change["value"]):
        return "–"
    mean, low, high = amounts((change["value"], change["low"], change["high"]), name, signed=True)
    if not np.isfinite(change["low"]):
        return tr("{mean}\n(one world)", mean=mean)
    if certainty(change) == MARKS[SAME]:
        return MARKS[SAME]
    return f"{mean} {certainty(change)}\n({low} .. {high})"


def certainty(change: pd.Series) -> str:
    """Mark of a paired difference, see :data:`sim.report.claims.MARKS`.

    Filled only where Holm's correction for everything compared leaves it standing; a figure that is
    no part of that family has no corrected p-value, and its mark is hollow.
    """
    stands = bool(change["p_holm"] <= LEVEL)
    return MARKS[standing(float(change["value"]), float(change["low"]), float(change["high"]), stands)]


def joint_words(card: Scorecard) -> str:
    """In how many worlds all targets are met together."""
    joint = card.attrs["joint"]
    if joint.probability is None:
        return f"{SYMBOLS[UNSEEN]} {tr(UNSEEN)}"
    ends = "" if joint.n < 2 else f" ({100 * joint.low:.0f}-{100 * joint.high:.0f}%)"
    return tr("{n} of {n2} worlds{ends}", n=round(joint.probability * joint.n), n2=joint.n, ends=ends)


def gross_levels(comparison: Comparison, name: str) -> list[str]:
    """Levels of an indicator's twin before cancelled orders are taken out; empty if it has none."""
    levels = [comparison.level(scenario, name + GROSS).value for scenario in comparison.scenarios]
    said = tr("level ") if KPI_BY_NAME[name].relative else ""
    return [f"{said}{amount(level, name)}" for level in levels] if np.isfinite(levels).any() else []

"""What the warm-up check says: sentences, a table, and one panel a series with the day it comes to rest.

The terminal and the page read the same rows. The picture is meant to be judged by eye as Welch
advises; MSER-5 only marks where a rule would cut.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.core.amounts import large, short
from sim.core.atomic import commit
from sim.core.language import mark, tr
from sim.market.stationarity import PERIOD, TOLERANCE
from sim.report.environment import environment
from sim.report.sentences import label
from sim.report.svg import INK, MUTED, PAGE, colour, drawing, to_svg
from sim.studies.warmup.study import WINDOW, Settling, Warmup, page_path, welch

_WEEK = 7
_ACROSS = 3
_MOST_POINTS = 180
_WHOLE = 100
_VERDICTS = {
    "enough": mark("✓ enough"),
    "tolerated": mark("~ still moving, by less than is tolerated"),
    "too short": mark("✗ too short"),
    "cannot tell": mark("? rest not seen, live longer"),
}
_LABELS = {"registered": mark("Registered users"), "contribution_margin": mark("Contribution margin")}


def sentences(check: Warmup) -> list[str]:
    """Whether the burn-in suffices, for which series it does not, and when the last one comes to rest."""
    found, n = check.verdicts(), len(check.series)
    rest = {one.name: one.cut.days for one in check.series if one.cut.found}
    lines = [
        tr(
            "{n_worlds} world{s} of {consumers:,} consumers, lived for {days} days from a cold "
            "start under the baseline strategy.",
            n_worlds=check.n_worlds,
            s="" if check.n_worlds == 1 else "s",
            consumers=check.consumers,
            days=check.days,
        )
    ]
    how_many = (
        tr("all {n} series", n=n)
        if len(found["enough"]) == n
        else tr("{n_enough} of {n} series", n_enough=len(found["enough"]), n=n)
    )
    lines.append(
        tr(
            "The burn-in of {burn_in} days is enough for {how_many}.",
            burn_in=check.burn_in,
            how_many=how_many,
        )
    )
    if found["tolerated"]:
        most = max(abs(one.drift) for one in check.series if one.name in found["tolerated"])
        lines.append(
            tr(
                "Still moving when it ends, but by no more than {most:.1%} in {period} days, which "
                "is tolerated: {named}.",
                most=most,
                period=PERIOD,
                named=_named(found["tolerated"]),
            )
        )
    if found["too short"]:
        latest = max(rest[name] for name in found["too short"])
        lines.append(
            tr(
                "It is too short for {named}: experiment.burn_in_days={latest} would do.",
                named=_named(found["too short"]),
                latest=latest,
            )
        )
    if found["cannot tell"]:
        lines.append(
            tr(
                "It cannot be told for {named}: not at rest within the first {days} of {days2} days; "
                "live longer (days={days3}) or look at the picture.",
                named=_named(found["cannot tell"]),
                days=check.days // 2,
                days2=check.days,
                days3=2 * check.days,
            )
        )
    if rest:
        last = max(rest, key=lambda name: rest[name])
        lines.append(
            tr("The last to come to rest is {name}, from day {rest} on.", name=_name(last), rest=rest[last])
        )
    return lines


def _label(name: str) -> str:
    return tr(_LABELS[name]) if name in _LABELS else label(name)


def _name(name: str) -> str:
    return _label(name).lower()


def _named(names: list[str]) -> str:
    words = [_name(name) for name in names]
    return (
        words[0]
        if len(words) == 1
        else tr("{words} and {words2}", words=tr(", ").join(words[:-1]), words2=words[-1])
    )


def rows(check: Warmup) -> list[dict[str, str]]:
    """One row of words a series."""
    table = []
    for one in check.series:
        level = float(one.worlds[:, one.cut.days :].mean())
        moved = (
            "–"
            if np.isnan(one.drift)
            else tr("{drift:+.1%} of ±{tolerated:.1%}", drift=one.drift, tolerated=one.tolerated)
        )
        table.append(
            {
                "label": _label(one.name),
                "unit": "" if one.unit == "share" else one.unit,
                "day": str(one.cut.days) if one.cut.found else tr("after {days}", days=check.days // 2),
                "worlds": tr(
                    "{at_rest_by} of {n_worlds}",
                    at_rest_by=one.at_rest_by(check.burn_in),
                    n_worlds=check.n_worlds,
                ),
                "level": _amount(level, one.unit),
                "drift": moved,
                "verdict": _VERDICTS[one.verdict(check.burn_in)],
            }
        )
    return table


def _amount(value: float, unit: str) -> str:
    if unit == "share":
        return f"{100 * value:.3g}%"
    return large(value) if abs(value) >= _WHOLE else f"{value:,.3g}"


def caveats(check: Warmup) -> list[str]:
    """What a reader must know before believing the days."""
    return [
        tr(
            "MSER-5 looks for the beginning that must be left out for the mean of the rest to be "
            "known best: averages of five days, the mean over worlds. It marks where a transient "
            "ends, and on a series that swings slowly for good it may mark a swing."
        ),
        tr(
            "Worlds at rest: how many come to rest by day {burn_in} when each is judged by "
            "itself. One world is noisy, so that a few late ones are no alarm if the mean over "
            "worlds is at rest.",
            burn_in=check.burn_in,
        ),
        tr(
            "Moved: the check that guards every burn-in, here on the mean over worlds. The last "
            "{period} days of the burn-in against as many before, and what chance and a "
            "tolerance of {tolerance:.0%} allow. MSER is stricter: where worlds are alike and a "
            "series hardly varies, it sees a transient of a few thousandths.",
            period=PERIOD,
            tolerance=TOLERANCE,
        ),
        tr(
            "A rest that begins after day {days} cannot be told from {days2} days; days of a "
            "series without a denominator are bridged by a straight line.",
            days=check.days // 2,
            days2=check.days,
        ),
    ]


def picture(check: Warmup) -> str:
    """SVG with one panel a series: worlds, Welch's average, the burn-in and the cut."""
    with drawing("warmup"):
        down = -(-len(check.series) // _ACROSS)
        figure = Figure(figsize=(9.6, 2.1 * down + 0.3), layout="constrained")
        axes = figure.subplots(down, _ACROSS, squeeze=False, sharex=True).ravel()
        for axis, one in zip(axes, check.series, strict=False):
            _panel(axis, one, check)
        for axis in axes[len(check.series) :]:
            axis.set_axis_off()
        for axis in axes[max(0, len(check.series) - _ACROSS) : len(check.series)]:
            axis.set_xlabel(tr("day from the cold start"))
            axis.tick_params(labelbottom=True)
        return to_svg(figure, tr("Daily series from a cold start, one panel a series, with the day of rest"))


def _panel(axis: Axes, one: Settling, check: Warmup) -> None:
    weeks = check.days // _WEEK
    middle = np.arange(weeks) * _WEEK + _WEEK // 2
    for world in one.worlds:
        weekly = world[: weeks * _WEEK].reshape(weeks, _WEEK).mean(axis=1)
        axis.plot(middle, weekly, color=colour(0), linewidth=0.6, alpha=0.55)
    average = welch(one.worlds, min(WINDOW, check.days // 4))
    shown = np.arange(0, len(average), max(1, len(average) // _MOST_POINTS))
    axis.plot(shown, average[shown], color=colour(1), linewidth=2)
    axis.axvspan(0, min(check.burn_in, check.days), color=MUTED, alpha=0.08, linewidth=0)
    where, at = tr("rest not seen"), 0.5 * check.days
    if one.cut.found:
        axis.axvline(one.cut.days, color=colour(2), linewidth=1.8, linestyle=(0, (4, 2)))
        where, at = tr("day {days}", days=one.cut.days), one.cut.days + 0.02 * check.days
    words = axis.text(at, 0.04, where, transform=axis.get_xaxis_transform(), color=INK, fontsize=9)
    words.set_bbox({"facecolor": PAGE, "edgecolor": "none", "pad": 1.5, "alpha": 0.85})
    axis.set_title(_label(one.name))
    axis.set_xlim(0, check.days)
    _scale(axis, average)
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value, one.unit)))
    axis.yaxis.set_major_locator(MaxNLocator(4))
    axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def _tick(value: float, unit: str) -> str:
    return f"{100 * value:.3g}%" if unit == "share" else short(value)


def _scale(axis: Axes, average: np.ndarray) -> None:
    """From zero where that is near; never so close that the noise of a single day fills the panel."""
    low, high = axis.get_ylim()
    if average.min() >= 0:
        axis.set_ylim(0 if low < 0.5 * high else low, high)


def write_page(root: Path, experiment: str, check: Warmup) -> Path:
    """Write the page of an experiment's warm-up check and return its file.

    Raises
    ------
    StoreError
        If it cannot be written; an earlier page then stays as it was.
    """
    pages = environment()
    content: dict[str, Any] = {
        "experiment": experiment,
        "sentences": sentences(check),
        "rows": rows(check),
        "burn_in": check.burn_in,
        "caveats": caveats(check),
        "figure": Markup(picture(check)),
        "window": min(WINDOW, check.days // 4),
        "period": PERIOD,
    }
    page = pages.get_template("warmup.html.j2").render(content)
    target = page_path(root, experiment)
    commit(target, lambda temporary: temporary.write_text(page, encoding="utf-8"))
    return target

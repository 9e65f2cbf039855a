"""What a robustness study says: sentences, tables and a figure of sorted differences.

The terminal, the page of its own and the section of the report read the same functions. A word
such as "mostly" stands only where the interval of the share leaves out one half.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.core.atomic import commit
from sim.core.language import mark, tr
from sim.measure.guardrails import UNITS
from sim.report.environment import environment
from sim.report.sentences import amounts, scenario_label
from sim.report.svg import INK, MUTED, colour, drawing, to_svg
from sim.report.ticks import Ticks
from sim.studies.robustness.figures import FIGURES
from sim.studies.robustness.signs import drivers, signs
from sim.studies.robustness.stored import Study, studies

#: Figures that get a sentence, and those that are drawn.
MAIN = ("invitations", "fraud_rate", "contribution_per_1000")
DRAWN = (
    "invitations",
    "invited_users",
    "fraud_rate",
    "fake_accounts",
    "reward_cost",
    "contribution_per_1000",
)
_WORDS = {"positive": mark("higher"), "zero": mark("the same"), "negative": mark("lower")}


def sentences(study: Study) -> list[str]:
    """The study in words: one sentence a main figure, then how rewards were made equal."""
    table = signs(study)
    return [*(_sentence(study, table.loc[name], name) for name in MAIN), equal_cost(study)]


def _sentence(study: Study, row: Any, name: str) -> str:
    label, n = tr(FIGURES[name][0]), int(row["n"])
    a, b = scenario_label(study.a), scenario_label(study.b)
    if not n:
        return tr("{label}: not observable in any draw.", label=label)
    counts = tr(", ").join(
        tr("{words} in {row}", words=tr(_WORDS[sign]), row=int(row[sign]))
        for sign in ("negative", "zero", "positive")
    )
    most = max(_WORDS, key=lambda sign: row[sign])
    share = tr(
        "{row:.0f}%, 95% interval {interval}", row=100 * row[f"{most}_share"], interval=_interval(row, most)
    )
    return tr(
        "{label} under {b} against {a}: {verdict} ({counts} of {n} draws; {share}).",
        label=label,
        b=b,
        a=a,
        verdict=_verdict(row, most),
        counts=counts,
        n=n,
        share=share,
    )


def _verdict(row: Any, most: str) -> str:
    """How far one sign prevails over the ranges."""
    if row[most] == row["n"]:
        return tr("{words} in every draw made", words=tr(_WORDS[most]))
    for never, other in (("positive", "negative"), ("negative", "positive")):
        if row[never] == 0 and row[other] > 0:
            return tr("never {words} in these draws", words=tr(_WORDS[never]))
    if row[f"{most}_low"] > 0.5:
        return tr("mostly {words}, not always", words=tr(_WORDS[most]))
    return tr("both signs occur, and which prevails cannot be told")


def _interval(row: Any, sign: str) -> str:
    return f"{100 * row[f'{sign}_low']:.0f}-{100 * row[f'{sign}_high']:.0f}%"


def equal_cost(study: Study) -> str:
    """How the reward of one strategy was scaled, or that it was not."""
    reference = study.design["reference"]
    if reference is None:
        return tr(
            "Rewards were not equalised (the strategies do not both pay rewards by different "
            "designs): they ran as they are."
        )
    kept, scaled = (study.a, study.b) if reference == 0 else (study.b, study.a)
    pilot = study.pilot()
    reward = pilot["reward_b" if reference == 0 else "reward_a"].to_numpy(float)
    fixed = float(pilot["reward_a" if reference == 0 else "reward_b"].iloc[0])
    chances = tr(" and ").join(
        f"{100 * np.nanmedian(pilot[c]):.0f}%" for c in ("first_order", "second_order")
    )
    without = int((pilot["invitees"] == 0).sum())
    missed = (
        tr(" In {without} draws nobody came by invitation, and nothing was scaled.", without=without)
        if without
        else ""
    )
    return tr(
        "Equal expected cost per invitee: {kept} promises {fixed:.2f} CNY; the reward of "
        "{scaled} was scaled in each draw to {median:.2f} CNY (median; {min:.2f} to "
        "{max:.2f}), with the chances of a first and second order counted in {kept}'s run of "
        "the same draw (median {chances} within {days} days).{missed}",
        kept=scenario_label(kept),
        fixed=fixed,
        scaled=scenario_label(scaled),
        median=np.median(reward),
        min=reward.min(),
        max=reward.max(),
        chances=chances,
        days=study.design["days"],
        missed=missed,
    )


def caveats(study: Study) -> list[str]:
    """What a reader must know before believing the shares."""
    d = study.design
    unfinished = study.planned - study.draws
    return [
        *(
            [
                tr(
                    "{unfinished} of {planned} draws are missing; run it again.",
                    unfinished=unfinished,
                    planned=study.planned,
                )
            ]
            if unfinished
            else []
        ),
        tr(
            "Each draw is a world of its own: {consumers:,} consumers, {burn_in_days} days of "
            "burn-in, {warmup_days} of warm-up, {days} measured. A sign holds the luck of that "
            "world as well.",
            consumers=d["consumers"],
            burn_in_days=d["burn_in_days"],
            warmup_days=d["warmup_days"],
            days=d["days"],
        ),
        what_varied(len(d["uncertainties"]), d.get("calibration", "")),
    ]


def what_varied(count: int, calibration: str) -> str:
    """Where the draws' values come from, and so what the shares mean."""
    if calibration:
        return tr(
            "Varied: {count} uncertain parameters, together, as a calibration left them "
            "({calibration}); all others keep their values. Shares say how often a sign holds "
            "given that fit.",
            count=count,
            calibration=calibration,
        )
    return tr(
        "Varied: {count} uncertain parameters, each uniformly over the range of its "
        "declaration and independently of the others; all other parameters keep their "
        "values. Shares say how often a sign holds over these ranges, not how probable it is.",
        count=count,
    )


def sign_rows(study: Study) -> list[dict[str, str]]:
    """One row of words a figure: levels, difference, and the share of draws with each sign."""
    rows = []
    for name, row in signs(study).iterrows():
        label, unit = map(tr, FIGURES[str(name)])
        cells = {"name": str(name), "label": label, "unit": "" if unit == "share" else unit}
        arms = ("a", "b")
        cells |= dict(zip(arms, amounts([row[arm] for arm in arms], str(name)), strict=True))
        quantiles = [row[q] for q in ("median", "p10", "p90")]
        cells["median"], *ends = amounts(quantiles, str(name), signed=True)
        cells["range"] = tr(" to ").join(ends) if row["n"] else "–"
        for sign in _WORDS:
            cells[sign] = f"{100 * row[f'{sign}_share']:.0f}% ({_interval(row, sign)})" if row["n"] else "–"
        rows.append({**cells, "n": str(int(row["n"]))})
    return rows


def driver_rows(study: Study) -> list[dict[str, Any]]:
    """Per main figure the three parameters that go with its sign; ``*`` marks more than chance."""
    rows = []
    for name in DRAWN:
        found = drivers(study, name)
        named = [
            f"{one.key} {one.correlation:+.2f}{'*' if one.clear else ''}"
            for one in found.itertuples(index=False)
        ]
        of = tr(str(found["of"].iloc[0])) if len(found) else "–"
        rows.append({"label": tr(FIGURES[name][0]), "of": of, "keys": named or ["–"]})
    return rows


def dots(study: Study) -> str:
    """Sorted differences, one dot a draw, one panel a figure."""
    change = study.differences()
    shown = [name for name in DRAWN if np.isfinite(change[name].to_numpy(float)).any()]
    if not shown:
        return ""
    with drawing(f"robustness {study.a} {study.b}"):
        rows = -(-len(shown) // 3)
        figure = Figure(figsize=(9.6, 2.3 * rows), layout="constrained")
        axes = figure.subplots(rows, 3, squeeze=False).ravel()
        for axis, name in zip(axes, shown, strict=False):
            _dots(axis, np.sort(change[name].dropna().to_numpy(float)), name)
        for axis in axes[len(shown) :]:
            axis.set_axis_off()
        return to_svg(figure, tr("Differences between two strategies by draw, sorted from lowest to highest"))


def _dots(axis: Axes, change: np.ndarray, name: str) -> None:
    """Triangles above and below zero, bars on it."""
    place = np.arange(1, len(change) + 1)
    marks = ((change < 0, "v", colour(1)), (change == 0, "|", MUTED), (change > 0, "^", colour(2)))
    for mask, shape, shade in marks:
        axis.plot(place[mask], change[mask], shape, color=shade, markersize=4, linestyle="none")
    axis.axhline(0, color=INK, linewidth=0.9)
    axis.set_title(tr(FIGURES[name][0]))
    percent = UNITS.get(name) == "share"
    axis.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:.3g}") if percent else Ticks())
    axis.yaxis.set_major_locator(MaxNLocator(4))
    axis.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axis.set_xlabel(tr("draws, sorted"))
    axis.set_ylabel(difference_unit(name), fontsize=8)


def difference_unit(name: str) -> str:
    """Unit of a difference of one figure, for its axis."""
    unit = tr(FIGURES[name][1])
    return tr("percentage points") if unit == "share" else unit


def sections(root: Path, experiment: str) -> list[dict[str, Any]]:
    """What the templates show of each pair of strategies studied in one experiment."""
    return [_section(study) for study in studies(root, experiment)]


def _section(study: Study) -> dict[str, Any]:
    return {
        "a": scenario_label(study.a),
        "b": scenario_label(study.b),
        "draws": study.draws,
        "sentences": sentences(study),
        "caveats": caveats(study),
        "signs": sign_rows(study),
        "drivers": driver_rows(study),
        "figure": Markup(dots(study)),
        "varied": list(_varied(study)),
    }


def _varied(study: Study) -> Iterator[dict[str, str]]:
    for one in study.design["uncertainties"]:
        numbers = {k: f"{one[k]:g}" for k in ("low", "high", "default")}
        yield {"key": one["key"], "unit": tr(one["unit"]), **numbers}


def write_page(root: Path, experiment: str) -> Path:
    """Write the studies of one experiment as a page of their own and return its file.

    Raises
    ------
    StoreError
        If it cannot be written; an earlier page then stays as it was.
    """
    pages = environment()
    page = pages.get_template("robustness_page.html.j2").render(
        experiment=experiment, robustness=sections(root, experiment)
    )
    target = root / "reports" / f"{experiment}_robustness.html"
    commit(target, lambda temporary: temporary.write_text(page, encoding="utf-8"))
    return target

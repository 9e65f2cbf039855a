"""The verb ``calibrate``: fit the baseline's free intercepts to the plan's figures, and look at fresh worlds.

With files of a user (``orders=FILE``) it fits the market to them instead (:mod:`sim.cli.fit`).

A table is printed and the fitted intercepts are written beside the reports as lines that a scenario file or
the command line takes. Nothing in force is changed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich import box
from rich.table import Table

from sim.cli.output import say
from sim.cli.session import hand_over
from sim.core.atomic import check_folder, commit
from sim.core.language import tr
from sim.measure.intervals import t_interval, within
from sim.store.manifest import Job, Manifest
from sim.studies.calibrate.figures import FITTED
from sim.studies.calibrate.fit import Round
from sim.studies.calibrate.request import Request
from sim.studies.calibrate.study import Calibration, calibrate, check

DONE, FAILED = 0, 1


def calibration(words: Sequence[str]) -> int:
    """Fit, print what came out, and write the intercepts; the exit code says whether all figures are met."""
    from sim.calibration.request import has_files
    from sim.cli.jobs import walk
    from sim.cli.screen import console
    from sim.market.build import check_network
    from sim.runs.sweep import sweep_store

    if has_files(words):
        from sim.cli.fit import fit

        return fit(words)
    request = Request.parse(words)
    rounds, settings = request.rounds, request.settings
    config = check(settings, rounds)
    check_network(config)
    store = sweep_store(config.paths.results, config.store.level)
    store.check()
    check_folder(Path(config.paths.cache), "paths.cache")

    def execute(manifest: Manifest, jobs: Sequence[Job]) -> bool:
        return not walk(manifest, config.engine, store, jobs)

    found = calibrate(settings, execute, rounds, told=_tell_round)
    out = console()
    out.print(_table(found))
    for line in sentences(found):
        out.print(line, soft_wrap=True, markup=False)
    path = store.root / "reports" / f"{config.experiment.name}_calibration.yaml"
    _write(path, found)
    say(tr("intercepts: {path}", path=path))
    hand_over(
        met=found.met,
        words=found.words,
        figures=[
            {"figure": one.fact, "stated": one.stated, "within": one.within, "level": level}
            for one, level in zip(found.fitted, found.chosen.level, strict=True)
        ],
        rounds=len(found.rounds),
        intercepts=path,
    )
    return DONE if found.met else FAILED


def sentences(found: Calibration) -> list[str]:
    """What is to be said of a calibration: how it went, which figures are missed, how it held."""
    tried = tr(
        "{n_rounds} point{s} tried", n_rounds=len(found.rounds), s="s" if len(found.rounds) > 1 else ""
    )
    if found.met:
        lines = [tr("{tried}; every figure rounds to what is stated.", tried=tried)]
    else:
        missed = [
            tr(one.fact)
            for one, level in zip(found.fitted, found.chosen.level, strict=True)
            if abs(level - one.stated) > one.within
        ]
        lines = [
            tr(
                "{tried}; not met: {missed}. The nearest point is shown; write more rounds.",
                tried=tried,
                missed=", ".join(missed),
            )
        ]
    if found.fresh is not None:
        off = [
            tr(one.fact)
            for one, column in zip(found.fitted, found.fresh.T, strict=True)
            if not _holds(column, one.stated, one.within)
        ]
        worlds = tr("{n_fresh} worlds that the fit has not seen", n_fresh=len(found.fresh))
        lines.append(
            tr(
                "In {worlds} the interval of {off} lies off what is stated.",
                worlds=worlds,
                off=", ".join(off),
            )
            if off
            else tr("In {worlds} no figure's interval lies off what is stated.", worlds=worlds)
        )
    return lines


def _holds(worlds: np.ndarray, stated: float, within: float) -> bool:
    """Whether an interval over worlds touches what rounds to the stated figure; one world tells nothing."""
    _, low, high, n = t_interval(worlds)
    return n < 2 or (low <= stated + within and high >= stated - within)


def _tell_round(tried: Round) -> None:
    levels = ", ".join(one.written(x) for one, x in zip(FITTED, tried.level, strict=True))
    say(tr("tried: {levels}", levels=levels), file=sys.stderr, flush=True)


def _table(found: Calibration) -> Table:
    """One row a figure."""
    table = Table(title=tr("Calibration of the baseline"), title_justify="left", box=box.SIMPLE_HEAD)
    for name in (
        tr("Figure"),
        tr("What is said"),
        tr("Stated"),
        tr("Fitted"),
        tr("In fresh worlds"),
        tr("Intercept"),
        tr("was"),
    ):
        table.add_column(name, justify="left" if name in (tr("Figure"), tr("What is said")) else "right")
    first = found.rounds[0].point
    for n, one in enumerate(found.fitted):
        fresh = "–"
        if found.fresh is not None:
            mean, low, high, worlds = within(t_interval(found.fresh[:, n]), 0.0, np.inf if one.ratio else 1.0)
            fresh = one.written(mean) + (
                tr(" ({low} to {high})", low=one.written(low), high=one.written(high)) if worlds > 1 else ""
            )
        table.add_row(
            tr(one.fact),
            one.what,
            f"{one.stated:g}" if one.ratio else f"{100 * one.stated:g}%",
            one.written(found.chosen.level[n]),
            fresh,
            found.words[n].partition("=")[2],
            f"{first[n]:g}",
        )
    return table


def _write(path: Path, found: Calibration) -> None:
    lines = ["# Fitted intercepts of the baseline; written by 'liebian calibrate'."]
    lines += [f"{key}: {value}" for key, _, value in (word.partition("=") for word in found.words)]
    text = "\n".join(lines) + "\n"
    commit(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))

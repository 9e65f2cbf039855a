"""The verb ``fidelity``: what the market brings forth of the plan's figures, beside what the plan states.

A few worlds are lived under the baseline and under the strategies that figures speak of, figures are counted
from events, and each gets a verdict. Nothing is fitted to them.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.table import Table

from sim.cli.output import say
from sim.cli.session import hand_over
from sim.core.atomic import check_folder
from sim.core.errors import InputError
from sim.core.language import tr
from sim.runs.size import tell_size
from sim.studies.fidelity.study import Judged, check, judge, live, settings, told

DONE = 0


def fidelity(words: Sequence[str]) -> int:
    """Live the arms of a few worlds and hold the plan's figures against what was counted."""
    if bare := [word for word in words if "=" not in word]:
        example = tr("for instance 'liebian fidelity population.size=4000'")
        raise InputError(
            [
                tr("'{word}': fidelity takes settings alone, {example}", word=word, example=example)
                for word in bare
            ]
        )
    if any(word.startswith("scenario=") for word in words):
        raise InputError(tr("scenario: fidelity chooses its own scenarios; leave it out"))
    wanted = settings(words)
    config = check(wanted)
    tell_size([config])
    check_folder(Path(config.paths.cache), "paths.cache")
    lived = []
    for values in live(wanted, config):
        lived.append(values)
        say(
            tr(
                "[{n_lived}/{replications}] world lived",
                n_lived=len(lived),
                replications=config.experiment.replications,
            ),
            file=sys.stderr,
            flush=True,
        )
    found = judge(lived)
    from sim.cli.screen import console

    out = console()
    out.print(table(found, config.experiment.replications, config.population.size))
    for line in sentences(found):
        out.print(line, soft_wrap=True)
    hand_over(figures=[row(one) for one in found])
    return DONE


def row(one: Judged) -> dict[str, object]:
    """A figure in numbers, for programs and pages."""
    figure = one.figure
    return {
        "fact": figure.fact,
        "what": figure.what,
        "role": figure.role,
        "unit": figure.unit,
        "stated": figure.stated,
        "value": one.simulated.value,
        "low": one.simulated.low,
        "high": one.simulated.high,
        "difference": one.judged.value if figure.against else float("nan"),
        "difference_low": one.judged.low if figure.against else float("nan"),
        "difference_high": one.judged.high if figure.against else float("nan"),
        "worlds": one.simulated.n,
        "verdict": one.verdict,
        "counted": figure.counted,
        "cause": told(one),
    }


def number(value: float, unit: str) -> str:
    """A value as a table shows it."""
    if value != value:
        return "–"
    if unit in ("share", "change"):
        return f"{100.0 * value:{'+' if unit == 'change' else ''}.1f}%"
    return f"{value:,.1f}{f' {unit}' if unit else ''}"


def cells(one: Judged) -> tuple[str, str, str, str]:
    """Stated, simulated, its interval, and the difference that was judged with its interval."""
    unit, s, j = one.figure.unit, one.simulated, one.judged
    side = tr("at most ") if one.figure.sign < 0 else tr("at least ")
    stated = f"{side if one.figure.bound else ''}{number(one.figure.stated, unit)}"
    between = (
        tr("{number} to {number2}", number=number(s.low, unit), number2=number(s.high, unit))
        if s.low == s.low
        else "–"
    )
    gap = "–"
    if one.figure.against and j.low == j.low:
        gap = tr(
            "{number} ({number2} to {number3})",
            number=number(j.value, unit),
            number2=number(j.low, unit),
            number3=number(j.high, unit),
        )
    return stated, number(s.value, unit), between, gap


def table(found: Sequence[Judged], worlds: int, people: int) -> Table:
    """One row a figure."""
    shown = Table(
        title=tr(
            "The plan's figures: {worlds} world{s} of {people:,} consumers",
            worlds=worlds,
            s="" if worlds == 1 else "s",
            people=people,
        ),
        caption=tr(
            "95% t intervals over worlds; sign and order are judged by differences on the same worlds"
        ),
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
    )
    for name in (
        tr("Figure"),
        tr("What is said"),
        tr("Stated"),
        tr("Simulated"),
        tr("95% interval"),
        tr("Difference"),
        tr("Verdict"),
    ):
        shown.add_column(name)
    for one in found:
        shown.add_row(tr(one.figure.fact), tr(one.figure.what), *cells(one), tr(one.verdict))
    return shown


def sentences(found: Sequence[Judged]) -> list[str]:
    """How many verdicts there are of each kind, and what contradictions may come from."""
    counted = Counter(one.verdict for one in found)
    lines = ["; ".join(f"{tr(verdict)}: {n}" for verdict, n in sorted(counted.items()))]
    lines += [
        tr(
            "{fact} {verdict}: perhaps because {told}",
            fact=tr(one.figure.fact),
            verdict=tr(one.verdict),
            told=tr(told(one)),
        )
        for one in found
        if told(one)
    ]
    return lines

"""The verb ``warmup``: how long a market needs to come to rest, and whether the burn-in waits for it.

Worlds are lived from a cold start under the baseline strategy. A table is printed, and a page with
a picture of every main series is written beside the reports.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich import box
from rich.table import Table

from sim.cli.output import say
from sim.cli.session import hand_over
from sim.core.language import tr
from sim.runs.size import tell_size
from sim.studies.warmup.request import Request
from sim.studies.warmup.study import Warmup, check_days, judge, live_from_cold

DONE = 0


def warmup(words: Sequence[str]) -> int:
    """Live worlds from a cold start and say from which day each series is at rest."""
    from sim.config import compose
    from sim.market.build import check_network
    from sim.report.warmup import sentences, write_page
    from sim.store.store import Store

    request = Request.parse(words)
    config = compose(request.settings)
    tell_size([config])
    length = check_days(config, request.days)
    check_network(config)
    store = Store(config.paths.results)
    store.check()
    lived, worlds = [], config.experiment.replications
    for series in live_from_cold(config, length):
        lived.append(series)
        say(
            tr(
                "[{n_lived}/{worlds}] world lived, {length} days",
                n_lived=len(lived),
                worlds=worlds,
                length=length,
            ),
            file=sys.stderr,
            flush=True,
        )
    check = judge(config, lived)
    from sim.cli.screen import console

    out = console()
    out.print(_table(check))
    for line in sentences(check):
        out.print(line, soft_wrap=True)
    page = write_page(store.root, str(config.experiment.name), check)
    say(tr("report: {page}", page=page))
    hand_over(
        scenario=check.scenario,
        days=check.days,
        burn_in=check.burn_in,
        worlds=check.n_worlds,
        verdicts=check.verdicts(),
        reports=[page],
    )
    return DONE


def _table(check: Warmup) -> Table:
    """One row a series."""
    from sim.report.warmup import rows

    table = Table(
        title=tr(
            "Warm-up from a cold start: {n_worlds} world{s}, {days} days",
            s="" if check.n_worlds == 1 else "s",
            n_worlds=check.n_worlds,
            days=check.days,
        ),
        caption=tr("MSER-5 on the mean over worlds; each world judged by itself beside it"),
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
    )
    table.add_column(tr("Daily series"), no_wrap=True)
    table.add_column(tr("At rest from day"), justify="right")
    table.add_column(tr("Worlds at rest by day {burn_in}", burn_in=check.burn_in), justify="right")
    table.add_column(tr("Level at rest"), justify="right")
    table.add_column(tr("Burn-in of {burn_in} days", burn_in=check.burn_in))
    for row in rows(check):
        table.add_row(*(row[k] for k in ("label", "day", "worlds", "level", "verdict")))
    return table

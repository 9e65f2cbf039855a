"""The verb ``robustness``: whether the sign of a difference holds across the uncertain parameters.

Two strategies are played in many short worlds that differ in the uncertain parameters. Tables
and sentences are printed, and a page with them is written beside the reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.table import Table

from sim.cli.jobs import print_pairing
from sim.cli.output import print_error, say
from sim.cli.session import hand_over
from sim.core.atomic import check_folder
from sim.core.errors import InputError, RunError
from sim.core.language import tr
from sim.runs.size import tell_size
from sim.store.store import Store
from sim.studies.robustness.plan import Plan
from sim.studies.robustness.request import Request
from sim.studies.robustness.stored import Study, load_study, study_path
from sim.studies.robustness.study import plan, run_study

DONE, FAILED = 0, 1


def robustness(words: Sequence[str]) -> int:
    """Two strategies over the plausible ranges of the uncertain parameters."""
    request = Request.parse(words)
    study_plan = plan(
        request.a, request.b, request.settings, request.draws, request.vary, request.calibration
    )
    tell_size([study_plan.config])
    store = Store(study_plan.config.paths.results)
    store.check()
    check_folder(Path(study_plan.config.paths.cache), "paths.cache")
    print_pairing(request.settings, study_plan.trials[0].arms, named=True)
    failed = _execute(study_plan, store)
    engine = study_plan.config.engine
    if engine.kind == "slurm" and not engine.wait:
        say(tr("not waiting: the same command reports on the draws when they are finished"))
        return DONE
    try:
        study = load_study(study_path(store, study_plan))
    except InputError:
        if failed:
            return FAILED
        raise
    _show(study)
    from sim.report.robustness import write_page

    page = write_page(store.root, str(study_plan.config.experiment.name))
    say(tr("report: {page}", page=page))
    hand_over(
        strategies=[study.a, study.b],
        draws=study.draws,
        planned=study.planned,
        differences=study.differences().to_dict("list"),
        values=study.values().to_dict("list"),
        reports=[page],
    )
    return FAILED if failed else DONE


def _execute(study_plan: Plan, store: Store) -> bool:
    """Play all draws; True if one failed."""
    from sim.cli.progress import RunProgress

    both = tr("{a} and {b}", a=study_plan.a, b=study_plan.b)
    replications = {trial.index: trial.replication for trial in study_plan.trials}
    with RunProgress(len(study_plan.trials)) as progress:
        try:
            for _ in run_study(study_plan, store, lambda k, _: progress.finished(both, replications[k])):
                pass
        except RunError as error:
            print_error(tr("a draw failed: {error}", error=error))
            return True
    return False


def _show(study: Study) -> None:
    from sim.cli.screen import console
    from sim.report.robustness import caveats, sentences

    out = console()
    out.print(_signs(study))
    out.print(_drivers(study))
    for line in sentences(study):
        out.print(line, soft_wrap=True)
    for line in caveats(study):
        out.print(f"· {line}", soft_wrap=True)


def _signs(study: Study) -> Table:
    """Levels, difference and shares of signs, one row a figure."""
    from sim.report.robustness import sign_rows
    from sim.report.sentences import scenario_label

    table = Table(
        title=tr(
            "{b} against {a}: {draws} draws, {days} days",
            b=scenario_label(study.b),
            a=scenario_label(study.a),
            draws=study.draws,
            days=study.design["days"],
        ),
        caption=tr("Medians over draws; share of draws with each sign of the difference (95% interval)"),
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
    )
    table.add_column(tr("Figure"), no_wrap=True)
    for name in (study.a, study.b):  # narrow columns: a name goes over several lines
        table.add_column(scenario_label(name).replace(" ", "\n"), justify="right", no_wrap=True)
    for heading in (tr("Difference"), tr("10 to 90%"), tr("Higher"), tr("Same"), tr("Lower")):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in sign_rows(study):
        cells = [row[k] for k in ("a", "b", "median", "range", "positive", "zero", "negative")]
        table.add_row(row["label"], *cells)
    return table


def _drivers(study: Study) -> Table:
    """Parameters that go with the sign."""
    from sim.report.robustness import driver_rows

    table = Table(
        title=tr("What goes with the sign (rank correlation of the three strongest parameters)"),
        caption=tr("* more than chance among so many parameters; 'size' where all draws have one sign"),
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
    )
    for heading in (tr("Figure"), tr("Of the"), tr("Parameters")):
        table.add_column(heading)
    for row in driver_rows(study):
        table.add_row(row["label"], row["of"], "; ".join(row["keys"]))
    return table

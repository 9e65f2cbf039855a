"""The verb ``calibrate`` with files: fit the market to a user's own data, and hand on draws."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from sim.calibration.request import Request
from sim.calibration.study import calibrate, plan
from sim.calibration.tasks import PointTask
from sim.cli.output import say
from sim.cli.session import hand_over
from sim.core.atomic import check_folder
from sim.core.language import tr
from sim.store.draws import Draws, write_draws
from sim.store.store import Store

DONE = 0


def fit(words: Sequence[str]) -> int:
    """Read, fit, print the page's tables, and write page, scenario and draws."""
    from sim.cli.jobs import walk_tasks
    from sim.cli.screen import console
    from sim.core.atomic import commit
    from sim.report.fit import page, scenario_text, sentences

    planned = plan(Request.parse(words))
    config = planned.config
    store = Store(config.paths.results)
    store.check()
    check_folder(Path(config.paths.cache), "paths.cache")
    for one in planned.targets:
        say(f"{one.name}: {one.value:.4g} ± {one.error:.2g}", file=sys.stderr)

    def execute(tasks: Sequence[PointTask]) -> bool:
        return not walk_tasks(tasks, config.engine, store)

    found = calibrate(planned, execute, lambda task: task.read(store))
    out = console()
    for line in sentences(found):
        out.print(line, soft_wrap=True, markup=False)
    folder, name = store.root / "reports", str(config.experiment.name)
    paths = {end: folder / f"{name}_fit{end}" for end in (".md", ".yaml", ".csv")}
    commit(paths[".md"], lambda temporary: temporary.write_text(page(found), encoding="utf-8"))
    commit(paths[".yaml"], lambda temporary: temporary.write_text(scenario_text(found), encoding="utf-8"))
    write_draws(paths[".csv"], Draws(planned.space.keys, found.draws))
    hand_over(
        keys=found.plan.space.keys,
        draws=found.draws,
        targets=[{"name": one.name, "value": one.value, "error": one.error} for one in planned.targets],
        page=paths[".md"],
        scenario=paths[".yaml"],
        table=paths[".csv"],
    )
    say(
        tr(
            "page: {paths}\nscenario: {paths2}\ndraws: {paths3}",
            paths=paths[".md"],
            paths2=paths[".yaml"],
            paths3=paths[".csv"],
        )
    )
    return DONE

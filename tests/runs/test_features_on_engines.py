"""A feature that worker processes could not import is refused in one line before anything is begun."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sim.config import compose, market_sources
from sim.config.settings import EngineParams
from sim.core.errors import ConfigError
from sim.core.params import Params
from sim.feature import Feature
from sim.runs.execute import check_features, execute
from sim.runs.task import RunTask
from sim.store.store import Store
from tests.features.stamps import Stamps

#: What a notebook does: code without a file, typed into ``__main__``.
NOTEBOOK = """
from sim.config import compose, market_sources
from sim.config.settings import EngineParams
from sim.core.errors import ConfigError
from sim.core.params import Params
from sim.feature import Feature
from sim.runs.compare import run_many
from sim.store.store import Store

class Quiet(Feature):
    section = "quiet"
    class Params(Params):
        pass

words = ["population.size=60", "experiment.days=2", "experiment.warmup_days=1", "experiment.burn_in_days=2"]
config = compose(words, sources=market_sources((Quiet,)))
for kind in ("dask", "local", "serial"):
    try:
        keys = list(run_many([config], 2, EngineParams(kind=kind), Store("results"), lambda *_: None))
    except ConfigError as error:
        print(error.problems)
print(len(keys), "runs")
"""


def test_a_notebooks_feature_runs_serially_and_is_refused_elsewhere(tmp_path):
    done = subprocess.run([sys.executable, "-"], input=NOTEBOOK, cwd=tmp_path, capture_output=True, text=True,
                          timeout=300, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    dask, local, ran = done.stdout.splitlines()
    for line, kind in ((dask, "dask"), (local, "local")):
        assert "features: Quiet is defined in a notebook or a script" in line
        assert f"(you wrote engine.kind={kind})" in line
        assert "--with FILE:Quiet" in line
        assert "choose engine=serial" in line
    assert ran == "2 runs"


@pytest.mark.parametrize("kind", ["local", "dask", "slurm"])
def test_a_feature_of_a_function_is_refused_and_one_of_a_module_is_not(kind, tmp_path, monkeypatch):
    class Inner(Feature):
        section = "inner"

        class Params(Params):
            pass

    monkeypatch.setattr("sim.runs.execute.check_engine", lambda _: None)
    for feature in (Inner, Stamps):
        config = compose(["population.size=60"], sources=market_sources((feature,)))
        tasks = [RunTask(config, n, str(n), str(n)) for n in range(2)]
        if feature is Inner:
            with pytest.raises(ConfigError, match="Inner is defined inside a function"):
                list(execute(tasks, EngineParams(kind=kind), Store(tmp_path)))
        else:
            check_features(tasks, EngineParams(kind=kind))

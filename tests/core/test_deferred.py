"""Modules that wait: they cost nothing until they are used, and then are what they always were."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading

import pytest

from sim.core.deferred import DeferredModule, deferred


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that notes each time it is executed."""
    (tmp_path / "waiting_one").mkdir()
    (tmp_path / "waiting_one" / "__init__.py").write_text(
        "import time\nfrom pathlib import Path\n"
        "log = Path(__file__).with_name('log')\n"
        "log.write_text((log.read_text() if log.is_file() else '') + 'x')\n"
        "time.sleep(0.2)\nvalue = 7\n"
    )
    (tmp_path / "waiting_one" / "part.py").write_text("from waiting_one import value\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path / "waiting_one" / "log"
    for name in [one for one in sys.modules if one.startswith("waiting_one")]:
        del sys.modules[name]


def test_a_module_waits_until_a_name_is_read(package):
    with deferred("waiting_one"):
        import waiting_one
    import waiting_one as again

    assert again is waiting_one
    assert not package.exists()
    assert waiting_one.value == 7
    assert type(waiting_one) is type(sys)
    assert package.read_text() == "x"
    with pytest.raises(AttributeError):
        _ = waiting_one.no_such_name


def test_importing_a_part_executes_the_whole(package):
    with deferred("waiting_one"):
        importlib.import_module("waiting_one")
    from waiting_one.part import value

    assert value == 7
    assert package.read_text() == "x"


def test_two_threads_execute_a_module_once(package):
    with deferred("waiting_one"):
        import waiting_one
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(waiting_one.value)) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert seen == [7] * 4
    assert package.read_text() == "x"


def test_an_error_is_told_to_everybody_who_asks(package):
    source = package.with_name("__init__.py")
    source.write_text("raise ImportError('no such library')\n")
    with deferred("waiting_one"):
        import waiting_one
    for _ in range(2):
        with pytest.raises(ImportError, match="no such library"):
            _ = waiting_one.value
    assert isinstance(waiting_one, DeferredModule)


_MARKET = """
import sys
from sim.config import compose
from sim.market import Market
Market(compose(["population.size=300", "experiment.burn_in_days=0", "experiment.warmup_days=0"])).step()
executed = lambda name: name in sys.modules and type(sys.modules[name]).__name__ != "DeferredModule"
print(*filter(executed, sys.argv[1:]))
"""
_NEEDLESS = (
    *(
        "pandas",
        "pyarrow",
        "duckdb",
        "networkx",
        "matplotlib",
        "hydra",
        "omegaconf",
        "rich",
        "jinja2",
        "dask",
    ),
    *("scipy.linalg", "scipy.special", "scipy.stats", "scipy.sparse", "mesa.discrete_space", "mesa.space"),
)


def _executed(script: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script, *_NEEDLESS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[-2].split()


def test_a_worker_starts_without_what_it_does_not_need():
    """However the model is imported: a worker takes it from its own module."""
    waiting = _MARKET.split("Market(compose")[0].replace("sim.market ", "sim.market.model ")
    assert "pandas" not in _executed(waiting + _MARKET[_MARKET.index("executed =") :])


def test_a_market_lives_a_day_without_what_it_does_not_need():
    assert _executed(_MARKET) == []


def test_what_waits_is_there_for_those_who_use_it():
    """Mesa's grids and tables, and numba's linear algebra, behind a market that left them out."""
    _executed(
        "import sys\n"
        "from sim.market import Market\n"
        "import mesa, numba, numpy as np\n"
        "from mesa.discrete_space import OrthogonalMooreGrid\n"
        "assert mesa.space.MultiGrid and mesa.experimental.continuous_space.ContinuousSpace\n"
        "dot = numba.njit(lambda a: np.linalg.inv(np.dot(a, a)))\n"
        "assert np.allclose(dot(2 * np.eye(2)), np.eye(2) / 4)\n"
        "import scipy.linalg, scipy.special, pandas as pd, asyncio\n"
        "assert scipy.linalg.det(np.eye(2)) == 1 and pd.DataFrame({'a': [1]}).a.sum() == 1\n"
        "asyncio.run(asyncio.sleep(0))\n"
        "print()"
    )

"""A run's name moves with every source that can change its numbers and with no other."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.core import sources
from sim.core.sources import PACKAGE, makes_numbers, module_digest, sources_digest

FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The package's sources in another place."""
    place = tmp_path_factory.mktemp("copied") / "sim"
    shutil.copytree(PACKAGE, place, ignore=shutil.ignore_patterns("__pycache__", "_conf", "_scenarios"))
    return place


def numbers_of(package):
    return sources_digest.__wrapped__(makes_numbers, package)


@contextlib.contextmanager
def edited(path):
    """A remark at the end of a source file, for a while."""
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "\n# a remark\n", encoding="utf-8")
    _read_anew()
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")
        _read_anew()


def _read_anew():
    """Forget what was read of the sources, as a new process does."""
    for one in (sources._imported, sources._file_digest, sources._is_file):
        one.cache_clear()


@pytest.mark.parametrize("name", FILES[:: max(1, len(FILES) // 60)])
def test_an_edit_moves_the_name_of_runs_if_it_can_move_their_numbers(copy, name):
    before = numbers_of(copy)
    with edited(copy / name):
        assert (numbers_of(copy) != before) == makes_numbers(name)
    assert numbers_of(copy) == before


def imports_of(name):
    """Every file of the package that Python itself loads for one, from a process of its own."""
    module = "sim." + name.removesuffix(".py").replace("/", ".")
    code = (
        f"import sys, importlib; importlib.import_module({module!r})\n"
        "print('\\n'.join(m.__file__ for n, m in sys.modules.items() if n.startswith('sim.')))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {Path(line).relative_to(PACKAGE).as_posix() for line in ran.stdout.split()}


@pytest.mark.parametrize(
    "name", ["demand/choice.py", "social/trust.py", "logistics/kernels.py", "world/population.py"]
)
def test_kernels_are_named_by_everything_that_their_module_loads(copy, name):
    """What Python loads for a module moves its digest; a file that it does not load leaves it alone."""
    before = module_digest.__wrapped__(name, copy)
    loaded = {one for one in imports_of(name) if not one.endswith("__init__.py")}
    assert len(loaded) > 5
    for one in sorted(loaded)[:: max(1, len(loaded) // 12)]:
        with edited(copy / one):
            assert module_digest.__wrapped__(name, copy) != before, one
    for one in ("report/sentences.py", "cli/__init__.py", "measure/money.py"):
        with edited(copy / one):
            assert module_digest.__wrapped__(name, copy) == before, one


@pytest.mark.parametrize(
    "name",
    [
        *("core/rng.py", "core/clock.py", "world/schema.py", "demand/choice.py", "measure/money.py"),
        *("measure/kpis.py", "day.py", "mechanism.py", "market/model.py", "market/build.py", "registry.py"),
        *("logistics/crew.py", "market/snapshot.py", "runs/replicate.py", "measure/breakdown.py"),
    ],
)
def test_what_a_run_is_made_by_counts(name):
    assert (PACKAGE / name).exists()
    assert makes_numbers(name)


@pytest.mark.parametrize(
    "name",
    [
        *("report/sentences.py", "report/sweep/page.py", "cli/__init__.py", "runs/plan.py"),
        *("own/cells.py", "own/warehouses.py", "board/app.py", "plots/market.py"),
    ],
)
def test_what_shows_or_plans_runs_or_brings_files_in_does_not(name):
    assert (PACKAGE / name).exists()
    assert not makes_numbers(name)


@pytest.mark.parametrize("folder", ["own", "board", "plots", "cli", "report"])
def test_nothing_that_makes_numbers_or_reads_settings_can_call_these_folders(folder):
    """Imports within functions count too, so that no run can reach what its name does not move with."""
    makers = [name for name in FILES if makes_numbers(name) or name.startswith("config/")]
    assert "runs/replicate.py" in makers
    reached = {name: sources._imported(name, str(PACKAGE)) for name in makers}
    assert "market/model.py" in reached["runs/replicate.py"] + reached["market/__init__.py"]
    callers = [
        name
        for name, files in reached.items()
        if name != "__main__.py" and any(one.startswith(f"{folder}/") for one in files)
    ]
    assert callers == []


def test_a_renamed_file_is_another_package(copy):
    before = numbers_of(copy)
    (copy / "day.py").rename(copy / "days.py")
    try:
        assert numbers_of(copy) != before
    finally:
        (copy / "days.py").rename(copy / "day.py")

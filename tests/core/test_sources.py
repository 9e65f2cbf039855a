"""A run's name moves with every source that can change its numbers and with no other."""

from __future__ import annotations

import shutil

import pytest

from sim.core.sources import PACKAGE, feeds_kernels, makes_numbers, sources_digest

FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The package's sources in another place."""
    place = tmp_path_factory.mktemp("copied") / "sim"
    shutil.copytree(PACKAGE, place, ignore=shutil.ignore_patterns("__pycache__", "_conf", "_scenarios"))
    return place


def digests(package):
    return tuple(sources_digest.__wrapped__(chosen, package) for chosen in (makes_numbers, feeds_kernels))


@pytest.mark.parametrize("name", FILES[:: max(1, len(FILES) // 60)])
def test_an_edit_moves_the_digests_that_it_should(copy, name):
    before = digests(copy)
    path = copy / name
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "\n# a remark\n", encoding="utf-8")
    try:
        numbers, kernels = digests(copy)
    finally:
        path.write_text(text, encoding="utf-8")
    assert (numbers != before[0]) == makes_numbers(name)
    assert (kernels != before[1]) == feeds_kernels(name)
    assert digests(copy) == before


@pytest.mark.parametrize(
    "name",
    [
        *("core/rng.py", "core/clock.py", "world/schema.py", "demand/choice.py", "measure/money.py"),
        *("measure/kpis.py", "day.py", "mechanism.py", "market.py", "build.py", "snapshot.py", "registry.py"),
        *("logistics/crew.py", "experiment/replicate.py", "experiment/breakdown.py"),
    ],
)
def test_what_a_run_is_made_by_counts(name):
    assert (PACKAGE / name).exists()
    assert makes_numbers(name)


@pytest.mark.parametrize(
    "name", ["report/words.py", "report/sweep/page.py", "cli/__init__.py", "experiment/plan.py"]
)
def test_what_shows_or_plans_runs_does_not(name):
    assert (PACKAGE / name).exists()
    assert not makes_numbers(name)


def test_every_file_that_compiles_kernels_feeds_them():
    for name in FILES:
        if "njit" in (PACKAGE / name).read_text(encoding="utf-8") and name != "core/sources.py":
            assert feeds_kernels(name), name


def test_a_renamed_file_is_another_package(copy):
    before = digests(copy)
    (copy / "day.py").rename(copy / "days.py")
    try:
        assert digests(copy)[0] != before[0]
    finally:
        (copy / "days.py").rename(copy / "day.py")

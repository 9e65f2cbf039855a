"""Every small wrong change of the list is noticed by the tests named beside it.

The package is copied, one line is changed in the copy, and the named tests run there: they must
pass before the change and fail after it. Add a change to ``mutations.yaml`` with the fewest tests
that notice it. All of them take a while: ``pytest -m slow tests/mutations``.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
LIST = yaml.safe_load(Path(__file__).with_name("mutations.yaml").read_text(encoding="utf-8"))
MUTATIONS = [(f"{part}-{i}", m) for part, entries in LIST.items() for i, m in enumerate(entries, 1)]
NAMES = [name for name, _ in MUTATIONS]
_COPIED = ("sim", "conf", "scenarios", "tests", "docs", "pyproject.toml")


@pytest.mark.parametrize("mutation", [m for _, m in MUTATIONS], ids=NAMES)
def test_a_mutation_fits_the_code(mutation: dict[str, str]) -> None:
    """What is changed stands in the file once, the change compiles, and the tests exist."""
    text = (ROOT / mutation["file"]).read_text(encoding="utf-8")
    assert text.count(mutation["old"]) == 1
    compile(text.replace(mutation["old"], mutation["new"]), mutation["file"], "exec")
    assert (ROOT / shlex.split(mutation["killed_by"])[0]).is_file()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package and its tests in a folder of their own, without anything compiled."""
    folder = tmp_path_factory.mktemp("mutant")
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(
                source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.nb?", "local")
            )
        else:
            shutil.copy(source, folder / name)
    return folder


@pytest.fixture
def mutant(copy: Path) -> Iterator[Path]:
    """The copy, whose changed files are put back afterwards."""
    yield copy
    for file in {m["file"] for _, m in MUTATIONS}:
        shutil.copy(ROOT / file, copy / file)


def outcome(folder: Path, mutation: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the tests of a mutation in a folder: return code 0 passed, 1 failed, other: no tests ran."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "NUMBA_CACHE_DIR": str(folder / "compiled"),
        "NUMBA_DISABLE_JIT": "1" if mutation.get("interpreted") else "0",
    }
    return subprocess.run(
        [*command, *shlex.split(mutation["killed_by"])],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "tests", sorted({(m["killed_by"], bool(m.get("interpreted"))) for _, m in MUTATIONS})
)
def test_the_named_tests_pass_on_the_code_as_it_is(copy: Path, tests: tuple[str, bool]) -> None:
    ran = outcome(copy, {"killed_by": tests[0], "interpreted": tests[1]})
    assert ran.returncode == 0, ran.stdout[-2000:]


@pytest.mark.slow
@pytest.mark.parametrize("mutation", [m for _, m in MUTATIONS], ids=NAMES)
def test_a_mutation_is_noticed(mutant: Path, mutation: dict[str, str]) -> None:
    file = mutant / mutation["file"]
    file.write_text(
        file.read_text(encoding="utf-8").replace(mutation["old"], mutation["new"]), encoding="utf-8"
    )
    ran = outcome(mutant, mutation)
    assert ran.returncode == 1, f"survived: {mutation['old']} -> {mutation['new']}\n{ran.stdout[-1000:]}"

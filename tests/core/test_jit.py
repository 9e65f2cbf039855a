"""Compiled kernels follow every edit of what they hold, and live where something can be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.core import jit
from sim.core.sources import PACKAGE

#: Delays until wishes to cancel: a kernel of one file that takes exponential draws from another.
PROBE = """
import numpy as np
from sim.commerce.second_thoughts import Cooling, cancel_wishes
orders, heat, minute = np.arange(2000), np.zeros(2000), np.zeros(2000, np.int64)
plain = Cooling(cancel_shelf=1.0, cancel_hours=6.0, regret=0.0, cool_hours=1.0)
due = cancel_wishes(np.uint64(7), np.uint64(8), orders, heat, minute, plain)
print(int(due.sum()))
"""


def run(place: Path, code: str = PROBE, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=place, capture_output=True, text=True, timeout=300, check=True,
        env={**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1", **environment},
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path):
    ignored = shutil.ignore_patterns("__pycache__", "_conf", "_scenarios")
    shutil.copytree(PACKAGE, tmp_path / "sim", ignore=ignored)
    return tmp_path


def test_an_edited_kernel_moves_its_callers_in_other_files(copy):
    """The mean delay is six hours; with the exponential tripled it is eighteen, and nothing is deleted."""
    first = int(run(copy).stdout)
    assert int(run(copy).stdout) == first
    source = copy / "sim/core/rng.py"
    text = source.read_text(encoding="utf-8")
    line = "    return -math.log(keyed_uniform(stream, who, occasion))"
    assert text.count(line) == 1
    source.write_text(text.replace(line, line.replace("-math", "-3.0 * math")), encoding="utf-8")
    tripled = int(run(copy).stdout)
    assert tripled == pytest.approx(3 * first, rel=0.01)
    source.write_text(text, encoding="utf-8")
    assert int(run(copy).stdout) == first


def test_an_edited_constant_moves_the_kernels_that_hold_it(copy):
    """A kernel freezes the constants that it takes from other files."""
    (copy / "sim/core/made_up.py").write_text("FACTOR = 2\n", encoding="utf-8")
    (copy / "sim/demand/made_up.py").write_text(
        "from sim.core.jit import njit\nfrom sim.core.made_up import FACTOR\n\n"
        "@njit(cache=True)\ndef scaled(x):\n    return FACTOR * x\n",
        encoding="utf-8",
    )
    code = "from sim.demand.made_up import scaled; print(scaled(21))"
    assert run(copy, code).stdout.strip() == "42"
    (copy / "sim/core/made_up.py").write_text("FACTOR = 3\n", encoding="utf-8")
    assert run(copy, code).stdout.strip() == "63"


def test_a_folder_that_was_named_is_used(copy):
    place = copy / "kernels"
    run(copy, NUMBA_CACHE_DIR=str(place))
    assert list(place.glob("liebian-kernels/**/*.nbi"))
    assert not (copy / "sim/__pycache__").exists()


def test_where_no_folder_can_be_written_kernels_are_compiled_and_it_is_said(monkeypatch, caplog):
    monkeypatch.setattr(jit, "_usable", lambda folder: False)
    jit.cache_folder.cache_clear()
    try:
        with caplog.at_level("WARNING", logger="sim"):
            assert jit.cache_folder() is None
        twice = jit.njit(cache=True)(lambda x: 2 * x)
    finally:
        monkeypatch.undo()
        jit.cache_folder.cache_clear()
    assert "NUMBA_CACHE_DIR" in jit.cache_folder.__doc__
    assert twice(4) == 8


def test_the_first_folder_that_can_be_written_is_taken(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setattr(jit, "_places", lambda: iter([tmp_path / "file", tmp_path / "second"]))
    jit.cache_folder.cache_clear()
    try:
        folder = jit.cache_folder()
    finally:
        monkeypatch.undo()
        jit.cache_folder.cache_clear()
    assert folder is not None
    assert folder.parent == tmp_path / "second"


def test_kernels_of_other_sources_go_once_nobody_uses_them(monkeypatch, tmp_path):
    old, young = tmp_path / "liebian-kernels/old", tmp_path / "liebian-kernels/young"
    for folder in (old, young):
        folder.mkdir(parents=True)
    os.utime(old, (1, 1))
    monkeypatch.setattr(jit, "_places", lambda: iter([tmp_path]))
    jit.cache_folder.cache_clear()
    try:
        jit.cache_folder()
    finally:
        monkeypatch.undo()
        jit.cache_folder.cache_clear()
    assert (old.exists(), young.exists()) == (False, True)


def test_what_else_a_process_compiles_keeps_its_own_folder():
    import numba

    before = numba.config.CACHE_DIR
    jit.njit(cache=True)(lambda x: x)
    assert before == numba.config.CACHE_DIR


def test_an_edited_generator_moves_the_graphs_that_are_kept(copy):
    """What an earlier version drew is not taken for this one's; without an edit it is not drawn again."""
    code = (
        "from sim.network.graph import build_graph\nfrom sim.network.graph_params import GraphParams\n"
        "graph, _ = build_graph(GraphParams(), 300, 1, cache='graphs'); print(graph.indices.tolist())"
    )

    def built() -> tuple[str, int]:
        told = run(copy, code, NUMBA_DISABLE_JIT="1").stdout
        return told, len(list((copy / "graphs").glob("*.npz")))

    first, kept = built()
    assert (first, kept) == built() == (first, 1)
    source = copy / "sim/network/generators.py"
    text = source.read_text(encoding="utf-8")
    line = "keyed_uniform(stream, counter, 1) < triangle"
    assert text.count(line) == 1
    source.write_text(text.replace(line, line.replace("<", ">=")), encoding="utf-8")
    edited, kept = built()
    assert edited != first
    assert kept == 2

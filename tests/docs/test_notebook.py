"""The first hour executes, and its two files hold the same cells."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

pytestmark = pytest.mark.docs

NOTEBOOK = ROOT / "notebooks" / "first_hour.ipynb"
SCRIPT = NOTEBOOK.with_suffix(".py")


def test_the_first_hour_executes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    shown = json.dumps([output for cell in notebook.cells for output in cell.get("outputs", [])])
    assert "only with the reward" in shown
    assert "Acquisition cost" in shown
    assert "image/png" in shown


def test_script_and_notebook_hold_the_same_cells() -> None:
    jupytext = pytest.importorskip("jupytext")
    cells = [
        [(c.cell_type, c.source.strip()) for c in jupytext.read(file).cells] for file in (NOTEBOOK, SCRIPT)
    ]
    assert cells[0] == cells[1]


def test_the_notebook_is_kept_executed_and_small() -> None:
    kept = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    code = [cell for cell in kept["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert not [o for cell in code for o in cell["outputs"] if o["output_type"] == "error"]
    assert NOTEBOOK.stat().st_size < 250_000

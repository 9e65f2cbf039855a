"""The notebooks execute, and the two files of each hold the same cells."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

pytestmark = pytest.mark.docs

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
#: What each must show when it is executed.
SHOWN = {
    "first_hour": ("only with the reward", "Acquisition cost", "image/png"),
    "sweeps": (
        "28 of 28 runs",
        "26 of 26 runs",
        "family of 18 comparisons",
        "product of shares",
        "image/png",
    ),
}
each = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


@each
def test_notebooks_execute(notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbformat, nbclient = (
        pytest.importorskip(one, reason="needs the extra dev") for one in ("nbformat", "nbclient")
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    cells = nbformat.read(notebook, as_version=4)
    nbclient.NotebookClient(cells, timeout=300, kernel_name="python3").execute()
    shown = json.dumps([output for cell in cells.cells for output in cell.get("outputs", [])])
    assert [words for words in SHOWN[notebook.stem] if words not in shown] == []


@each
def test_script_and_notebook_hold_the_same_cells(notebook: Path) -> None:
    jupytext = pytest.importorskip("jupytext", reason="needs the extra dev")
    cells = [
        [(c.cell_type, c.source.strip()) for c in jupytext.read(file).cells]
        for file in (notebook, notebook.with_suffix(".py"))
    ]
    assert cells[0] == cells[1]


@each
def test_notebooks_are_kept_executed_and_small(notebook: Path) -> None:
    kept = json.loads(notebook.read_text(encoding="utf-8"))
    code = [cell for cell in kept["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert not [o for cell in code for o in cell["outputs"] if o["output_type"] == "error"]
    assert notebook.stat().st_size < 250_000

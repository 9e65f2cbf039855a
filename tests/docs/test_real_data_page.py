"""The page of real data holds every set, and its verdicts are those of its tables."""

from __future__ import annotations

import numpy as np
import pytest

from docs.pages import DOCS
from docs.real_data import PAGE, SETS, _cells, counted, main, usual_orders
from docs.real_sets import Row, poisson_trees
from sim.calibration.data import Cascades
from sim.calibration.statistics.orders import one_order_share
from tests.calibration.made_up import made_orders

pytestmark = pytest.mark.docs


def test_every_set_is_on_the_page():
    text = (DOCS / PAGE).read_text(encoding="utf-8")
    for name in SETS:
        block = text.split(f"<!-- {name} -->")[1].split(f"<!-- end {name} -->")[0]
        assert "| `" in block, name


def test_verdicts_are_those_of_the_tables():
    text = (DOCS / PAGE).read_text(encoding="utf-8")
    assert counted(text) in text


def test_a_set_whose_file_is_absent_is_skipped_by_name(tmp_path, monkeypatch, capsys):
    page = tmp_path / PAGE
    page.write_text("<!-- verdicts -->\n<!-- end verdicts -->\n")
    monkeypatch.setattr("docs.real_data.DATA", tmp_path)
    monkeypatch.setattr("docs.real_data.DOCS", tmp_path)
    monkeypatch.setattr("docs.pages.DOCS", tmp_path)
    main(["cdnow"])
    assert "skipped cdnow" in capsys.readouterr().out


def test_inside_and_outside():
    worlds = np.array([1.0, 1.2, 0.9, 1.1, 1.0, 1.05, 0.95, 1.0, 1.1, 0.9])
    assert list(_cells(Row("x", 1.1, 0.01, worlds, 3.0)))[-2:] == ["yes", "yes"]
    assert list(_cells(Row("x", 2.0, 0.01, worlds, 2.1)))[-2:] == ["no", "no"]
    assert list(_cells(Row("x", 2.0, 0.01, worlds, np.nan)))[-2:] == ["no", "–"]
    assert list(_cells(Row("x", 2.0, 0.01, worlds * np.nan, 1.0)))[-2:] == ["–", "–"]


def test_baselines_are_what_they_are_called():
    """Poisson branching leaves exp(-mean) childless; BG/NBD keeps the customers and their single orders."""
    rng = np.random.default_rng(1)
    parent = np.concatenate([[-1], np.zeros(3000), 1 + rng.integers(0, 3000, 1000)]).astype(np.int64)
    usual = poisson_trees(Cascades(np.zeros(len(parent), np.int64), parent, np.zeros(len(parent))))
    many = np.bincount(usual.parent[usual.parent >= 0], minlength=len(usual.root))[usual.parent >= 0]
    assert (many == 0).mean() == pytest.approx(np.exp(-0.25), abs=0.03)
    real = made_orders(3000, 200.0, rate=0.02)
    model = usual_orders(real, 200.0)
    assert model.customers == real.customers
    assert one_order_share(model) == pytest.approx(one_order_share(real), abs=0.05)

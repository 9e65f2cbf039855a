"""What other programs read is what the frames hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.core.errors import StoreError
from sim.store import export
from sim.store.results import load_results
from sim.store.store import Store
from tests.report.synthetic import CONFIG, fake_run


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    store = Store(folder)
    for replication in range(2):
        for name, lift in (("baseline", 0.0), ("cash", 0.06)):
            store.write(fake_run(name, replication, lift), {**CONFIG})
    return load_results(folder)


def same(read: pd.DataFrame, frame: pd.DataFrame) -> None:
    assert list(read.columns) == list(frame.columns)
    assert len(read) == len(frame)
    np.testing.assert_allclose(read["value"].to_numpy(float), frame["value"].to_numpy(float))


def test_csv(results, tmp_path):
    written = results.export.csv(tmp_path / "csv")
    assert [path.name for path in written] == ["totals.csv", "daily.csv", "runs.csv"]
    same(pd.read_csv(written[0]), results.totals)
    same(pd.read_csv(written[1]), results.daily)


def test_excel(results, tmp_path, monkeypatch):
    pytest.importorskip("openpyxl", reason="needs the extra excel")
    path = results.export.excel(tmp_path / "r.xlsx")
    same(pd.read_excel(path, sheet_name="totals"), results.totals)
    same(pd.read_excel(path, sheet_name="daily"), results.daily)
    monkeypatch.setattr(export, "_MOST_ROWS", 5)
    with pytest.raises(StoreError, match="a sheet holds 4 rows"):
        results.export.excel(path)


def test_xarray(results):
    pytest.importorskip("xarray", reason="needs the extra xarray")
    made = results.export.xarray()
    for row in results.totals.itertuples():
        value = float(made[row.name].sel(strategy=row.strategy, replication=row.replication))
        assert value == row.value or (np.isnan(value) and np.isnan(row.value))
        assert made[row.name].attrs["unit"] == row.unit
    for row in results.daily.sample(20, random_state=1).itertuples():
        place = {"strategy": row.strategy, "replication": row.replication, "day": row.day}
        assert float(made[f"daily_{row.name}"].sel(place)) == row.value


def test_a_library_that_is_missing_is_named(results, tmp_path, monkeypatch):
    monkeypatch.setattr(export.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(StoreError, match=r"pip install 'liebian\[excel\]'"):
        results.export.excel(tmp_path / "r.xlsx")
    with pytest.raises(StoreError, match=r"pip install 'liebian\[xarray\]'"):
        results.export.xarray()

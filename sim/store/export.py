"""Results for other programs: CSV files, a workbook of Excel, a dataset of xarray."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from sim.core.atomic import commit
from sim.core.errors import StoreError
from sim.core.language import tr
from sim.store.results import Results

#: Rows that a sheet of Excel holds, the header among them.
_MOST_ROWS = 1_048_576


class Export:
    """Runs for other programs; ``results.export``.

    Parameters
    ----------
    results : Results
        Runs.

    Examples
    --------
    >>> from sim import load_results
    >>> load_results("results").export.excel("results.xlsx")  # doctest: +SKIP
    """

    def __init__(self, results: Results) -> None:
        self.results = results

    def tables(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Name and frame of what is written: ``totals``, ``daily`` and ``runs``, none that is empty."""
        for name in ("totals", "daily", "runs"):
            frame = getattr(self.results, name)
            if len(frame):
                yield name, frame

    def csv(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Write one UTF-8 file a table into a folder, over files of these names; the files written.

        Parameters
        ----------
        folder : path-like
            Made if it is not there.
        """
        written = []
        for name, frame in self.tables():
            path = Path(folder) / f"{name}.csv"
            commit(path, partial(frame.to_csv, index=False), "folder")
            written.append(path)
        return written

    def excel(self, path: str | os.PathLike[str]) -> Path:
        """Write one sheet a table; the file written.

        Parameters
        ----------
        path : path-like
            A file that ends in ``.xlsx``.

        Raises
        ------
        StoreError
            If openpyxl is not installed, or a table has more rows than a sheet.
        """
        _needed("openpyxl", "excel")
        held = dict(self.tables())
        for name, frame in held.items():
            if len(frame) >= _MOST_ROWS:
                raise StoreError(
                    tr(
                        "export.excel: a sheet holds {most_rows:,} rows ({name} has {n_frame:,}); use "
                        "export.csv, or read fewer runs with load_results(FOLDER, experiment, scenario)",
                        most_rows=_MOST_ROWS - 1,
                        name=name,
                        n_frame=len(frame),
                    )
                )

        def save(temporary: Path) -> None:
            with temporary.open("wb") as file, pd.ExcelWriter(file, engine="openpyxl") as book:
                for name, frame in held.items():
                    frame.to_excel(book, sheet_name=name, index=False)

        commit(Path(path), save, "path", True)
        return Path(path)

    def xarray(self) -> Any:
        """Figures by strategy and replication, and daily series by day as well.

        Returns
        -------
        xarray.Dataset
            A variable a figure with dimensions ``strategy`` and ``replication`` and its unit as an
            attribute, and a variable ``daily_NAME`` a series with the dimension ``day`` too. What is not
            there is missing (NaN); of runs that appear twice, the last counts.

        Raises
        ------
        StoreError
            If xarray is not installed.
        """
        _needed("xarray", "xarray")
        by = ["strategy", "replication"]
        totals = self.results.totals.drop_duplicates([*by, "name"], keep="last")
        made = totals.pivot(index=by, columns="name", values="value").to_xarray()
        units = totals.drop_duplicates("name").set_index("name")["unit"]
        for name in made.data_vars:
            made[name].attrs["unit"] = str(units[name])
        if len(self.results.daily):
            days = self.results.daily.drop_duplicates([*by, "name", "day"], keep="last")
            series = days.pivot(index=[*by, "day"], columns="name", values="value").to_xarray()
            made = made.merge(series.rename({name: f"daily_{name}" for name in series.data_vars}))
        return made


def _needed(module: str, extra: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise StoreError(
            tr(
                "export: {module} is not installed; pip install 'liebian[{extra}]'",
                module=module,
                extra=extra,
            )
        )

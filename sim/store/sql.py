"""Questions to a store in SQL, answered by DuckDB: every run is there once, whatever else lies beside it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import duckdb
import pandas as pd

from sim.core.errors import StoreError
from sim.core.language import tr
from sim.store.reading import PLACE, define, folder_of
from sim.store.results import load_results
from sim.world.schema import SCHEMAS

_STRATEGIES = "strategies"


def query(root: str | os.PathLike[str], sql: str) -> pd.DataFrame:
    """Answer of DuckDB to a question about a store, whatever else lies in its folders.

    Parameters
    ----------
    root : path-like
        Folder of the store.
    sql : str
        Its tables are ``totals``, ``daily``, ``breakdown`` and the event tables (``visits``, ``orders``,
        ...), each with experiment, scenario and key. Every run is there once, folded or not. The
        table ``strategies`` names the strategy of every run: experiment, scenario, key, strategy.

    Raises
    ------
    StoreError
        If there is no such folder, or DuckDB refuses the question.
    """
    folder = folder_of(root)
    try:
        return _answer(folder, sql, thorough=False)
    except duckdb.Error:  # perhaps because of a stranger among the files
        try:
            return _answer(folder, sql, thorough=True)
        except duckdb.Error as error:
            told = " ".join(str(error).split())
            raise StoreError(
                tr("results: DuckDB cannot answer ({told}); correct the question", told=told)
            ) from None


def _answer(root: Path, sql: str, thorough: bool) -> pd.DataFrame:
    skipped: list[str] = []
    added = [path.name for path in sorted((root / "events").glob("*")) if path.is_dir()]
    events = {name: f"events/{name}" for name in (*SCHEMAS, *added) if name != "daily"}
    tables = {name: name for name in ("totals", "daily", "breakdown")} | events
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        for name, table in tables.items():
            if re.search(rf"\b{name}\b", sql, re.IGNORECASE):
                define(connection, name, root, table, skipped, thorough)
        if re.search(rf"\b{_STRATEGIES}\b", sql, re.IGNORECASE):
            connection.register(_STRATEGIES, _strategies(root))
        answer: pd.DataFrame = connection.execute(sql).df()
    return answer


def _strategies(root: Path) -> pd.DataFrame:
    """The strategy of every run."""
    return load_results(root).runs[[*PLACE, "strategy"]]

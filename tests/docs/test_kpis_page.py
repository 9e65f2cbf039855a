"""``docs/kpis.md`` executes, and its pandas finds the numbers that ``sim/measure`` counts."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.market import Market
from sim.measure.guardrails import GUARDRAILS, measure
from sim.measure.kpis import KPIS
from sim.measure.series import daily_kpis
from sim.store import store
from tests.measure.tables import random_tables, tables

pytestmark = pytest.mark.docs

PAGE = Path(__file__).parents[2] / "docs" / "kpis.md"
CODE = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
FAMILIES = ("marketing_roi_", "on_time_rate_", "order_conversion_")


def execute(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Indicators the page finds, run as its reader would: in the folder that holds ``results``."""
    monkeypatch.chdir(folder)
    namespace: dict[str, Any] = {}
    exec(compile(CODE, str(PAGE), "exec"), namespace)
    return namespace["kpis"]


def stored(folder: Path, made: dict[str, Any], window: tuple[int, int]) -> dict[str, float]:
    """Store tables as a finished run and return its figures."""
    figures = measure(made, window)
    info = {"experiment": "page", "scenario": "baseline", "key": "abc", "replication": 0, "seed": 1}
    run = SimpleNamespace(
        tables=made, window=window, info=info, kpis=figures, daily=daily_kpis(made, window), timings={}
    )
    store.Store(folder / "results").write(run)
    return figures


@pytest.mark.parametrize("seed", range(6))
def test_the_page_agrees_with_the_package_on_random_tables(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = stored(tmp_path, random_tables(seed), (40, 110))
    found = execute(tmp_path, monkeypatch)
    assert list(found) == [kpi.name for kpi in KPIS]
    for name, value in found.items():
        assert np.isfinite(value), name
        assert value == pytest.approx(figures[name], rel=1e-12), name


def test_the_page_agrees_on_what_is_not_observable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(tmp_path, tables(), (40, 110))
    assert all(np.isnan(value) for value in execute(tmp_path, monkeypatch).values())


def test_a_short_window_leaves_repurchase_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(tmp_path, random_tables(9), (40, 60))
    found = execute(tmp_path, monkeypatch)
    assert np.isnan(found["repurchase_30d"])
    assert np.isfinite(found["order_conversion"])


def test_the_page_agrees_on_a_simulated_market(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market.from_scenario(
        "three_tier_referral",
        *("population.size=1500", "experiment.burn_in_days=0", "experiment.warmup_days=5"),
    )
    for _ in range(40):
        market.step()
    figures = stored(tmp_path, market.tables(), market.window)
    found = execute(tmp_path, monkeypatch)
    assert market.window == (5, 40)
    assert all(np.isfinite(value) for value in found.values())
    assert found == pytest.approx({name: figures[name] for name in found}, rel=1e-12)


def test_the_page_notices_a_wrong_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = random_tables(2)
    more = {"paid_fen": made["orders"]["paid_fen"] + 1}
    stored(tmp_path, made | {"orders": made["orders"] | more}, (40, 110))
    kept = (
        tmp_path / "results" / "events" / "orders" / "experiment=page" / "scenario=baseline" / "abc.parquet"
    )
    pd.DataFrame(made["orders"]).to_parquet(kept)
    with pytest.raises(AssertionError):
        execute(tmp_path, monkeypatch)


def test_the_page_names_every_target_and_guardrail() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for kpi in KPIS:
        assert f'kpis["{kpi.name}"]' in text
        assert f"## {kpi.label}:" in text
    for guard in GUARDRAILS:
        if not guard.name.startswith(FAMILIES):
            assert f"| `{guard.name}` | {guard.unit} | {guard.definition} |" in text

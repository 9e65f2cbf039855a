"""The newcomer's exercise works word for word."""

from __future__ import annotations

import runpy
import subprocess
import sys

import pytest

from tests.conftest import live, small_market
from tests.docs.pages import ROOT, blocks

pytestmark = pytest.mark.docs
PAGE = ROOT / "docs" / "add_a_mechanism.md"
TINY = ("population.size=300", "experiment.burn_in_days=3", "experiment.warmup_days=1", "experiment.days=4")


def sent_cards(module: str) -> None:
    """Cards bring visits under their names, and what they cost is in the ledger."""
    words = ("cards.enabled=true", "cards.chance=1", "cards.seen=0.05", "control.daily_budget=1")
    market = live(small_market("baseline", *words, size=2000, features=[sys.modules[module].Cards]), 3)
    came = market.tables()["visits"]["source"]
    assert all((came == market.world.kinds.source(name)).any() for name in ("cards_sent", "cards_seen"))
    assert market.world.ledger.balance["cards_printed"] % 50 == 0
    assert market.world.ledger.balance["cards_printed"] > 0


def test_the_page_works_word_for_word(tmp_path, monkeypatch, capsys):
    *parts, script = (block.text for block in blocks(PAGE, "python"))
    (tmp_path / "birthdays.py").write_text("\n\n".join(parts), encoding="utf-8")
    (tmp_path / "live.py").write_text(script, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "birthdays", raising=False)
    lived = runpy.run_path(str(tmp_path / "live.py"))
    sent = lived["greeted"].tables()["birthdays_sent"]
    assert len(sent["day"]) == lived["greeted"].kpis()["birthdays_in_all"] > 0
    assert "birthdays_sent" in lived["without"].tables()
    greeted, without = (lived[name].world.people for name in ("greeted", "without"))
    assert set(greeted.columns) - set(without.columns) == {"birthdays_greeted"}
    assert greeted.trust.mean() > without.trust.mean()
    sent_cards(lived["greeted"].config.features[0].__module__)
    [console] = blocks(PAGE, "console")
    for line in console.text.splitlines():
        assert line.startswith("liebian --with birthdays ")
        words = [*line.split()[1:], *(TINY if " sweep " in line else ())]
        done = subprocess.run(
            [sys.executable, "-m", "sim", *words], cwd=tmp_path, capture_output=True, text=True, check=False,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    monkeypatch.delitem(sys.modules, "birthdays", raising=False)

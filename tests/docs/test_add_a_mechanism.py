"""The newcomer's exercise works word for word."""

from __future__ import annotations

import runpy
import subprocess
import sys

import pytest

from tests.docs.pages import ROOT, blocks

pytestmark = pytest.mark.docs
PAGE = ROOT / "docs" / "add_a_mechanism.md"
TINY = ("population.size=300", "experiment.burn_in_days=3", "experiment.warmup_days=1", "experiment.days=4")


def test_the_page_works_word_for_word(tmp_path, monkeypatch, capsys):
    feature, cake, script = (block.text for block in blocks(PAGE, "python"))
    (tmp_path / "birthdays.py").write_text(f"{feature}\n\n{cake}", encoding="utf-8")
    (tmp_path / "live.py").write_text(script, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "birthdays", raising=False)
    lived = runpy.run_path(str(tmp_path / "live.py"))
    sent = lived["greeted"].tables()["birthdays_sent"]
    assert len(sent["day"]) == lived["greeted"].kpis()["birthdays_in_all"] > 0
    assert "birthdays_sent" in lived["without"].tables()
    assert not lived["without"].world.people.birthdays_greeted.any()
    assert lived["greeted"].world.people.trust.mean() > lived["without"].world.people.trust.mean()
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

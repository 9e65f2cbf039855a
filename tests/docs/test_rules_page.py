"""What the page on rules shows can be written: its scenario composes, and its feature is taken."""

from __future__ import annotations

import re
from pathlib import Path

from sim.config import compose, market_sources

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The only block of a language."""
    [found] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def test_the_scenario_of_the_page_composes(tmp_path, monkeypatch):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "watchful.yaml").write_text(block("yaml"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    [(name, rule)] = compose(["scenario=watchful"]).rules.named.items()
    assert (name, rule.ratio, rule.levers) == ("complaints", 1.5, {"private_domain.messages_per_week": 1.0})
    swept = compose(["scenario=watchful", "rules.named.complaints.ratio=2.5"])
    assert swept.rules.named["complaints"].ratio == 2.5


def test_the_feature_of_the_page_is_taken():
    names: dict[str, object] = {"__name__": "quiet_page"}
    exec(compile(block("python"), "rules.md", "exec", dont_inherit=True), names)
    config = compose(["quiet.watch.ratio=2"], sources=market_sources([names["Quiet"]]))
    assert config.quiet.watch.ratio == 2
    assert config.quiet.answer.days == 10

"""Pages that are written from declarations say what the code says, and all of it."""

from __future__ import annotations

import inspect
import re
import sys

import pytest

from docs.generate import PAGES, all_mechanisms, stale, switches
from sim.config import assumptions_table, compose, market_sources
from sim.feature import Act, SourceTerm
from sim.registry import mechanisms
from tests.docs.pages import ROOT

pytestmark = pytest.mark.docs


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {name: (ROOT / "docs" / name).read_text(encoding="utf-8") for name in PAGES}


def test_generated_pages_are_current() -> None:
    assert stale() == [], "run: python -m docs.generate"


def test_every_mechanism_is_on_its_page(pages: dict[str, str]) -> None:
    """Every class that acts in a phase, whether or not one configuration switches all of them on."""
    modules = [m for name, m in sys.modules.items() if name.startswith("sim.") and m is not None]
    acting = {
        member.name
        for module in modules
        for _, member in inspect.getmembers(module, inspect.isclass)
        if member.__module__ == module.__name__ and isinstance(getattr(member, "name", None), str)
        and hasattr(member, "act") and hasattr(member, "phase")
    }  # fmt: skip
    plain = {m.name for m in all_mechanisms() if isinstance(m, SourceTerm | Act)}  # many of one class
    assert acting | plain == {m.name for m in all_mechanisms()}
    assert [name for name in acting if f"| `{name}` |" not in pages["mechanisms.md"]] == []


def test_a_switch_leaves_out_what_the_page_says() -> None:
    """Also beside a referral: each setting is enough although all else is switched on."""
    everything = {
        "private_domain": "wecom",
        "group_buy.enabled": "true",
        "shock": "downturn",
        "calendar": "china",
    }
    for design in ("group_buy", "three_tier"):
        for name, setting in switches().items():
            changed = dict(word.split("=") for word in setting.split())
            words = [f"{k}={v}" for k, v in {**everything, "incentive": design, **changed}.items()]
            assert name not in {m.name for m in mechanisms(compose(words))}, f"{name}: {setting}"


def test_every_parameter_is_on_its_page(pages: dict[str, str]) -> None:
    text = pages["assumptions.md"]
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))
    missing = [
        row.path
        for row in assumptions_table(market_sources().sections)
        for section, _, key in [row.path.partition(".")]
        if not any(f"| `{k}` |" in sections[section] for k in (key, key.rpartition(".")[2]))
    ]
    assert missing == []


@pytest.mark.parametrize("page", ["calibration.md", "stationarity.md", "festival.md", "crisis.md"])
def test_pages_of_runs_are_filled(page: str) -> None:
    """Each block between ``<!-- x -->`` and ``<!-- end x -->`` holds a table without gaps."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    names = re.findall(r"<!-- end ([\w ]+) -->", text)
    assert names
    for name in names:
        block = text.split(f"<!-- {name} -->")[1].split(f"<!-- end {name} -->")[0]
        lines = [line for line in block.splitlines() if line.startswith("|")]
        assert len(lines) > 2, f"{page}: {name} is empty"
        assert len({line.count("|") for line in lines}) == 1, f"{page}: {name} is torn"

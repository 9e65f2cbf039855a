"""Every declared parameter is read by code: an option that nothing reads would be a promise nobody keeps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.config import SETTINGS, assumptions_table
from sim.demand.labels import LABELS
from sim.registry import SECTIONS

ROOT = Path(__file__).parents[2]
SOURCES = "\n".join(path.read_text() for path in sorted((ROOT / "sim").rglob("*.py")))
NAMES = sorted({row.path.rpartition(".")[2] for row in assumptions_table({**SECTIONS, **SETTINGS})})
#: Read through their position in a table of names rather than by attribute.
BY_TABLE = {
    "targets": set(SETTINGS["targets"].model_fields),
    "platforms of the media budget": {"douyin", "wechat", "xiaohongshu", "taobao_live", "jd"},
    "labels of articles": set(LABELS),
}


def _is_read(name: str) -> bool:
    return bool(re.search(rf"\.{name}\b", SOURCES))


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_read(name: str) -> None:
    by_table = any(name in names for names in BY_TABLE.values())
    assert by_table or _is_read(name), f"no code reads a parameter called '{name}'"


def test_the_check_can_fail() -> None:
    assert not _is_read("a_parameter_that_nobody_declared")

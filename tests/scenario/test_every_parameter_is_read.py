"""Every declared parameter is read by code: an option that nothing reads would be a promise nobody keeps."""

from __future__ import annotations

import re
from pathlib import Path

from sim.config import SETTINGS, assumptions_table
from sim.demand.labels import LABELS
from sim.registry import SECTIONS

ROOT = Path(__file__).parents[2]
SOURCES = "\n".join(path.read_text() for path in sorted((ROOT / "sim").rglob("*.py")))
#: Names that stand after a dot.
READ = set(re.findall(r"\.(\w+)", SOURCES))
NAMES = sorted({row.path.rpartition(".")[2] for row in assumptions_table({**SECTIONS, **SETTINGS})})
#: Read through their position in a table of names rather than by attribute.
BY_TABLE = {
    "targets": set(SETTINGS["targets"].model_fields),
    "platforms of the media budget": {"douyin", "wechat", "xiaohongshu", "taobao_live", "jd"},
    "labels of articles": set(LABELS),
}


def test_no_parameter_is_read_by_nobody() -> None:
    """No name of a parameter is missing among those that some code takes from an object."""
    by_table = set().union(*BY_TABLE.values())
    assert [name for name in NAMES if name not in READ | by_table] == []


def test_the_check_can_fail() -> None:
    assert "a_parameter_that_nobody_declared" not in READ
    assert {"invite_reward", "capacity_ratio"} <= READ & set(NAMES)

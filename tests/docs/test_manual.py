"""The manual holds every page, public name, verb and parameter, and asks no other machine for anything."""

from __future__ import annotations

import html
import importlib.util
import inspect
import json
import os
import re
from pathlib import Path

import pytest

import sim
from docs.manual import build, home, localised, pages, write_sources
from sim.cli.verbs import VERBS
from sim.config import assumptions_table, market_sources

pytestmark = pytest.mark.docs

#: Variable that names a site which was built just now (``make manual``), so that none is built for the test.
MADE = "LIEBIAN_SITE"
#: What a browser fetches by itself.
FETCHED = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href)=\"(?:https?:)?//[^\"]+\"")


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("manual")
    write_sources(folder)
    return folder / "pages"


def test_every_page_stands_in_one_part(sources):
    placed = [name for names in pages().values() for name in names]
    assert len(placed) == len(set(placed))
    assert {*placed, "index"} == {path.stem for path in sources.glob("*.md")}


def test_links_stay_within_the_manual(sources):
    for page in sources.glob("*.md"):
        text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        for target in re.findall(r"\]\(([^)\s#]+)[^)\s]*\)", text):
            assert target.startswith("https://") or (sources / target).is_file(), f"{page.name}: {target}"
    there = {"a.md"}
    assert (
        localised("[x](a.md#b) [y](../sim/day.py) [z](../README.md)", there) == "[x](a.md#b) y [z](index.md)"
    )


def test_every_public_name_verb_and_parameter_is_there(sources):
    names = (sources / "names.md").read_text(encoding="utf-8")
    for name in sim.__all__:
        assert f"## {name}\n\n::: {home(name)}\n" in f"{names}\n"
    verbs = (sources / "verbs.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\w+)$", verbs, re.MULTILINE) == list(VERBS)
    keys = set(re.findall(r"[\w.]+", verbs))
    assert {row.path.partition(".")[2] for row in assumptions_table(market_sources().sections)} <= keys


@pytest.mark.skipif(importlib.util.find_spec("mkdocs") is None, reason="the extra 'site' is not installed")
def test_it_is_built_without_a_warning_and_found_in(tmp_path):
    made = Path(os.environ[MADE]) if MADE in os.environ else build(tmp_path / "manual")
    for page in made.rglob("*.html"):
        assert not FETCHED.findall(page.read_text(encoding="utf-8")), page.name
    index = json.loads((made / "search" / "search_index.json").read_text(encoding="utf-8"))
    script = (made / "search" / "search_index.js").read_text(encoding="utf-8")  # what a page of a file reads
    assert json.loads(script.removeprefix("var __index = ")) == index
    assert '<script src="iframe-worker.js"></script>' in (made / "index.html").read_text(encoding="utf-8")
    text = " ".join(one["text"] for one in index["docs"])
    assert "invite_reward" in text
    names = (made / "names.html").read_text(encoding="utf-8")
    for name in sim.__all__:
        said = " ".join((inspect.getdoc(getattr(sim, name)) or "").split())[:30]
        assert f'id="{name.lower()}"' in names
        assert said
        assert said in " ".join(html.unescape(re.sub(r"<[^>]+>", "", names)).split())
    told = " ".join((made / page).read_text(encoding="utf-8") for page in ("assumptions.html", "verbs.html"))
    keys = set(re.findall(r"[\w.]+", html.unescape(re.sub(r"<[^>]+>", " ", told))))
    declared = assumptions_table(market_sources().sections)
    assert [row.path for row in declared if row.path.partition(".")[2] not in keys] == []

"""The manual is searched where it is opened as files, in a headless Chromium and without a network."""

from __future__ import annotations

import importlib.util
import re

import pytest

from docs.manual import build
from tests.chromium import launched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        importlib.util.find_spec("mkdocs") is None, reason="needs MkDocs: pip install 'liebian[site]'"
    ),
]


@pytest.fixture(scope="module")
def manual(tmp_path_factory):
    """A page of the manual, opened as a file, and every address that it asked for."""
    made = build(tmp_path_factory.mktemp("manual") / "built")
    with launched() as browser:
        context = browser.new_context(viewport={"width": 1400, "height": 900}, offline=True)
        page = context.new_page()
        page.set_default_timeout(20_000)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        page.goto((made / "index.html").as_uri())
        yield page, asked, wrong


def typed(page, query):
    """Type a query, as a reader does: the page listens to keys."""
    box = page.locator("input[name=query]")
    box.click()
    box.fill(query)
    box.press("End")
    return page.locator(".md-search-result__meta")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("invite_reward", "search.html"),
        ("Fill rate", "assumptions.html"),
        ("help-keys", "machine_output.html"),
        ("completion", "verbs.html"),
        ("load_results", "names.html"),
        ("仓库", "glossary.html"),
        ("策略", "zh_tour.html"),
    ],
)
def test_what_is_typed_is_found(manual, query, found):
    page, asked, wrong = manual
    typed(page, query).filter(has_text=re.compile(r"^\d+ matching document")).wait_for()
    page.locator(f".md-search-result__item a[href*='{found}']").first.wait_for()
    assert wrong == []
    assert [one for one in asked if not one.startswith(("file:", "data:", "blob:"))] == []


def test_what_stands_nowhere_is_not_found_and_a_result_is_opened(manual):
    page = manual[0]
    typed(page, "qqxxyyzz").filter(has_text="No matching documents").wait_for()
    typed(page, "仓库").filter(has_text="matching document").wait_for()
    page.locator(".md-search-result__item a[href*='glossary.html']").first.click()
    page.wait_for_url(re.compile(r"^file://.*/glossary\.html"))
    assert "Glossary" in page.locator("h1").inner_text()

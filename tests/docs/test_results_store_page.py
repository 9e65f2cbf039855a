"""The page on the store executes: its command, its Python and its SQL, over runs that were stored."""

import duckdb
import pytest

import sim.cli
from tests.docs.pages import ROOT, blocks
from tests.store.test_compact import filled

pytestmark = pytest.mark.docs

PAGES = (ROOT / "docs" / "results_store.md", ROOT / "results" / "README.md")


def statements():
    for page in PAGES:
        for language, text in blocks(page):
            if language == "sql":
                yield from (one for one in text.split(";") if one.strip())


def test_the_page_does_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    filled(tmp_path / "results", range(3), "events")
    for path in list((tmp_path / "results").rglob("experiment=trial")):
        path.rename(path.with_name("experiment=rewards"))
    for folded in (False, True):
        answers = [duckdb.sql(one).fetchall() for one in statements()]
        assert len(answers) == 4
        figures = [(row[0], *row[3:]) for row in answers[0]]
        assert ("baseline", "order_conversion", pytest.approx(1 / 7), pytest.approx(1 / 7), 3) in figures
        assert all(answers)
        names: dict[str, object] = {}
        for _, text in blocks(PAGES[0], "python"):
            exec(compile(text, PAGES[0].name, "exec"), names)
        if not folded:
            for language, text in blocks(PAGES[0]):
                if language == "console":
                    assert sim.cli.main(text.split()[1:]) == 0

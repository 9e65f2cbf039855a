"""Seven questions of a strategist: the tour's commands run, three each at most, and leave their answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sim.cli
import sim.report.html
import sim.report.sweep.page
from tests.docs.pages import ROOT
from tests.docs.test_tours import GIVES_WAY, SMALL, commands

pytestmark = pytest.mark.docs

PAGE = (ROOT / "docs" / "tour_strategist.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^## (\d)\. (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
#: Words of studies that give way too: fewer draws and trials.
FEWER = {"robustness": {"draws": "2"}, "optimise": {"trials": "2", "batch": "2", "holdout": "0"}}
_LISTS = {"incentive.invite_reward": "0,12", "group_buy.discount": "0.1,0.3", "pricing.list_level": "0.9,1"}


def _parts(word: str) -> tuple[str, str, str]:
    return word.partition("=")


def smaller(words: list[str]) -> list[str]:
    """The same command in a market of 300 people and three days, with two values of each list."""
    if words[0] in ("plan", "list", "report", "import"):
        return words
    sizes = SMALL | FEWER.get(words[0], {})
    if "scenario=by_month" in words:  # its stages end on dates
        sizes = {**sizes, "population.size": "100", "experiment.days": "91"}
    kept = [word for word in words if word.partition("=")[0] not in {*GIVES_WAY, *sizes}]
    short = [f"{key}={_LISTS.get(key, value)}" if equals else key for key, equals, value in map(_parts, kept)]
    return [*short, *(f"{key}={value}" for key, value in sizes.items())]


@pytest.fixture
def undrawn(monkeypatch):
    """Reports take longer than such markets; answers are drawn."""
    monkeypatch.setattr(sim.report.html, "_figures", lambda _: {})
    monkeypatch.setattr(
        sim.report.sweep.page,
        "write_sweep_report",
        lambda study: study.results.root / "reports" / f"{study.experiment}_sweep.html",
    )


def test_there_are_seven_questions_of_three_commands_at_most():
    assert [number for number, *_ in QUESTIONS] == list("1234567")
    for _, question, text in QUESTIONS:
        assert 1 <= len(commands(text)) <= 3, question
        assert question.strip()


@pytest.mark.parametrize(("number", "question", "text"), QUESTIONS, ids=[n for n, *_ in QUESTIONS])
def test_a_question_is_answered_by_its_commands(
    number, question, text, tmp_path, monkeypatch, capsys, undrawn
):
    monkeypatch.chdir(tmp_path)
    Path("scenarios").mkdir()
    for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL):
        name = re.match(r"# liebian run scenario=(\w+)\n", block)[1]
        Path("scenarios", f"{name}.yaml").write_text(block, encoding="utf-8")
    for block in re.findall(r"```csv\n(.*?)```", text, re.DOTALL):
        Path(re.match(r"# (\w+\.csv)", block)[1]).write_text(block, encoding="utf-8")
    for words in commands(text):
        assert sim.cli.main(smaller(words)) == 0, f"{words}: {capsys.readouterr().err}"
        answers = re.findall(r"answer on two pages: (\S+)", capsys.readouterr().out)
        if words[0] in ("run", "compare", "sweep", "report"):
            assert answers, words
        for answer in answers:
            page = Path(answer).read_text(encoding="utf-8")
            assert page.count('class="sheet"') == 2
    named = re.findall(r"`(\w+_answer\.html)`", text)
    made = {path.name for path in Path("results/reports").iterdir()}
    assert set(named) - {"NAME_answer.html"} <= made

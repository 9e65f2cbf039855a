"""The tours execute: every ``liebian`` line, scenario file and Python block of README and strategies."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sim.cli
import sim.report.answer.page
import sim.report.answer.studies
import sim.report.html
import sim.report.svg
import sim.report.sweep.page
from sim.measure.kpis import KPIS
from tests.conftest import BLANK
from tests.docs.pages import ROOT, blocks

pytestmark = pytest.mark.docs
PAINTED = True  # one report of a command as its users see it

#: As small as a market can be and still do everything: a command's own sizes give way to these.
SMALL = {
    "population.size": "300",
    "experiment.days": "3",
    "experiment.burn_in_days": "0",
    "experiment.warmup_days": "0",
    "experiment.replications": "1",
    "engine": "serial",
}
GIVES_WAY = {*SMALL, "engine.workers", "population", "experiment.first_replication", "months"}


def commands(text: str) -> list[list[str]]:
    """Words of each line that calls ``liebian``."""
    lines = (shlex.split(line, comments=True) for line in text.splitlines())
    return [words[1:] for words in lines if words and words[0] == "liebian"]


def shrunk(words: list[str]) -> list[str]:
    """The same command on a tiny market."""
    if words[0] not in ("run", "compare", "robustness", "sweep"):
        return words
    sizes = SMALL | ({"draws": "2"} if words[0] == "robustness" else {})
    kept = [word for word in words if word.partition("=")[0] not in {*GIVES_WAY, "draws"}]
    return [*kept, *(f"{key}={value}" for key, value in sizes.items())]


def follow(page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Do what a page says, in the working directory; what its Python blocks defined.

    Figures take longer than such small markets, so a report is drawn for ``liebian report`` alone.
    """
    namespace: dict[str, Any] = {}
    draw = sim.report.html.write_report
    monkeypatch.setattr(sim.report.sweep.page, "write_sweep_report", lambda *_: Path("not drawn"))
    monkeypatch.setattr(sim.report.answer.studies, "write_study_answer", lambda *_: None)
    for language, text in blocks(page):
        if language == "yaml":
            name = re.match(r"# liebian run scenario=(\w+)\n", text)
            assert name, f"{page.name}: a scenario's first line says how to run it"
            Path("scenarios").mkdir(exist_ok=True)
            Path("scenarios", f"{name[1]}.yaml").write_text(text, encoding="utf-8")
        elif language == "console":
            for words in commands(text):
                drawn = draw if words == ["report"] else lambda *_: Path("not drawn")
                monkeypatch.setattr(sim.report.html, "write_report", drawn)
                monkeypatch.setattr(sim.report.answer.page, "beside", lambda _, page: page)
                assert sim.cli.main(shrunk(words)) == 0, f"{words}: {capsys.readouterr().err}"
        elif language == "python":
            exec(compile(text, page.name, "exec"), namespace)
    return namespace


def test_the_readme_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names = follow(ROOT / "README.md", monkeypatch, capsys)
    assert (tmp_path / "results" / "reports" / "default.html").is_file()
    assert (tmp_path / "results" / "totals" / "experiment=autumn").is_dir()
    assert (tmp_path / "results" / "sweeps" / "rewards" / "manifest.jsonl").is_file()
    assert {"generous_group_buy", "three_tier_referral"} <= set(names["results"].scenarios)
    assert names["market"].stage == "measured"
    assert len(names["caused"])
    assert (names["caused"]["minute_touch"] <= names["caused"]["minute"]).all()


def figures(text: str) -> list[str]:
    """Figures of a table, in order: marks and words between them do not count."""
    return re.findall(r"[-+]?\d[\d,.]*(?: pp|%)?", text)


def first_table(page: Path) -> dict[str, list[str]]:
    """Cells of the first table of a report by the words at the head of each row."""
    rows = re.findall(r"<tr.*?</tr>", page.read_text(encoding="utf-8"), re.DOTALL)
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows)
    plain = [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]
    begin = next(n for n, row in enumerate(plain) if row[:2] == ["Indicator", "Target"])
    end = next(n for n, row in enumerate(plain) if n > begin and row[:1] == ["Verdicts"])
    return {row[0]: row[1:] for row in plain[begin:end]}


@pytest.mark.parametrize("used", [False, True], ids=["fresh folder", "store that holds other runs"])
def test_the_last_report_of_tour_1_shows_what_compare_printed(
    used: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Word for word: ``run`` with a lever, then ``compare``, then a bare ``report``; figures are left out."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sim.report.html, "_figures", lambda _: {})
    monkeypatch.setattr(sim.report.svg, "painted", lambda _: BLANK)
    text = next(part for part in re.split(r"^## ", (ROOT / "README.md").read_text(), flags=re.MULTILINE)
                if part.startswith("Tour 1"))  # fmt: skip
    console = "\n".join(re.findall(r"```console\n(.*?)```", text, re.DOTALL))
    asked = [words for words in commands(console) if words[0] in ("run", "compare", "report")]
    upto = asked[: asked.index(["report"]) + 1]
    if used:
        for other in (
            ["run", "incentive=flat_cash"],
            ["run", "scenario=group_buy", "shock=downturn"],
            ["sweep", "scenario=three_tier_referral", "incentive.invite_reward=6,18", "experiment.name=s"],
            ["compare", "flat_cash_referral", "group_buy", "logistics=tight", "experiment.seed=7"],
            ["run", "scenario=three_tier_referral", "experiment.name=elsewhere"],
        ):
            monkeypatch.setattr(sim.report.sweep.page, "write_sweep_report", lambda *_: Path("not drawn"))
            monkeypatch.setattr(sim.report.answer.studies, "write_study_answer", lambda *_: None)
            assert sim.cli.main(shrunk(other)) == 0, capsys.readouterr().err
    printed = ""
    for words in upto:
        capsys.readouterr()
        if words == ["report"]:
            written = Path("results/reports/default.html").read_text(encoding="utf-8")
        assert sim.cli.main(shrunk(words)) == 0
        printed = capsys.readouterr().out if words[0] == "compare" else printed
    page = Path("results/reports/default.html")
    assert page.read_text(encoding="utf-8") == written
    assert first_table(page)["Indicator"][1:] == [
        "baseline", "flat cash referral", "three tier referral", "group buy",
    ]  # fmt: skip
    overview = printed.split("Targets: ")[1].split("Verdicts")[0]
    lines = [line.strip() for line in overview.splitlines()]
    table = first_table(page)
    for kpi in KPIS:
        cells = next(row for head, row in table.items() if head.startswith(kpi.label))
        kept = [figures(cell.partition("gross")[0]) for cell in cells]  # gross levels stand below
        shown = [found[0] for found in kept if found]
        told = next(line for line in lines if line.startswith(kpi.label)).removeprefix(kpi.label)
        assert figures(told) == shown, kpi.label


def test_the_strategies_page_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    follow(ROOT / "docs" / "strategies.md", monkeypatch, capsys)
    assert any((tmp_path / "results" / "totals").rglob("scenario=patient_referral/*.parquet"))


def test_settings_that_pages_name_exist() -> None:
    """Options and keys in running text, such as ``incentive=flat_cash`` or ``shock.start``."""
    from sim.config import assumptions_table, market_sources

    sources = market_sources()
    keys = {row.path for row in assumptions_table(sources.sections)}
    sections = set(sources.sections)
    wrong = []
    named = set((ROOT / "docs").glob("*.md")) - {ROOT / "docs" / "mechanisms.md"}  # that page names state
    for page in (ROOT / "README.md", *sorted(named)):
        for span in re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8")):
            option = re.fullmatch(r"([a-z_]+)=([a-z0-9_]+)", span)
            if option and option[1] in sections and option[2] not in sources.options(option[1]):
                wrong.append(f"{page.name}: {span}")
            key = re.fullmatch(r"([a-z_]+(?:\.[a-z0-9_]+)+)(=.*)?", span)
            within = page.name == "assumptions.md" and f"platforms.{span}" in keys  # a row of that section
            if key and key[1].partition(".")[0] in sections and not (within or _known(key[1], keys)):
                wrong.append(f"{page.name}: {span}")
    assert wrong == []


def test_the_readme_names_what_is_off() -> None:
    """Whoever builds a feature that is off in the baseline says so where people begin to read."""
    from sim.config import compose, market_sources

    sources = market_sources()
    options = compose([], sources=sources).options
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    off = [name for name, option in options.items() if option in ("none", "perfect", "flat")]
    others = {name: [one for one in sources.options(name) if one != options[name]] for name in off}
    assert len(off) > 30
    assert [name for name, of in others.items() if of and not re.search(rf"`{name}=", text)] == []


def _known(key: str, keys: set[str]) -> bool:
    """A key, a section's file name (``media.py``, ``media.md``), or the beginning of some keys."""
    return key in keys or key.endswith((".py", ".md")) or any(k.startswith(f"{key}.") for k in keys)


def test_the_command_works_from_anywhere(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sim", "run", "scenario=group_buy"]
    command += [f"{key}={value}" for key, value in SMALL.items()]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stderr
    assert "Organic traffic share" in done.stdout
    assert (tmp_path / "results" / "reports" / "default.html").is_file()


def test_make_targets_of_the_readme_exist() -> None:
    named = re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"run", "test"} <= set(named)
    assert set(named) <= set(targets)


def test_both_tours_of_a_strategist_ask_the_same_and_type_the_same():
    """Question by question the commands are alike, once Chinese amounts are put in English."""
    english, chinese = (
        (ROOT / f"docs/{name}.md").read_text(encoding="utf-8") for name in ("tour_strategist", "zh_tour")
    )
    plain = (
        re.sub(r"(\d+)万/月", r"\g<1>0000/month", chinese)
        .replace("单/天", "/day")
        .replace(" language=zh", "")
    )
    asked = [re.findall(r"^```\w+\n(.*?)^```", part, re.M | re.S) for part in english.split("\n## ")]
    assert [re.findall(r"^```\w+\n(.*?)^```", part, re.M | re.S) for part in plain.split("\n## ")] == asked
    assert len(asked) == 8

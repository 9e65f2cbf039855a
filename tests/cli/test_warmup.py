"""``liebian warmup``: a table, sentences and a page; what is wrong is told before anything runs."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from sim.cli import main

PAINTED = True  # words of the figure are looked for

TINY = ("population.size=300", "experiment.replications=2", "experiment.burn_in_days=20", "days=60")


def test_a_check_is_told_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = f"paths.results={tmp_path}"
    assert main(["warmup", *TINY, folder, "experiment.name=cold"]) == 0
    told = capsys.readouterr().out
    page = tmp_path / "reports" / "cold_warmup.html"
    assert str(page) in told.replace("\n", "")
    assert "2 worlds of 300 consumers, lived for 60 days from a cold start" in told
    assert "burn-in of 20 days is enough for" in told
    text = page.read_text(encoding="utf-8")
    svg = text[text.index("<svg") : text.index("</svg>") + len("</svg>")]
    drawn = ElementTree.fromstring(
        svg.replace("<svg ", '<svg xmlns:xlink="http://www.w3.org/1999/xlink" ', 1)
    )
    titles = " ".join("".join(element.itertext()) for element in drawn.iter() if element.tag.endswith("text"))
    for words in ("Orders", "Registered", "Mean trust", "day from the cold start"):
        assert words in titles
    assert "<script" not in text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["days=10"], "days must be 50..3650 (you wrote 10)"),
        (["days=long"], "days must be a whole number (you wrote 'long')"),
        (["days=60", "days=70"], "days: must be given once"),
        (["baseline"], "'baseline': warmup takes settings alone"),
        (["population.sise=3"], "population.sise: unknown key"),
    ],
)
def test_what_is_wrong_is_told_at_once(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "reports" / "default_warmup.html"
    page.parent.mkdir()
    page.write_text("an earlier page", encoding="utf-8")
    assert main(["warmup", f"paths.results={tmp_path}", *words]) == 2
    assert told in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == "an earlier page"

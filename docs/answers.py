"""Draws the answers on two pages, in both languages: ``python -m docs.answers [FOLDER]``.

Plays a small comparison, a small sweep and a small search into ``FOLDER`` (a few minutes; a folder that
holds them already is only read), and takes a picture of each answer in a headless Chromium (it needs the
extra ``browser`` and a font with Chinese characters). An answer that takes more than two sheets, or that is
wider than its page, is refused.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docs.pages import DOCS
from sim.cli import main as liebian
from sim.core.language import LANGUAGES, speaking
from sim.report.answer.page import Answer, of_comparison, render
from sim.report.answer.studies import of_study
from sim.report.comparison import Comparison
from sim.report.sweep.study import Study
from sim.store.results import load_results

PICTURES = DOCS / "img" / "zh"
#: Pixels across, colours of a picture, and sheets of A4.
WIDTH, COLOURS, SHEETS = 820, 64, 2
#: People and days of the small markets.
SMALL = ("population.size=600", "experiment.burn_in_days=30", "experiment.days=42", "engine=serial")
#: Picture -> the command whose answer it shows; its experiment is its last word.
COMMANDS = {
    "answer": (
        "compare", "baseline", "flat_cash_referral", "group_buy", "market=200000", "start=2026-03-02", *SMALL,
        "experiment.replications=5", "experiment.name=default",
    ),
    "answer_sweep": (
        "sweep", "scenario=three_tier_referral", "incentive.invite_reward=4,12,24", "market=20000", *SMALL,
        "experiment.replications=5", "experiment.name=rewards",
    ),
    "answer_search": (
        "optimise", "vary=[incentive.invite_reward,pricing.list_level]", "incentive=none,three_tier",
        "objectives=[contribution_margin,new_users]", "trials=12", "holdout=4", "market=20000",
        "population.size=300", *SMALL[1:],
        "experiment.replications=3", "experiment.name=front",
    ),
}  # fmt: skip


def answers(folder: Path) -> Iterator[tuple[str, Any]]:
    """Names of pictures with what makes their answer in the language in force."""
    for picture, words in COMMANDS.items():
        name = words[-1].partition("=")[2]
        if not (folder / "totals" / f"experiment={name}").is_dir():
            own = [f"paths.results={folder}", f"paths.cache={folder / 'cache'}"]
            if liebian(["--quiet", *words, *own]):
                raise SystemExit(f"{' '.join(words)} failed")
        yield picture, lambda name=name: _answer(folder, name)


def _answer(folder: Path, name: str) -> Answer:
    results = load_results(folder, name)
    if name == "default":
        return of_comparison(Comparison.of(results.newest()), f"{name}.html")
    found = of_study(Study.of(results), f"{name}_sweep.html")
    assert found is not None
    return found


def taken(browser: Any, page: str) -> bytes:
    """A page as a picture.

    Raises
    ------
    SystemExit
        If it is wider than its window or takes more than two sheets of A4.
    """
    from PIL import Image

    tab = browser.new_page(viewport={"width": WIDTH, "height": 1160}, color_scheme="light")
    tab.set_content(page)
    wide = tab.evaluate("document.documentElement.scrollWidth")
    sheets = len(re.findall(rb"/Type\s*/Page\b", tab.pdf(prefer_css_page_size=True)))
    if wide > WIDTH or sheets > SHEETS:
        raise SystemExit(f"the answer takes {wide} pixels across and {sheets} sheets; lay it out anew")
    shot = Image.open(io.BytesIO(tab.screenshot(full_page=True))).convert("RGB")
    tab.close()
    file = io.BytesIO()
    shot.quantize(COLOURS).save(file, format="png", optimize=True)
    return file.getvalue()


def _chinese() -> bool:
    """Whether this machine has a font with Chinese characters; without one a page shows boxes."""
    fonts = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout
    return bool(fonts.strip())


def main(arguments: list[str]) -> None:
    """Play, lay out and draw."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError as error:
        raise SystemExit("pictures of pages need Playwright: pip install 'liebian[browser]'") from error

    if not _chinese():
        raise SystemExit("pictures in Chinese need a font that has it: apt-get install fonts-wqy-zenhei")
    folder = Path(arguments[0] if arguments else "results/answers")
    with sync_playwright() as api:
        browser = api.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for picture, made in answers(folder):
            for language in LANGUAGES:
                with speaking(language):
                    page = render(made())
                (PICTURES / f"{picture}_{language}.png").write_bytes(taken(browser, page))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])

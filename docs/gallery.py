"""Draws the gallery: ``python -m docs.gallery [FOLDER]``.

Plays a small comparison and a small sweep into ``FOLDER`` (a few minutes; a folder that holds them already is
only read), draws every plot as a small picture into ``docs/img/gallery`` and writes ``docs/gallery.md``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import matplotlib.pyplot as plt
import numpy as np

from docs.pages import DOCS
from sim import Market, load_results
from sim.cli import main as liebian

PICTURES = DOCS / "img" / "gallery"
#: All of them together take less room than this.
MOST_BYTES = 1_500_000
WORLD = (
    "population.size=2000",
    "experiment.burn_in_days=30",
    "experiment.warmup_days=5",
    "experiment.days=45",
    "store.level=events",
)
COMMANDS = (
    ("compare", "three_tier_referral", "group_buy", "start=2026-03-01", "sharing=uneven", *WORLD,
     "experiment.replications=4", "experiment.name=gallery"),
    ("sweep", "scenario=three_tier_referral", "incentive.invite_reward=4,12,24", *WORLD,
     "experiment.replications=3", "experiment.name=rewards"),
)  # fmt: skip


#: A search so small that its front is drawn in minutes.
SEARCH = (
    "optimise", "vary=[incentive.invite_reward,pricing.list_level]", "incentive=none,three_tier",
    "objectives=[contribution_margin,new_users]", "trials=24", "batch=4", "holdout=0", "population.size=500",
    *WORLD[1:3], "experiment.days=30", "experiment.replications=2", "engine=serial", "experiment.name=front",
)  # fmt: skip


class Plot(NamedTuple):
    """One picture: its name, the line that draws it, and what to look for."""

    name: str
    code: str
    text: str


PLOTS = (
    Plot("market", "market.plot()", "A market as it lives; the dotted line is the first measured day."),
    Plot(
        "scorecard", 'results.plot.scorecard("group_buy")',
        "The nine targets: dot and 95% interval, the target dotted, its good side shaded.",
    ),
    Plot(
        "fan", 'results.plot.fan("order_conversion")',
        "Days of one figure: median over worlds, band of 10 to 90%, a weekly mean. Where bands overlap, "
        "strategies cannot be told apart by eye: look at the difference.",
    ),
    Plot(
        "difference", 'results.plot.difference("contribution_per_1000")',
        "Paired differences from the baseline in the same worlds. Filled markers stand once corrected for "
        "all that is compared; hollow ones could be luck.",
    ),
    Plot(
        "response", 'sweep.plot.response("new_users")',
        "How a figure answers to a swept number, with its 95% interval at each value.",
    ),
    Plot(
        "pareto", "search.plot.pareto()",
        "Every strategy that a search tried, by two of its objectives; the front is joined. "
        "Crosses break a rule.",
    ),
    Plot(
        "waterfall", 'results.plot.waterfall("group_buy")',
        "From the baseline's margin to the strategy's, part by part of the books; whiskers: 95% intervals.",
    ),
    Plot(
        "cascade", 'results.plot.cascade("three_tier_referral")',
        "The largest cascade of one world, from the share that began it (star) over everybody it reached.",
    ),
    Plot(
        "network", 'results.plot.network("three_tier_referral")',
        "Who passed on to whom in the largest cascades; larger points passed on to more people.",
    ),
    Plot(
        "flows", 'results.plot.flows("three_tier_referral")',
        "Sources of visits, carts and kept orders; a band that widens converts better than others.",
    ),
    Plot(
        "places", 'results.plot.places("three_tier_referral")',
        "Warehouses of one region: lines as wide as the orders of a zone, points as red as they are late. "
        "Distances from front warehouses are to scale, directions are not known.",
    ),
)  # fmt: skip


def played(folder: Path) -> dict[str, Any]:
    """Results and a market to draw, played into a folder unless they are there."""
    for words in (*COMMANDS, SEARCH):
        name = words[-1].partition("=")[2]
        if not (folder / "totals" / f"experiment={name}").is_dir():
            own = [f"paths.results={folder}", f"paths.cache={folder / 'cache'}"]
            if liebian(["--quiet", *words, *own]):
                raise SystemExit(f"{' '.join(words)} failed")
    market = Market.from_scenario("three_tier_referral", *WORLD[:4])
    market.run()
    results = load_results(folder, "gallery")
    return {
        "market": market,
        "results": results,
        "sweep": load_results(folder, "rewards"),
        "search": load_results(folder, "front"),
    }


def draw(plot: Plot, there: dict[str, Any]) -> Path:
    """Draw one picture with the line that the page shows."""
    axes: Any = eval(plot.code, {}, dict(there))
    figure = np.ravel(np.array(axes, dtype=object))[0].figure
    path = PICTURES / f"{plot.name}.png"
    figure.savefig(path, dpi=80, metadata={"Software": None}, facecolor="white")
    plt.close(figure)
    return path


def page() -> str:
    """``docs/gallery.md``."""
    lines = [
        "# Gallery of plots",
        "Written by `python -m docs.gallery`, pictures included; the runs are small (2,000 people, four "
        "worlds), so that their intervals are wide and their numbers mean nothing.",
        "Every plot returns Matplotlib axes, draws into axes that are there with `ax=`, and says in its "
        "title what it shows. `results.plot` is about the runs of the last command, as the report is; "
        "cascades and networks need stored events (`store.level=events`). Commands and runs never load them.",
        '```python\nfrom sim import Market, load_results\n\nresults = load_results("results")\n'
        'results.plot.difference("kept_revenue").figure.savefig("difference.png")\n```',
    ]
    for plot in PLOTS:
        lines += [
            f"## `{plot.code}`",
            plot.text,
            f"![{plot.text.split(';')[0].rstrip('.')}](img/gallery/{plot.name}.png)",
        ]
    return "\n\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    """Play, draw and write."""
    matplotlib.use("Agg")
    there = played(Path(arguments[0] if arguments else "results/gallery"))
    PICTURES.mkdir(parents=True, exist_ok=True)
    size = sum(draw(plot, there).stat().st_size for plot in PLOTS)
    if size > MOST_BYTES:
        raise SystemExit(f"the pictures take {size:,} bytes; draw them smaller")
    (DOCS / "gallery.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

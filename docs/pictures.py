"""Draws the pictures of the README from stored results: ``python -m docs.pictures [RESULTS_FOLDER]``.

``make run`` fills the folder; the newest comparable runs in it are shown as the terminal and the
report show them.
"""

from __future__ import annotations

import re
import sys
from io import StringIO

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI

from docs.pages import DOCS, alone
from sim.cli.tables import overview
from sim.report.comparison import Comparison
from sim.report.figures import forest
from sim.store.results import load_results

ORDER = ("baseline", "flat_cash_referral", "three_tier_referral", "group_buy", "instant_retail")
WIDTH = 124


def terminal(comparison: Comparison) -> str:
    """The first table that ``liebian compare`` prints, as SVG without web fonts."""
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True, highlight=False)
    console.print(overview(comparison))
    local = re.sub(r"@font-face \{\{.*?\}\}\n", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    local = local.replace("font-family: Fira Code, monospace", "font-family: monospace")
    svg = console.export_svg(title="liebian compare", theme=MONOKAI, code_format=local, unique_id="liebian")
    return re.sub(r"[ \t]+\n", "\n", re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL))


def main(arguments: list[str]) -> None:
    """Write both pictures."""
    results = load_results(arguments[0] if arguments else "results").newest()
    kept = results.runs[results.runs["scenario"].isin(ORDER)]
    shown = [name for name in ORDER if name in set(kept["scenario"])]
    comparison = Comparison.of(results.only(set(kept["key"])), shown)
    pictures = {"comparison.svg": terminal(comparison), "differences.svg": alone(forest(comparison))}
    for name, svg in pictures.items():
        (DOCS / "img" / name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

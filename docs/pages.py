"""Blocks of a page that a script writes: between two comments, so that prose and numbers live together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path

DOCS = Path(__file__).parent


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += ["| " + " | ".join(str(c).replace("|", "\\|") for c in row) + " |" for row in rows]
    return "\n".join(lines)


def write_block(page: str, name: str, text: str) -> None:
    """Put ``text`` between ``<!-- NAME -->`` and ``<!-- end NAME -->`` of a page of ``docs/``.

    Raises
    ------
    ValueError
        If the page has no such block.
    """
    path = DOCS / page
    old = path.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->", f"<!-- end {name} -->"
    if begin not in old or end not in old:
        raise ValueError(f"docs/{page} has no block '{name}'; put {begin} and {end} where it belongs")
    block = f"{begin}\n\n{text.strip()}\n\n{end}"
    new = re.sub(re.escape(begin) + r".*?" + re.escape(end), lambda _: block, old, flags=re.DOTALL)
    path.write_text(new, encoding="utf-8")


def alone(svg: str) -> str:
    """A figure of the report as a file of its own: namespaces, and the page's light colours.

    Parameters
    ----------
    svg : str
        As :func:`sim.report.svg.to_svg` gives it; its colours are variables of the report's page.
    """
    page = resources.files("sim.report").joinpath("templates/report.html.j2").read_text(encoding="utf-8")
    colours = re.sub(
        r"\s+", " ", " ".join(re.findall(r"--[a-z0-9]+: ?#[0-9a-f]{3,8};", page.split("@media")[0]))
    )
    style = (
        f"<style>svg {{ {colours} color: #1c1f23; background: #ffffff; "
        "font-family: system-ui, sans-serif; }</style>"
    )
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return re.sub(r"<svg ([^>]*)>", rf"<svg {spaces} \1>{style}", svg, count=1) + "\n"

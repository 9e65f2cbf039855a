"""Figures as small, repeatable SVG that follows the page: its font, its colours, light or dark.

Matplotlib draws with stand-in colours that are replaced by the page's CSS variables, so that one
figure serves both themes. Identifiers come from a fixed salt and nothing carries a date: the same
results give the same bytes.
"""

from __future__ import annotations

import io
import re
import textwrap
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from sim.report import fonts

#: Stand-in colour -> CSS. Series colours differ in lightness as well as hue.
_CSS = {
    "#010203": "currentColor",
    "#010204": "var(--grid)",
    "#010205": "var(--muted)",
    "#010206": "var(--page)",
    **{f"#0102{16 + k:02x}": f"var(--s{k})" for k in range(10)},
}
INK, GRID, MUTED, PAGE = list(_CSS)[:4]
_SERIES = list(_CSS)[4:]
_DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (3, 1)), (0, (8, 3)))
#: A tenth of a point is finer than any screen.
_DECIMALS = re.compile(r"(\d+\.\d)\d+")
#: For the axis to have room: letters to a line of a label beside an axis, and lines of it at most.
_LINE, _MOST_LINES = 34, 4
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "font.size": 9.5,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": GRID,
    "xtick.color": GRID,
    "ytick.color": GRID,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "path.simplify": True,
    "axes.unicode_minus": False,
    "hatch.linewidth": 0.5,
}


def colour(index: int) -> str:
    """Colour of the n-th strategy; the baseline (0) is grey."""
    return _SERIES[index % len(_SERIES)]


def dash(index: int) -> Any:
    """Line style of the n-th strategy, so that colour is never alone."""
    return _DASHES[index % len(_DASHES)]


def marker(index: int) -> str:
    """Marker of the n-th strategy."""
    return _MARKERS[index % len(_MARKERS)]


@contextmanager
def drawing(name: str) -> Iterator[None]:
    """Style of all figures; ``name`` salts the identifiers, so that two figures share none."""
    style: Any = {**_STYLE, **fonts.settings(), "svg.hashsalt": name}
    with matplotlib.rc_context(style), fonts.measured():
        yield


def wrapped(text: str, letters: int = _LINE) -> str:
    """A label on lines that leave room for the figure; what does not fit on four of them ends in dots."""
    if any(_wide(letter) for letter in text):
        return _wrapped_anywhere(text, letters)
    lines = textwrap.wrap(text, letters, break_on_hyphens=False, max_lines=_MOST_LINES, placeholder=" …")
    return "\n".join(lines)


def _wide(letter: str) -> bool:
    """Whether a letter is as wide as two Latin ones, as Chinese characters are."""
    return unicodedata.east_asian_width(letter) in "WF"


def _wrapped_anywhere(text: str, letters: int) -> str:
    """The same for Chinese, which has no blanks: a line may end after any character, not within a word."""
    lines = [""]
    for piece in re.findall(r"[\x21-\x7e]+|\s|.", text):
        width = sum(1 + _wide(letter) for letter in lines[-1] + piece)
        if width > letters and lines[-1] and piece not in "，。；：、）”":
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    shown = [line.rstrip() for line in lines]
    if len(shown) > _MOST_LINES:
        shown = [*shown[: _MOST_LINES - 1], shown[_MOST_LINES - 1] + " …"]
    return "\n".join(shown)


def painted(figure: Figure) -> str:
    """A figure as Matplotlib writes it, without dates and names of programs."""
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(buffer, format="svg", transparent=True, metadata=nothing)
    return buffer.getvalue()


def to_svg(figure: Figure, alt: str) -> str:
    """SVG element for a page.

    Parameters
    ----------
    figure : Figure
        Drawn and saved within one :func:`drawing`.
    alt : str
        What the figure shows, for readers who cannot see it; plain text without markup.
    """
    text = painted(figure)
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.S)
    text = re.sub(r' id="[A-Za-z.]+[A-Za-z0-9.]*_\d+"', "", text)
    text = re.sub(r' (?:d|x|y|transform)="[^"]*"', lambda found: _DECIMALS.sub(r"\1", found[0]), text)
    text = re.sub(r"font(?:-family)?: [^;\"]*; ?", _font, text)
    for stand_in, css in _CSS.items():
        text = text.replace(stand_in, css)
    frame = rf'<svg viewBox="\1" role="img" aria-label="{alt}">'
    return _tight(re.sub(r'<svg [^>]*?viewBox="([^"]+)"[^>]*>', frame, text, count=1))


def _tight(text: str) -> str:
    """Leave out what changes no pixel: empty groups, needless blanks, turns by nothing."""
    text = re.sub(r' transform="rotate\(-?0(?:\.0)? [^"]*"', "", text)
    text = re.sub(r"\s*\n\s*", "\n", text)
    text = re.sub(r"\n(?=[A-Zz][ \d\"-])|(?<=z)\n(?=\")|(?<=\d)\n(?=\")", "", text)
    before = ""
    while before != text:
        before, text = text, re.sub(r"<g>\s*</g>\n?|<g/>\n?", "", text)
    text = re.sub(r' style="[^"]*"', lambda found: found[0].replace(": ", ":").replace("; ", ";"), text)
    return text.strip()


def _font(found: re.Match[str]) -> str:
    """Size and weight of a text; the family is the page's."""
    size = re.search(r"(\d+(?:\.\d+)?px)", found[0])
    weight = "font-weight: 600; " if "bold" in found[0] or re.match(r"font: 700", found[0]) else ""
    return f"{weight}font-size: {size[1]}; " if size else ""

"""Ratios of speed over the project's life: a file that ``make bench`` adds to, and a picture of it.

Seconds of different machines and hours do not compare; ratios within one run do. ``benchmarks/history.csv``
has a line a figure: commit, figure, value. ``python -m benchmarks.history [FILE [PICTURE]]``
draws it to ``benchmarks/history.svg``.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
FILE, PICTURE = FOLDER / "history.csv", FOLDER / "history.svg"
COLUMNS = ("commit", "figure", "value")


def commit() -> str:
    """Short name of the checkout's commit, with a mark if files differ from it; ``unknown`` outside git."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, encoding="utf-8", check=False)
    return done.stdout.strip() or "unknown"


def add(figures: Mapping[str, float], name: str, file: Path = FILE) -> None:
    """Add figures of one run; those of an earlier run of the same commit are replaced."""
    new = dict(figures)
    rows = [(c, f, new.pop(f) if c == name and f in new else value) for c, f, value in read(file)]
    rows += [(name, figure, value) for figure, value in new.items()]
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((c, figure, f"{value:.4g}") for c, figure, value in rows)


def read(file: Path = FILE) -> list[tuple[str, str, float]]:
    """Commit, figure and value, oldest first; nothing if there is no file yet."""
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as rows:
        return [(row["commit"], row["figure"], float(row["value"])) for row in csv.DictReader(rows)]


def draw(file: Path = FILE, picture: Path = PICTURE) -> None:
    """One panel a figure, commits from left to right."""
    import matplotlib
    from matplotlib.figure import Figure

    rows = read(file)
    commits = list(dict.fromkeys(c for c, _, _ in rows))
    names = list(dict.fromkeys(name for _, name, _ in rows))
    with matplotlib.rc_context({"svg.hashsalt": "history", "svg.fonttype": "none", "font.size": 8}):
        figure = Figure(figsize=(7.0, 1.5 * len(names)), layout="constrained")
        axes = figure.subplots(len(names), 1, squeeze=False, sharex=True).ravel()
        for axis, name in zip(axes, names, strict=True):
            points = [(commits.index(c), value) for c, figure_, value in rows if figure_ == name]
            axis.plot(*zip(*points, strict=True), marker="o", linewidth=1)
            axis.set_title(name, loc="left")
            axis.set_ylim(bottom=0)
        axes[-1].set_xticks(range(len(commits)), commits, rotation=30, ha="right")
        figure.savefig(picture, metadata={"Date": None})


def main(words: list[str]) -> None:
    """Draw the file."""
    draw(*map(Path, words[:2]))


if __name__ == "__main__":
    main(sys.argv[1:])

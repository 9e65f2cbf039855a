"""Takes mechanisms out, one at a time, and requires the test beside each system of the plan to fail.

``python -m tests.plan.removal [NUMBER | SYSTEM ...]`` looks at a sample that follows from the last commit, so
that it varies and can be repeated, or at the systems named. Each sampled test must pass as things are, and
fail once the mechanism is out.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from docs.plan_coverage import System, systems
from tests.plan.removed import VARIABLE

ROOT = Path(__file__).parents[2]
#: How many are looked at when nobody says otherwise.
SAMPLE = 6
_PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not cluster", "--tb=line")


def removable() -> list[System]:
    """Systems whose mechanism can be taken out."""
    return [one for one in systems() if one.removal]


def commit() -> str:
    """Hash of the last commit."""
    words = ["git", "rev-parse", "HEAD"]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def sample(key: str, size: int, rows: Sequence[System]) -> list[System]:
    """``size`` rows that follow from ``key`` alone."""
    chosen = random.Random(key).sample([one.system for one in rows], min(size, len(rows)))
    return [one for one in rows if one.system in chosen]


def outcome(tests: Sequence[str], removed: str = "") -> str:
    """``passes``, ``fails``, or how else the tests ended, under a market without what is removed."""
    more = ("-p", "tests.plan.removed") if removed else ()
    done = subprocess.run(
        [*_PYTEST, *more, *tests], cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {VARIABLE: removed, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    last = (done.stdout.strip() or done.stderr.strip()).splitlines()[-1:]
    told = {0: "passes", 1: "fails"}.get(done.returncode, "does not run")
    failed_only = told != "fails" or ("failed" in last[0] and "error" not in last[0])
    return told if failed_only and told != "does not run" else f"does not run: {' '.join(last)}"


def problems(rows: Sequence[System]) -> list[str]:
    """One line for each system whose test does not do what it should."""
    found = []
    if (whole := outcome(list(dict.fromkeys(one.test for one in rows)))) != "passes":
        found.append(f"as things are: {whole}")
    for one in rows:
        told = outcome([one.test], one.removal)
        sys.stdout.write(f"{one.system} without '{one.removal}': {one.test} {told}\n")
        sys.stdout.flush()
        if told != "fails":
            found.append(f"{one.system}: without '{one.removal}' {one.test} {told}")
    return found


def main(words: Sequence[str]) -> int:
    """Look at a sample, or at the systems named."""
    rows = removable()
    if words and not words[0].isdigit():
        chosen = [one for one in rows if one.system in words]
    else:
        chosen = sample(commit(), int(words[0]) if words else SAMPLE, rows)
    found = problems(chosen)
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found or not chosen else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

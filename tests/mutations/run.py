"""Change one line of a copy of the checkout at a time and see whether the named tests notice.

``python -m tests.mutations.run`` judges all of ``mutations.yaml``, ``python -m tests.mutations.run NAME ...``
some of it; the exit code is 1 if a mutation survives. Two copies are worked on at a time. Kernels compiled in
a copy stay there, in folders named by their sources, so unchanged ones are compiled once.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import yaml

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("mutations.yaml")
#: Copies that are judged in at a time.
COPIES = 2
_LEFT_OUT = (".*", "__pycache__", "results", "outputs", "local", "node_modules", "*.nb?")
_LONGEST_SECONDS = 900.0
_TOO_LONG = -1


@dataclass(frozen=True)
class Mutation:
    """One small wrong change of the package.

    Attributes
    ----------
    name : str
    file : str
        Path from the root of the checkout.
    old, new : str
        What stands in the file once, and what takes its place.
    breaks : str
        What goes wrong in the market, in words.
    killed_by : str
        Arguments of pytest: the tests that must fail, the fewest that notice.
    interpreted : bool
        The tests run without compiling kernels, which is quicker for a few calls.
    equivalent : str
        Why nothing can notice it; empty for a mutation that must be killed.
    """

    name: str
    file: str
    old: str
    new: str
    breaks: str
    killed_by: str
    interpreted: bool = False
    equivalent: str = ""


@dataclass(frozen=True)
class Verdict:
    """What became of a mutation: ``killed``, ``survived``, ``equivalent``, or ``not judged`` (broken)."""

    mutation: Mutation
    outcome: str
    seconds: float
    said: str = ""

    @property
    def holds(self) -> bool:
        """Whether this is as it should be."""
        return self.outcome == ("equivalent" if self.mutation.equivalent else "killed")


def mutations() -> list[Mutation]:
    """All of the list, in its order."""
    listed = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    return [Mutation(name=name, **entry) for name, entry in listed.items()]


def copy_checkout(folder: Path) -> Path:
    """Copy the checkout without its environment, results and compiled kernels."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*_LEFT_OUT), dirs_exist_ok=True)
    return folder


@contextmanager
def applied(copy: Path, mutation: Mutation) -> Iterator[None]:
    """Change the copy for a while."""
    file = copy / mutation.file
    before = file.read_text(encoding="utf-8")
    if before.count(mutation.old) != 1:
        raise ValueError(f"{mutation.name}: '{mutation.old}' must stand once in {mutation.file}")
    file.write_text(before.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(before, encoding="utf-8")


def run_tests(copy: Path, killed_by: str, interpreted: bool) -> tuple[int, str]:
    """Return code of pytest in a copy (0 passed, 1 failed, else nothing was tested) and what it said."""
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(copy),
        "NUMBA_CACHE_DIR": str(copy / "compiled"),
        "NUMBA_DISABLE_JIT": str(int(interpreted)),
    }
    try:
        ran = subprocess.run(
            [*command, *shlex.split(killed_by)],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_LONGEST_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return _TOO_LONG, f"no answer within {_LONGEST_SECONDS:.0f} s"
    return ran.returncode, ran.stdout[-2000:] + ran.stderr[-500:]


def judge(copy: Path, mutation: Mutation) -> Verdict:
    """Apply one mutation and run its tests."""
    begun = time.monotonic()
    with applied(copy, mutation):
        code, said = run_tests(copy, mutation.killed_by, mutation.interpreted)
    outcome = {0: "survived", 1: "killed"}.get(code, "not judged")
    if mutation.equivalent and code == 0:
        outcome = "equivalent"
    return Verdict(mutation, outcome, time.monotonic() - begun, said)


def judge_group(copies: SimpleQueue[Path], group: list[Mutation]) -> list[Verdict]:
    """Mutations that share their tests, in one copy; tests that fail without any change judge nothing."""
    copy = copies.get()
    try:
        code, said = run_tests(copy, group[0].killed_by, group[0].interpreted)
        if code:
            return [Verdict(m, "not judged", 0.0, said) for m in group]
        return [_told(judge(copy, mutation)) for mutation in group]
    finally:
        copies.put(copy)


def judge_all(chosen: Iterable[Mutation], folder: Path) -> list[Verdict]:
    """Judge mutations in two copies below ``folder``, in groups that share their tests."""
    groups: dict[tuple[str, bool], list[Mutation]] = {}
    for mutation in chosen:
        groups.setdefault((mutation.killed_by, mutation.interpreted), []).append(mutation)
    copies: SimpleQueue[Path] = SimpleQueue()
    for number in range(min(COPIES, len(groups))):
        copies.put(copy_checkout(folder / f"copy{number}"))
    with ThreadPoolExecutor(COPIES) as pool:
        judged = list(pool.map(lambda group: judge_group(copies, group), groups.values()))
    return [verdict for group in judged for verdict in group]


def _told(verdict: Verdict) -> Verdict:
    sys.stdout.write(f"{verdict.outcome:10} {verdict.seconds:6.1f} s  {verdict.mutation.name}\n")
    sys.stdout.flush()
    return verdict


def main(names: list[str]) -> int:
    """Judge all or the named mutations; 1 if one of them survives, 2 if a name is unknown."""
    listed = {m.name: m for m in mutations()}
    if unknown := [name for name in names if name not in listed]:
        sys.stderr.write(f"not in {LIST.name}: {', '.join(unknown)}\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="liebian-mutations-") as folder:
        verdicts = judge_all([listed[name] for name in names or listed], Path(folder))
    wrong = [v for v in verdicts if not v.holds]
    for v in wrong:
        sys.stdout.write(f"\n{v.mutation.name}: {v.outcome}. {v.mutation.breaks}\n{v.said}\n")
    sys.stdout.write(f"{len(verdicts)} mutations, {len(verdicts) - len(wrong)} as they should be\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""What the last command compared: noted in the store, so that reports show it and nothing else.

When runs were made does not say what was asked for last, because a command takes what is stored
already. So every verb that compares notes which runs it looked at; the newest note is the last command.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sim.core.atomic import commit

_FOLDER = "reports"
#: Scenario and key.
Run = tuple[str, str]


@dataclass(frozen=True)
class Command:
    """One command that compared runs.

    Attributes
    ----------
    verb, experiment : str
        The verb, and the experiment that it filed runs under.
    runs : tuple of (str, str)
        Scenario and key of what it compared, in its order; empty for a sweep, whose manifest says it.
    pairing : str
        What the baseline shares, in words; empty if nothing was set.
    """

    verb: str
    experiment: str
    runs: tuple[Run, ...] = ()
    pairing: str = ""


def note(root: str | Path, command: Command) -> None:
    """Note a command as the last one of its experiment.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    text = json.dumps(asdict(command), indent=1)
    commit(
        Path(root) / _FOLDER / f"{command.experiment}.json",
        lambda temporary: temporary.write_text(text, encoding="utf-8", newline="\n"),
    )


def last(root: str | Path, experiment: str | None = None) -> Command | None:
    """The last command that was noted, of one experiment if named; None if there is no readable note."""
    folder = Path(root, _FOLDER)
    found = [folder / f"{experiment}.json"] if experiment else list(folder.glob("*.json"))
    for path in sorted(found, key=_written, reverse=True):
        try:
            return _read(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError):
            continue
    return None


def _read(said: dict[str, object]) -> Command:
    runs = said["runs"]
    if not isinstance(runs, Sequence):
        raise TypeError("runs")
    pairs = tuple((str(scenario), str(key)) for scenario, key in runs)
    return Command(str(said["verb"]), str(said["experiment"]), pairs, str(said["pairing"]))


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0.0

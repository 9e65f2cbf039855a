"""Days of runs that are under way, as files that others may read meanwhile: a line a day.

They are for looking on and hold no results: a run's results are stored once, when it has ended.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.config import Config
from sim.core.atomic import check_folder

#: Columns of a file, as the data collector has them, after the day and the days there will be.
FIGURES = ("visits", "orders", "revenue_cny")
COLUMNS = ("day", "days", "consumers", *FIGURES)
#: Stands in for a scenario while a world is burnt in.
BURN_IN = "burn-in"

#: Name of a file: scenario, world and what tells runs of both apart.
_FILE = re.compile(r"(?P<scenario>[^.]+)\.(?P<world>[0-9]+)\.(?P<key>[^.]+)\.csv")

#: Called with a market after every day that it has lived.
AfterDay = Callable[[Any], None]


@dataclass(frozen=True)
class Days:
    """What one run, or one burn-in, has lived so far.

    Attributes
    ----------
    scenario : str
        Of the run; :data:`BURN_IN` for the days before.
    replication : int
        Number of the world.
    key : str
        What runs of one scenario and world are told apart by.
    columns : dict of str to ndarray
        Each of :data:`COLUMNS`, an entry a day; days count from 1.
    """

    scenario: str
    replication: int
    key: str
    columns: dict[str, np.ndarray]

    @property
    def lived(self) -> int:
        """Days so far."""
        return len(self.columns["day"])

    @property
    def total(self) -> int:
        """Days there will be."""
        return int(self.columns["days"][-1])


@contextmanager
def day_file(config: Config, scenario: str, replication: int, key: str) -> Iterator[AfterDay | None]:
    """What writes down each day of a market once it has been lived; None where ``paths.live`` is empty.

    Parameters
    ----------
    config : Config
        Of the run.
    scenario : str
        Its own, or :data:`BURN_IN` for the days before it.
    replication : int
        Number of the world.
    key : str
        Of the run, or of the world.

    Notes
    -----
    The file begins with the first day. A run does not end because nobody can look on: lines that cannot be
    written are lost (:func:`check_paths` tries the folder before anything runs).
    """
    if not config.paths.live:
        yield None
        return
    lengths = config.experiment
    burning = scenario == BURN_IN
    days = lengths.burn_in_days if burning else lengths.days + lengths.after_days
    path = Path(config.paths.live, str(lengths.name), f"{scenario}.{replication}.{key[:12]}.csv")

    def note(market: Any) -> None:
        seen = market.datacollector.model_vars
        day = seen["day"][-1] + 1 - (0 if burning else market.first_measured_day)
        values = (day, days, len(market.consumers), *(seen[name][-1] for name in FIGURES))
        if day > 0:
            _add(path, values, anew=day == 1)

    yield note


def _add(path: Path, values: Sequence[object], anew: bool) -> None:
    """Add a line of values to a file, which begins with the names of the columns."""
    lines = [COLUMNS, values] if anew else [values]
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w" if anew else "a", encoding="ascii", newline="") as file:
            file.write("".join(f"{','.join(map(str, line))}\n" for line in lines))


def days_so_far(folder: Path, experiment: str) -> list[Days]:
    """What the runs of an experiment have lived so far, by scenario and world; those without a day left out.

    A line that is still being written is left out, too, and so are files of others and what follows a line
    that is damaged.
    """
    found = []
    for path in sorted((folder / experiment).glob("*.csv")):
        named, rows = _FILE.fullmatch(path.name), _rows(path)
        if named and rows:
            values = np.array(rows, np.float64).T
            columns = {name: values[at] for at, name in enumerate(COLUMNS)}
            found.append(Days(named["scenario"], int(named["world"]), named["key"], columns))
    return sorted(found, key=lambda one: (one.scenario, one.replication, one.key))


def _rows(path: Path) -> list[list[float]]:
    """Whole lines of a file as numbers, up to the first that is none of a market's days."""
    try:
        head, *lines = path.read_text(encoding="ascii").rpartition("\n")[0].split("\n")
    except (OSError, UnicodeDecodeError):
        return []
    rows: list[list[float]] = []
    for line in lines if head == ",".join(COLUMNS) else []:
        try:
            row = [float(value) for value in line.split(",")]
        except ValueError:
            return rows
        if len(row) != len(COLUMNS) or not np.isfinite(row).all() or row[0] != len(rows) + 1:
            return rows
        if row[1] < row[0] or row[2] <= 0:  # more days than there will be, or nobody to count by
            return rows
        rows.append(row)
    return rows


def check_paths(config: Config) -> None:
    """Try the folders that runs write beside their results, before anything is simulated.

    Raises
    ------
    StoreError
        Naming the setting, the folder and the remedy.
    """
    check_folder(Path(config.paths.cache), "paths.cache")
    if config.paths.live:
        check_folder(Path(config.paths.live), "paths.live")


def lived(days: Sequence[Days], runs: int) -> float:
    """Days of measured windows that have been lived, over those of all runs to be made, 0..1."""
    measured = [one for one in days if one.scenario != BURN_IN]
    if not measured or runs < 1:
        return 0.0
    return min(1.0, sum(one.lived / one.total for one in measured) / runs)

"""Tables of draws: values of parameters that go with a user's data, one draw a line, as CSV.

``liebian calibrate`` writes them; ``robustness`` and ``compare`` take them with ``calibration=FILE``.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.core.atomic import commit
from sim.core.errors import InputError


@dataclass(frozen=True)
class Draws:
    """A table of draws.

    Attributes
    ----------
    keys : tuple of str
        Dotted keys.
    values : float64[n, k]
        One row a draw.
    """

    keys: tuple[str, ...]
    values: np.ndarray

    @property
    def middle(self) -> dict[str, float]:
        """The draw nearest to all others: values that go together, as medians of each need not."""
        spread = self.values.std(axis=0)
        scaled = self.values / np.where(spread > 0, spread, 1.0)
        apart = np.abs(scaled[:, None] - scaled[None]).sum(axis=(1, 2))
        return self.row(int(apart.argmin()))

    def row(self, n: int) -> dict[str, float]:
        """Key -> value of one draw."""
        return dict(zip(self.keys, self.values[n].tolist(), strict=True))


def write_draws(path: Path, draws: Draws) -> None:
    """Write a table.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    lines = [",".join(draws.keys)]
    lines += [",".join(f"{value:.6g}" for value in row) for row in draws.values.tolist()]
    text = "\n".join(lines) + "\n"
    commit(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def read_draws(path: str | Path, known: Sequence[str]) -> Draws:
    """Read a table.

    Parameters
    ----------
    path : str or Path
        As ``liebian calibrate`` names it.
    known : sequence of str
        Keys that may stand in it.

    Raises
    ------
    InputError
        Naming file, line, rule, value and remedy.
    """
    where = f"calibration: {path}"
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise InputError(
            f"{where} must be a table of draws ({reason}); name the file that 'liebian calibrate' wrote"
        ) from None
    try:
        rows = [row for row in csv.reader(text.splitlines(), strict=True) if row]
    except csv.Error as error:
        raise InputError(
            f"{where} must be a table of draws ({error}); write it anew with 'liebian calibrate'"
        ) from None
    if len(rows) < 2:
        raise InputError(f"{where} must hold a header and draws (found {len(rows)} lines); calibrate anew")
    keys = tuple(key.strip() for key in rows[0])
    if wrong := [key for key in keys if key not in known]:
        raise InputError(
            f"{where}, line 1: columns must be uncertain parameters (found '{wrong[0][:60]}'); "
            "name the file that 'liebian calibrate' wrote"
        )
    if len(set(keys)) < len(keys):
        raise InputError(f"{where}, line 1: a parameter has one column (found one twice); delete one")
    return Draws(keys, np.array([_numbers(where, n, row, keys) for n, row in enumerate(rows[1:], 2)]))


def _numbers(where: str, line: int, row: list[str], keys: tuple[str, ...]) -> list[float]:
    if len(row) != len(keys):
        raise InputError(
            f"{where}, line {line}: must hold {len(keys)} values (found {len(row)}); complete it"
        )
    values = []
    for key, cell in zip(keys, row, strict=True):
        try:
            values.append(float(cell))
        except ValueError:
            values.append(math.nan)
        if not math.isfinite(values[-1]):
            raise InputError(
                f"{where}, line {line}, column {key}: must be a number (found '{cell[:40]}'); correct it"
            )
    return values

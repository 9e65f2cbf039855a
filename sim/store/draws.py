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
from sim.core.language import tr


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
    where = tr("calibration: {path}", path=path)
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or tr("it is no text")
        raise InputError(
            tr(
                "{where} must be a table of draws ({reason}); name the file that 'liebian calibrate' wrote",
                where=where,
                reason=reason,
            )
        ) from None
    try:
        rows = [row for row in csv.reader(text.splitlines(), strict=True) if row]
    except csv.Error as error:
        raise InputError(
            tr(
                "{where} must be a table of draws ({error}); write it anew with 'liebian calibrate'",
                where=where,
                error=error,
            )
        ) from None
    if len(rows) < 2:
        raise InputError(
            tr(
                "{where} must hold a header and draws (found {n_rows} lines); calibrate anew",
                where=where,
                n_rows=len(rows),
            )
        )
    keys = tuple(key.strip() for key in rows[0])
    if wrong := [key for key in keys if key not in known]:
        raise InputError(
            tr(
                "{where}, line 1: columns must be uncertain parameters (found '{wrong}'); name the "
                "file that 'liebian calibrate' wrote",
                where=where,
                wrong=wrong[0][:60],
            )
        )
    if len(set(keys)) < len(keys):
        raise InputError(
            tr("{where}, line 1: a parameter has one column (found one twice); delete one", where=where)
        )
    return Draws(keys, np.array([_numbers(where, n, row, keys) for n, row in enumerate(rows[1:], 2)]))


def _numbers(where: str, line: int, row: list[str], keys: tuple[str, ...]) -> list[float]:
    if len(row) != len(keys):
        raise InputError(
            tr(
                "{where}, line {line}: must hold {n_keys} values (found {n_row}); complete it",
                where=where,
                line=line,
                n_keys=len(keys),
                n_row=len(row),
            )
        )
    values = []
    for key, cell in zip(keys, row, strict=True):
        try:
            values.append(float(cell))
        except ValueError:
            values.append(math.nan)
        if not math.isfinite(values[-1]):
            raise InputError(
                tr(
                    "{where}, line {line}, column {key}: must be a number (found '{cell}'); correct it",
                    where=where,
                    line=line,
                    key=key,
                    cell=cell[:40],
                )
            )
    return values

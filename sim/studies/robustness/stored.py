"""Studies on disk: one Parquet file a draw, one JSON file a study that says which draws are its own.

``robustness/draws/experiment=…/scenario=A_vs_B/KEY.parquet`` holds a draw's parameters, pilot and
figures under both strategies; ``robustness/studies/…/KEY.json`` the design. All of them are
written whole or not at all, as everything in the store.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.core.atomic import commit
from sim.core.errors import StoreError
from sim.core.language import tr
from sim.core.sealed import SEAL, discard, seal_of, sealed, unsealed
from sim.store.store import Store
from sim.store.writing import writing
from sim.studies.robustness.arms import Trial
from sim.studies.robustness.plan import Plan

_DRAWS, _STUDIES = "robustness/draws", "robustness/studies"
_LONGEST = 64


@dataclass(frozen=True)
class Study:
    """What is stored of one study.

    Attributes
    ----------
    design : dict
        Strategies ``a`` and ``b``, settings, seed, lengths, uncertainties with their ranges, draws.
    table : DataFrame
        One row a finished draw and quantity: draw, part (value, pilot, figure), name, a, b.
    """

    design: dict[str, Any]
    table: pd.DataFrame

    @property
    def a(self) -> str:
        """First strategy."""
        return str(self.design["a"])

    @property
    def b(self) -> str:
        """Second strategy; differences are its figure less the first's."""
        return str(self.design["b"])

    @property
    def draws(self) -> int:
        """Draws that are finished."""
        return int(self.table["draw"].nunique())

    @property
    def planned(self) -> int:
        """Draws of the design."""
        return len(self.design["draws"])

    def values(self) -> pd.DataFrame:
        """Parameters: one row a draw, one column a dotted key."""
        return self._wide("value", "a")

    def pilot(self) -> pd.DataFrame:
        """By draw: invitees in the pilot, first_order and second_order (chances), reward_a, reward_b."""
        wide = self._wide("pilot", "a").rename(columns={"invite_reward": "reward_a"})
        return wide.assign(reward_b=self._wide("pilot", "b")["invite_reward"])

    def differences(self) -> pd.DataFrame:
        """Second less first strategy: one row a draw, one column a figure; nan = not observable."""
        return self.levels("b") - self.levels("a")

    def levels(self, arm: str) -> pd.DataFrame:
        """Figures under one strategy (``"a"`` or ``"b"``): one row a draw, one column a figure."""
        return self._wide("figure", arm)

    def _wide(self, part: str, arm: str) -> pd.DataFrame:
        mine = self.table[self.table["part"] == part]
        return mine.pivot_table(index="draw", columns="name", values=arm, dropna=False, sort=False)


def folder_name(a: str, b: str) -> str:
    """Name under which a pair of strategies is filed, safe and short whatever their names are."""
    whole = f"{a}_vs_{b}"
    if len(whole) <= _LONGEST:
        return whole
    return f"{a[:24]}_vs_{b[:24]}_{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def has_draw(store: Store, experiment: str, pair: str, key: str) -> bool:
    """Whether this draw is there, whole and its own; a damaged one is told and dropped."""
    path = store.path(_DRAWS, experiment, pair, key)
    try:
        return bool(_draw(path).num_rows > 0)
    except (ValueError, pa.ArrowException) as error:
        discard(path, error)
    except OSError as error:
        if path.exists():  # a torn Parquet file is an error of the operating system to its reader
            discard(path, error)
    return False


def _draw(path: Path) -> pa.Table:
    """Rows of one draw; ValueError, OSError or ArrowException if it is absent or not what was written."""
    table = pq.ParquetFile(path).read()
    if (table.schema.metadata or {}).get(SEAL.encode()) != _seal(table, path.stem):
        raise ValueError(tr("its content was changed, or belongs to another draw"))
    return table


def _seal(table: pa.Table, key: str) -> bytes:
    return seal_of(key, table.to_pydict()).encode()


def write_draw(
    store: Store, experiment: str, pair: str, trial: Trial, rows: Sequence[tuple[str, str, float, float]]
) -> None:
    """Store one draw; an earlier error of it is dropped.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    part, name, a, b = zip(*rows, strict=True) if rows else ((), (), (), ())
    table = pa.table(
        {
            "draw": pa.array([trial.index] * len(rows), pa.int32()),
            "part": pa.array(part, pa.string()),
            "name": pa.array(name, pa.string()),
            "a": pa.array(a, pa.float64(), from_pandas=True),
            "b": pa.array(b, pa.float64(), from_pandas=True),
            "replication": pa.array([trial.replication] * len(rows), pa.int64()),
        }
    )
    table = table.replace_schema_metadata({SEAL: _seal(table, trial.key)})
    commit(
        store.path(_DRAWS, experiment, pair, trial.key),
        lambda temporary: pq.write_table(table, temporary, compression="zstd"),
    )
    error = store.path("errors", experiment, pair, trial.key, "txt")
    with writing(error):
        error.unlink(missing_ok=True)


def study_path(store: Store, plan: Plan) -> Path:
    """File of a study's design."""
    return store.path(_STUDIES, plan.config.experiment.name, folder_name(plan.a, plan.b), plan.key, "json")


def write_study(store: Store, plan: Plan) -> Path:
    """Store a study's design and return the file."""
    config = plan.config
    experiment = config.experiment
    design = {
        "a": plan.a,
        "b": plan.b,
        "settings": list(plan.settings),
        "calibration": plan.calibration,
        "seed": experiment.seed,
        "experiment": experiment.name,
        "consumers": int(config.population.size),
        "burn_in_days": experiment.burn_in_days,
        "warmup_days": experiment.warmup_days,
        "days": experiment.days,
        "reference": plan.trials[0].reference,
        "uncertainties": [
            {
                "key": row.path,
                "low": row.span[0],
                "high": row.span[1],
                "default": row.default,
                "unit": row.unit,
                "source": row.source,
            }
            for row in plan.uncertainties
            if row.span
        ],
        "draws": [trial.key for trial in plan.trials],
    }
    path = study_path(store, plan)
    text = json.dumps(sealed(design, plan.key), indent=1, sort_keys=True, ensure_ascii=False)
    commit(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    return path


def load_study(path: Path) -> Study:
    """Read a study and its finished draws; damaged ones are told and left out.

    Raises
    ------
    StoreError
        If the file is no study, or none of its draws is finished.
    """
    try:
        design = unsealed(path.read_text(encoding="utf-8"), path.stem)
        # .../robustness/studies/experiment=E/scenario=A_vs_B/KEY.json -> .../robustness/draws/...
        folder = path.parents[3] / "draws" / path.parents[1].name / path.parents[0].name
        found = []
        for key in design["draws"]:
            file = folder / f"{key}.parquet"
            if file.is_file() and (one := _sound(file)) is not None:
                found.append(one)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        reason = next(iter(str(error).splitlines()), "unreadable")
        raise StoreError(
            tr(
                "results: '{path}' is no readable robustness study ({reason}); delete it",
                path=path,
                reason=reason,
            )
        ) from None
    if not found:
        raise StoreError(tr("results: no draw of the study '{path}' is finished; run it again", path=path))
    return Study(design, pd.concat(found, ignore_index=True))


def _sound(file: Path) -> pd.DataFrame | None:
    """Rows of a draw; None, and a line that says so, if it is damaged."""
    try:
        return _draw(file).to_pandas()
    except (OSError, ValueError, pa.ArrowException) as error:
        reason = next(iter(str(error).splitlines()), "unreadable")
        warnings.warn(
            tr("results: '{file}' is damaged ({reason}); run the study again", file=file, reason=reason),
            stacklevel=2,
        )
        return None


def studies(root: Path, experiment: str) -> list[Study]:
    """The newest readable study of each pair of strategies of one experiment, by name of the pair."""
    found = []
    for folder in sorted((root / _STUDIES / f"experiment={experiment}").glob("scenario=*")):
        files = sorted(folder.glob("*.json"), key=lambda file: (file.stat().st_mtime_ns, file.name))
        for file in reversed(files):
            try:
                found.append(load_study(file))
            except StoreError:
                continue
            break
    return found

"""A finished study of sensitivity on disk: tables as Parquet, who and what as JSON, and their reader.

Every table is one file that exists whole or not at all; the description is written last, so that
a study that was killed is either the earlier one or complete.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.core.atomic import commit
from sim.core.errors import StoreError
from sim.core.language import tr
from sim.core.sealed import sealed, unsealed
from sim.store.integrity import content_digest, serialized_table
from sim.store.manifest import folder as sweep_folder

_DESIGN = "sensitivity.json"
#: Entry of the description that holds the digests of the tables.
_DIGESTS = "tables"


@dataclass(frozen=True)
class Sensitivity:
    """A study of sensitivity.

    A scenario column also holds paired differences, as ``"b - a"``; the last parameter of each figure is
    the dummy, which nothing reads.

    Attributes
    ----------
    design : mapping
        ``scenarios``, ``by``, ``kpis``, ``parameters`` (key, low, high, default, unit, source, whole,
        chosen), ``trajectories``, ``samples``, ``worlds``, ``seed``, ``consumers``, days, ``words``,
        ``points`` (of both stages), ``failed`` (runs), ``choice_from`` (stage that ``best`` stems from).
    screening : DataFrame
        scenario, kpi, parameter, mu_star, mu_star_low, mu_star_high, mu, sigma, p, above_noise, n.
    sobol : DataFrame
        scenario, kpi, parameter, first, first_low, first_high, total, total_low, total_high,
        total_by_luck, p, above_noise, n. Empty without indices.
    pairs : DataFrame
        scenario, kpi, parameter, other, second, second_low, second_high; empty unless asked for.
    best : DataFrame
        scenario, wins, n, share, low, high, clear.
    deciders : DataFrame
        scenario, parameter, ks, p, p_adjusted, direction, wins, others.
    spreads : DataFrame
        stage, scenario, kpi, between_points, between_worlds, luck, luck_share.
    """

    design: Mapping[str, Any]
    screening: pd.DataFrame
    sobol: pd.DataFrame
    pairs: pd.DataFrame
    best: pd.DataFrame
    deciders: pd.DataFrame
    spreads: pd.DataFrame


_TABLES = tuple(one.name for one in fields(Sensitivity) if one.name != "design")


def folder(root: str | Path, experiment: str) -> Path:
    """Folder of one experiment's searches.

    Raises
    ------
    StoreError
        If the experiment's name could leave the folder.
    """
    return Path(root) / "search" / sweep_folder(root, experiment).name


def write_sensitivity(root: str | Path, experiment: str, study: Sensitivity) -> Path:
    """Store a study and return the file that describes it.

    Raises
    ------
    StoreError
        If a file cannot be written.
    """
    place, digests = folder(root, experiment), {}
    for name in _TABLES:
        content = serialized_table(pa.Table.from_pandas(getattr(study, name), preserve_index=False))
        digests[name] = content_digest(content)
        commit(_table_path(place, name), partial(_put, content))
    described = sealed({**study.design, _DIGESTS: digests}, experiment)
    text = json.dumps(described, indent=1, sort_keys=True, ensure_ascii=False)
    commit(place / _DESIGN, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    return place / _DESIGN


def _table_path(place: Path, name: str) -> Path:
    return place / f"sensitivity_{name}.parquet"


def _put(content: bytes, temporary: Path) -> None:
    temporary.write_bytes(content)


def _table(place: Path, name: str, digest: str) -> pd.DataFrame:
    """One table, if it is what the description says."""
    content = _table_path(place, name).read_bytes()
    if content_digest(content) != digest:
        raise ValueError(tr("{name} is not what was written", name=_table_path(place, name).name))
    return pq.ParquetFile(pa.BufferReader(content)).read().to_pandas()


def load_sensitivity(root: str | Path, experiment: str) -> Sensitivity:
    """Read the study of one experiment.

    Raises
    ------
    StoreError
        If there is none, or it cannot be read.
    """
    place = folder(root, experiment)
    if not (place / _DESIGN).is_file():
        raise StoreError(
            tr(
                "experiment: no study of sensitivity '{experiment}' in '{root}'; make one with "
                "'liebian sensitivity experiment.name={experiment} ...'",
                experiment=experiment,
                root=root,
            )
        )
    try:
        design = unsealed((place / _DESIGN).read_text(encoding="utf-8"), experiment)
        digests = design.pop(_DIGESTS)
        tables = {name: _table(place, name, digests[name]) for name in _TABLES}
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        reason = next(iter(str(error).splitlines()), "unreadable")
        raise StoreError(
            tr(
                "results: '{place}' holds no readable study of sensitivity ({reason}); make it again",
                place=place,
                reason=reason,
            )
        ) from None
    return Sensitivity(design, **tables)

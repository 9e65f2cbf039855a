"""A bundle: runs of one experiment as one file from which they can be played again anywhere.

A bundle is a zip of plain files with fixed dates, so that the same results make the same bytes. It holds
the resolved settings of every run, its seed, versions, figures and days, the plan of a sweep or search and
what it tried, digests of all of these and of the sources that made them, a README, and how to cite. It never
holds what results do not: no file of a user's (an edge list is named by its digest), no key of pseudonyms, no
folder of a machine.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

import pandas as pd

from sim.config import code_digest
from sim.core.atomic import commit
from sim.core.errors import InputError, StoreError
from sim.core.language import tr
from sim.core.messages import did_you_mean
from sim.core.sources import sources_digest
from sim.runs.bundled_sweep import FOLDER as SWEEP
from sim.runs.bundled_sweep import files_of as sweep_files
from sim.runs.bundled_sweep import graph_name
from sim.store.results import Results

#: Version of the layout of bundles.
LAYOUT = 1
INDEX, README, CITATION = "bundle.json", "README.md", "CITATION.cff"
_DATE = (1980, 1, 1, 0, 0, 0)
#: Largest file within a bundle that is read, and all of them together, bytes.
_MOST = 2**30


def chosen(results: Results, name: str) -> Results:
    """Runs of an experiment, or one run by the beginning of its key with the baseline beside it.

    Raises
    ------
    InputError
        If nothing goes by that name.
    """
    runs = results.runs
    mine = runs[runs["experiment"] == name] if len(runs) else runs
    if mine.empty and len(name) >= 6 and len(runs):
        found = runs[runs["key"].str.startswith(name)]
        mine = runs[runs["key"].isin({*found["key"], *found["baseline_key"]})]
    if mine.empty:
        known = sorted(set(runs["experiment"])) if len(runs) else []
        meant = did_you_mean(name, known)
        raise InputError(
            tr(
                "bundle: no experiment or run is called '{name}' in '{root}'; {meant}",
                name=name,
                root=results.root,
                meant=meant,
            )
        )
    return results.only(set(mine["key"]))


def write(results: Results, name: str, path: Path) -> dict[str, Any]:
    """Write a bundle and return its index.

    Parameters
    ----------
    results : Results
        Runs, as :func:`chosen` gives them.
    name : str
        What the bundle is called inside.
    path : Path
        The file.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    files, runs = dict[str, bytes](), []
    for row in results.runs.drop_duplicates("key").sort_values(["strategy", "replication"]).itertuples():
        noted = results.details(row.key, row.scenario)
        config = _portable(noted["config"])
        files[f"settings/{row.key}.json"] = _json(config)
        runs.append(
            {
                **{key: getattr(row, key) for key in ("scenario", "strategy", "key", "baseline_key")},
                "replication": int(row.replication),
                "seed": int(row.seed),
                "info": dict(noted["info"]),
                "input": _digest_of_input(noted["config"]),
            }
        )
    for table in ("totals", "daily"):
        frame = getattr(results, table)
        if len(frame):
            files[f"tables/{table}.csv"] = frame.to_csv(index=False).encode()
    files |= sweep_files(results.root, name)
    index = {
        "layout": LAYOUT,
        "name": name,
        "code": code_digest(),
        "sources": sources_digest(),
        "runs": runs,
        "files": {one: hashlib.sha256(data).hexdigest() for one, data in sorted(files.items())},
    }
    files[README], files[CITATION] = _readme(index).encode(), _citation(index).encode()
    files[INDEX] = _json(index)
    commit(path, lambda temporary: temporary.write_bytes(_zipped(files)), "")
    return index


def _portable(config: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without folders: a file is named, and nobody learns where it lay."""
    return {**config, "graph": graph_name(config["graph"])} if "graph" in config else dict(config)


def _digest_of_input(config: Mapping[str, Any]) -> dict[str, str] | None:
    """Name and digest of the edge list that a run read, if it read one."""
    path = config.get("graph", {}).get("path")
    if not path:
        return None
    try:
        told = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        told = ""
    return {"name": PurePath(path).name, "sha256": told}


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            packed.writestr(info, data)
    return out.getvalue()


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n").encode()


def _readme(index: Mapping[str, Any]) -> str:
    runs = index["runs"]
    first = runs[0]["info"]
    versions = {key: first[key] for key in ("liebian", "numpy", "mesa", "numba", "simpy") if key in first}
    strategies = list(dict.fromkeys(one["strategy"] for one in runs))
    inputs = sorted({one["input"]["name"] for one in runs if one["input"]})
    worlds = len({one["replication"] for one in runs})
    lines = [
        f"# {index['name']}",
        f"{len(runs)} runs of Liebian: {', '.join(strategies)}; {worlds} worlds.",
        "Made with " + ", ".join(f"{name} {version}" for name, version in versions.items()) + ".",
        "Play it again: `liebian bundle --check FILE.zip`. It says whether every figure and every day is "
        "equal, or which is not.",
        "`settings/KEY.json`: all settings of a run, resolved. `tables/totals.csv`, `tables/daily.csv`: "
        "figures and days. `bundle.json`: seeds, versions, digests (SHA-256) of every file and of the "
        "sources that made them. `CITATION.cff`: how to cite.",
    ]
    if any(file.startswith(f"{SWEEP}/") for file in index["files"]):
        place, command = f"results/sweeps/{index['name']}", f"liebian execute experiment={index['name']}"
        lines.append(
            f"`{SWEEP}/`: the plan of the sweep or search, its values, and what was tried. Put its files "
            f"into `{place}`, and `{command}` makes the runs again."
        )
    if inputs:
        lines.append(f"Files that were read and are not here, because they are yours: {', '.join(inputs)}.")
    return "\n\n".join(lines) + "\n"


def _citation(index: Mapping[str, Any]) -> str:
    version = index["runs"][0]["info"].get("liebian", "0")
    return (
        "cff-version: 1.2.0\n"
        "message: If you use these results, please cite Liebian with the version that made them.\n"
        "type: software\n"
        'title: "Liebian: a simulator of social commerce"\n'
        f'version: "{version}"\n'
        "license: MIT\n"
        "authors:\n  - name: The Liebian authors\n"
    )


class Bundle:
    """A bundle that was read and whose files are as they were written.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    StoreError
        If it is no bundle, or was changed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with zipfile.ZipFile(path) as packed:
                if sum(one.file_size for one in packed.infolist()) > _MOST:
                    raise ValueError(tr("it holds more than {most:,} bytes", most=_MOST))
                self.files = {one.filename: packed.read(one) for one in packed.infolist()}
            self.index = json.loads(self.files[INDEX])
            if self.index["layout"] != LAYOUT:
                raise ValueError(
                    tr("layout {layout} is not {ours}", layout=self.index["layout"], ours=LAYOUT)
                )
            changed = [
                name
                for name, digest in self.index["files"].items()
                if hashlib.sha256(self.files.get(name, b"")).hexdigest() != digest
            ]
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            reason = error.strerror.lower() if isinstance(error, OSError) and error.strerror else str(error)
            told = " ".join(reason.split()) or type(error).__name__
            raise StoreError(
                tr(
                    "bundle: '{path}' cannot be read ({told}); name a file that 'liebian bundle' wrote",
                    path=path,
                    told=told,
                )
            ) from None
        if changed:
            raise StoreError(
                tr(
                    "bundle: '{path}' was changed after it was written ({names}); fetch the file again",
                    path=path,
                    names=", ".join(changed[:3]),
                )
            )

    def settings(self, key: str) -> dict[str, Any]:
        """Resolved settings of one run."""
        found: dict[str, Any] = json.loads(self.files[f"settings/{key}.json"])
        return found

    def table(self, name: str) -> pd.DataFrame:
        """A table of the bundle, numbers to the last digit; empty if it has none."""
        data = self.files.get(f"tables/{name}.csv")
        return pd.DataFrame() if data is None else pd.read_csv(io.BytesIO(data), float_precision="round_trip")

"""The plan of a sweep or search as a bundle holds it: the same jobs and values, and nothing of a machine.

Folders, engines and addresses become the usual ones, a network file its bare name, so that the same sweep
makes the same bytes wherever it was played. What stands in the folder ``sweep`` is what stands in a store's
``sweeps/NAME``: put there, ``liebian execute experiment=NAME`` makes the runs again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path, PurePath
from typing import Any

from sim.config import Config, compose
from sim.config.compose import MACHINE_SECTIONS
from sim.core.errors import StoreError
from sim.core.language import tr
from sim.core.sealed import sealed, unsealed
from sim.store.lines import lines_text
from sim.store.manifest import MANIFEST, names, read
from sim.store.values import named_values, read_values, section_key

FOLDER = "sweep"
_GRAPH, _PATH = "graph", "graph.path"
#: Folders before a file's name, in a text.
_FOLDERS = re.compile(r"(?<![\w.])(?:[A-Za-z]:)?[\\/](?:[^\s'\"\\/]+[\\/])+")


def files_of(root: Path, experiment: str) -> dict[str, bytes]:
    """Files of the folder ``sweep``; none if the experiment was no sweep or search.

    Parameters
    ----------
    root : Path
        The store.
    experiment : str
        Its name, which is part of the seals.

    Raises
    ------
    StoreError
        If what is stored of the sweep is damaged.
    """
    if experiment not in names(root):
        return {}
    planned, usual = read(root, experiment), compose()
    wanted = dict.fromkeys(job.values for job in planned.jobs)
    contents = {name: named_values(_values(read_values(planned.place, name), usual)) for name in wanted}
    jobs = [
        replace(
            job,
            values=contents[job.values][0],
            options=_options(job.options, usual),
            overrides=_bare(job.overrides),
        )
        for job in planned.jobs
    ]
    files = {f"{FOLDER}/{name}": text.encode() for name, text in contents.values()}
    files[f"{FOLDER}/{MANIFEST}"] = lines_text([asdict(job) for job in jobs], experiment).encode()
    for path in sorted(planned.place.glob("*.json")):
        if not path.name.startswith("values-"):
            files[f"{FOLDER}/{path.name}"] = _told(path, experiment)
    return files


def graph_name(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a network whose file is named without its folders."""
    path = plain.get("path")
    return {**plain, "path": PurePath(path).name} if path else dict(plain)


def _values(content: Mapping[str, Any], usual: Config) -> dict[str, Any]:
    """Resolved values with the usual machine's sections, and the keys of sections to match."""
    machine = {name: usual.models[name].model_dump(mode="json") for name in MACHINE_SECTIONS}
    sections, renamed = dict[str, Any](), dict[str, str]()
    for key, plain in content["sections"].items():
        name = key.rpartition("-")[0]
        kept = machine.get(name, graph_name(plain) if name == _GRAPH else plain)
        renamed[key] = section_key(name, kept)
        sections[renamed[key]] = kept

    def moved(config: Mapping[str, Any]) -> dict[str, Any]:
        listed = {
            name: [key for key in config.get(name, ()) if key.partition(".")[0] not in MACHINE_SECTIONS]
            for name in ("chosen", "common")
        }
        held = {name: renamed[key] for name, key in config["sections"].items()}
        return {**config, **listed, "options": _options(config["options"], usual), "sections": held}

    moves = {"pinned": moved(content["pinned"]), "configs": [moved(one) for one in content["configs"]]}
    return {**content, **moves, "sections": sections}


def _options(options: Mapping[str, str], usual: Config) -> dict[str, str]:
    return {name: usual.options[name] if name in MACHINE_SECTIONS else one for name, one in options.items()}


def _bare(values: Mapping[str, Any]) -> dict[str, Any]:
    """Swept values, those of a network file without folders."""
    return {
        key: PurePath(str(value)).name if key == _PATH and value else value for key, value in values.items()
    }


def _told(path: Path, experiment: str) -> bytes:
    """What a study wrote beside the manifest, sealed anew without folders."""
    try:
        content = unsealed(path.read_text(encoding="utf-8"), experiment)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            tr(
                "results: '{path}' cannot be read ({error}); move it away, the same command writes it again",
                path=path,
                error=error,
            )
        ) from None
    plain = sealed(_scrubbed(content), experiment)
    return (json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _scrubbed(value: Any) -> Any:
    """Texts without the folders that stand in them."""
    if isinstance(value, str):
        key, equals, path = value.partition("=")
        return f"{key}={PurePath(path).name}" if key == _PATH and equals else _FOLDERS.sub("", value)
    if isinstance(value, Mapping):
        return {key: _scrubbed(one) for key, one in value.items()}
    return [_scrubbed(one) for one in value] if isinstance(value, list) else value

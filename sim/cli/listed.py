"""What ``liebian list`` tells, as plain data: from declarations and files, kept until one of them changes.

To declare everything takes several hundred modules. What came of it is kept beside the compiled kernels, one
file a topic, named by a digest of all that it can depend on: the sources, the option files, the scenarios of
the user, and the libraries that declare. Features that a command adds are listed afresh.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sim.core.errors import StoreError
from sim.core.language import ENGLISH, speaking, tr
from sim.core.shipped import shipped
from sim.core.sources import sources_digest

#: Rises with what is kept for a topic, and with what its name is made of.
_FORMAT = 1
_FOLDER = "liebian-lists"
#: Files that stay, newest first: a few topics of some checkouts, working folders and versions.
_STAY = 48
_LIBRARIES = ("numpy", "pydantic", "pydantic_core", "yaml")


@dataclass(frozen=True)
class Parameter:
    """One declared parameter in words.

    Attributes
    ----------
    path, unit, kind, source, why : str
        As declared (:class:`sim.core.params.Declared`).
    default, bounds, span : str
        In words; empty if there are none.
    choices : tuple of str
        What may be written, if that is a choice.
    plain : dict
        All that is declared, in JSON's types.
    """

    path: str
    unit: str
    kind: str
    source: str
    why: str
    default: str
    bounds: str
    span: str
    choices: tuple[str, ...]
    plain: dict[str, Any]


def scenarios() -> dict[str, str]:
    """Scenario -> what it is."""
    found: dict[str, str] = _told("scenarios")
    return found


def sections() -> dict[str, dict[str, Any]]:
    """Section -> its ``options``, the ``default`` one, and its number of ``parameters``."""
    found: dict[str, dict[str, Any]] = _told("sections")
    return found


def parameters() -> list[Parameter]:
    """Every declared parameter of every section, in the order of declaration."""
    return [Parameter(**{**row, "choices": tuple(row["choices"])}) for row in _told("parameters")]


def rules() -> list[tuple[str, list[str], list[list[str]]]]:
    """Title, headings and rows of a table for each open kind."""
    return [(title, headings, rows) for title, headings, rows in _told("rules")]


def _told(topic: str) -> Any:
    """What is to be told of a topic: kept, or found out now."""
    registry = sys.modules.get("sim.registry")
    name = None if registry is not None and registry.added() else digest(topic)
    file = None if name is None else _file(topic, name)
    if file is not None:
        with contextlib.suppress(OSError, ValueError):
            return json.loads(file.read_text(encoding="utf-8"))
    with speaking(ENGLISH):  # what is kept is told in any language later
        text = json.dumps(_FOUND[topic]())
    if file is not None:
        _keep(file, text)
    return json.loads(text)


def digest(topic: str) -> str | None:
    """Name of all that a topic's list depends on; None if a file of it cannot be read for certain."""
    total = hashlib.sha256(repr((_FORMAT, topic, sys.version, sys.getfilesystemencoding())).encode())
    folders = [shipped("conf")]
    try:
        total.update(sources_digest(bool).encode())
        if topic == "scenarios":
            folders += [shipped("scenarios"), Path("scenarios")]
            total.update(repr(folders[1].resolve() == folders[2].resolve()).encode())
        for library in _LIBRARIES:
            total.update(repr(_version(library)).encode())
        for folder in folders:
            for name, content in _files(folder):
                total.update(repr((name, len(content))).encode("utf-8", "surrogateescape") + content)
            total.update(b"\0")
    except OSError:
        return None
    return total.hexdigest()


def _version(library: str) -> tuple[str, int] | None:
    """Where a library lies and when it was installed, without loading it."""
    found = importlib.util.find_spec(library)
    if found is None or found.origin is None:
        return None
    return found.origin, os.stat(found.origin).st_mtime_ns


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of all option or scenario files within a folder.

    Raises
    ------
    OSError
        If one is a link or no file, so that reading it may not tell what it means.
    """
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*.yaml")):
        if path.is_symlink() or not path.is_file():
            raise OSError(tr("{path} is not a plain file", path=path))
        yield path.relative_to(folder).as_posix(), path.read_bytes()


def _file(topic: str, name: str) -> Path | None:
    """Where a topic is kept; None where no folder can be written."""
    from sim.core.jit import cache_folder

    base = cache_folder()
    return None if base is None else base.parent / _FOLDER / f"{topic}-{name[:32]}.json"


def _keep(file: Path, text: str) -> None:
    """Write a topic down, and remove what is older than enough others; nothing if that cannot be."""
    from sim.core.atomic import commit

    with contextlib.suppress(StoreError, OSError):
        commit(file, lambda path: path.write_text(text, encoding="utf-8"))
        kept = sorted(file.parent.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in kept[_STAY:]:
            old.unlink(missing_ok=True)


def _scenarios() -> dict[str, str]:
    from sim.config import describe_scenarios, market_sources

    return describe_scenarios(market_sources())


def _sections() -> dict[str, dict[str, Any]]:
    from sim.config import market_sources

    sources = market_sources()
    defaults = sources.defaults()
    return {
        name: {
            "options": sources.options(name),
            "default": defaults.get(name),
            "parameters": len(model.model_fields),
        }
        for name, model in sources.sections.items()
    }


def _parameters() -> list[dict[str, Any]]:
    from sim.cli.session import plain
    from sim.config import assumptions_table, market_sources
    from sim.core.params import describe_bounds

    return [
        asdict(
            Parameter(
                *(row.path, row.unit, row.kind, row.source, row.why, str(row.default)),
                bounds=describe_bounds(row.bounds) if row.bounds else "",
                span=tr("plausibly {span:g} to {span2:g}", span=row.span[0], span2=row.span[1])
                if row.span
                else "",
                choices=tuple(map(str, row.choices)),
                plain=plain(row),
            )
        )
        for row in assumptions_table(market_sources().sections)
    ]


def _rules() -> Any:
    from sim.config import market_sources
    from sim.registry import open_kinds

    return open_kinds(market_sources().features)


#: Topic -> how it is found out.
_FOUND: dict[str, Callable[[], Any]] = {
    "scenarios": _scenarios,
    "sections": _sections,
    "parameters": _parameters,
    "rules": _rules,
}

"""Option files: read strictly, and remembered until they change.

An option file holds values and nothing else: no defaults of its own, no interpolation, no package. So
reading it is all there is to composing it, and Hydra is asked only for what it alone knows, its grammar of
overrides and sweeps (see ``docs/why.md``).
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from sim.config import plain_yaml
from sim.config.sources import Sources
from sim.core.errors import ConfigError
from sim.core.language import tr
from sim.core.messages import did_you_mean

_lock = threading.RLock()
#: Option file -> (its state, its values), so that composing again is cheap.
_pieces: dict[str, tuple[tuple[int, int], dict[str, Any]]] = {}
Values = dict[str, dict[str, Any]]
#: Words of Hydra's composition, which would make an option file mean more than its values.
_REFUSED = ("defaults", "hydra")


def option_values(options: Mapping[str, str], sources: Sources, problems: Sequence[str] = ()) -> Values:
    """Values of the chosen option files, as a copy that may be changed.

    Raises
    ------
    ConfigError
        ``problems`` and one line for every problem in every file, if a file cannot be used.
    """
    try:
        return _remembered(options, sources)
    except ConfigError as error:
        raise ConfigError([*problems, *error.problems]) from None


def _remembered(options: Mapping[str, str], sources: Sources) -> Values:
    """Values of the option files, read again only where a file is new or has changed."""
    with _lock:
        states = _states(options, sources)
        files = {g: str(sources.folder(g) / f"{o}.yaml") for g, o in options.items()}
        missing = {g: o for g, o in options.items() if _pieces.get(files[g], (None,))[0] != states[g]}
        if missing:
            for group, values in _read(missing, sources).items():
                _pieces[files[group]] = (states[group], values)
        return {group: copy.deepcopy(_pieces[file][1]) for group, file in files.items()}


def _states(options: Mapping[str, str], sources: Sources) -> dict[str, tuple[int, int]]:
    """Change time and size of each chosen option file."""
    found: dict[str, tuple[int, int]] = {}
    problems = []
    for group, option in options.items():
        try:
            status = (sources.folder(group) / f"{option}.yaml").stat()
        except OSError:
            valid = did_you_mean(option, sources.options(group))
            problems.append(
                tr("{group}: there is no option '{option}'; {valid}", group=group, option=option, valid=valid)
            )
            continue
        found[group] = (status.st_mtime_ns, status.st_size)
    if problems:
        raise ConfigError(problems)
    return found


def _read(options: Mapping[str, str], sources: Sources) -> Values:
    """Values of option files.

    Raises
    ------
    ConfigError
        With one line for every problem in every file.
    """
    problems: list[str] = []
    values: Values = {}
    for group, option in options.items():
        try:
            document = _document(group, option, sources)
        except ConfigError as error:
            problems += error.problems
            continue
        refused = [key for key in _REFUSED if key in document.values]
        problems += [
            tr("{name}: '{key}' is not allowed in an option; delete it", name=document.name, key=key)
            for key in refused
        ]
        values[group] = document.values
    if problems:
        raise ConfigError(problems)
    return values


def _document(group: str, option: str, sources: Sources) -> plain_yaml.Document:
    """One option file; a feature's own files are named by what lies beside its code."""
    folder = sources.folder(group)
    return plain_yaml.read(
        folder / f"{option}.yaml", sources.conf if folder.parent == sources.conf else folder
    )

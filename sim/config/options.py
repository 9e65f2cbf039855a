"""Option files: read strictly, then put together by Hydra, then remembered.

Hydra's compose API is used under a lock and its global state is put back, so composing leaves
no trace in the process, on disk or in the working directory. Each option file is remembered
until it changes, because one composition by Hydra costs as much as a hundred lookups.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.singleton import Singleton
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sim.config import plain_yaml
from sim.config.messages import did_you_mean
from sim.config.sources import Sources
from sim.core.errors import ConfigError

_lock = threading.RLock()
#: Option file -> (its state, its values), so that composing again is cheap.
_pieces: dict[str, tuple[tuple[int, int], dict[str, Any]]] = {}
Values = dict[str, dict[str, Any]]


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
    """Values of the option files, composed again only where a file is new or has changed."""
    with _lock:
        states = _states(options, sources)
        files = {g: str(sources.folder(g) / f"{o}.yaml") for g, o in options.items()}
        missing = {g: o for g, o in options.items() if _pieces.get(files[g], (None,))[0] != states[g]}
        if missing:
            _check_files(missing, sources)
            for group, values in _composed(missing, sources).items():
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
            problems.append(f"{group}: there is no option '{option}'; {valid}")
            continue
        found[group] = (status.st_mtime_ns, status.st_size)
    if problems:
        raise ConfigError(problems)
    return found


def _check_files(options: Mapping[str, str], sources: Sources) -> None:
    """Read every chosen option file strictly before Hydra sees it."""
    problems: list[str] = []
    for group, option in options.items():
        try:
            document = _document(group, option, sources)
        except ConfigError as error:
            problems += error.problems
            continue
        refused = [key for key in ("defaults", "hydra") if key in document.values]
        problems += [f"{document.name}: '{key}' is not allowed in an option; delete it" for key in refused]
    if problems:
        raise ConfigError(problems)


def _document(group: str, option: str, sources: Sources) -> plain_yaml.Document:
    """One option file; a feature's own files are named by what lies beside its code."""
    folder = sources.folder(group)
    return plain_yaml.read(
        folder / f"{option}.yaml", sources.conf if folder.parent == sources.conf else folder
    )


def _composed(options: Mapping[str, str], sources: Sources) -> Values:
    """What Hydra makes of the chosen options: all at once, or one by one when only a few are new."""
    own = {group for group in options if sources.folder(group).parent != sources.conf}
    found = {group: _document(group, options[group], sources).values for group in own}
    return found | _shipped({group: one for group, one in options.items() if group not in own}, sources)


def _shipped(options: Mapping[str, str], sources: Sources) -> Values:
    defaults = sources.defaults()
    with _hydra(sources.conf):
        if len(options) > 3:
            chosen = [f"{'' if g in defaults else '+'}{g}={o}" for g, o in options.items()]
            whole = _plain("config", chosen)
            return {group: whole.get(group) or {} for group in options}
        return {group: _plain(f"{group}/{option}").get(group) or {} for group, option in options.items()}


def _plain(name: str, chosen: Sequence[str] = ()) -> dict[str, Any]:
    """Compose one configuration with Hydra and turn it into plain dicts and lists."""
    try:
        composed = hydra_compose(name, overrides=list(chosen))
        plain = OmegaConf.to_container(composed, resolve=False)
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(f"conf/{name}.yaml: {' '.join(str(error).split())}; mend the file") from None
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items()}


@contextmanager
def _hydra(conf: Path) -> Iterator[None]:
    """Hydra over ``conf``, with whatever Hydra the process was using put back afterwards."""
    before = Singleton._instances.pop(GlobalHydra, None)
    try:
        with initialize_config_dir(str(conf.resolve()), job_name="liebian", version_base="1.3"):
            yield
    finally:
        Singleton._instances.pop(GlobalHydra, None)
        if before is not None:
            Singleton._instances[GlobalHydra] = before

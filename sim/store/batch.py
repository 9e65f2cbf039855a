"""Batches: tasks written down for machines that make them later, such as the array tasks of Slurm.

A batch holds one line a task, of one kind: runs of a sweep, draws of a robustness study, and so on. The same
tasks have the same name, and stay as they are when their sweep grows or is planned anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.config import Config, baseline_of
from sim.core.errors import StoreError
from sim.core.language import tr
from sim.core.sealed import seal_of
from sim.store.lines import read_lines, write_lines
from sim.store.manifest import folder
from sim.store.values import check_code, configs_of, read_values, values_of, write_values

#: Folder of batches and of the scripts and logs of job arrays, within the experiment's own.
BATCHES = "slurm"
_NAME = re.compile(r"[0-9a-f]{12}")
_KIND, _VALUES = "kind", "values_file"


def batch_folder(root: str | Path, experiment: str) -> Path:
    """Where the batches of an experiment lie."""
    return folder(root, experiment) / BATCHES


def write_batch(root: str | Path, experiment: str, kind: str, lines: Sequence[Mapping[str, Any]]) -> str:
    """Write tasks down and return the batch's name, a digest of them.

    Parameters
    ----------
    root, experiment : str
        Results folder and experiment.
    kind : str
        What the lines are, so that whoever reads them knows how to make them.
    lines : sequence of mapping
        One a task: what JSON can hold.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    whole = [{**one, _KIND: kind} for one in lines]
    name = seal_of(experiment, whole)[:12]
    write_lines(batch_folder(root, experiment) / f"{name}.jsonl", whole, name)
    return name


def write_configured(
    root: str | Path,
    experiment: str,
    kind: str,
    configs: Sequence[Config],
    lines: Sequence[Mapping[str, Any]],
) -> str:
    """As :func:`write_batch`, for tasks that refer to configurations by their place in ``configs``.

    Every line gains the name of the file that holds them (:func:`configs_of_batch` reads it).
    """
    name, content = values_of(configs, baseline_of(configs[0]))
    write_values(batch_folder(root, experiment), content)
    return write_batch(root, experiment, kind, [{**one, _VALUES: name} for one in lines])


def configs_of_batch(root: str | Path, experiment: str, lines: Sequence[Mapping[str, Any]]) -> list[Config]:
    """Configurations that the lines of a batch refer to.

    Raises
    ------
    StoreError
        If they are missing or torn, or were planned by another version of the program.
    """
    (name,) = {str(line.get(_VALUES, "")) for line in lines}
    content = read_values(batch_folder(root, experiment), name)
    check_code(content, experiment)
    return configs_of(content)


def read_batch(root: str | Path, experiment: str, name: str) -> tuple[str, list[dict[str, Any]]]:
    """Kind and lines of a batch.

    Raises
    ------
    StoreError
        If there is none of that name, or it is torn.
    """
    try:
        if not _NAME.fullmatch(name):
            raise FileNotFoundError
        lines = read_lines(batch_folder(root, experiment) / f"{name}.jsonl", name)
    except FileNotFoundError:
        raise StoreError(
            tr(
                "batch: the experiment '{experiment}' in '{root}' has no batch '{name}'; leave batch "
                "out to execute the manifest",
                experiment=experiment,
                root=root,
                name=name,
            )
        ) from None
    kinds = {str(line.pop(_KIND, "")) for line in lines}
    return kinds.pop(), lines

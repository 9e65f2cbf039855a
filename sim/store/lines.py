"""Files of one JSON object a line, sealed as a whole: no line can be changed, added or lost unnoticed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.core.atomic import commit
from sim.core.errors import StoreError
from sim.core.language import tr
from sim.core.sealed import SEAL, seal_of


def write_lines(path: Path, lines: Sequence[Mapping[str, Any]], name: str) -> None:
    """Write plain values, one line each; every line holds the seal of all.

    Parameters
    ----------
    path : Path
        The file; replaced whole or not at all.
    lines : sequence of mapping
        What JSON can hold.
    name : str
        What the lines are filed under; part of the seal.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    text = lines_text(lines, name)
    commit(path, lambda temporary: temporary.write_text(text, encoding="utf-8", newline="\n"))


def lines_text(lines: Sequence[Mapping[str, Any]], name: str) -> str:
    """Content of such a file."""
    seal = seal_of(name, list(lines))
    return "".join(
        json.dumps({**one, SEAL: seal}, sort_keys=True, ensure_ascii=False) + "\n" for one in lines
    )


def read_lines(path: Path, name: str) -> list[dict[str, Any]]:
    """Lines that :func:`write_lines` wrote under ``name``, at least one.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    StoreError
        If it is torn, changed, empty, or was written under another name.
    """
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
        seals = {line.pop(SEAL, None) for line in lines}
        if lines and seals != {seal_of(name, lines)}:
            raise ValueError(tr("its content was changed, or belongs to another name"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise StoreError(
            tr(
                "results: '{path}' cannot be read ({error}); move it away, its command writes it again",
                path=path,
                error=error,
            )
        ) from None
    if not lines:
        raise StoreError(
            tr("results: '{path}' is empty; move it away, its command writes it again", path=path)
        )
    return lines

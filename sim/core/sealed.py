"""Content that carries a digest of itself and of the name it was written under.

A file that was cut, emptied, altered by a single letter, or copied from another name is told from what
was written, whatever its format can bear. What is damaged is named, and never used.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.core.language import tr

#: Entry that holds the digest.
SEAL = "seal"
_LOG = logging.getLogger(__name__)


def seal_of(name: str, content: Any) -> str:
    """Digest of plain values and of their name, in hexadecimal."""
    text = json.dumps([name, content], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def sealed(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    """``content`` as JSON gives it back, with its seal as one more entry.

    Parameters
    ----------
    content : mapping
        Plain values.
    name : str
        What it is filed under.
    """
    plain: dict[str, Any] = json.loads(json.dumps(content))
    return plain | {SEAL: seal_of(name, plain)}


def unsealed(text: str, name: str) -> dict[str, Any]:
    """What was sealed under ``name``, from the JSON text of :func:`sealed`.

    Raises
    ------
    ValueError
        If it is torn, was changed, or was written under another name.
    """
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("it is not what was written")
    if content.pop(SEAL, None) != seal_of(name, content):
        raise ValueError("its content was changed, or belongs to another name")
    return content


def discard(file: Path, error: Exception, key: str = "paths.results") -> None:
    """Tell that a file is damaged, and remove it so that it is made again.

    Parameters
    ----------
    file : Path
        One that can be made again.
    error : Exception
        What is wrong with it.
    key : str
        Setting that named the folder.
    """
    reason = next(iter(str(error).splitlines()), "") or type(error).__name__
    told = tr("{key}: '{file}' is damaged ({reason}); it is made again", key=key, file=file, reason=reason)
    _LOG.warning("%s", told)
    with contextlib.suppress(OSError):  # what replaces it will say that it cannot be written
        file.unlink()

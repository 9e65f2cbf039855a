"""Names of people become pseudonyms by a keyed hash; the key stays in a file of the user's own.

The same person has the same pseudonym in every table that is imported with the same key, and nobody without
the key can tell whose it is (BLAKE2 with a key, RFC 7693).
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from sim.calibration.files.refusal import refusal
from sim.core.atomic import unwritable
from sim.core.errors import InputError
from sim.core.language import tr

_BYTES = 32
_DIGEST = 8


def key_of(path: Path) -> bytes:
    """The key in a file, or a fresh one that is not written yet.

    Raises
    ------
    TableError
        If the file is there and holds no key.
    """
    try:
        held = path.read_bytes()
    except FileNotFoundError:
        return secrets.token_bytes(_BYTES)
    except OSError as error:
        remedy = tr("name another file, with salt=FILE")
        raise refusal(
            path, tr("the salt must be readable"), error.strerror or tr("an error"), remedy
        ) from None
    if len(held) != _BYTES:
        remedy = tr("name the file that an import wrote, with salt=FILE, or move this one away")
        raise refusal(
            path, tr("a salt has {bytes} bytes", bytes=_BYTES), tr("{n_held} bytes", n_held=len(held)), remedy
        )
    return held


def keep(path: Path, key: bytes) -> bool:
    """Write a key where there is none yet, for its owner alone; whether it was written.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    if path.exists():
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key)
    except OSError as error:
        raise unwritable(path, error, "salt", True) from None
    return True


def pseudonyms(names: Iterable[str], key: bytes) -> dict[str, str]:
    """Name -> pseudonym, ``c`` and sixteen hexadecimal digits.

    Raises
    ------
    InputError
        If two names have the same one.
    """
    made = {
        name: "c" + hashlib.blake2b(name.encode(), key=key, digest_size=_DIGEST).hexdigest()
        for name in dict.fromkeys(names)
    }
    if len(set(made.values())) < len(made):
        raise InputError(tr("salt: two people would have one pseudonym; name another file with salt=FILE"))
    return made

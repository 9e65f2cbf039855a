"""What is printed: texts of files never command the terminal, and marks stay readable in any encoding.

Everything that verbs print passes here or through :func:`sim.cli.tables.console`, so that a
description, a name, a path or an error's echo is shown and never obeyed.
"""

from __future__ import annotations

import codecs
import sys
import unicodedata
from typing import TextIO

#: Marks of tables and notes -> what a terminal without them shows, each as wide as the mark.
_MARKS = dict(zip("✓✗▲▼△▽–—·…×±≤≥→−▁▂▃▄▅▆▇█─│•", "+x^v',--*.x+<>>-_.-:=+*#-|*", strict=True))
_READABLE = "liebian.readable"


def clean(text: str) -> str:
    """``text`` in which all that a terminal would obey is shown as ``?``; line ends stay.

    Control codes, escape sequences, changes of direction, invisible letters and halves of
    letters are replaced; letters of every script and their spaces are not.
    """
    return "".join("?" if _commands(letter) else letter for letter in text)


def _commands(letter: str) -> bool:
    kind = unicodedata.category(letter)
    return (kind[0] == "C" or kind in ("Zl", "Zp")) and letter != "\n"


def say(text: str, *, flush: bool = False, file: TextIO | None = None) -> None:
    """Print ``text``, :func:`clean`, on standard output or on ``file``."""
    print(clean(text), flush=flush, file=file or sys.stdout)


def _readable(error: UnicodeError) -> tuple[str, int]:
    """What is shown for letters that a stream cannot encode."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(_MARKS.get(letter, "?") for letter in letters), error.end


def speak_any_encoding() -> None:
    """Where a stream cannot show a mark, let it show a plain one rather than fail."""
    codecs.register_error(_READABLE, _readable)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_READABLE)

"""What is printed: control characters are neutralised, and marks stay readable in any encoding.

Everything that verbs print passes here or through :func:`sim.cli.screen.console`, so that a
description, a name, a path or an error's echo is shown and never obeyed.
"""

from __future__ import annotations

import codecs
import contextlib
import logging
import os
import sys
import unicodedata
from pathlib import Path
from typing import TextIO

from sim.cli.session import current
from sim.core.language import tr

#: Marks of tables and notes -> what a terminal without them shows, each as wide as the mark.
_MARKS = dict(zip("✓✗▲▼△▽–—·…×±≤≥→−▁▂▃▄▅▆▇█─│•", "+x^v',--*.x+<>>-_.-:=+*#-|*", strict=True))
_READABLE = "liebian.readable"
#: What remarks begin with, which are no problems.
_REMARK = "note: "


def clean(text: str) -> str:
    """``text`` in which all that a terminal would obey is shown as ``?``; line ends stay.

    Control codes, escape sequences, changes of direction, invisible letters and halves of
    letters are replaced; letters of every script and their spaces are not.
    """
    if text.isprintable():  # nearly all of it is, and tables print tens of thousands of letters
        return text
    return "".join("?" if _commands(letter) else letter for letter in text)


def _commands(letter: str) -> bool:
    kind = unicodedata.category(letter)
    return (kind[0] == "C" or kind in ("Zl", "Zp")) and letter != "\n"


def say(text: str, *, end: str = "\n", flush: bool = False, file: TextIO | None = None) -> None:
    """Print ``text``, :func:`clean`, on standard output or on ``file``.

    On standard error stands how far a command has come, which ``--quiet`` leaves out; on standard output
    what it found, which ``--json`` keeps for its document.
    """
    session = current()
    text = clean(text)
    if file is sys.stderr:
        session.note("progress", text)
        if not session.quiet:
            print(text, end=end, flush=flush, file=file)
        return
    session.note("output", text)
    if session.json:
        session.lines += text.splitlines()
    else:
        print(text, end=end, flush=flush, file=file or sys.stdout)


def _readable(error: UnicodeError) -> tuple[str, int]:
    """What is shown for letters that a stream cannot encode."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(_MARKS.get(letter, "?") for letter in letters), error.end


def configure_streams() -> None:
    """Where a stream cannot show a mark, let it show a plain one rather than fail; a closed one is silent."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    codecs.register_error(_READABLE, _readable)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_READABLE)


def _nowhere() -> TextIO:
    """In place of a stream that was closed before the command began."""
    return Path(os.devnull).open("w", encoding="utf-8")


def print_error(problem: str) -> None:
    """One line on standard error; what a terminal would obey (escape codes, line ends) is shown as '?'."""
    session = current()
    line = clean(problem.replace("\n", "?"))
    remark = line.startswith(_REMARK)
    session.note("note" if remark else "error", line)
    if not remark:
        session.problems.append(line)
    if not (remark and session.quiet):
        shown = tr("note: {text}", text=line.removeprefix(_REMARK)) if remark else line
        print(f"liebian: {shown}", file=sys.stderr)


class StderrHandler(logging.Handler):
    """What engines log on their way, on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line; a warning is shown as a problem."""
        if record.levelno >= logging.WARNING:
            print_error(record.getMessage())
        else:
            say(record.getMessage(), file=sys.stderr, flush=True)


def configure_logging() -> None:
    """Show what the package's own loggers record; once, however often this is called."""
    logger = logging.getLogger("sim")
    if not any(isinstance(one, StderrHandler) for one in logger.handlers):
        logger.addHandler(StderrHandler())
        logger.setLevel(logging.INFO)
        logger.propagate = False
    # Without a home that can be written to, Matplotlib takes a folder of its own and tells so twice.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)


def silence_stdout() -> None:
    """Send what is still to be flushed nowhere, or Python complains of the closed pipe when it exits."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

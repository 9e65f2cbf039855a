"""The verb ``board``: a page in the browser, served to this machine alone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from sim.cli.output import say
from sim.cli.session import current
from sim.config.overrides import folder
from sim.core.atomic import check_folder
from sim.core.errors import InputError
from sim.core.language import ENGLISH, language, tr

DONE, FAILED = 0, 1
_HOST, _PORT = "localhost", 8501
_HIGHEST = 65535
#: Seconds that the server has to stop its runs and end.
_GRACE = 10.0
#: What Streamlit is told: nothing leaves the machine, nobody else may look, nothing is watched.
_SERVER = {
    "server.address": _HOST,
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
}


def board(words: Sequence[str]) -> int:
    """Serve the board until it is interrupted."""
    port, results = _understood(words)
    if current().json:
        raise InputError(tr("board serves a page, so it has no --json; leave it out"))
    if find_spec("streamlit") is None:
        raise InputError(
            tr("board needs Streamlit, which is not installed; 'pip install liebian[dashboard]'")
        )
    check_folder(results, "paths.results")
    _check_free(port)
    say(
        tr("board: http://{host}:{port} (Ctrl-C ends it, and runs that it started)", host=_HOST, port=port),
        flush=True,
    )
    page = Path(__file__).resolve().parents[1] / "board" / "app.py"
    flags = [f"--{name}={value}" for name, value in (_SERVER | {"server.port": str(port)}).items()]
    command = [sys.executable, "-m", "streamlit", "run", str(page), *flags, "--", f"paths.results={results}"]
    command += [] if language() == ENGLISH else [f"language={language()}"]
    return _serve(command)


def _serve(command: Sequence[str]) -> int:
    """Let a server run until it ends or this process is asked to, and leave none behind."""
    signal.signal(signal.SIGTERM, _interrupt)
    with subprocess.Popen(command, env=_environment(), stdout=subprocess.DEVNULL) as server:
        try:
            return DONE if server.wait() == 0 else FAILED
        except KeyboardInterrupt:
            return DONE
        finally:
            server.terminate()
            try:
                server.wait(_GRACE)
            except subprocess.TimeoutExpired:
                server.kill()


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _understood(words: Sequence[str]) -> tuple[int, Path]:
    """Port and results folder that were asked for."""
    port, results = _PORT, "results"
    for word in words:
        key, equals, value = word.partition("=")
        if key == "port" and equals:
            if not value.isascii() or not value.isdigit() or not 0 < int(value) <= _HIGHEST:
                raise InputError(
                    tr(
                        "port: must be a whole number from 1 to {highest} (you wrote '{value}'); write "
                        "port={port}",
                        highest=_HIGHEST,
                        value=value,
                        port=_PORT,
                    )
                )
            port = int(value)
        elif key == "paths.results" and equals:
            results = folder(word)
        else:
            raise InputError(
                tr("'{word}': board takes port=NUMBER, paths.results=FOLDER and nothing else", word=word)
            )
    return port, Path(results).resolve()


def _check_free(port: int) -> None:
    """Refuse a port that somebody else uses, before a server says so in its own words."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise InputError(
                tr(
                    "port: {port} cannot be used ({strerror}); write another, port={port2}",
                    port=port,
                    strerror=str(error.strerror).lower(),
                    port2=port + 1,
                )
            ) from None


def _environment() -> dict[str, str]:
    """Where the package is found by the page, whatever folder the board is started from."""
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}

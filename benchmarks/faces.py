"""How soon a report, the board and a first picture are there: ``python -m benchmarks.faces``.

A report is written of a comparison that was played into a folder, and opened in a headless Chromium. The
board is started, visited, and asked for a run whose worlds lie in the cache already. Each time stands beside
the CPU seconds of the processes that it took, the load of the machine, and a yardstick of the same quarter of
an hour: the first simulated day of 1,000 people, from the start of its process on. Needs the extra
``browser``.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.start import _DAY, _HERE, _environment

_SANDBOXED = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
_COMPARED = ("compare", "baseline", "three_tier_referral", "group_buy")
_PATIENCE = 300.0
_TICKS = os.sysconf("SC_CLK_TCK")
#: Page of the board as it is laid out once it can be used.
_READY = "What it does"
#: What stands over the answer of worlds that are finished, the first one as soon as both its runs are.
_ANSWERED = "beside the baseline in the same world"


class Taken(NamedTuple):
    """Wall-clock seconds, CPU seconds of all processes, and what else there is to say."""

    wall: float
    cpu: float
    more: str = ""


def family(first: int) -> list[int]:
    """A process and everything that it started and that still lives."""
    parents = {}
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            parents[int(folder.name)] = int(_stat(int(folder.name))[1])
    found = {first}
    while grown := {one for one, parent in parents.items() if parent in found} - found:
        found |= grown
    return sorted(found)


def _stat(pid: int) -> list[str]:
    """Fields of a process after its name, which may hold blanks."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()


def cpu(first: int) -> float:
    """CPU seconds so far of a process, of those that it started, and of those of them that have ended."""
    total = 0
    for pid in family(first):
        with contextlib.suppress(OSError):
            total += sum(map(int, _stat(pid)[11:15]))
    return total / _TICKS


def command(words: Sequence[str], folder: Path) -> Taken:
    """A command of the command line in a process of its own."""
    began, before = time.monotonic(), os.times()
    subprocess.run(
        [sys.executable, "-m", "sim", "--quiet", *words, f"paths.results={folder}"],
        env=_environment(_HERE),
        cwd=folder.parent,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return Taken(time.monotonic() - began, spent)


def yardstick() -> Taken:
    """The first simulated day of 1,000 people."""
    began = time.monotonic()
    script = [sys.executable, "-c", _DAY.format(1000)]
    told = subprocess.run(script, env=_environment(_HERE), cwd=_HERE, capture_output=True, check=True)
    return Taken(time.monotonic() - began, float(told.stdout.split()[-1]))


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A headless Chromium of the system's."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as api:
        browser = api.chromium.launch(executable_path=path, args=_SANDBOXED)
        yield browser
        browser.close()


def report(folder: Path, people: int) -> Iterator[tuple[str, Taken]]:
    """Writing the report of a comparison in five worlds, and opening it."""
    results = folder / "results"
    if not (results / "totals" / "experiment=faces").is_dir():
        command(
            [*_COMPARED, f"population.size={people}", "experiment.replications=5", "experiment.name=faces"],
            results,
        )
    yield "report written", command(["report", "experiment=faces"], results)
    page = results / "reports" / "faces.html"
    size = f"{page.stat().st_size / 1000:.0f} kB"
    with chromium() as browser:
        opened(browser, page)  # the browser itself starts with its first page
        yield "report opened", opened(browser, page)._replace(more=size)


def opened(browser: Any, page: Path) -> Taken:
    """A file as a page, until it is laid out and its load has ended."""
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    session = tab.context.new_cdp_session(tab)
    session.send("Performance.enable")
    began = time.monotonic()
    tab.goto(page.resolve().as_uri(), wait_until="load")
    tab.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    wall = time.monotonic() - began
    told = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    tab.close()
    return Taken(wall, told.get("ProcessTime", told["TaskDuration"]))


@contextlib.contextmanager
def board(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes], float]]:
    """A board that answers: its address, its process, and when it was started."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", "board", f"port={port}", f"paths.results={folder / 'results'}"],
        env=_environment(_HERE),
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"
    try:
        _until(lambda: _answers(address))
        yield address, process, began
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _answers(address: str) -> bool:
    with contextlib.suppress(OSError):
        return bool(urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).status == 200)
    return False


def _until(there: Callable[[], bool]) -> None:
    """Wait until something holds; TimeoutError where it does not."""
    deadline = time.monotonic() + _PATIENCE
    while not there():
        if time.monotonic() > deadline:
            raise TimeoutError("nothing came within five minutes")
        time.sleep(0.05)


def ready(folder: Path) -> Iterator[tuple[str, Taken]]:
    """A board from its start until it answers, and until its first visitor can work."""
    with chromium() as browser, board(folder) as (address, process, began):
        yield "board answers", Taken(time.monotonic() - began, cpu(process.pid))
        tab = _visited(browser, address)
        yield "board ready", Taken(time.monotonic() - began, cpu(process.pid))
        tab.close()


def _visited(browser: Any, address: str) -> Any:
    tab = browser.new_page(viewport={"width": 1400, "height": 1000})
    tab.set_default_timeout(1000 * _PATIENCE)
    tab.goto(address)
    tab.get_by_text(_READY).wait_for()
    return tab


def picture(folder: Path, people: int) -> Iterator[tuple[str, Taken]]:
    """From the button until days of a run are drawn, and its first world answers; worlds cached and not."""
    with chromium() as browser, board(folder) as (address, process, _):
        tab = _visited(browser, address)
        tab.get_by_text("Size of the run").click()
        tab.get_by_role("spinbutton", name="Simulated people").first.fill(str(people))
        tab.keyboard.press("Enter")
        for name in ("first picture, worlds to burn in", "first picture, worlds from the cache"):
            _asked(tab, name)
            before, began = cpu(process.pid), time.monotonic()
            tab.get_by_role("button", name="Run", exact=True).click()
            tab.locator("img").first.wait_for()
            yield name, Taken(time.monotonic() - began, cpu(process.pid) - before, f"{people:,} people")
            tab.get_by_text(_ANSWERED).first.wait_for()
            answer = name.replace("picture", "answer")
            yield answer, Taken(time.monotonic() - began, cpu(process.pid) - before, f"{people:,} people")
            tab.get_by_text("done: ").first.wait_for()
            tab.locator("label").filter(has_text=re.compile("^Plan$")).first.click()
            tab.get_by_text(_READY).wait_for()


def _asked(tab: Any, name: str) -> None:
    """A lever at a value of its own, so that no run is there already."""
    tab.get_by_role("textbox", name="Find levers").first.fill("invite reward")
    tab.keyboard.press("Enter")
    field = tab.get_by_role("spinbutton", name="incentive: invite reward").first
    field.fill("20" if "cache" in name else "16")
    tab.keyboard.press("Enter")
    tab.get_by_text(f"incentive.invite_reward={20 if 'cache' in name else 16}").first.wait_for()


def main(words: Sequence[str]) -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where results are kept; a temporary one unless named")
    parser.add_argument("--people", type=int, default=20_000, help="of the run whose first picture is timed")
    parser.add_argument("--compared", type=int, default=2_000, help="people of the comparison")
    parser.add_argument("--only", nargs="+", choices=("report", "board", "picture"))
    asked = parser.parse_args(words)
    with contextlib.ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = folder.resolve()
        (folder / "results").mkdir(parents=True, exist_ok=True)
        parts: dict[str, Callable[[], Iterator[tuple[str, Taken]]]] = {
            "report": lambda: report(folder, asked.compared),
            "board": lambda: ready(folder),
            "picture": lambda: picture(folder, asked.people),
        }
        for name, part in parts.items():
            if asked.only and name not in asked.only:
                continue
            unit = yardstick()
            print(
                f"yardstick: {unit.wall:.2f} s, {unit.cpu:.2f} CPU s, load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
            for what, taken in part():
                ratio = taken.cpu / unit.cpu
                more = f", {taken.more}" if taken.more else ""
                print(
                    f"{what}: {taken.wall:.2f} s, {taken.cpu:.2f} CPU s, {ratio:.2f} yardsticks, "
                    f"load {os.getloadavg()[0]:.1f}{more}",
                    flush=True,
                )


if __name__ == "__main__":
    main(sys.argv[1:])

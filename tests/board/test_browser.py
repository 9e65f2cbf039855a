"""The board as its visitors use it, in a headless Chromium: edit, run, cancel, run again, save, compare."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.chromium import launched

pytestmark = pytest.mark.browser

_TINY = "experiment.burn_in_days=0 experiment.warmup_days=1 engine=serial"
_RENDERS, _MOST_GROWTH_MB = 20, 40
_READY_SECONDS = 20


@pytest.fixture(scope="module")
def chromium():
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A board that is served: its address, its folder, and its process."""
    folder = tmp_path_factory.mktemp("board")
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", "board", f"port={port}"], cwd=folder, stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    while time.monotonic() < began + _READY_SECONDS:
        try:
            socket.create_connection(("localhost", port), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield f"http://localhost:{port}", folder, process
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0


class Visit:
    """A page of one visitor, with every address that it asked for."""

    def __init__(self, browser, address):
        self.page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
        self.page.set_default_timeout(30_000)
        self.outside = []
        self.page.on("request", lambda request: self._note(request.url, address))
        self.page.goto(address)
        self.page.get_by_text("What it does").wait_for()

    def _note(self, url, address):
        if not url.startswith((address, address.replace("http", "ws"), "data:", "blob:")):
            self.outside.append(url)

    def number(self, name, value):
        """Put a number in."""
        self.page.get_by_role("spinbutton", name=name).first.fill(str(value))
        self.page.keyboard.press("Enter")

    def text(self, name, value):
        """Put a text in."""
        self.page.get_by_role("textbox", name=name).first.fill(value)
        self.page.keyboard.press("Enter")

    def press(self, name):
        """Press a button once it can be pressed."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def tab(self, name):
        """Turn to a page."""
        self.page.locator("label").filter(has_text=re.compile(f"^{name}$")).first.click()

    def sees(self, text, seconds=60):
        """Wait until a text stands on the page."""
        self.page.get_by_text(text).first.wait_for(timeout=seconds * 1000)

    def begin(self, days):
        """A tiny world."""
        self.page.get_by_text("Size of the run").click()
        self.number("Simulated people", 300)
        self.number("Measured days", days)
        self.number("Worlds", 2)
        self.text("Other settings", _TINY)
        self.sees(re.compile("engine=serial"))


def resident_mb(pid):
    """Memory of a process and of its children, megabytes."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,rss="], capture_output=True, text=True, check=True)
    rows = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    family = {pid}
    while grown := {child for child, parent, _ in rows if parent in family} - family:
        family |= grown
    return sum(rss for one, _, rss in rows if one in family) / 1024


def test_a_plan_from_the_first_edit_to_a_comparison(chromium, served):
    address, folder, process = served
    one, other = Visit(chromium, address), Visit(chromium, address)
    one.begin(days=3000)
    one.text("Find levers", "invite reward")
    one.number("incentive: invite reward", 20)
    one.sees(re.compile(r"incentive\.invite_reward=20"))
    assert other.page.get_by_text("invite_reward=20").count() == 0

    one.press("Run")
    one.press("Cancel")
    one.sees(re.compile("^cancelled"))

    one.tab("Plan")
    one.number("Measured days", 10)
    one.sees(re.compile(r"experiment\.days=10"))
    one.press("Run")
    one.sees(re.compile("^done"), 120)
    one.sees("Targets of the plan: three tier referral")
    for picture in ("Days", "Money", "Map", "Network"):
        one.tab(picture)
        one.page.locator("img").first.wait_for()
    other.tab("Result")
    other.sees("Nothing has been run yet")

    one.tab("Plan")
    one.text("Save as", "my_plan")
    one.press("Save")
    one.sees("liebian run scenario=my_plan")
    assert "invite_reward: 20.0" in (folder / "scenarios" / "my_plan.yaml").read_text(encoding="utf-8")

    one.tab("Side by side")
    for name in ("my_plan", "group_buy"):
        one.page.get_by_role("combobox", name="Scenarios, saved ones too").fill(name)
        one.page.get_by_role("option", name=name, exact=True).click()
        one.page.get_by_role("option", name=name, exact=True).wait_for(state="detached")
        time.sleep(1)
    one.page.keyboard.press("Escape")
    one.press("Compare")
    one.sees("Targets of the plan: my plan", 120)
    one.sees("Targets of the plan: group buy")

    before = resident_mb(process.pid)
    for turn in range(_RENDERS):
        one.tab("Plan")
        one.text("Find levers", f"reward {turn}")
        one.tab("Result")
        one.sees("Targets of the plan: my plan")
        time.sleep(0.3)
    assert resident_mb(process.pid) - before < _MOST_GROWTH_MB
    assert one.outside == other.outside == []

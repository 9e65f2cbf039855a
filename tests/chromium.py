"""A headless Chromium of the system's, for tests that carry the mark ``browser``."""

from __future__ import annotations

import contextlib
import shutil

import pytest

_SANDBOXED = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


@contextlib.contextmanager
def launched():
    """The browser, for a while; the test is left out where there is none."""
    api = pytest.importorskip(
        "playwright.sync_api", reason="needs Playwright: pip install 'liebian[browser]'"
    )
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("needs Chromium (Debian: apt-get install chromium)")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_SANDBOXED)
        yield browser
        browser.close()

"""Small markets for tests: composed once, built afresh, lived day by day without a burn-in."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import settings

from sim.config import Config, compose, market_sources
from sim.feature import Feature
from sim.market import Market

# The first example of a property may have to compile its kernel, which takes a second on a busy machine.
settings.register_profile("liebian", deadline=None)
settings.load_profile("liebian")

#: No burn-in and no warm-up: the strategy is in force from the first day.
AT_ONCE = ("experiment.burn_in_days=0", "experiment.warmup_days=0")

#: A few hundred people who do in a week what it takes thousands to do: they want, look, buy and talk.
LIVELY = (
    "population.needs_per_day=0.5", "choice.cart_intercept=-0.25", "choice.order_intercept=0.5",
    "content.click_chance=0.05", "content.paid_click_chance=0.05",
    "logistics.design_orders_per_1000_consumers=100", "control.even_people=400",
)  # fmt: skip


def small_market(
    scenario: str = "baseline",
    *overrides: str,
    size: int = 400,
    replication: int = 0,
    features: Sequence[type[Feature]] = (),
) -> Market:
    """A market of a named scenario whose strategy begins on day 0."""
    return Market(small_config(scenario, *overrides, size=size, features=features), replication)


def small_config(
    scenario: str = "baseline", *overrides: str, size: int = 400, features: Sequence[type[Feature]] = ()
) -> Config:
    """What :func:`small_market` is made of."""
    return composed([f"scenario={scenario}", f"population.size={size}", *AT_ONCE, *overrides], features)


def composed(words: Sequence[str], features: Sequence[type[Feature]] = ()) -> Config:
    """A configuration whose baseline is composed once for all tests, as commands do for all their runs."""
    config = compose(words, sources=market_sources(list(features)))
    return replace(config, pinned=_usual(tuple(features)))


@cache
def _usual(features: tuple[type[Feature], ...]) -> Config:
    return compose(["scenario=baseline"], sources=market_sources(list(features)))


def live(market: Market, days: int) -> Market:
    """Step a market some days on."""
    for _ in range(days):
        market.step()
    return market


def draw_no_pages(patch: pytest.MonkeyPatch) -> None:
    """Let commands write empty pages, for tests of what they compute and keep: drawing takes longest."""
    patch.setattr("sim.report.html.render", lambda *_: "")
    patch.setattr("sim.report.answer.page.beside", lambda _, page: page)
    patch.setattr("sim.report.sweep.page.render", lambda *_: "")
    patch.setattr("sim.report.answer.studies.write_study_answer", lambda *_: None)


#: Folders whose tests look at figures; elsewhere a module says so of itself with ``PAINTED = True``.
PAINTED = {"board", "plots", "report"}
#: What stands in a page for a figure that nobody looks at.
BLANK = '<svg viewBox="0 0 1 1"></svg>'


@pytest.fixture(scope="module", autouse=True)
def unpainted(request: pytest.FixtureRequest) -> Iterator[None]:
    """Pages without what their figures look like, where no test looks: painting takes longer than runs.

    Figures are made as ever, from the same results; matplotlib only leaves out to lay them out as SVG.
    """
    with pytest.MonkeyPatch.context() as patch:
        if request.path.parent.name not in PAINTED and not getattr(request.module, "PAINTED", False):
            patch.setattr("sim.report.svg.painted", lambda _: BLANK)
        yield


@pytest.fixture(scope="session", autouse=True)
def unflushed() -> Iterator[None]:
    """No waiting for the disk, which helps where power is lost; commands in processes of their own wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _: None)
        yield


@pytest.fixture(scope="module", autouse=True)
def set_aside() -> None:
    """Python looks through what a test left and not through all that was loaded before.

    Before each run it looks for markets that are gone. In a process that has collected thousands of tests
    that takes longer than a small market does.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands write empty pages (:func:`draw_no_pages`)."""
    draw_no_pages(monkeypatch)

"""Market: one simulated market as a Mesa model. Build it, step it a day at a time, read it.

A market is burnt in and warmed up under the baseline strategy, and then lives its measured
days under its own. ``market.step()`` is one day; ``market.run()`` goes to the end of the
measured window, taking the burnt-in world from a cached snapshot when there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from sim import day
from sim.config import Config, compose, market_sources
from sim.core.clock import MINUTES_PER_DAY
from sim.core.jit import tell_if_cold
from sim.feature import Feature
from sim.market.base import BaseMarket
from sim.market.snapshot import branch, burnt_in
from sim.measure.events import Events
from sim.registry import FEATURES, source_figures


def _with_bar(days: range) -> Iterable[int]:
    """Days under a bar; its package is imported only here, because it holds a lock between processes."""
    from tqdm.auto import tqdm

    bar: Iterable[int] = tqdm(days, unit="day")
    return bar


def followed(
    market: BaseMarket,
    along: Callable[[range], Iterable[int]],
    after_day: Callable[[Any], object] | None,
) -> Callable[[range], Iterable[int]]:
    """What goes along the days of a market, with something done after each of them."""
    if after_day is None:
        return along

    def each(days: range) -> Iterator[int]:
        for number in along(days):
            yield number
            after_day(market)

    return each


def declared_figures(
    config: Config, tables: Mapping[str, Mapping[str, np.ndarray]], window: tuple[int, int]
) -> dict[str, float]:
    """Figures that features declare, and those of the sources they declare, from the tables of a window."""
    own = {f.name: f.value(tables) for one in (*FEATURES, *config.features) for f in one.figures}
    events = Events(tables, window)
    return own | {figure.name: figure.measure(events) for figure in source_figures(config.features)}


class Market(BaseMarket):
    """A social-commerce market.

    Parameters
    ----------
    config : Config
        World, strategy and lengths (see :func:`sim.config.compose`).
    replication : int
        Number of the world: its own graph, people, shocks and draws; 0 unless told otherwise.
    cache : path, optional
        Folder of generated graphs and burnt-in worlds; None builds and burns in afresh.

    rng : int, optional
        Number of the world under the name by which ``mesa.batch_run`` hands it out.

    Attributes
    ----------
    world : World
        All state; ``records`` are its event tables.
    consumers : ConsumerSet
        Everybody, as a columnar Mesa agent set.
    datacollector : mesa.DataCollector
        Daily model reporters.

    Raises
    ------
    InputError
        If the configuration and an input file do not fit together.
    """

    @classmethod
    def from_scenario(
        cls,
        name: str = "baseline",
        *overrides: str,
        replication: int = 0,
        cache: str | Path | None = None,
        features: Sequence[type[Feature]] | None = None,
    ) -> Market:
        """A market of a named scenario, with overrides as on the command line.

        Parameters
        ----------
        name : str
            Scenario.
        *overrides : str
            ``group=option`` and ``section.key=value``.
        replication : int
            Number of the world.
        cache : path, optional
            Folder of generated graphs and burnt-in worlds.
        features : sequence of type[Feature], optional
            Features beside the market's own (:mod:`sim.feature`).

        Examples
        --------
        >>> market = Market.from_scenario("baseline", "population.size=2000")
        >>> len(market.consumers)
        2000
        """
        sources = market_sources(features)
        return cls(compose([f"scenario={name}", *overrides], sources=sources), replication, cache)

    # --- time --------------------------------------------------------------------------------

    def step(self) -> None:
        """One day. The strategy switches on by itself on the first measured day.

        A market that has lived its burn-in branches from it first, as one whose burnt-in world comes from the
        cache does, so that stepping and running are one history.
        """
        if self._passing:
            return
        if not self.branched and self.world.day == self.config.experiment.burn_in_days:
            branch(self)
        if self.stage == "measured" and not self.measuring:
            self.open_window()
        if self.stage == "after" and self._kept is None:
            self._kept, self._closed = self.tables(), self.world.day
            self.close_window()
        if self.measuring:
            self.next_stage()
            self.put_in_force()
        day.trade(self.world, self.schedule, self.draw, self.steered)
        if self._kept is not None:
            self._note_after()
        self.datacollector.collect(self)

    def _note_after(self) -> None:
        """Record what the day that has just passed added to the brand's equity, beside what is measured."""
        today, journal = self.world.day - 1, self.records.journal
        tables = {"journal": journal.views(journal.day_start), "names": self.records.names.views()}
        events = Events(tables, (today, today + 1))
        margin = -events.moved_fen(*events.accounts("result"))
        self.records.after.append(since=today - self._closed, margin_fen=margin[0])

    def run(
        self,
        days: int | None = None,
        *,
        progress: bool = False,
        after_day: Callable[[Market], object] | None = None,
    ) -> Market:
        """Run to the end of ``days`` measured days (by default the configuration's, and the days after them).

        Parameters
        ----------
        days : int, optional
            Days from the first measured one on.
        progress : bool
            Show a bar of the days that are lived, those of the burn-in too, in a terminal or a notebook.
        after_day : callable, optional
            Called with the market after every day that is lived, those of the burn-in too; it only looks.
        """
        tell_if_cold()
        along = followed(self, _with_bar if progress else iter, after_day)
        if self.world.day == 0 and self.config.experiment.burn_in_days:
            burnt_in(self, along)
        lengths = self.config.experiment
        end = self.first_measured_day + (lengths.days + lengths.after_days if days is None else days)
        for _ in along(range(self.world.day, end)):
            self.step()
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(
            "a Market holds running processes and cannot be copied or pickled; build the same one again with "
            "Market(market.config, market.replication, market.cache), which lives the same days"
        )

    # --- reading -----------------------------------------------------------------------------

    @property
    def window(self) -> tuple[int, int]:
        """First and one-past-last absolute measured day so far."""
        if self._kept is not None:
            return self.first_measured_day, self._closed
        return self.first_measured_day, max(self.world.day, self.first_measured_day)

    def tables(self, *, copy: bool = True) -> dict[str, dict[str, np.ndarray]]:
        """Event tables of the measured window; rows of orders from before it are marked carried over.

        A telling is recorded when it is passed on, with the minute at which it arrives, and a reading with
        the minute at which it can be read: what lies after the end of the window is left out.

        Parameters
        ----------
        copy : bool
            Without it columns are read-only views, which hold while the market lives no further day.

        Notes
        -----
        Once the window is closed (``experiment.after_days``) these are the tables of the moment at which it
        closed, with the table ``after`` for the days since.
        """
        if self._kept is not None:
            after = self.records.after
            return self._kept | {"after": after.arrays() if copy else after.views()}
        out = {
            name: (table.arrays if copy else table.views)(self.window_rows.get(name, 0))
            for name, table in self.records.tables.items()
        }
        out["order_terms"]["term"] = self.records.term_names(out["order_terms"]["term"])
        arrived = out["touches"]["day"] < self.window[1]
        out["touches"] = {name: column[arrived] for name, column in out["touches"].items()}
        read = out["observed"]["minute"] < self.window[1] * MINUTES_PER_DAY
        out["observed"] = {name: column[read] for name, column in out["observed"].items()}
        start = self.first_measured_day * MINUTES_PER_DAY
        out["deliveries"]["carried_over"] = out["deliveries"]["ordered_minute"] < start
        for name in ("cancellations", "returns", "return_requests"):
            out[name]["carried_over"] = ~np.isin(out[name]["order_id"], out["orders"]["order_id"])
        return out

    def kpis(self) -> dict[str, float]:
        """Indicators and guardrails of the measured window (levels; nan = not observable)."""
        from sim.measure import measure_run

        tables = self.tables(copy=False)
        return measure_run(tables, self.window) | declared_figures(self.config, tables, self.window)

    def scorecard(self) -> Any:
        """Frame of the nine targets: kpi, value, low, high, unit, target, gap, met, note.

        One market has no interval, and indicators that are defined against the baseline stay
        unobservable without the paired run: ``liebian run`` gives both.
        """
        from sim.measure.scorecard import scorecard

        return scorecard([self.kpis()], None, self.config.targets)

    def plot(self) -> Any:
        """Its days in four panels: visits and orders, money, users, trust.

        Returns
        -------
        list of matplotlib.axes.Axes
            One a panel (:func:`sim.plots.market.plot_market`); Matplotlib is loaded when this is called.
        """
        return import_module("sim.plots.market").plot_market(self)

    def _repr_html_(self) -> str:
        """Scorecard as a small table, for notebooks."""
        from sim.measure.scorecard import html

        return html(self.scorecard()) if self.measuring else f"<p>{self!r}</p>"

    def __repr__(self) -> str:
        size = len(self.consumers)
        return f"Market({self.scenario_name}, {size:,} consumers, day {self.world.day}, {self.stage})"

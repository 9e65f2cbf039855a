"""Stored runs as plots: targets, days, differences, responses to swept values, and the way to profit."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator

from sim.analysis.responses import SCENARIO, swept
from sim.config import from_resolved, market_sources
from sim.core.amounts import large
from sim.core.errors import StoreError
from sim.core.language import tr
from sim.core.messages import did_you_mean
from sim.measure.display import day_number
from sim.measure.guardrails import UNITS
from sim.measure.intervals import t_interval
from sim.measure.kpis import KPI_BY_NAME
from sim.plots import search
from sim.plots.places import loads, places, region_of
from sim.plots.spread import cascade, flows, network
from sim.plots.style import INK, axes_of, colour, dash, dates, drawing, grid_of, in_units, marker
from sim.plots.targets import panel_of_target
from sim.report.business import window
from sim.report.claims import DOWN, MARKS, UP, filled
from sim.report.comparison import PROFIT, Comparison
from sim.report.margin import levels, sentence, ways
from sim.report.sentences import certainty, key_words, label, scenario_label, unit_words
from sim.store.results import Results

_SMOOTHED = 7


class ResultPlots:
    """Plots of what a folder of results holds, over its newest comparable runs.

    Every plot returns the axes that it drew into, and raises :class:`~sim.core.errors.StoreError` with what
    to do where the results do not hold what it needs.

    Parameters
    ----------
    results : Results
        As :func:`sim.load_results` reads them.

    Examples
    --------
    >>> from sim import load_results
    >>> axes = load_results("results").plot.fan("order_conversion")  # doctest: +SKIP
    """

    def __init__(self, results: Results) -> None:
        self.results = results

    @cached_property
    def comparison(self) -> Comparison:
        """The strategies that the plots compare."""
        newest = self.results.newest()
        if newest.runs.empty:
            raise StoreError(
                tr("results: '{root}' holds no run; run something first", root=self.results.root)
            )
        return Comparison.of(newest)

    def scorecard(self, strategy: str | None = None) -> list[Axes]:
        """The nine targets of one strategy, one panel each: mean, 95% interval, and the target's good side.

        Parameters
        ----------
        strategy : str, optional
            By default the last one that is not the baseline.

        Returns
        -------
        list of Axes
        """
        name = self._strategy(strategy)
        card = self.comparison.cards[name].to_dict("records")
        with drawing():
            axes = grid_of(len(card), 3, 8.4, 1.3)
            for axis, row in zip(axes, card, strict=True):
                panel_of_target(axis, row)
            axes[0].figure.suptitle(
                tr(
                    "{name}: {worlds} worlds, {days} days",
                    name=scenario_label(name),
                    worlds=self.comparison.worlds,
                    days=self.comparison.days,
                ),
                x=0.01,
                ha="left",
            )
        return axes

    def fan(self, name: str = "order_conversion", *, ax: Axes | None = None) -> Axes:
        """Days of one figure: median over worlds and band of 10 to 90%, a weekly mean, every strategy.

        Parameters
        ----------
        name : str
            A daily series, see :attr:`Results.daily`.
        ax : Axes, optional
            To draw into.
        """
        daily = self.comparison.results.daily
        known = [] if daily.empty else sorted(daily["name"].unique())
        if name not in known:
            raise StoreError(
                tr(
                    "plot.fan: no daily series '{name}' is stored; {did_you_mean}",
                    name=name,
                    did_you_mean=did_you_mean(name, known),
                )
            )
        with drawing():
            axis = axes_of(ax)
            for index, strategy in enumerate(self.comparison.scenarios):
                mine = daily[(daily["strategy"] == strategy) & (daily["name"] == name)]
                worlds = mine.pivot_table(index="day", columns="replication", values="value")
                if worlds.empty:
                    continue
                smooth = worlds.rolling(_SMOOTHED, min_periods=1).mean()
                low, middle, high = (smooth.quantile(q, axis=1) for q in (0.1, 0.5, 0.9))
                x = self._when(smooth.index.to_numpy() - int(daily["day"].min()))
                axis.fill_between(x, low, high, color=colour(index), alpha=0.15, linewidth=0)
                axis.plot(
                    x, middle, color=colour(index), linestyle=dash(index), label=scenario_label(strategy)
                )
            kpi = KPI_BY_NAME.get(name)
            if kpi is not None and not kpi.relative:
                axis.axhline(
                    self.comparison.targets[name], color=INK, linewidth=1, linestyle=":", label=tr("target")
                )
            if window(self.comparison):
                locator = AutoDateLocator(maxticks=7)
                axis.xaxis.set_major_locator(locator)
                axis.xaxis.set_major_formatter(dates(locator))
            else:
                axis.set_xlabel(tr("measured day"))
            axis.set_title(tr("{name} by day", name=label(name)))
            axis.yaxis.set_major_formatter(in_units(name))
            axis.legend(loc="best", fontsize=8)
        return axis

    def difference(self, name: str = PROFIT, *, ax: Axes | None = None) -> Axes:
        """Paired differences from the baseline with 95% intervals; filled where they stand once corrected.

        Parameters
        ----------
        name : str
            A figure, see :attr:`Results.totals`.
        ax : Axes, optional
            To draw into.
        """
        changes = {one: self.comparison.difference(one, name) for one in self.comparison.strategies}
        shown = {one: row for one, row in changes.items() if row is not None and np.isfinite(row["value"])}
        if not shown:
            known = sorted(set(self.comparison.differences.get("name", [])))
            raise StoreError(
                tr(
                    "plot.difference: no difference of '{name}' is known; {did_you_mean}",
                    name=name,
                    did_you_mean=did_you_mean(name, known),
                )
            )
        scale = 100.0 if UNITS.get(name) == "share" else 1.0
        with drawing():
            axis = axes_of(ax, height=0.45 * len(shown) + 1.1)
            axis.axvline(0, color=INK, linewidth=1)
            for row, (strategy, change) in enumerate(shown.items()):
                index = self.comparison.scenarios.index(strategy)
                value, low, high = (scale * float(change[key]) for key in ("value", "low", "high"))
                face = colour(index) if certainty(change) in (MARKS[UP], MARKS[DOWN]) else "white"
                axis.plot([low, high], [row, row], color=colour(index), linewidth=2.4)
                axis.plot(value, row, marker(index), color=colour(index), markerfacecolor=face, markersize=7)
            axis.set_yticks(range(len(shown)), [scenario_label(one) for one in shown])
            axis.set_ylim(len(shown) - 0.4, -0.6)
            axis.grid(visible=False, axis="y")
            axis.set_title(tr("{name} against the baseline", name=label(name)))
            axis.set_xlabel(
                tr("{unit_words}; filled: stands once corrected", unit_words=unit_words(name, change=True))
            )
        return axis

    def response(self, name: str = PROFIT, key: str | None = None, *, ax: Axes | None = None) -> Axes:
        """How one figure answers to a swept number: mean difference from the baseline with its 95% interval.

        Parameters
        ----------
        name : str
            A figure.
        key : str, optional
            The swept key; by default the first one that holds numbers.
        ax : Axes, optional
            To draw into.
        """
        found = swept(self.results)
        numeric = [
            one
            for one in found.keys
            if pd.to_numeric(found.configurations[one], errors="coerce").notna().all()
        ]
        if not numeric or (key is not None and key not in numeric):
            wanted = tr("'{key}' is no swept number", key=key) if key else tr("no number was swept")
            raise StoreError(
                tr(
                    "plot.response: {wanted}; {did_you_mean}",
                    wanted=wanted,
                    did_you_mean=did_you_mean(key or "", numeric),
                )
            )
        key = key or numeric[0]
        if name not in found.levels:
            raise StoreError(
                tr(
                    "plot.response: '{name}' is not stored; {did_you_mean}",
                    name=name,
                    did_you_mean=did_you_mean(name, list(found.levels)),
                )
            )
        values = found.worlds(name)
        others = [one for one in (SCENARIO, *found.keys) if one != key]
        with drawing():
            axis = axes_of(ax)
            axis.axhline(0, color=INK, linewidth=1)
            scale = 100.0 if UNITS.get(name) == "share" else 1.0
            for index, (who, rows) in enumerate(
                found.configurations.groupby(others, sort=False, dropna=False), 1
            ):
                x = rows[key].astype(float).to_numpy()
                order = np.argsort(x)
                stats = np.array(
                    [t_interval(values.loc[row].to_numpy(float))[:3] for row in rows.index[order]]
                )
                mean, low, high = scale * stats.T
                text = ", ".join(scenario_label(str(one)) for one in who)
                axis.fill_between(x[order], low, high, color=colour(index), alpha=0.15, linewidth=0)
                axis.plot(
                    x[order],
                    mean,
                    marker=marker(index),
                    color=colour(index),
                    linestyle=dash(index),
                    label=text,
                )
            axis.set_title(tr("{name} against the baseline, by {key}", name=label(name), key=key_words(key)))
            axis.set_xlabel(key)
            axis.set_ylabel(unit_words(name, change=True))
            axis.legend(loc="best", fontsize=8)
        return axis

    def pareto(self, across: str | None = None, up: str | None = None, *, ax: Axes | None = None) -> Axes:
        """Strategies that a search tried, by two objectives; see :func:`sim.plots.search.pareto`."""
        return search.pareto(self.results, across, up, ax)

    def waterfall(self, strategy: str | None = None, *, ax: Axes | None = None) -> Axes:
        """From the baseline's margin to a strategy's, a bar a part of the books; whiskers: 95% intervals.

        Parameters
        ----------
        strategy : str, optional
            By default the last one that is not the baseline.
        ax : Axes, optional
            To draw into.
        """
        name = self._strategy(strategy)
        if self.comparison.results.breakdown.empty:
            raise StoreError(
                tr(
                    "plot.waterfall: no books of '{name}' are stored; run it again with store.level=daily",
                    name=name,
                )
            )
        way = next((one for one in ways(self.comparison) if one.scenario == name), None)
        if way is None:
            raise StoreError(
                tr(
                    "plot.waterfall: '{name}' has no baseline in the same worlds; 'liebian run' plays both",
                    name=name,
                )
            )
        at, rows = levels(way), len(way.steps)
        with drawing():
            axis = axes_of(ax, height=0.3 * rows + 1.5)
            for row, step in enumerate(way.steps):
                change, start = step.change, float(at[row])
                face = colour(1) if filled(change.standing) else "white"
                axis.barh(row, change.value, 0.6, start, color=face, edgecolor=colour(1))
                if np.isfinite(change.low):
                    axis.plot([start + change.low, start + change.high], [row, row], color=INK, linewidth=1)
            for row, value, index in ((-1, way.total.base, 0), (rows, way.total.mine, 1)):
                axis.plot(value, row, "D", color=colour(index))
                axis.annotate(large(value), (value, row), (8, 0), textcoords="offset points", va="center")
            ends = (tr("margin, baseline"), tr("margin, {name}", name=scenario_label(name)))
            axis.set_yticks(range(-1, rows + 1), [ends[0], *(step.label for step in way.steps), ends[1]])
            axis.set_ylim(rows + 0.6, -1.6)
            axis.grid(visible=False, axis="y")
            axis.use_sticky_edges = False  # bars would hold the limits to their own ends
            axis.margins(x=0.12)
            axis.autoscale_view()
            axis.set_title(sentence(way), fontsize=9, wrap=True)
            axis.set_xlabel(tr("CNY a world; filled: the step leaves 0 out together with all others"))
        return axis

    def cascade(
        self, strategy: str | None = None, *, root: int | None = None, ax: Axes | None = None
    ) -> Axes:
        """One cascade as a tree over time, by default the largest; :func:`sim.plots.spread.cascade`."""
        name = self._strategy(strategy)
        return cascade(self._events("touches", name), scenario_label(name), root, ax)

    def network(self, strategy: str | None = None, *, cascades: int = 40, ax: Axes | None = None) -> Axes:
        """Who passed on to whom in the largest cascades; see :func:`sim.plots.spread.network`."""
        name = self._strategy(strategy)
        if cascades < 1:
            raise StoreError(
                tr(
                    "plot.network: cascades must be 1 or more (you wrote {cascades}); write 40",
                    cascades=cascades,
                )
            )
        return network(
            self._events("touches", name), self._events("orders", name), scenario_label(name), cascades, ax
        )

    def flows(self, strategy: str | None = None, *, ax: Axes | None = None) -> Axes:
        """Which sources visits, carts and kept orders come from; see :func:`sim.plots.spread.flows`."""
        name = self._strategy(strategy)
        return flows(self.comparison, name, ax)

    def places(self, strategy: str | None = None, *, ax: Axes | None = None) -> Axes:
        """A map of warehouses, with orders and lateness by zone; see :func:`sim.plots.places.places`."""
        name = self._strategy(strategy)
        orders, deliveries = self._events("orders", name), self._events("deliveries", name)
        run = self.comparison.results.runs.query("strategy == @name").sort_values("replication").iloc[0]
        noted = self.comparison.results.details(run["key"], run["scenario"])
        config = from_resolved(noted["config"], market_sources())
        if not config.logistics.enabled:
            raise StoreError(
                tr(
                    "plot.places: '{name}' ran with logistics.enabled=false, which has no warehouses",
                    name=name,
                )
            )
        region = region_of(
            config.logistics, int(noted["info"]["consumers"]), int(run["seed"]), int(run["replication"])
        )
        days = float(run["end_day"] - run["first_day"])
        load = loads(orders[~orders["carried_over"]], deliveries, region.n_zones, days)
        return places(region, load, scenario_label(name), ax)

    def _strategy(self, name: str | None) -> str:
        """A strategy by its name, or the last one that is not the baseline."""
        known = self.comparison.scenarios
        if name is None:
            return (self.comparison.strategies or known)[-1]
        if name not in known:
            raise StoreError(
                tr(
                    "plot: no comparable run of '{name}' is stored; {did_you_mean}",
                    name=name,
                    did_you_mean=did_you_mean(str(name), known),
                )
            )
        return name

    def _events(self, table: str, strategy: str) -> pd.DataFrame:
        """Events of a strategy's first world."""
        events = self.comparison.results.events(table)
        mine = events[events["strategy"] == strategy] if len(events) else events
        if mine.empty:
            raise StoreError(
                tr(
                    "plot: no events of '{strategy}' are stored; run it with store.level=events (up to "
                    "50,000 consumers and one strategy they are kept by themselves)",
                    strategy=strategy,
                )
            )
        return mine[mine["replication"] == mine["replication"].min()]

    def _when(self, days: np.ndarray) -> Any:
        """Days since the first measured one, as dates where they have any, else counted from 1."""
        begun = window(self.comparison)
        return np.datetime64(begun[:10]) + days if begun else day_number(days)

"""Market: one simulated market as a Mesa model. Build it, step it a day at a time, read it.

A market is burnt in and warmed up under the baseline strategy, and then lives its measured
days under its own. ``market.step()`` is one day; ``market.run()`` goes to the end of the
measured window, taking the burnt-in world from a cached snapshot when there is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import mesa
import numpy as np

from sim import day
from sim.config import Config, baseline_of, compose
from sim.core.clock import MINUTES_PER_DAY
from sim.core.jit import tell_if_cold
from sim.core.rng import Draw, replication_seed
from sim.market.build import build_world
from sim.mechanism import Mechanism, Phase, order_mechanisms
from sim.registry import mechanisms
from sim.world.agents import Influencer, Operator, PlatformAgent, add_group_agents, register_consumers
from sim.world.consumers import ConsumerSet
from sim.world.platforms import PLATFORMS
from sim.world.schema import Records
from sim.world.world import Terms

_REPORTERS = {
    "day": lambda m: m.world.day - 1,
    "population": lambda m: m.latest("population"),
    "registered": lambda m: m.latest("registered"),
    "members": lambda m: m.latest("members"),
    "mean_trust": lambda m: m.latest("mean_trust"),
    "visits": lambda m: len(m.records.visits) - m.records.visits.day_start,
    "orders": lambda m: len(m.records.orders) - m.records.orders.day_start,
    "revenue_cny": lambda m: float(m.records.orders.today("paid_fen").sum()) / 100.0,
    "deliveries": lambda m: len(m.records.deliveries) - m.records.deliveries.day_start,
    "new_users": lambda m: int((~m.records.registrations.today("fake")).sum()),
    "media_cny": lambda m: float(m.records.media.today("spend_fen").sum()) / 100.0,
}


def _number_of_world(replication: int | None, rng: int | None) -> int:
    """The world's number, under either name.

    Raises
    ------
    ValueError
        If both are given and differ.
    """
    if replication is not None and rng is not None and replication != rng:
        raise ValueError(f"replication and rng both number the world (got {replication} and {rng}); give one")
    return int(replication if replication is not None else rng or 0)


def _with_bar(days: range) -> Iterable[int]:
    """Days under a bar; its package is imported only here, because it holds a lock between processes."""
    from tqdm.auto import tqdm

    bar: Iterable[int] = tqdm(days, unit="day")
    return bar


class Market(mesa.Model):
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

    def __init__(
        self,
        config: Config,
        replication: int | None = None,
        cache: str | Path | None = None,
        *,
        rng: int | None = None,
    ) -> None:
        replication = _number_of_world(replication, rng)
        seed = replication_seed(config.experiment.seed, replication)
        super().__init__(rng=seed)
        self.config = config
        self.baseline = baseline_of(config)
        self.scenario_name = config.scenario
        self.replication = replication
        self.cache = None if cache is None else Path(cache)
        self.draw = Draw(seed)
        self.world, self.graph_info = build_world(self.baseline, seed, self.cache)
        self._base_wages = self.world.logistics.wages_per_day()
        self.measuring = False
        self.branched = not config.experiment.burn_in_days
        self._passing = False
        self.window_rows: dict[str, int] = {}
        self._adopt(self.baseline)
        self._people_mesa()

    @classmethod
    def from_scenario(cls, name: str = "baseline", *overrides: str, replication: int = 0,
                      cache: str | Path | None = None) -> Market:  # fmt: skip
        """A market of a named scenario, with overrides as on the command line.

        Examples
        --------
        >>> market = Market.from_scenario("baseline", "population.size=2000")
        >>> len(market.consumers)
        2000
        """
        return cls(compose([f"scenario={name}", *overrides]), replication, cache)

    # --- time --------------------------------------------------------------------------------

    @property
    def first_measured_day(self) -> int:
        """Absolute day on which the strategy takes hold."""
        return self.config.experiment.burn_in_days + self.config.experiment.warmup_days

    @property
    def stage(self) -> str:
        """``"burn-in"``, ``"warm-up"`` or ``"measured"``: what the next day belongs to."""
        if self.world.day >= self.first_measured_day:
            return "measured"
        return "burn-in" if self.world.day < self.config.experiment.burn_in_days else "warm-up"

    def step(self) -> None:
        """One day. The strategy switches on by itself on the first measured day.

        A market that has lived its burn-in branches from it first, as one whose burnt-in world comes from the
        cache does, so that stepping and running are one history.
        """
        if self._passing:
            return
        if not self.branched and self.world.day == self.config.experiment.burn_in_days:
            from sim.market.snapshot import branch

            branch(self)
        if self.stage == "measured" and not self.measuring:
            self.open_window()
        day.trade(self.world, self.schedule, self.draw)
        self.datacollector.collect(self)

    def run(self, days: int | None = None, *, progress: bool = False) -> Market:
        """Run to the end of ``days`` measured days (the configuration's number by default).

        Parameters
        ----------
        days : int, optional
            Measured days.
        progress : bool
            Show a bar of the days that are lived, those of the burn-in too, in a terminal or a notebook.
        """
        from sim.market.snapshot import burnt_in

        tell_if_cold()
        along = _with_bar if progress else iter
        if self.world.day == 0 and self.config.experiment.burn_in_days:
            burnt_in(self, along)
        end = self.first_measured_day + (self.config.experiment.days if days is None else days)
        for _ in along(range(self.world.day, end)):
            self.step()
        return self

    def pass_days(self, days: int) -> None:
        """Move Mesa's clock over days that were lived elsewhere; the world is left as it is."""
        self._passing = True
        try:
            for _ in range(days):
                self.step()
        finally:
            self._passing = False

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(
            "a Market holds running processes and cannot be copied or pickled; build the same one again with "
            "Market(market.config, market.replication, market.cache), which lives the same days"
        )

    # --- strategy ----------------------------------------------------------------------------

    def open_window(self) -> None:
        """Switch from the baseline to this market's strategy and begin to count."""
        self.measuring = True
        c, world = self.config, self.world
        world.logistics.reconfigure(c.logistics, c.returns, c.supply)
        self._new_budget()
        self._adopt(c)
        self.window_rows = {name: len(table) for name, table in world.records.tables.items()}
        people = world.people
        world.records.cohort.append(
            person=people.id, group=people.group, registered=people.registered, orders=people.orders,
            member=people.member, trust=people.trust,
        )  # fmt: skip

    def _new_budget(self) -> None:
        """A strategy starts with its own money: no savings and no debts of the time before."""
        operator = self.world.operator
        operator.allowance_fen = operator.spent_fen = operator.budget_days = 0
        operator.influencer_pots[:] = 0.0
        operator.reserved_fen[:] = 0.0

    def _adopt(self, config: Config) -> None:
        """Put a strategy's mechanisms in force."""
        extra = max(0, self.world.logistics.wages_per_day() - self._base_wages)
        self.world.operator.terms = Terms()
        self.mechanisms = order_mechanisms(
            mechanisms(config, first_day=self.first_measured_day, extra_capacity=float(extra))
        )
        self.schedule: dict[Phase, list[Mechanism]] = {phase: [] for phase in Phase}
        for mechanism in self.mechanisms:
            self.schedule[mechanism.phase].append(mechanism)

    # --- reading -----------------------------------------------------------------------------

    @property
    def records(self) -> Records:
        """Event tables since the market (or its snapshot) began."""
        return self.world.records

    @property
    def window(self) -> tuple[int, int]:
        """First and one-past-last absolute measured day so far."""
        return self.first_measured_day, max(self.world.day, self.first_measured_day)

    def latest(self, column: str) -> Any:
        """Latest value of a column of the daily record (nan before the first day)."""
        values = self.records.daily[column]
        return values[-1] if len(values) else float("nan")

    def tables(self) -> dict[str, dict[str, np.ndarray]]:
        """Event tables of the measured window; rows of orders from before it are marked carried over.

        A telling is recorded when it is passed on, with the minute at which it arrives: what has not arrived
        by the end of the window is left out.
        """
        out = {
            name: table.arrays(self.window_rows.get(name, 0)) for name, table in self.records.tables.items()
        }
        arrived = out["touches"]["day"] < self.window[1]
        out["touches"] = {name: column[arrived] for name, column in out["touches"].items()}
        start = self.first_measured_day * MINUTES_PER_DAY
        out["deliveries"]["carried_over"] = out["deliveries"]["ordered_minute"] < start
        for name in ("cancellations", "returns", "return_requests"):
            out[name]["carried_over"] = ~np.isin(out[name]["order_id"], out["orders"]["order_id"])
        return out

    def kpis(self) -> dict[str, float]:
        """Indicators and guardrails of the measured window (levels; nan = not observable)."""
        from sim.measure import measure_run

        return measure_run(self.tables(), self.window)

    def scorecard(self) -> Any:
        """Frame of the nine targets: kpi, value, low, high, unit, target, gap, met, note.

        One market has no interval, and indicators that are defined against the baseline stay
        unobservable without the paired run: ``liebian run`` gives both.
        """
        from sim.measure.scorecard import scorecard

        return scorecard([self.kpis()], None, self.config.targets)

    def _repr_html_(self) -> str:
        """Scorecard as a small table, for notebooks."""
        from sim.measure.scorecard import html

        return html(self.scorecard()) if self.measuring else f"<p>{self!r}</p>"

    def __repr__(self) -> str:
        size = len(self.consumers)
        return f"Market({self.scenario_name}, {size:,} consumers, day {self.world.day}, {self.stage})"

    # --- Mesa --------------------------------------------------------------------------------

    def _people_mesa(self) -> None:
        """Everybody who acts, where a Mesa user looks for them."""
        world = self.world
        self.consumers = ConsumerSet(self, world.people, world.graph)
        register_consumers(self, self.consumers)
        self.influencers = [
            Influencer(self, world.influencers, row, self.consumers, world.influencers.audience)
            for row in range(len(world.influencers))
        ]
        self.groups = add_group_agents(self, self.consumers)
        self.platforms = [PlatformAgent(self, world.platforms, row) for row in range(len(PLATFORMS))]
        self.operator = Operator(self, world.operator)
        self.datacollector = mesa.DataCollector(model_reporters=_REPORTERS)

"""What every simulated market is made of: its world, its strategy in force, and the agents in it.

Snapshots work on this; :class:`sim.market.Market` adds how a market lives and is read.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import mesa
import numpy as np

from sim.config import Config, baseline_of
from sim.core.errors import RunError
from sim.core.rng import Draw, replication_seed
from sim.market.build import build_world
from sim.market.course import Course
from sim.market.levers import NIGHTLY, Levers
from sim.mechanism import Mechanism, Phase, order_mechanisms
from sim.operator.named_rules import replies_of
from sim.operator.rules import keep_to
from sim.registry import FEATURES, kinds_of, mechanisms
from sim.world.agents import Influencer, Operator, PlatformAgent, add_group_agents, register_consumers
from sim.world.consumers import ConsumerSet
from sim.world.platforms import PLATFORMS
from sim.world.population import AXES
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


#: What the operator decides at midnight by stating it, without spending or booking anything.
OFFERED = ("operator.terms.", "operator.review_intensity")


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


class BaseMarket(mesa.Model):
    """World, strategy and agents of one market; parameters as :class:`sim.market.Market`."""

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
        #: Tables and day of the moment at which the window closed; None: it has not.
        self._kept: dict[str, dict[str, np.ndarray]] | None = None
        self._closed = 0
        self.levers = Levers(self.baseline)
        self.bound = self.baseline
        self._left: dict[str, Config] = {}
        self.course = Course(config, self.baseline, self.first_measured_day)
        self._adopt(self.baseline)
        self._people_mesa()

    # --- time --------------------------------------------------------------------------------

    @property
    def first_measured_day(self) -> int:
        """Absolute day on which the strategy takes hold."""
        return self.config.experiment.burn_in_days + self.config.experiment.warmup_days

    @property
    def stage(self) -> str:
        """``"burn-in"``, ``"warm-up"``, ``"measured"`` or ``"after"``: what the next day belongs to."""
        lengths = self.config.experiment
        if lengths.after_days and self.world.day >= self.first_measured_day + lengths.days:
            return "after"
        if self.world.day >= self.first_measured_day:
            return "measured"
        return "burn-in" if self.world.day < self.config.experiment.burn_in_days else "warm-up"

    def pass_days(self, days: int) -> None:
        """Move Mesa's clock over days that were lived elsewhere; the world is left as it is."""
        self._passing = True
        try:
            for _ in range(days):
                self.step()
        finally:
            self._passing = False

    # --- strategy ----------------------------------------------------------------------------

    def change_strategy(self, config: Config) -> None:
        """Another strategy, or other values, from the first measured day on; what has been lived stays.

        Raises
        ------
        RunError
            If the window is open already.
        """
        if self.measuring:
            raise RunError("change_strategy: the window is open; use market.levers.change from now on")
        self.config = config
        self.course = Course(config, self.baseline, self.first_measured_day)

    def open_window(self) -> None:
        """Switch from the baseline to this market's strategy and begin to count."""
        c, world = self.course.opening, self.world
        self._leave(c)
        self.measuring = True
        world.logistics.reconfigure(c.logistics, c.returns, c.supply)
        self._new_budget()
        self.levers.adopt(c)
        self._adopt(c)
        self.window_rows = {name: len(table) for name, table in world.records.tables.items()}
        people = world.people
        world.records.cohort.append(
            person=people.id,
            group=people.group,
            registered=people.registered,
            orders=people.orders,
            member=people.member,
            trust=people.trust,
        )
        world.records.names.append(**world.kinds.columns())

    def close_window(self) -> None:
        """End what is measured: all levers go back to the baseline's, and further days are told apart.

        Commitments run off under the terms under which they were made, levers that were changed by hand for
        the rest of the run stay changed, and money that was not spent is gone, as when the window opened.
        """
        decided = self.course.close(self.world)
        self._new_budget()
        self.levers.adopt(decided)
        self._answer_under(decided)

    def _answer_under(self, config: Config) -> None:
        """Let those responses go on that a configuration has."""
        on = [one for one in (*FEATURES, *config.features) if one.on(config)]
        keep_to(self.world, replies_of(config, on))

    def _new_budget(self) -> None:
        """A strategy starts with its own money: no savings and no debts of the time before."""
        operator = self.world.operator
        operator.allowance_fen = operator.spent_fen = operator.budget_days = 0
        operator.influencer_pots[:] = 0.0
        operator.reserved_fen[:] = 0.0

    def _adopt(self, config: Config) -> None:
        """Put a strategy's mechanisms in force, and give its features what they keep."""
        self._make_room(config)
        extra = max(0, self.world.logistics.wages_per_day() - self._base_wages)
        self.world.operator.terms = Terms()
        self.bound = config
        self.mechanisms = order_mechanisms(
            mechanisms(
                config,
                first_day=self.first_measured_day,
                extra_capacity=float(extra),
                burning_in=not self.measuring,
                burn_in=self.config.experiment.burn_in_days,
                strategy=self.levers.strategy,
                left=self._left,
            )
        )
        self.schedule: dict[Phase, list[Mechanism]] = {phase: [] for phase in Phase}
        for mechanism in self.mechanisms:
            self.schedule[mechanism.phase].append(mechanism)

    def next_stage(self) -> None:
        """Ask the gates that are due this morning, and go over to the stage that they let through."""
        decided = self.course.morning(self.world)
        if decided is not None:
            self.levers.adopt(decided)
            self._answer_under(decided)

    def put_in_force(self) -> bool:
        """Bind the mechanisms to the levers that are in force now; False if they are already."""
        world = self.world
        wanted = self.levers.in_force(world.clock.start, world.answers.in_force())
        if wanted is self.bound:
            return False
        if any(getattr(wanted, name) != getattr(self.bound, name) for name in NIGHTLY):
            world.logistics.reconfigure(*(getattr(wanted, name) for name in NIGHTLY))
        self._leave(wanted)
        self._adopt(wanted)
        return True

    def steered(self) -> dict[Phase, list[Mechanism]]:
        """The mechanisms in force now, with the levers that responses override.

        Prices, offers and whatever is looked at during the day follow at once; what is divided or paid at
        midnight (the budget, content, linked identities) with the next midnight, and warehouses change hands
        at midnight too.
        """
        before = self.world.operator.terms
        if self.measuring and self.put_in_force():
            self.world.operator.terms = Terms(linked_ids=before.linked_ids, content=before.content)
            for mechanism in self.schedule[Phase.DECIDE]:
                if all(state.startswith(OFFERED) for state in mechanism.writes):
                    mechanism.act(self.world, self.draw)
        return self.schedule

    def _leave(self, config: Config) -> None:
        """Note the terms under which features that stop were last offered: their commitments run off."""
        for feature in (*FEATURES, *config.features):
            acted = feature.on(self.bound) and (feature.world or self.measuring)
            if feature.on(config):
                self._left.pop(feature.section, None)
            elif acted:
                self._left[feature.section] = self.bound

    def _make_room(self, config: Config) -> None:
        """What features keep: tables of the market's own at all times, columns once they are switched on.

        Others have theirs from the day on which they act. What was made once stays: commitments run off.
        """
        world, params = self.world, config.population
        world.kinds = kinds_of(config.features)
        for feature in (*FEATURES, *config.features):
            if not (feature.world or self.measuring):
                continue
            for name, column in feature.columns.items() if feature.on(config) else ():
                world.people.add(name, column, AXES[column.axis], params)
                if world.away.number and name not in world.away:
                    shape = (world.away.number, *world.people.columns[name].shape[1:])
                    world.away.add_column(name, np.full(shape, column.first(params)).astype(column.dtype))
            for name, schema in feature.tables().items():
                world.records.add(name, schema)

    def make_room_for(self, columns: Collection[str]) -> None:
        """Columns of features by name, in a market that has not begun to measure."""
        for feature in (*FEATURES, *self.config.features):
            for name, column in feature.columns.items():
                if name in columns:
                    self.world.people.add(name, column, AXES[column.axis], self.config.population)

    # --- reading -----------------------------------------------------------------------------

    @property
    def records(self) -> Records:
        """Event tables since the market (or its snapshot) began."""
        return self.world.records

    def latest(self, column: str) -> Any:
        """Latest value of a column of the daily record (nan before the first day)."""
        values = self.records.daily[column]
        return values[-1] if len(values) else float("nan")

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

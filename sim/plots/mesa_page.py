"""A market in Mesa's own page in the browser (SolaraViz): days as they pass, with a choice of strategy.

``solara run my_page.py``, where the file holds two lines::

    from sim.plots.mesa_page import page

    Page = page("baseline", "three_tier_referral", "group_buy")

Needs ``pip install 'liebian[solara]'``. It is for looking: nothing is stored and nothing compared; for that
there are ``liebian compare`` and ``liebian board``.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

from sim.config import compose
from sim.core.errors import InputError
from sim.core.language import tr
from sim.market.model import Market

#: Daily columns that get a panel each.
PANELS = ("visits", "orders", "new_users", "mean_trust", "revenue_cny")
_SMALL = ("population.size=2000", "experiment.burn_in_days=0", "experiment.warmup_days=7")


class ShownMarket(Market):
    """A market whose settings are plain values, as a page's controls hand them over.

    Parameters
    ----------
    scenario : str
        Name of a scenario.
    replication : int
        Number of the world.
    overrides : tuple of str
        Settings as on the command line.
    rng : int, optional
        Number of the world under Mesa's name for it.
    """

    def __init__(
        self,
        scenario: str = "baseline",
        replication: int | None = None,
        overrides: tuple[str, ...] = _SMALL,
        *,
        rng: int | None = None,
    ) -> None:
        super().__init__(compose([f"scenario={scenario}", *overrides]), replication, rng=rng)

    def step(self) -> None:
        """One day; after the last measured one the market stops."""
        super().step()
        self.running = self.world.day < self.first_measured_day + self.config.experiment.days


def page(*scenarios: str, overrides: tuple[str, ...] = _SMALL) -> Callable[[], Any]:
    """Component of a page for ``solara run``.

    Parameters
    ----------
    *scenarios : str
        Strategies to choose from, the first one to begin with; the baseline if none is named.
    overrides : tuple of str
        Settings of all of them, by default a small market without a burn-in.

    Raises
    ------
    InputError
        If Solara is not installed, or a scenario cannot be composed.
    """
    if importlib.util.find_spec("solara") is None:
        raise InputError(tr("mesa_page: solara is not installed; pip install 'liebian[solara]'"))
    import solara
    from mesa.visualization import SolaraViz, make_plot_component

    names = list(scenarios) or ["baseline"]
    for name in names:
        compose([f"scenario={name}", *overrides])
    controls = {
        "scenario": {"type": "Select", "value": names[0], "values": names, "label": "strategy"},
        "replication": {"type": "SliderInt", "value": 0, "min": 0, "max": 20, "step": 1, "label": "world"},
        "overrides": overrides,
    }

    @solara.component
    def market_page() -> None:
        market = solara.use_memo(lambda: ShownMarket(names[0], 0, overrides), [])
        SolaraViz(
            market,
            components=[make_plot_component(column) for column in PANELS],
            model_params=controls,
            name="Liebian",
        )

    component: Callable[[], Any] = market_page
    return component

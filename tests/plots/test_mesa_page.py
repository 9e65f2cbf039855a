"""Mesa's own tools take a market: its page in the browser, and what its controls hand over."""

from __future__ import annotations

import importlib.util

import pytest

from sim.core.errors import InputError
from sim.plots import mesa_page

SETTINGS = (
    "population.size=300",
    "experiment.burn_in_days=0",
    "experiment.warmup_days=1",
    "experiment.days=2",
)


def test_a_market_of_plain_values_stops_after_its_days():
    market = mesa_page.ShownMarket("flat_cash_referral", 3, SETTINGS)
    assert market.replication == 3
    while market.running:
        market.step()
    days = market.datacollector.get_model_vars_dataframe()
    assert len(days) == 3
    assert set(mesa_page.PANELS) <= set(days.columns)


def test_without_solara_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"pip install 'liebian\[solara\]'"):
        mesa_page.page()


@pytest.mark.filterwarnings("ignore")
def test_the_page_shows_the_market_and_its_strategies():
    solara = pytest.importorskip("solara", reason="the page needs the extra solara")
    pytest.importorskip("altair", reason="the page needs the extra solara")
    ipyvuetify = pytest.importorskip("ipyvuetify", reason="the page needs the extra solara")
    component = mesa_page.page("baseline", "group_buy", overrides=SETTINGS)
    box, context = solara.render(solara.AppLayout(children=[component()]), handle_error=False)
    try:
        chosen = context.find(ipyvuetify.Select).widgets
        assert [one.items for one in chosen] == [["baseline", "group_buy"]]
        buttons = {one.children[0]: one for one in context.find(ipyvuetify.Btn).widgets if one.children}
        assert {"Step", "Reset"} <= set(buttons)
        assert "Time: 0.0" in texts(box)
        buttons["Step"].click()
        assert "Time: 1.0" in texts(box)
    finally:
        context.close()


def texts(widget) -> list[str]:
    """What stands in the plain texts of a page."""
    found = []
    for child in getattr(widget, "children", None) or ():
        found += [child] if isinstance(child, str) else texts(child)
    return found

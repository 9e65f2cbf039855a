"""Places that cluster: density falls from the middle of a district, and sparse zones take longer to serve."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare

from sim.config import compose
from sim.logistics.capacity import drop_minutes
from sim.logistics.network import Region
from tests.conftest import live, small_market

FINE = ("logistics.consumers_per_zone=500",)


def params(gradient: float):
    return compose([f"logistics.density_gradient={gradient}", *FINE]).logistics


def test_density_falls_exponentially_and_districts_stay_of_one_size():
    """ln(density) falls by the gradient a kilometre; mean density of every district is 1."""
    region = Region(params(0.4), 60_000, 5)
    assert region.n_fronts == 3
    for district in range(3):
        mine = region.district == district
        assert region.density[mine].mean() == pytest.approx(1.0)
        slope = np.polyfit(region.distance_km[mine], np.log(region.density[mine]), 1)[0]
        assert slope == pytest.approx(-0.4)


def test_even_zones_are_exactly_even():
    region = Region(params(0.0), 20_000, 5)
    np.testing.assert_array_equal(region.density, 1.0)
    np.testing.assert_array_equal(region.spacing, 1.0)
    assert len(region.people_below()) == 0


def test_people_live_where_the_density_says():
    """Chi-square over eight zones; newcomers live there as well as those who were there first."""
    market = live(
        small_market("baseline", "logistics=clustered", "turnover.exit_rate=0.1", *FINE, size=4000), 8
    )
    world = market.world
    new = world.people.id >= 4000
    assert new.sum() > 1000
    expected = world.logistics.region.density / world.logistics.region.n_zones
    for who in (new, ~new):
        seen = np.bincount(world.people.zone[who], minlength=len(expected))
        assert chisquare(seen, expected * who.sum()).pvalue > 0.001


def test_doors_of_a_sparse_zone_lie_further_apart():
    """A drop takes 2 x local_km x (density^-0.5 - 1) / speed longer than in an even city, by hand."""
    thin, even = (params(g).model_copy(update={"bad_weather_probability": 0.0}) for g in (0.3, 0.0))
    regions = [Region(p, 4000, 5) for p in (thin, even)]
    minutes = [drop_minutes(p, r, 1.0)[1] for p, r in zip((thin, even), regions, strict=True)]
    ride = 2.0 * thin.local_km * 60.0 / thin.rider_speed_kmh * (1.0 + thin.absent_probability)
    np.testing.assert_allclose(minutes[0] - minutes[1], ride * (regions[0].density ** -0.5 - 1.0))
    assert (np.diff(minutes[0]) > 0).all()


def test_parcels_to_sparse_zones_take_longer_than_in_an_even_city():
    """Same people, another map: next-day parcels of the outermost zones come later, paired by world."""
    hours = []
    for gradient in (0.0, 1.0):
        words = (f"logistics.density_gradient={gradient}", "logistics.local_km=4", *FINE)
        market = live(small_market("baseline", *words, size=4000), 40)
        done, orders = market.records.deliveries, market.records.orders
        zone = dict(zip(orders["order_id"].tolist(), orders["zone"].tolist(), strict=True))
        last = np.array([zone[order] >= 6 for order in done["order_id"].tolist()]) & (done["service"] == 3)
        hours.append((done["minute"] - done["ordered_minute"])[last].mean() / 60.0)
    assert hours[1] > hours[0] + 0.2

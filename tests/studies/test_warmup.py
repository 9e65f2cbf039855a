"""MSER and Welch against their definitions and known transients; verdicts on series made by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.config import compose
from sim.core.errors import ConfigError
from sim.studies.warmup.study import BATCH, LEAST_LEFT, SERIES, check_days, judge, live_from_cold, mser, welch
from tests.conftest import AT_ONCE, LIVELY, small_market


def slow_mser(series: list[float], batch: int) -> list[float]:
    """The definition, cut by cut: squared distances from the mean of what is left, over its square length."""
    n = len(series) // batch
    means = [math.fsum(series[k * batch : (k + 1) * batch]) / batch for k in range(n)]
    found = []
    for cut in range(n - LEAST_LEFT + 1):
        left = means[cut:]
        mean = math.fsum(left) / len(left)
        found.append(math.fsum((x - mean) ** 2 for x in left) / len(left) ** 2)
    return found


@pytest.mark.property
@given(
    st.integers(1, 6).flatmap(
        lambda batch: st.tuples(
            st.just(batch), st.lists(st.floats(-1000, 1000), min_size=10 * batch, max_size=25 * batch)
        )
    )
)
def test_mser_finds_the_smallest_of_all_cuts(case):
    batch, series = case
    cut, slow = mser(series, batch), slow_mser(series, batch)
    assert cut.days % batch == 0
    # sums of squares lose digits of the size of the largest value, here 1e6 times the last bit of a double
    close = 1e-9 * max(1.0, np.abs(series).max()) ** 2
    assert cut.statistic == pytest.approx(slow[cut.days // batch], rel=1e-9, abs=close)
    assert cut.statistic == pytest.approx(min(slow), rel=1e-9, abs=close)
    assert cut.found == (cut.days // batch <= len(series) // batch // 2)


def autoregressive(rng: np.random.Generator, n: int, share: float) -> np.ndarray:
    """AR(1) with innovations of variance 1, at rest from its first value."""
    noise = rng.normal(size=n)
    values = np.empty(n)
    values[0] = noise[0] / math.sqrt(1 - share**2)
    for t in range(1, n):
        values[t] = share * values[t - 1] + noise[t]
    return values


@pytest.mark.exact
def test_mser_cuts_an_exponential_transient_where_it_sinks_below_a_batchs_noise():
    """A batch is cut while leaving it out shrinks S / m^2: squared distance over 2 S / m, so bias over sigma.

    With bias b exp(-t / tau) the expected cut is tau ln(b / sigma). Batches of three sigma are
    cut nearly always, which bounds the cut from below; the median may miss the point by one tau, within which
    the bias falls by a factor of e.
    """
    rng, days, tau, b, share = np.random.default_rng(1), 1500, 40.0, 10.0, 0.5
    lags = np.arange(1, BATCH)
    variance = (1 + 2 * ((1 - lags / BATCH) * share**lags).sum()) / BATCH / (1 - share**2)
    expected = tau * math.log(b / math.sqrt(variance))
    surely = tau * math.log(b / (3 * math.sqrt(variance)))
    transient = b * np.exp(-np.arange(days) / tau)
    cuts = [mser(transient + autoregressive(rng, days, share)) for _ in range(100)]
    cut_days = np.array([cut.days for cut in cuts])
    assert abs(np.median(cut_days) - expected) < tau
    assert (cut_days >= surely - BATCH).mean() >= 0.99
    assert np.mean([cut.found for cut in cuts]) >= 0.9


@pytest.mark.exact
def test_mser_cuts_little_of_what_is_at_rest_from_the_beginning():
    """Noise needs no cut: half of the cuts take off a twentieth at most, and few lie in the second half."""
    rng = np.random.default_rng(2)
    cuts = [mser(rng.normal(size=1000)) for _ in range(200)]
    assert np.median([cut.days for cut in cuts]) <= 50
    assert np.mean([cut.days <= 100 for cut in cuts]) >= 0.6
    assert np.mean([cut.found for cut in cuts]) >= 0.85


def test_mser_of_a_trend_that_never_ends_is_not_found():
    assert not mser(np.arange(200.0)).found


def test_a_series_too_short_is_refused():
    with pytest.raises(ValueError, match="at least 50 days"):
        mser(np.zeros(49))


@pytest.mark.property
@given(st.integers(1, 4), st.integers(8, 40), st.data())
def test_welch_is_the_textbook_average(worlds, days, data):
    window = data.draw(st.integers(0, days // 4))
    seed = data.draw(st.integers(0, 1000))
    values = np.random.default_rng(seed).normal(size=(worlds, days))
    got = welch(values, window)
    mean = [sum(values[j, i] for j in range(worlds)) / worlds for i in range(days)]
    slow = []
    for i in range(1, days - window + 1):  # numbered from 1, as in Welch (1983) and Law (2015), section 9.5.1
        if i <= window:
            slow.append(sum(mean[i + s - 1] for s in range(-(i - 1), i)) / (2 * i - 1))
        else:
            slow.append(sum(mean[i + s - 1] for s in range(-window, window + 1)) / (2 * window + 1))
    assert got == pytest.approx(slow, rel=1e-9, abs=1e-12)


def test_a_window_wider_than_a_quarter_is_refused():
    with pytest.raises(ValueError, match=r"0\.\.10"):
        welch(np.zeros((2, 40)), 11)


def constant(lived: list[dict[str, np.ndarray]]) -> list[dict[str, np.ndarray]]:
    """The same worlds without anybody in the private domain."""
    return [series | {"private_domain": np.zeros(len(series["orders"]))} for series in lived]


def test_verdicts_on_series_made_by_hand():
    """Rest before the end of the burn-in, after it, never, never but hardly moving; one is not there."""
    rng, days = np.random.default_rng(3), 600
    config = compose(["experiment.burn_in_days=200", "experiment.replications=4"])
    day = np.arange(days)
    shapes = {name: np.zeros(days) for name in SERIES} | {
        "orders": 100 * np.exp(-day / 20), "revenue": np.zeros(days),
        "members": np.where(day < 250, 0.4 * day, 0.0), "registered": 0.5 * day,
        "new_users": 0.01 * day, "on_time_rate": np.full(days, np.nan),
    }  # fmt: skip
    lived = [{name: shape + 50 + rng.normal(size=days) for name, shape in shapes.items()} for _ in range(4)]
    lived[0]["visits"][3] = np.nan
    check = judge(config, lived)
    by_name = {one.name: one for one in check.series}
    assert "on_time_rate" not in by_name
    assert np.isfinite(by_name["visits"].worlds).all()
    assert by_name["orders"].verdict(200) == "enough"
    assert by_name["members"].verdict(200) == "too short"
    # a batch lies across day 250 or begins there; noise may add a few
    assert 250 <= by_name["members"].cut.days <= 275
    assert by_name["registered"].verdict(200) == "cannot tell"
    assert by_name["orders"].at_rest_by(200) >= 2  # one by itself may be cut in the noise
    assert by_name["members"].at_rest_by(200) == 0
    others = ("members", "registered", "new_users", "on_time_rate")
    assert check.verdicts() == {
        "enough": [name for name in SERIES if name not in others],
        "tolerated": ["new_users"],  # never at rest, but by 0.6% in two months
        "too short": ["members"], "cannot tell": ["registered"],
    }  # fmt: skip
    assert "private_domain" not in {one.name for one in judge(config, constant(lived)).series}
    # one minute of drift: registered rises by half a head a day, 30 in two months, from a level near 110
    assert by_name["registered"].drift == pytest.approx(30 / (50 + 0.5 * 109.5), rel=0.05)


def test_worlds_are_lived_from_the_first_day_under_the_baseline():
    """The strategy of the scenario does not matter; days are those of a market that is stepped by hand."""
    size = ("population.size=300", "experiment.replications=2", *LIVELY)
    settings = [*size, "experiment.burn_in_days=3"]
    days = 8
    strategic = list(live_from_cold(compose(["scenario=flat_cash_referral", *settings]), days))
    for world, series in enumerate(strategic):
        market = small_market("baseline", *LIVELY, size=300, replication=world)
        for _ in range(days):
            market.step()
        sold = np.bincount(market.records.orders["day"], minlength=days)
        assert series["orders"].tolist() == sold.tolist()
        assert series["mean_trust"].tolist() == market.records.daily["mean_trust"].tolist()
        assert np.isfinite(series["on_time_rate"]).any()
    assert strategic[0]["visits"].tolist() != strategic[1]["visits"].tolist()


def test_days_lived():
    config = compose(["experiment.burn_in_days=100"])
    assert check_days(config, None) == 200
    assert check_days(compose([*AT_ONCE]), None) == 50
    assert check_days(config, 70) == 70
    for wrong in (49, 3651):
        with pytest.raises(ConfigError, match=rf"days must be 50\.\.3650 \(you wrote {wrong}\)"):
            check_days(config, wrong)

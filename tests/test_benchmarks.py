"""The benchmarks' own arithmetic, and that engines which are compared serve the same queue."""

from __future__ import annotations

import pytest

from benchmarks import history, scale, stations


def line(consumers: int) -> scale.Size:
    """A day of 2 ms and a microsecond a person, and 50 MB and 800 bytes a person."""
    return scale.Size(consumers, {"day": 0.002 + 1e-6 * consumers, "visits": 1e-7}, 5e7 + 800.0 * consumers)


def test_what_is_fixed_and_what_grows_is_read_off_two_sizes() -> None:
    small, large = line(1_000), line(4_000)
    assert scale.fixed(small, large) == pytest.approx(0.002)
    assert scale.bytes_each(small, large) == pytest.approx(800.0)
    # 3 ms and 6 ms: twice the time for four times the people
    assert scale.exponent(small, large) == pytest.approx(0.5)
    assert scale.figures([small, large]) == pytest.approx(
        {"exponent 1000-4000": 0.5, "bytes a consumer": 800.0}
    )
    assert "fixed cost of a day: 2.00 ms" in scale.table([small, large])


def test_the_history_keeps_the_last_run_of_each_commit_and_draws_all(tmp_path) -> None:
    file, picture = tmp_path / "history.csv", tmp_path / "history.svg"
    assert history.read(file) == []
    history.add({"ratio": 80.0, "bytes": 900.0}, "aaa", file)
    history.add({"ratio": 120.0}, "bbb", file)
    history.add({"ratio": 82.0}, "aaa", file)
    assert history.read(file) == [("aaa", "ratio", 82.0), ("aaa", "bytes", 900.0), ("bbb", "ratio", 120.0)]
    history.draw(file, picture)
    assert "<svg" in picture.read_text(encoding="utf-8")


def test_engines_of_one_station_agree_on_the_wait() -> None:
    found = stations.rates(2_000)
    assert {"station", "simpy"} <= found.keys()


def test_an_engine_that_serves_another_queue_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(stations.ENGINES, "simpy", lambda arrival, service: 0.0)
    with pytest.raises(RuntimeError, match="simpy: mean wait"):
        stations.rates(2_000)

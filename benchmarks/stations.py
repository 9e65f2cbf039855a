"""One station with several servers, first come first served, in whatever engines are installed.

``python -m benchmarks.stations [CUSTOMERS]`` serves the same arrivals and service times with the market's own
station (``sim.stations.queues.serve``), with SimPy, and with ciw and salabim if they are installed (they are
no dependency of anything here). All must give the same mean wait, so that they did the same work.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import simpy

from sim.stations.queues import serve

SERVERS, LOAD, SERVICE, SEED = 8, 0.9, 60.0, 1
CUSTOMERS = 50_000
#: How much mean waits may differ between engines that count in floats and one that counts in whole ticks.
TOLERANCE = 0.01
Station = Callable[[np.ndarray, np.ndarray], float]


def queue(customers: int) -> tuple[np.ndarray, np.ndarray]:
    """Arrival and service times, whole seconds, so that every engine gets the same."""
    rng = np.random.default_rng(SEED)
    gaps = rng.exponential(SERVICE / SERVERS / LOAD, customers)
    return np.ceil(gaps.cumsum()).astype(np.int64), np.ceil(rng.exponential(SERVICE, customers)).astype(
        np.int64
    )


def own(arrival: np.ndarray, service: np.ndarray) -> float:
    """Mean wait by the market's station."""
    return float((serve(np.zeros(SERVERS, np.int64), arrival, service) - arrival).mean())


def in_simpy(arrival: np.ndarray, service: np.ndarray) -> float:
    """Mean wait with one SimPy process a customer."""
    env, waits = simpy.Environment(), []
    desk = simpy.Resource(env, SERVERS)

    def customer(length: int) -> Generator[simpy.Event]:
        came = env.now
        with desk.request() as turn:
            yield turn
            waits.append(env.now - came)
            yield env.timeout(length)

    def door() -> Generator[simpy.Event]:
        for at, length in zip(arrival.tolist(), service.tolist(), strict=True):
            yield env.timeout(at - env.now)
            env.process(customer(length))

    env.process(door())
    env.run()
    return float(np.mean(waits))


def in_ciw(arrival: np.ndarray, service: np.ndarray) -> float:
    """Mean wait with ciw."""
    import ciw

    gaps = np.diff(arrival, prepend=0).astype(float).tolist()
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps, float("inf")])],
        service_distributions=[ciw.dists.Sequential(service.astype(float).tolist())],
        number_of_servers=[SERVERS],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(len(arrival))
    return float(np.mean([record.waiting_time for record in simulation.get_all_records()]))


def in_salabim(arrival: np.ndarray, service: np.ndarray) -> float:
    """Mean wait with salabim, without its generators, so that no further package is needed."""
    import salabim

    salabim.yieldless(False)
    env: Any = salabim.Environment(trace=False)
    desk, waits = salabim.Resource("desk", SERVERS), []

    class Customer(salabim.Component):
        def process(self, length: int) -> Generator[Any]:
            came = env.now()
            yield self.request(desk)
            waits.append(env.now() - came)
            yield self.hold(length)
            self.release()

    class Door(salabim.Component):
        def process(self) -> Generator[Any]:
            for at, length in zip(arrival.tolist(), service.tolist(), strict=True):
                yield self.hold(at - env.now())
                Customer(length=length)

    Door()
    env.run()
    return float(np.mean(waits))


ENGINES: dict[str, Station] = {"simpy": in_simpy, "ciw": in_ciw, "salabim": in_salabim}


def rates(customers: int = CUSTOMERS) -> dict[str, float]:
    """Customers a CPU second by engine; engines that are not installed are left out.

    Raises
    ------
    RuntimeError
        If two engines disagree on the mean wait.
    """
    arrival, service = queue(customers)
    own(arrival[:10], service[:10])
    found, expected = {}, own(arrival, service)
    for name, station in {"station": own, **ENGINES}.items():
        if name in ENGINES and importlib.util.find_spec(name) is None:
            continue
        begin = time.process_time()
        wait = station(arrival, service)
        found[name] = customers / max(time.process_time() - begin, 1e-9)
        if abs(wait - expected) > TOLERANCE * expected:
            raise RuntimeError(f"{name}: mean wait {wait:.3f}, expected {expected:.3f}")
    return found


def main(arguments: list[str]) -> None:
    """Print rates, and which engines were left out."""
    found = rates(*map(int, arguments[:1]))
    for name, rate in found.items():
        ratio = "" if name == "station" else f", {found['station'] / rate:,.0f} times as long a customer"
        print(f"  {name:10}{rate:14,.0f} customers/CPU-s{ratio}")
    for name in ENGINES.keys() - found.keys():
        print(f"  {name}: not installed, left out")


if __name__ == "__main__":
    main(sys.argv[1:])

"""The reduced rules in Starsim: a module with arrays of people, a network of edges, and its distributions."""

from __future__ import annotations

from typing import Any

import numpy as np
import starsim as ss

from benchmarks.reduced import rules


class Shopping(ss.Module):
    """Parcels, word of mouth, visits and orders."""

    def __init__(self, consumers: int) -> None:
        super().__init__(name="shopping")
        self.visits = self.orders = 0
        self.begin = rules.trust(consumers)
        self.define_states(
            ss.FloatArr("trust", default=rules.NEUTRAL), ss.BoolState("told"), ss.BoolState("parcel")
        )
        self.good, self.tells = ss.bernoulli(p=rules.GOOD), ss.bernoulli(p=rules.TELL)
        self.visit, self.order = ss.bernoulli(p=self.chance_to_visit), ss.bernoulli(p=self.chance_to_order)
        self.one, self.other = rules.ties(consumers)

    @staticmethod
    def chance_to_visit(module: Any, sim: Any, uids: Any) -> Any:
        """Of people, by whether they were told."""
        return np.where(module.told[uids], rules.VISIT_TOLD, rules.VISIT)

    @staticmethod
    def chance_to_order(module: Any, sim: Any, uids: Any) -> Any:
        """Of visitors, by their trust."""
        return 1.0 / (1.0 + np.exp(-(rules.INTERCEPT + rules.SLOPE * module.trust[uids])))

    def init_post(self) -> None:
        """Give people the trust that they begin with."""
        super().init_post()
        self.trust[:] = self.begin

    def step(self) -> None:
        """Live one day."""
        due = self.parcel.uids
        pleased = self.good.rvs(due)
        self.trust[due] += rules.GAIN * (pleased - self.trust[due])
        self.parcel[:] = False
        self.told[:] = False
        telling = np.zeros(len(self.sim.people), bool)
        telling[due[pleased]] = True
        reached = np.r_[self.other[telling[self.one]], self.one[telling[self.other]]]
        self.told[ss.uids(np.unique(reached[self.tells.rvs(len(reached))]))] = True
        visitors = self.visit.filter()
        buyers = self.order.filter(visitors)
        self.parcel[buyers] = True
        self.visits += len(visitors)
        self.orders += len(buyers)
        self.trust[:] += rules.DRIFT * (rules.NEUTRAL - self.trust[:])


class StarsimMarket:
    """A simulation that is stepped by the day."""

    def __init__(self, consumers: int) -> None:
        self.shopping = Shopping(consumers)
        self.sim = ss.Sim(
            n_agents=consumers,
            modules=self.shopping,
            start=0,
            dur=10_000,
            dt=ss.days(1),
            rand_seed=rules.SEED,
            verbose=0,
            copy_inputs=False,
        )
        self.sim.init()

    @property
    def visits(self) -> int:
        """So far."""
        return self.shopping.visits

    @property
    def orders(self) -> int:
        """So far."""
        return self.shopping.orders

    def day(self) -> None:
        """Live one day."""
        self.sim.run_one_step()


if __name__ == "__main__":
    rules.main(StarsimMarket)

"""The reduced rules in Mesa, one agent a person."""

from __future__ import annotations

import mesa

from benchmarks.reduced import rules


class Person(mesa.Agent):
    """Somebody with trust, acquaintances, and perhaps a parcel under way."""

    def __init__(self, model: MesaMarket, trust: float) -> None:
        super().__init__(model)
        self.trust, self.told, self.parcel, self.pleased = trust, False, False, False
        self.knows: list[Person] = []

    def receive(self) -> None:
        """Take a parcel in."""
        self.told, self.pleased = False, False
        if self.parcel:
            self.parcel, self.pleased = False, self.random.random() < rules.GOOD
            self.trust += rules.GAIN * (self.pleased - self.trust)

    def tell(self) -> None:
        """Tell acquaintances of a good one."""
        if self.pleased:
            for friend in self.knows:
                if self.random.random() < rules.TELL:
                    friend.told = True

    def shop(self) -> None:
        """Visit and order, and forget a little."""
        if self.random.random() < (rules.VISIT_TOLD if self.told else rules.VISIT):
            self.model.visits += 1
            if self.random.random() < rules.chance_to_order(self.trust):
                self.model.orders += 1
                self.parcel = True
        self.trust += rules.DRIFT * (rules.NEUTRAL - self.trust)


class MesaMarket(mesa.Model):
    """All people."""

    def __init__(self, consumers: int) -> None:
        super().__init__(rng=rules.SEED)
        self.visits = self.orders = 0
        people = [Person(self, one) for one in rules.trust(consumers).tolist()]
        for one, other in rules.ties(consumers).T.tolist():
            people[one].knows.append(people[other])
            people[other].knows.append(people[one])

    def day(self) -> None:
        """Live one day."""
        for act in ("receive", "tell", "shop"):
            self.agents.do(act)


if __name__ == "__main__":
    rules.main(MesaMarket)

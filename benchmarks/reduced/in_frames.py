"""The reduced rules in mesa-frames, people as a Polars frame."""

from __future__ import annotations

from typing import Any

import mesa_frames
import numpy as np
import polars as pl

from benchmarks.reduced import rules


class People(mesa_frames.AgentSetPolars):
    """Everybody."""

    agents: Any

    def __init__(self, model: FramesMarket, consumers: int) -> None:
        super().__init__(model)
        columns = {"trust": rules.trust(consumers), "parcel": np.zeros(consumers, bool)}
        self.add(pl.DataFrame({"unique_id": np.arange(consumers), **columns}))
        one, other = rules.ties(consumers)
        self.knows = pl.DataFrame({"who": np.r_[one, other], "whom": np.r_[other, one]})

    def step(self) -> None:
        """Live one day."""
        draw, count = self.model.random.random, len(self.agents)
        people = self.agents.with_columns(
            pleased=pl.col("parcel") & (pl.Series(draw(count)) < rules.GOOD)
        ).with_columns(
            trust=pl.when("parcel")
            .then(pl.col("trust") + rules.GAIN * (pl.col("pleased").cast(pl.Float64) - pl.col("trust")))
            .otherwise("trust")
        )
        telling = people.filter("pleased").select("unique_id")
        reached = self.knows.join(telling, left_on="who", right_on="unique_id", how="semi")
        reached = reached.filter(pl.Series(draw(len(reached))) < rules.TELL)
        told = pl.col("unique_id").is_in(reached["whom"].implode())
        people = people.with_columns(
            visit=pl.Series(draw(count)) < pl.when(told).then(rules.VISIT_TOLD).otherwise(rules.VISIT)
        ).with_columns(
            parcel=pl.col("visit")
            & (
                pl.Series(draw(count))
                < 1.0 / (1.0 + (-(rules.INTERCEPT + rules.SLOPE * pl.col("trust"))).exp())
            ),
        )
        self.model.visits += people["visit"].sum()
        self.model.orders += people["parcel"].sum()
        self.agents = people.select(
            "unique_id", pl.col("trust") + rules.DRIFT * (rules.NEUTRAL - pl.col("trust")), "parcel"
        )


class FramesMarket(mesa_frames.ModelDF):
    """The model around them."""

    def __init__(self, consumers: int) -> None:
        super().__init__(seed=rules.SEED)
        self.visits = self.orders = 0
        self.people = People(self, consumers)
        self.agents += self.people

    def day(self) -> None:
        """Live one day."""
        self.agents.step()


if __name__ == "__main__":
    rules.main(FramesMarket)

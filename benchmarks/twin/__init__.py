"""The yardstick of speed: the core rules as an ordinary Mesa model, one agent a person.

A copy of the twin that tests hold the engine to, taken so that the yardstick stays where it is when that twin
follows the engine. Visits are as they were before the day's clock (``sim/demand/day_clock.py``): every source
is asked in every daypart. The law of visits is the same.
"""

from benchmarks.twin.market import TwinMarket

__all__ = ["TwinMarket"]

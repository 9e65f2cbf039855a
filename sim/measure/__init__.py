"""Indicators counted from events, targets and the scorecard.

``measure_run`` gives every figure of one run, ``daily_kpis`` its daily series; the scorecard over
several runs is in ``sim.measure.scorecard``.
"""

from sim.core.deferred import defer
from sim.measure.guardrails import UNITS
from sim.measure.guardrails import measure as measure_run
from sim.measure.kpis import kpis
from sim.measure.series import DAILY_UNITS, daily_kpis

# Measuring a run makes no frames, and neither does its scorecard until somebody reads it.
defer("pandas")

__all__ = ["DAILY_UNITS", "UNITS", "daily_kpis", "kpis", "measure_run"]

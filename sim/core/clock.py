"""Time: integer minutes since the first day of burn-in, cut into days and half-open dayparts.

A minute is absolute (day 3, 08:00 is ``3 * 1440 + 480``), so that two records can be
compared without knowing their day. Dayparts cut a day where the operating plan's content
slots change (breakfast 8-9, noon 12-13, family evening 20-22, late night 23-2; F042-F054).
"""

from __future__ import annotations

from dataclasses import dataclass

MINUTES_PER_DAY = 1440
HOURS_PER_DAY = 24

#: Start minute of each daypart within the day; the last one ends at midnight.
DAYPART_STARTS = (0, 480, 720, 1080, 1320)
DAYPART_NAMES = ("night", "morning", "afternoon", "evening", "late")
DAYPARTS = len(DAYPART_STARTS)


def daypart_bounds(daypart: int) -> tuple[int, int]:
    """First and one-past-last minute of the day of ``daypart`` (half-open)."""
    end = DAYPART_STARTS[daypart + 1] if daypart + 1 < DAYPARTS else MINUTES_PER_DAY
    return DAYPART_STARTS[daypart], end


@dataclass
class Clock:
    """Where the market is in time; only ``day.py`` moves it."""

    day: int = 0
    daypart: int = 0

    @property
    def midnight(self) -> int:
        """Absolute minute at which this day began."""
        return self.day * MINUTES_PER_DAY

    @property
    def start(self) -> int:
        """Absolute first minute of this daypart."""
        return self.midnight + daypart_bounds(self.daypart)[0]

    @property
    def end(self) -> int:
        """Absolute minute just past this daypart."""
        return self.midnight + daypart_bounds(self.daypart)[1]

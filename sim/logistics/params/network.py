"""The map: how many warehouses a market has, how far apart, and the tick of the clock."""

from __future__ import annotations

from sim.core.params import Params, param


class NetworkParams(Params):
    """Warehouses, zones and distances of one region."""

    consumers_per_front: int = param(
        20_000,
        unit="consumers/front warehouse",
        kind="constant",
        source="A-600",
        ge=100,
        le=10_000_000,
        why="one front warehouse serves a dense urban district; about 70 instant orders a day keep it busy",
    )
    consumers_per_zone: int = param(
        2_500,
        unit="consumers/community warehouse",
        kind="constant",
        source="A-601",
        ge=50,
        le=1_000_000,
        why="a housing estate of about a thousand households shares one community warehouse",
    )
    min_zones: int = param(
        4,
        unit="community warehouses",
        kind="constant",
        source="A-602",
        ge=1,
        le=64,
        why="small markets still have near and far zones, or no distance effect could show",
    )
    area_radius_km: float = param(
        6.0,
        unit="km",
        kind="constant",
        source="A-603",
        ge=0.1,
        le=50,
        why="district radius; at 6 km about 70% of the area lies within the 5 km instant radius",
    )
    front_radius_km: float = param(
        5.0,
        unit="km",
        kind="lever",
        source="F162",
        ge=0,
        le=50,
        span=(2, 8),
        why="a zone within this distance of its front warehouse can be offered instant classes",
    )
    thirty_minute_radius_km: float = param(
        0.0,
        unit="km",
        kind="lever",
        source="A-604",
        ge=0,
        le=50,
        span=(0.0, 6.0),
        why="zones this near are offered 30 minutes instead of any slower instant class; off by default",
    )
    trunk_km: float = param(
        20.0,
        unit="km",
        kind="constant",
        source="A-605",
        ge=0.1,
        le=500,
        why="regional centre at the city's edge to the first community warehouse",
    )
    branch_km: float = param(
        3.0,
        unit="km/stop",
        kind="constant",
        source="A-606",
        ge=0,
        le=100,
        why="between neighbouring community warehouses of one district",
    )
    local_km: float = param(
        0.8,
        unit="km",
        kind="constant",
        source="A-607",
        ge=0.01,
        le=20,
        why="community warehouse to the first door of a round",
    )
    ticks_per_minute: int = param(
        60,
        unit="ticks/minute",
        kind="constant",
        source="A-608",
        ge=1,
        le=6000,
        why="logistics runs on integer seconds: whole minutes make ties common and waits too short",
    )

    def zones(self, n_consumers: int) -> int:
        """Number of community warehouse zones in a market of ``n_consumers``."""
        return max(self.min_zones, -(-n_consumers // self.consumers_per_zone), self.fronts(n_consumers))

    def fronts(self, n_consumers: int) -> int:
        """Number of front warehouses (and rider districts) in a market of ``n_consumers``."""
        return max(1, -(-n_consumers // self.consumers_per_front))

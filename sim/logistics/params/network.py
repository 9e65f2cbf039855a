"""The map: how many warehouses a market has, how far apart, and the tick of the clock."""

from __future__ import annotations

from sim.core.params import Params, constant, lever, uncertainty


class NetworkParams(Params):
    """Warehouses, zones and distances of one region."""

    consumers_per_front: int = constant(20_000, "consumers/front warehouse", "A-600", ge=100, le=10_000_000)
    """one front warehouse serves a dense urban district"""

    consumers_per_zone: int = constant(2_500, "consumers/community warehouse", "A-601", ge=50, le=1_000_000)
    """a housing estate of about a thousand households shares one community warehouse"""

    min_zones: int = constant(4, "community warehouses", "A-602", ge=1, le=64)
    """small markets still have near and far zones, or no distance effect could show"""

    area_radius_km: float = constant(6.0, "km", "A-603", ge=0.1, le=50)
    """district radius; at 6 km about 70% of the area lies within the 5 km instant radius"""

    front_radius_km: float = lever(5.0, "km", "F162", ge=0, le=50, span=(2, 8))
    """a zone within this distance of its front warehouse can be offered instant classes"""

    thirty_minute_radius_km: float = lever(0.0, "km", "A-604", ge=0, le=50, span=(0.0, 6.0))
    """zones this near are offered 30 minutes instead of any slower instant class; off by default"""

    density_gradient: float = uncertainty(0.0, "1/km", "A-1016; Clark 1951", ge=0, le=2, span=(0, 0.5))
    """How fast the density of people falls from the middle of a district, exponentially; 0 = even. Doors of a
    sparse zone lie further apart, by the root of its density."""

    trunk_km: float = constant(20.0, "km", "A-605", ge=0.1, le=500)
    """regional centre at the city's edge to the first community warehouse"""

    branch_km: float = constant(3.0, "km/stop", "A-606", ge=0, le=100)
    """between neighbouring community warehouses of one district"""

    local_km: float = constant(0.8, "km", "A-607", ge=0.01, le=20)
    """community warehouse to the first door of a round"""

    ticks_per_minute: int = constant(60, "ticks/minute", "A-608", ge=1, le=6000)
    """logistics runs on integer seconds: whole minutes make ties common and waits too short"""

    def zones(self, n_consumers: int) -> int:
        """Number of community warehouse zones in a market of ``n_consumers``."""
        return max(self.min_zones, -(-n_consumers // self.consumers_per_zone), self.fronts(n_consumers))

    def fronts(self, n_consumers: int) -> int:
        """Number of front warehouses (and rider districts) in a market of ``n_consumers``."""
        return max(1, -(-n_consumers // self.consumers_per_front))

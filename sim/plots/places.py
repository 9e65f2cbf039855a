"""Where orders go: regional centre, front warehouses and community warehouses, with flows and lateness."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize

from sim.core.language import tr
from sim.core.rng import replication_seed
from sim.logistics.network import Region
from sim.logistics.params import LogisticsParams
from sim.plots.style import INK, MUTED, TIE, axes_of, colour, drawing

_MINUTES_A_DAY = 1440.0
_FEW, _LATE = 0.0, 0.3
_WIDEST = 6.0
#: A front warehouse's place around the regional centre, as a multiple of the radius of its district.
_APART = 3.2


def spots(region: Region) -> tuple[np.ndarray, np.ndarray]:
    """Places to draw nodes at: only distances from front warehouses are to scale, directions are not known.

    Parameters
    ----------
    region : Region
        Zones and districts.

    Returns
    -------
    fronts : float64[n_fronts, 2]
        Kilometres from the regional centre, evenly around it.
    zones : float64[n_zones, 2]
        Each at its own distance from its front warehouse.
    """
    reach = max(float(region.distance_km.max()), 0.1)
    angles = 2 * np.pi * np.arange(region.n_fronts) / region.n_fronts
    fronts = _APART * reach * np.sqrt(region.n_fronts) / 2 * _circle(angles)
    around = 2 * np.pi * region.stop / region.district_zones[region.district]
    zones = fronts[region.district] + region.distance_km[:, None] * _circle(around + 0.5)
    return fronts, zones


def loads(orders: pd.DataFrame, deliveries: pd.DataFrame, zones: int, days: float) -> pd.DataFrame:
    """Orders a day, deliveries and late ones of each zone, counted from the events.

    Parameters
    ----------
    orders, deliveries : DataFrame
        Of one world.
    zones : int
        How many there are.
    days : float
        Days that the events are of.

    Returns
    -------
    DataFrame
        A row a zone: ``orders_a_day``, ``delivered``, ``late`` (share, NaN where nothing was delivered).
    """
    goods = orders[orders["service"] >= 0]
    done = deliveries.merge(goods[["order_id", "zone"]], on="order_id")
    late = done[done["minute"] > done["promised_minute"]]
    count = {
        name: frame["zone"].value_counts().reindex(range(zones), fill_value=0).to_numpy(float)
        for name, frame in (("all", goods), ("done", done), ("late", late))
    }
    share = np.divide(count["late"], count["done"], out=np.full(zones, np.nan), where=count["done"] > 0)
    return pd.DataFrame({"orders_a_day": count["all"] / days, "delivered": count["done"], "late": share})


def places(region: Region, load: pd.DataFrame, name: str, ax: Axes | None = None) -> Axes:
    """A map of one region: lines as wide as the orders of a zone, points as red as they are late.

    Parameters
    ----------
    region : Region
        Zones and districts.
    load : DataFrame
        Of :func:`loads`.
    name : str
        Of the strategy, for the title.
    ax : Axes, optional
        To draw into.
    """
    fronts, zones = spots(region)
    most = max(float(load["orders_a_day"].max()), 1e-9)
    shade = LinearSegmentedColormap.from_list("late", ["#2e8b57", "#f2c14e", "#c0392b"])
    shade.set_bad("white")
    with drawing():
        axis = axes_of(ax, 7.0, 5.0)
        for front in fronts:
            axis.plot([0, front[0]], [0, front[1]], color=TIE, linewidth=1.2, linestyle="--", zorder=1)
        for zone, (x, y) in enumerate(zones):
            x0, y0 = fronts[region.district[zone]]
            width = 0.4 + _WIDEST * float(load["orders_a_day"][zone]) / most
            axis.plot([x0, x], [y0, y], color=TIE, linewidth=width, solid_capstyle="round", zorder=1)
        points = axis.scatter(
            zones[:, 0],
            zones[:, 1],
            s=42,
            c=load["late"].to_numpy(float),
            cmap=shade,
            norm=Normalize(_FEW, _LATE),
            plotnonfinite=True,
            edgecolor=INK,
            linewidth=0.6,
            zorder=3,
            label=tr("community warehouse"),
        )
        axis.scatter(
            fronts[:, 0],
            fronts[:, 1],
            s=90,
            marker="s",
            color=colour(1),
            zorder=3,
            label=tr("front warehouse"),
        )
        axis.scatter([0], [0], s=150, marker="D", color=INK, zorder=3, label=tr("regional centre"))
        bar = axis.figure.colorbar(
            points, ax=axis, shrink=0.6, label=tr("late of the delivered"), extend="max"
        )
        bar.ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
        axis.set_aspect("equal")
        axis.set_axis_off()
        axis.set_title(_title(name, load))
        axis.legend(loc="lower left", fontsize=8, labelcolor=MUTED)
    return axis


def region_of(params: LogisticsParams, consumers: int, seed: int, replication: int) -> Region:
    """The region of one world, as its run has it."""
    return Region(params, consumers, replication_seed(seed, replication))


def _title(name: str, load: pd.DataFrame) -> str:
    done = float(load["delivered"].sum())
    late = float((load["late"] * load["delivered"]).sum()) / done if done else float("nan")
    orders = float(load["orders_a_day"].sum())
    told = tr("{late:.1f}% of the delivered late", late=100 * late) if done else tr("nothing delivered yet")
    return tr(
        "{name}: {orders:,.1f} orders with goods a day to {n_load} zones, {told}",
        name=name,
        orders=orders,
        n_load=len(load),
        told=told,
    )


def _circle(angles: np.ndarray) -> np.ndarray:
    return np.column_stack([np.cos(angles), np.sin(angles)])

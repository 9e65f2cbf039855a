"""How sharing spreads and where orders come from: cascades as trees and networks, flows by source."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.core.errors import StoreError
from sim.core.language import mark, tr
from sim.plots.style import MUTED, TIE, axes_of, colour, drawing
from sim.report.comparison import Comparison
from sim.report.flows import funnel_table
from sim.report.sentences import scenario_label, source_label

_MINUTES_AN_HOUR = 60.0
#: Share of a column from which on a source is named beside it.
_NAMED = 0.03


def parents(touches: pd.DataFrame) -> pd.Series:
    """The touch that made each sender pass on, by touch; -1 for those who began.

    Parameters
    ----------
    touches : DataFrame
        Rows of one cascade or of many: touch, root, sender, receiver, generation, minute.
    """
    reached = touches.sort_values("minute").drop_duplicates(["root", "receiver"])
    by = reached.set_index(["root", "receiver"])["touch"]
    keys = pd.MultiIndex.from_frame(touches[["root", "sender"]])
    found = by.reindex(keys).fillna(-1).astype("int64").to_numpy()
    own = touches["touch"].to_numpy()
    return pd.Series(np.where(found == own, -1, found), index=own)


def cascade(touches: pd.DataFrame, name: str, root: int | None = None, ax: Axes | None = None) -> Axes:
    """One cascade over time: every point is somebody reached, tied to the share that reached them.

    Parameters
    ----------
    touches : DataFrame
        Shares of one world.
    name : str
        Of the strategy, for the title.
    root : int, optional
        Which cascade; by default the one that reached most people.
    ax : Axes, optional
        To draw into.
    """
    if root is None:
        root = int(touches.groupby("root")["receiver"].nunique().idxmax())
    mine = touches[touches["root"] == root].sort_values(["generation", "minute"])
    if mine.empty:
        raise StoreError(
            tr(
                "plot.cascade: no cascade {root} is stored; take a value of the column root of touches",
                root=root,
            )
        )
    hours = (mine["minute"] - mine["minute"].min()).to_numpy(float) / _MINUTES_AN_HOUR
    height = _heights(mine)
    place = dict(zip(mine["touch"], zip(hours, height, strict=True), strict=True))
    with drawing():
        axis = axes_of(ax)
        begin = (0.0, float(np.mean(height)))
        for touch, parent in parents(mine).items():
            (x0, y0), (x1, y1) = place.get(parent, begin), place[touch]
            axis.plot([x0, x1], [y0, y1], color=TIE, linewidth=0.8, zorder=1)
        for generation, rows in mine.groupby("generation"):
            at = np.array([place[touch] for touch in rows["touch"]])
            axis.scatter(
                at[:, 0], at[:, 1], s=14, color=colour(int(generation)), zorder=2, label=str(generation)
            )
        axis.plot(*begin, "*", color="black", markersize=11, zorder=3)
        axis.set_yticks([])
        axis.grid(visible=False)
        axis.set_xlabel(tr("hours since the first share"))
        people, most = mine["receiver"].nunique(), int(mine["generation"].max())
        axis.set_title(
            tr(
                "{name}: one share reached {people:,} people in {most} generation{value}",
                name=name,
                people=people,
                most=most,
                value="s" * (most > 1),
            )
        )
        axis.legend(title=tr("generation"), loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return axis


def _heights(mine: pd.DataFrame) -> np.ndarray:
    """Where the points of a cascade stand: children near their parent, leaves evenly spread."""
    tree = nx.DiGraph()
    tree.add_nodes_from(mine["touch"])
    tree.add_edges_from((parent, touch) for touch, parent in parents(mine).items() if parent >= 0)
    height: dict[int, float] = {}
    begun = [touch for touch in mine["touch"] if tree.in_degree(touch) == 0]
    for touch in nx.dfs_postorder_nodes(tree) if not begun else _postorder(tree, begun):
        below = [height[one] for one in tree.successors(touch) if one in height]
        height[touch] = float(np.mean(below)) if below else float(len(height))
    return np.array([height.get(touch, 0.0) for touch in mine["touch"]])


def _postorder(tree: nx.DiGraph, begun: list[int]) -> list[int]:
    """Touches, those that follow from one before it."""
    return [touch for first in begun for touch in nx.dfs_postorder_nodes(tree, first)]


def network(
    touches: pd.DataFrame, orders: pd.DataFrame, name: str, cascades: int = 40, ax: Axes | None = None
) -> Axes:
    """Who passed on to whom in the largest cascades; filled points ordered.

    Parameters
    ----------
    touches, orders : DataFrame
        Shares and orders of one world.
    name : str
        Of the strategy, for the title.
    cascades : int
        How many of the largest cascades are drawn; some hundred people can be seen at once.
    ax : Axes, optional
        To draw into.
    """
    largest = touches.groupby("root")["receiver"].nunique().nlargest(cascades).index
    mine = touches[touches["root"].isin(largest)]
    graph = nx.from_pandas_edgelist(mine, "sender", "receiver", create_using=nx.DiGraph)
    bought = set(orders.loc[orders["touch"].isin(mine["touch"]), "person"])
    place = nx.spring_layout(graph, seed=1, k=1.6 / np.sqrt(len(graph)), iterations=60)
    with drawing():
        axis = axes_of(ax, 6.4, 4.8)
        ends = np.array([[place[a], place[b]] for a, b in graph.edges])
        for (x0, y0), (x1, y1) in ends:
            axis.plot([x0, x1], [y0, y1], color=TIE, linewidth=0.5, zorder=1)
        for is_buyer, face in ((False, "white"), (True, colour(2))):
            people = [one for one in graph if (one in bought) == is_buyer]
            if people:
                at = np.array([place[one] for one in people])
                size = 8 + 6 * np.array([graph.out_degree(one) for one in people])
                axis.scatter(
                    at[:, 0], at[:, 1], size, color=face, edgecolor=colour(1), linewidth=0.7, zorder=2
                )
        axis.set_axis_off()
        axis.set_title(
            tr(
                "{name}: {n_graph:,} people in the {largest}; {n_set:,} ordered on a share",
                name=name,
                n_graph=len(graph),
                largest=_largest(len(largest)),
                n_set=len(bought & set(graph)),
            )
        )
        handles = [
            Line2D([], [], marker="o", linestyle="", color=colour(1), markerfacecolor=face, label=text)
            for face, text in (("white", tr("reached")), (colour(2), tr("ordered on a share")))
        ]
        axis.legend(handles=handles, loc="lower left", fontsize=8)
    return axis


def _largest(count: int) -> str:
    return tr("{count} largest cascades", count=count) if count > 1 else tr("largest cascade")


def flows(comparison: Comparison, strategy: str, ax: Axes | None = None) -> Axes:
    """Shares of sources among visits, carts, kept orders; a band that widens converts better than others.

    Parameters
    ----------
    comparison : Comparison
        Strategies with the counts behind the funnel.
    strategy : str
        Whose.
    ax : Axes, optional
        To draw into.
    """
    table = funnel_table(comparison)
    mine = table[(table["strategy"] == strategy) & (table["visits"] > 0)].sort_values(
        "visits", ascending=False
    )
    if mine.empty:
        raise StoreError(
            tr(
                "plot.flows: no visits of '{strategy}' are stored; run it again with store.level=daily",
                strategy=strategy,
            )
        )
    steps = ("visits", "carts", "orders")
    shares = np.array([mine[step] / max(mine[step].sum(), 1e-12) for step in steps])
    top = np.cumsum(shares, axis=1)
    bottom = top - shares
    with drawing():
        axis = axes_of(ax, 7.6, 4.2)
        x = np.array([0.0, 1.0, 2.0])
        for row, source in enumerate(mine["item"]):
            paint = colour(row + 1) if row < 7 else MUTED
            axis.fill_between(
                x, bottom[:, row], top[:, row], color=paint, alpha=0.75, linewidth=0.6, edgecolor="white"
            )
            for column, side in ((0, "right"), (2, "left")):
                if shares[column, row] >= _NAMED:
                    middle = (bottom[column, row] + top[column, row]) / 2
                    text = f"{source_label(str(source))} {shares[column, row]:.0%}"
                    axis.annotate(
                        text,
                        (x[column], middle),
                        (6 if column else -6, 0),
                        textcoords="offset points",
                        ha=side,
                        va="center",
                        fontsize=8,
                    )
        totals = [
            tr("{step}\n{count:,.0f} a world", step=tr(step), count=mine[step].sum())
            for step in (mark("visits"), mark("carts"), mark("orders"))
        ]
        axis.set_xticks(x, [totals[0], totals[1], tr("kept {totals}", totals=totals[2])])
        axis.set_xlim(-0.7, 2.7)
        axis.set_ylim(1, 0)
        axis.set_yticks([])
        axis.grid(visible=False)
        axis.spines[:].set_visible(False)
        axis.set_title(
            tr("{strategy}: where visits, carts and kept orders come from", strategy=scenario_label(strategy))
        )
    return axis

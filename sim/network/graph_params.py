"""Parameters of the social graph: which network, and how a file that holds one is read."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from sim.core.params import Params, constant, uncertainty
from sim.network.files.load import is_encoding
from sim.network.files.ties import ReadOptions

#: Keys that say how an edge list is read.
FILE_KEYS = ("source", "target", "weight", "encoding", "format")


class GraphParams(Params):
    """How consumers are acquainted."""

    kind: Literal["powerlaw_cluster", "barabasi_albert", "configuration", "networkx", "edge_list"] = (
        uncertainty("powerlaw_cluster", "name", "A-030")
    )
    """fat-tailed and clustered, as acquaintance networks are; which family fits China's is unknown"""

    path: str | None = None
    source: str | int | None = constant(None, "column", "definition")
    """column of one person of a tie in a file: its name, or its position from 1; null: by the header"""

    target: str | int | None = constant(None, "column", "definition")
    """column of the other person, as graph.source"""

    weight: str | int | None = constant(None, "column", "A-780")
    """column whose heaviest ties, graph.strong_share of all, are strong; null: strong ties are drawn"""

    encoding: str | None = constant(None, "name", "definition")
    """encoding of a file, such as gb18030, latin-1 or utf-16; null: UTF-8, or what its mark says"""

    format: Literal["edge_list", "adjacency_list"] | None = constant(None, "name", "definition")
    """of a text that could be either: a tie a line, or a person and friends a line; null: by evidence"""

    mean_degree: float = uncertainty(12.0, "acquaintances/person", "A-031", ge=2, le=200, span=(6, 30))
    """people one talks with about purchases, about the sympathy group; 122 links on Weibo are follows"""

    triangle_probability: float = uncertainty(0.6, "probability", "A-032", ge=0, le=1, span=(0.2, 0.9))
    """gives a clustering near 0.18; twitch_DE has 0.20"""

    exponent: float = uncertainty(2.5, "exponent", "A-033", ge=2.05, le=3.5, span=(2.1, 3.0))
    """configuration graphs only: between 2 and 3 as the plan's power law; twitch_DE has 2.55"""

    max_degree: int = uncertainty(1000, "acquaintances", "A-034", ge=10, le=100_000)
    """configuration graphs only: acquaintance, unlike following, costs time; X08 uses the same cut"""

    strong_share: float = uncertainty(0.25, "share", "A-035", ge=0, le=1, span=(0.1, 0.4))
    """three of twelve acquaintances are close: the support clique of three to five people"""

    assortativity: float = uncertainty(0.15, "share", "A-036", ge=0, le=0.2, span=(0.0, 0.2))
    """excess of same-group ties over chance: age groups mix, but less than at random; 0.24 is what seat
    swapping can reach on an unclustered graph"""

    @model_validator(mode="after")
    def _path_goes_with_edge_list(self) -> GraphParams:
        if self.kind == "edge_list" and not self.path:
            raise ValueError("graph.path must name the edge list (you gave none); set graph.path=FILE")
        if self.kind != "edge_list" and self.path:
            raise ValueError(
                f"graph.path is read only with graph.kind edge_list (you wrote {self.kind}); "
                "set graph=edge_list"
            )
        for key in FILE_KEYS:
            if self.kind != "edge_list" and getattr(self, key) is not None:
                raise ValueError(
                    f"graph.{key} is read only with graph.kind edge_list (you wrote {self.kind}); delete it"
                )
        if self.encoding is not None and not is_encoding(self.encoding):
            raise ValueError(
                f"graph.encoding must be a text encoding that Python knows (you wrote '{self.encoding}'); "
                "write utf-8, gb18030, latin-1, utf-16 or another name"
            )
        return self

    @property
    def reading(self) -> ReadOptions:
        """What is said about the file, for its reader."""
        return ReadOptions(**{key: getattr(self, key) for key in FILE_KEYS})

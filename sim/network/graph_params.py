"""Parameters of the social graph: which network, and how a file that holds one is read."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from sim.core.language import tr
from sim.core.params import Params, constant, uncertainty
from sim.network.files.load import is_encoding
from sim.network.files.ties import ReadOptions

#: Keys that say how an edge list is read.
FILE_KEYS = ("source", "target", "weight", "encoding", "format")
#: Kinds that read ``graph.path``: the network of a file itself, and networks like it of any size.
FROM_FILE = ("edge_list", "like")

GraphKind = Literal[
    "powerlaw_cluster",
    "pareto_lognormal",
    "like",
    "barabasi_albert",
    "configuration",
    "networkx",
    "edge_list",
]


class GraphParams(Params):
    """How consumers are acquainted."""

    kind: GraphKind = uncertainty("powerlaw_cluster", "name", "A-030")
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
    """growing clustered graphs only: gives a clustering near 0.18; twitch_DE has 0.20"""

    clustering: float = uncertainty(0.18, "share", "A-967", ge=0, le=0.8, span=(0.1, 0.6))
    """pareto_lognormal graphs only: mean local clustering; twitch_DE has 0.20, facebook_combined 0.61"""

    degree_spread: float = uncertainty(0.7, "log units", "A-968", ge=0, le=1.5, span=(0.5, 0.9))
    """pareto_lognormal graphs only: sd of the log of degrees below the tail; with twelve ties and exponent
    2.5 gives 5% of people one tie and a Gini of 0.59; twitch_DE 5% and 0.63, facebook_combined 2% and 0.54"""

    exponent: float = uncertainty(2.5, "exponent", "A-033", ge=2.05, le=3.5, span=(2.1, 3.0))
    """configuration, pareto_lognormal graphs: between 2 and 3 as the plan's power law; twitch_DE has 2.55"""

    max_degree: int = uncertainty(1000, "acquaintances", "A-034", ge=10, le=100_000)
    """configuration, pareto_lognormal graphs: acquaintance, unlike following, costs time; X08 uses it too"""

    strong_share: float = uncertainty(0.25, "share", "A-035", ge=0, le=1, span=(0.1, 0.4))
    """three of twelve acquaintances are close: the support clique of three to five people"""

    assortativity: float = uncertainty(0.15, "share", "A-036", ge=0, le=0.2, span=(0.0, 0.2))
    """excess of same-group ties over chance: age groups mix, but less than at random; 0.24 is what seat
    swapping can reach on an unclustered graph"""

    @model_validator(mode="after")
    def _path_goes_with_a_file(self) -> GraphParams:
        if self.from_file and not self.path:
            raise ValueError(tr("graph.path must name the edge list (you gave none); set graph.path=FILE"))
        if not self.from_file and self.path:
            raise ValueError(
                tr(
                    "graph.path is read only with graph.kind edge_list or like (you wrote {kind}); set "
                    "graph=edge_list for the network itself, graph=like for one of any size that is like "
                    "it",
                    kind=self.kind,
                )
            )
        for key in FILE_KEYS:
            if not self.from_file and getattr(self, key) is not None:
                raise ValueError(
                    tr(
                        "graph.{key} is read only with graph.kind edge_list or like (you wrote {kind}); "
                        "delete it",
                        key=key,
                        kind=self.kind,
                    )
                )
        if self.kind == "like" and self.weight is not None:
            raise ValueError(
                tr(
                    "graph.weight is read only with graph.kind edge_list, because ties that are drawn "
                    "have no weights (you wrote like); delete it"
                )
            )
        if self.encoding is not None and not is_encoding(self.encoding):
            raise ValueError(
                tr(
                    "graph.encoding must be a text encoding that Python knows (you wrote '{encoding}'); "
                    "write utf-8, gb18030, latin-1, utf-16 or another name",
                    encoding=self.encoding,
                )
            )
        return self

    @property
    def from_file(self) -> bool:
        """Whether a file is read."""
        return self.kind in FROM_FILE

    @property
    def reading(self) -> ReadOptions:
        """What is said about the file, for its reader."""
        return ReadOptions(**{key: getattr(self, key) for key in FILE_KEYS})

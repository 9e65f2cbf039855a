"""A small market of its own: three sections, their options and scenarios in a temporary folder."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import model_validator

from sim.config import SETTINGS, Config, Sources
from sim.core.params import Params, param


class Team(Params):
    size: int = param(4, unit="people", kind="lever", source="S040", ge=1, le=50)
    trained: bool = param(False, unit="yes or no", kind="uncertainty", source="S040")


class Incentive(Params):
    design: Literal["none", "flat_cash", "three_tier"] = param(
        "none", unit="design", kind="lever", source="S040"
    )
    invite_reward: float = param(0.0, unit="CNY", kind="lever", source="S040", ge=0, le=200)
    tiers: tuple[float, ...] = param((1.0, 0.5), unit="share", kind="lever", source="S040", ge=0, le=1)
    appetite: float = param(1.5, unit="1/CNY", kind="uncertainty", source="S040", gt=0, lt=10)
    team: Team = Team()


class Population(Params):
    size: int = param(
        1000, unit="consumers", kind="constant", source="A-713", ge=10, le=5_000_000, why="fast"
    )
    shares: dict[str, float] = param(
        {"silver": 0.4, "cyber": 0.6},
        unit="share",
        kind="uncertainty",
        source="A-714",
        ge=0,
        le=1,
        why="a guess",
    )
    label: str | None = param(None, unit="name", kind="constant", source="definition")


class Graph(Params):
    kind: Literal["powerlaw_cluster", "edge_list"] = param(
        "powerlaw_cluster", unit="generator", kind="constant", source="definition"
    )
    path: str | None = param(None, unit="file", kind="constant", source="definition")

    @model_validator(mode="after")
    def _file_goes_with_edge_list(self) -> Graph:
        if self.path == "refused":
            raise ValueError("graph.path must not be 'refused'; name another file")
        return self


def reward_needs_design(config: Config) -> list[str]:
    """A rule that spans sections, as the registry's checks do."""
    if config.incentive.invite_reward > 150 and config.population.size < 100:
        return ["incentive.invite_reward must be at most 150 CNY below 100 consumers; lower it"]
    return []


FILES = {
    "conf/config.yaml": (
        "defaults:\n"
        + "".join(
            f"  - {group}: {option}\n"
            for group, option in {
                "population": "default",
                "graph": "powerlaw_cluster",
                "incentive": "none",
                "targets": "plan",
                "experiment": "default",
                "engine": "local",
                "paths": "default",
            }.items()
        )
        + "  - _self_\n"
    ),
    "conf/population/default.yaml": "size: 2000\n",
    "conf/population/large.yaml": "size: 1_000_000\nshares: {silver: 0.5, cyber: 0.5}\n",
    "conf/graph/powerlaw_cluster.yaml": "kind: powerlaw_cluster\n",
    "conf/graph/edge_list.yaml": "kind: edge_list\npath: null\n",
    "conf/incentive/none.yaml": "# nobody is rewarded\n",
    "conf/incentive/flat_cash.yaml": "design: flat_cash\ninvite_reward: 8\n",
    "conf/incentive/three_tier.yaml": "design: three_tier\ninvite_reward: 5.0\ntiers: [1, 0.5, 0.25]\n",
    "conf/targets/plan.yaml": "organic_traffic_share: 0.40\n",
    "conf/experiment/default.yaml": "",
    "conf/engine/local.yaml": "kind: local\n",
    "conf/engine/serial.yaml": "kind: serial\n",
    "conf/paths/default.yaml": "results: results\n",
    "scenarios/baseline.yaml": "description: The market as it is\n",
    "scenarios/cash.yaml": "description: Cash\nincentive: flat_cash\nincentive.invite_reward: 12.0\n",
    "scenarios/crowd.yaml": "description: More people\npopulation.size: 3000\nincentive.team.size: 9\n",
}


def build(folder: Path, *more: Path) -> Sources:
    """Write the small market below ``folder``; ``more`` are further folders of scenarios."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Sources(
        {"population": Population, "graph": Graph, "incentive": Incentive, **SETTINGS},
        (reward_needs_design,),
        folder / "conf",
        (folder / "scenarios", *more),
    )


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sources:
    """A private copy of the small market; the working directory is empty."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return build(tmp_path / "shipped", Path("scenarios"))


@pytest.fixture(scope="session")
def fixed_sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """A copy that no test changes, so that its files are composed once."""
    return build(tmp_path_factory.mktemp("market") / "shipped")


@pytest.fixture
def write(sources: Sources):
    """Write a file below the market's root: ``write("scenarios/x.yaml", text)``."""

    def _write(name: str, text: str | bytes) -> Path:
        path = sources.conf.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return _write

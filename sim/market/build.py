"""Building a world: graph, people, influencers, shelves, all from one configuration and seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.config import Config
from sim.core.errors import ConfigError, GraphFileError
from sim.core.language import tr
from sim.core.rng import Draw
from sim.logistics.capacity import smallest_people as smallest_design
from sim.logistics.engine import Network
from sim.logistics.network import ProductArrays
from sim.logistics.unlimited import Unlimited
from sim.network.graph import GraphInfo, build_graph, check_size, population_size
from sim.world.catalog import CATEGORIES, Catalog, build_catalog
from sim.world.fulfilment import LogisticsEngine
from sim.world.influencers import build_influencers
from sim.world.platforms import PLATFORMS, Platforms
from sim.world.population import build_people
from sim.world.world import Conditions, Operator, World

#: People below which there is no market to speak of; ``population.size`` has the same bound.
SMALLEST = 50


def build_world(
    config: Config, seed: int, cache: Path | None = None, start_day: int = 0
) -> tuple[World, GraphInfo]:
    """A new world on ``start_day``.

    Parameters
    ----------
    config : Config
        World values and the strategy in force at the start.
    seed : int
        Seed of the replication.
    cache : Path, optional
        Folder of generated graphs.

    Raises
    ------
    InputError
        If an input file is wrong or does not fit the configuration (see :func:`check_network`).
    """
    n = check_network(config)
    catalog = build_catalog(config.catalog)
    platforms = Platforms(config.platforms)
    logistics = build_logistics(config, catalog, n, seed, start_day)
    below = logistics.people_below()
    people = build_people(n, config.population, catalog, platforms, Draw(seed), logistics.n_zones, below)
    size = None if config.graph.kind == "edge_list" else n
    graph, info = build_graph(config.graph, size, seed, people.group, cache)
    influencers = build_influencers(config.influencers.audience, people, graph, catalog, seed)
    world = World(
        seed=seed,
        people=people,
        graph=graph,
        influencers=influencers,
        catalog=catalog,
        platforms=platforms,
        logistics=logistics,
        zones=logistics.n_zones,
        operator=Operator(np.zeros(len(PLATFORMS), np.int64)),
        conditions=Conditions(np.ones(len(CATEGORIES))),
    )
    world.clock.day = start_day
    return world, info


def check_network(config: Config) -> int:
    """Number of people, once it is sure that the network can be built for them.

    Raises
    ------
    ConfigError
        If the population does not fit the network.
    GraphFileError
        If an edge list is missing or malformed.
    """
    wanted, graph = config.population.size, config.graph
    n = population_size(graph, wanted)
    if graph.kind != "edge_list":
        check_size(graph, n)
    elif "population.size" in config.chosen and wanted != n:
        raise ConfigError(
            tr(
                "population.size must equal the {n:,} people of {path} (you wrote {wanted:,}); an "
                "edge list sets the population size, leave it to the file",
                n=n,
                path=graph.path,
                wanted=wanted,
            )
        )
    elif n < SMALLEST:
        raise GraphFileError(
            tr(
                "{path}: a market needs at least {smallest} people (found {n}); give a larger network",
                path=graph.path,
                smallest=SMALLEST,
                n=n,
            )
        )
    return n


def build_logistics(config: Config, catalog: Catalog, n: int, seed: int, start_day: int) -> LogisticsEngine:
    """The network of the region, or unlimited fulfilment when logistics is switched off."""
    if not config.logistics.enabled:
        return Unlimited(config.logistics, catalog.layer, start_day * 1440)
    products = design_products(config, catalog, n)
    return Network(config.logistics, config.returns, config.supply, products, n, seed, start_day * 1440)


def design_products(config: Config, catalog: Catalog, n: int) -> ProductArrays:
    """What logistics knows of the goods, with the design demand of ``n`` people."""
    shares, _ = config.population.group_shares()
    units = n / 1000.0 * config.logistics.design_orders_per_1000_consumers * (1.0 + config.choice.basket_mean)
    return ProductArrays(
        layer=catalog.layer,
        volume=catalog.volume,
        shelf_life_days=catalog.shelf_life,
        unit_cost_fen=catalog.cost_fen,
        demand_per_day=units * (shares @ catalog.group_weight) * (catalog.layer > 0),
    )


def smallest_people(config: Config) -> int:
    """People below whom delivery takes longer than in a larger market of the same design.

    With logistics switched off any market serves, from the smallest that can be built.
    """
    if not config.logistics.enabled:
        return SMALLEST
    catalog = build_catalog(config.catalog)
    products = design_products(config, catalog, config.logistics.consumers_per_front)
    return smallest_design(config.logistics, config.returns, products)

"""Tables of a shop that does not exist, of any length."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.world.catalog import CATEGORIES

PRODUCT_HEAD = "product,category,price [CNY/unit],unit_cost [CNY/unit],shelf_life [days],units_sold"
ORDER_HEAD = "customer,time,value [CNY],source,category"


def products(count: int = 5000) -> list[str]:
    """Lines of a table of products, the header first."""
    rng = np.random.default_rng(3)
    price = np.round(rng.uniform(20, 200, count), 2)
    cost = np.round(price * rng.uniform(0.3, 0.7, count), 2)
    units = rng.integers(0, 500, count)
    rows = zip(range(count), price, cost, units, strict=True)
    return [
        PRODUCT_HEAD,
        *(f"P-{n:05d},{CATEGORIES[n % 13]},{p},{c},{1 + n % 300},{u}" for n, p, c, u in rows),
    ]


def orders(count: int = 200_000) -> list[str]:
    """Lines of a table of orders of 40,000 customers in two years, the header first."""
    rng = np.random.default_rng(4)
    who = rng.integers(0, 40_000, count)
    when = np.datetime64("2024-01-01T00:00:00") + rng.integers(0, 730 * 86_400, count)
    value = np.round(rng.lognormal(4, 0.6, count), 2)
    rows = zip(who, np.datetime_as_string(when), value, strict=True)
    came = ("feed", "share")
    return [
        ORDER_HEAD,
        *(
            f"user{w}@example.org,{t.replace('T', ' ')},{v},{came[n % 2]},{CATEGORIES[n % 13]}"
            for n, (w, t, v) in enumerate(rows)
        ),
    ]


def write(path: Path, lines: list[str], encoding: str = "utf-8") -> Path:
    """Write lines as a file."""
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path

"""Labels of articles: what is certified or designed to a trend, who believes it, and how novelty wears off.

A category stands for many articles, of which a share may carry a label. Whoever believes one on food or goods
for the home puts them into the cart more readily, the young more than others. Goods of the national
trend please by novelty: the younger people are the more of them care, and each further look pleases less.
Labels cost money whether anybody believes them or not.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Schema, act, mean_of
from sim.mechanism import Phase
from sim.world.catalog import CATEGORIES
from sim.world.kinds import Purpose
from sim.world.people import Column
from sim.world.world import World

#: Label -> categories whose articles may carry it.
LABELS: dict[str, tuple[str, ...]] = {
    "zero_additives": ("fresh", "frozen", "healthy_food", "mother_baby", "pet"),
    "carbon_neutral": ("apparel", "healing_home", "sustainable_office"),
    "national_trend": ("beauty", "apparel", "virtual_ip"),
}
TREND = tuple(LABELS).index("national_trend")


class LabelsParams(Params):
    """Labels, what they cost, and whom they move."""

    enabled: bool = lever(False, "switch", "S002")
    """Articles may carry labels."""

    zero_additives: float = lever(0.0, "share of articles", "S002", ge=0, le=1, span=(0, 1))
    """Food and goods for children and pets that are certified free of additives."""

    carbon_neutral: float = lever(0.0, "share of articles", "S002", ge=0, le=1, span=(0, 1))
    """Clothes and goods for home and office whose emissions are offset and certified."""

    national_trend: float = lever(0.0, "share of articles", "S001", ge=0, le=1, span=(0, 1))
    """Beauty goods, clothes and characters in the national style (guochao)."""

    upkeep: float = uncertainty(
        0.4, "CNY/1,000 people/day/category", "A-1269", ge=0, le=1000, span=(0.1, 2), scope="strategy"
    )
    """Tests, certificates, licences and designs, if all articles of a category carry the label."""

    believes: float = uncertainty(0.6, "share", "A-1270", ge=0, le=1, span=(0.3, 0.9), scope="strategy")
    """People who believe a label; others see words."""

    prefers: float = constant(0.60, "ratio", "F005", ge=0, le=10, scope="strategy")
    """By how much the odds of a cart rise for a labelled article, of believers up to the age
    ``younger`` (preference is read as odds)."""

    younger: int = constant(30, "years of age", "definition; 1995 to 2025", ge=0, le=120, scope="strategy")
    """Greatest age of the generation that the figure speaks of."""

    elder: float = uncertainty(0.4, "ratio", "A-1272", ge=0, le=2, span=(0.1, 0.9), scope="strategy")
    """What a label does to older believers, relative to that."""

    accepts: float = constant(0.78, "share", "F003", ge=0, le=1, scope="strategy")
    """People under ``young`` who care for goods of the national trend."""

    young: int = constant(25, "years of age", "F001", ge=0, le=120, scope="strategy")
    """Age from which fewer do."""

    cools: float = uncertainty(0.05, "1/year", "A-1273", ge=0, le=1, span=(0.01, 0.15), scope="strategy")
    """With each year beyond it, by exp(-cools)."""

    novelty: float = uncertainty(0.5, "logit", "A-1274", ge=0, le=5, span=(0.1, 1), scope="strategy")
    """What the first look at such goods does for a cart."""

    wears: float = uncertainty(0.3, "1/look", "A-1275", ge=0, le=10, span=(0.1, 1), scope="strategy")
    """Each look makes the next do less, by exp(-wears)."""

    def shares(self) -> np.ndarray:
        """float64[n labels, n categories]: share of articles that carry each label."""
        found = np.zeros((len(LABELS), len(CATEGORIES)))
        for row, (name, where) in zip(found, LABELS.items(), strict=True):
            row[[CATEGORIES.index(one) for one in where]] = getattr(self, name)
        return found

    def trust_gain(self, age: np.ndarray) -> np.ndarray:
        """float64[k]: logits that a label adds to a cart of a believer."""
        gain = np.log1p(self.prefers) * np.where(age <= self.younger, 1.0, self.elder)
        return np.asarray(gain, np.float64)

    def cares(self, age: np.ndarray) -> np.ndarray:
        """float64[k]: chance to care for goods of the national trend."""
        return self.accepts * np.exp(-self.cools * np.maximum(0, age - self.young + 1))


class Labels(Feature):
    """Labels of articles (S001, S002)."""

    section = "labels"
    Params = LabelsParams
    columns: ClassVar = {"labels_seen": Column("float32", "looks at goods of the national trend", start=0)}
    events: ClassVar[dict[str, Schema]] = {
        "labels_days": {
            "day": ("int32", "absolute day"),
            "paid": ("bool", "labels were paid for"),
            "fen": ("int64", "what they cost, fen"),
        },
        "labels_looks": {
            "day": ("int32", "absolute day"),
            "label": ("int8", "0 zero additives, 1 carbon neutral, 2 national trend"),
            "looks": ("int64", "visits to an article that carries it"),
            "moved": ("int64", "of them, visitors whom it says something"),
        },
    }
    gauges: ClassVar = {"seen": mean_of("labels_seen", "mean looks at goods of the national trend")}
    figures = (
        Figure(
            "labels_moved",
            "Looks at labelled goods that say something to the visitor",
            "share",
            over=lambda t: t["labels_looks"]["moved"],
            per=lambda t: t["labels_looks"]["looks"],
        ),
    )
    declares = (Purpose("labels_cost", "Tests, certificates, licences and designs of labelled goods."),)

    def __init__(self, params: LabelsParams) -> None:
        super().__init__(params)
        self._laid_out = params, params.shares()

    def _shares(self) -> np.ndarray:
        """Shares of articles under the parameters in force; laid out once for each of them."""
        if self._laid_out[0] is not self.params:
            self._laid_out = self.params, self.params.shares()
        return self._laid_out[1]

    @act(
        Phase.DECIDE,
        reads=["operator.allowance"],
        writes=["records.labels_days", "records.spend", "ledger"],
        offers=True,
    )
    def certify(self, world: World, draw: Draw) -> None:
        """Pay for the day's labels, if there is money."""
        fen = to_fen(self.params.upkeep * float(self._shares().sum()) * len(world.people) / 1000.0)
        paid = world.affords("labels_cost", fen)
        world.spend("labels_cost", fen if paid else 0)
        cast("Any", world.records).labels_days.append(day=world.day, paid=paid, fen=fen if paid else 0)

    @act(
        Phase.BUY,
        reads=["flow.visits", "people.id", "people.age", "people.labels_seen", "records.labels_days"],
        writes=["flow.terms", "people.labels_seen", "records.labels_looks"],
        offers=True,
    )
    def show(self, world: World, draw: Draw) -> None:
        """Some visitors look at an article that carries a label, and some of them care."""
        people, visits, p = cast("Any", world.people), world.flow.visits, self.params
        days = cast("Any", world.records).labels_days
        if not len(days) or not days["paid"][-1]:
            return
        seats, category, ids = visits["seat"], visits["category"], people.id[visits["seat"]]
        who = draw.timeless("labels.people")
        age = people.age[seats]
        believes = keyed_uniforms(who, ids, 1) < p.believes
        cares = keyed_uniforms(who, ids, 2) < p.cares(age)
        worn = p.novelty * np.exp(-p.wears * people.labels_seen[seats].astype(np.float64))
        total, shares, gain = np.zeros(len(seats)), self._shares(), p.trust_gain(age)
        article = draw("labels.article")
        for label in range(len(LABELS)):
            looks = keyed_uniforms(article, visits["visit_id"], label) < shares[label, category]
            moved = looks & (cares if label == TREND else believes)
            total += np.where(moved, worn if label == TREND else gain, 0.0)
            if label == TREND:
                people.labels_seen[seats[looks]] += 1.0
            cast("Any", world.records).labels_looks.append(
                day=world.day, label=label, looks=int(looks.sum()), moved=int(moved.sum())
            )
        world.flow.cart.add("labels", total)

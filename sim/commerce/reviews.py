"""Reviews as objects: buyers write what they lacked, somebody reads it, and a product is made anew.

A category of goods may have a flaw, which is the reason of part of its returns. Whoever sends goods back,
gets them late or spoiled, or is content may write a review with a word for it and some detail. A reading
service, people or a machine, counts the words with a delay and errors. Where one category's flaw stands out,
its product is made anew, which takes days and money; from then on fewer of its goods come back for that
reason. Visitors read reviews too: detailed ones move them, by how many of them praise.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.lookup import rows_of
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Moment, act
from sim.mechanism import Mechanism, Phase
from sim.world.catalog import CATEGORIES, build_catalog
from sim.world.kinds import Purpose
from sim.world.money import affordable
from sim.world.topics import TOPICS, topic_shares, topics_of
from sim.world.world import World

#: What a review says: all is well, it came late, it was spoiled, the product's flaw, it did not suit.
WORDS = ("praise", "late", "spoiled", "flaw", "suits_not")
PRAISE, LATE, SPOILED, FLAW, SUITS_NOT = range(len(WORDS))


class ReviewsParams(Params):
    """Who writes reviews, who reads them, and what is done about them."""

    enabled: bool = lever(False, "switch", "S034")
    """Buyers' reviews are kept, read and acted upon."""

    flaw: float = uncertainty(
        0.3, "share of returns", "A-1298", ge=0, le=0.5, span=(0.1, 0.5), scope="strategy"
    )
    """Returns whose reason is a flaw of the product, on average; of one category none to twice as many."""

    writes: float = uncertainty(0.08, "chance", "A-1299", ge=0, le=1, span=(0.02, 0.2), scope="strategy")
    """Buyers who write a review."""

    gift: float = lever(0.0, "CNY/review", "S016", ge=0, le=100, span=(0, 5))
    """Promised for a review, whatever it says."""

    gift_enough: float = uncertainty(
        2.0, "CNY/review", "A-1320", ge=0.01, le=100, span=(0.5, 6), scope="strategy"
    )
    """Gift at which two thirds of those who can be won write."""

    gift_most: float = uncertainty(0.4, "chance", "A-1321", ge=0, le=1, span=(0.2, 0.6), scope="strategy")
    """Further buyers who write for a gift of any size."""

    reader: Literal["people", "machine"] = lever("machine", "who reads", "S057")
    """People read slowly, dearly and well; a machine at once, cheaply and less well."""

    read_most: float = lever(5.0, "reviews/1,000 people/day", "S057", ge=0, le=1000, span=(0, 20))
    """What the service can read; more waits, the oldest first."""

    people_cost: float = uncertainty(
        0.5, "CNY/review", "A-1322; a minute of work", ge=0, le=100, span=(0.2, 1.5), scope="strategy"
    )
    """People who read."""

    people_days: int = uncertainty(2, "days", "A-1323", ge=0, le=90, span=(1, 7), scope="strategy")
    """Days until they have."""

    people_right: float = uncertainty(
        0.95, "share", "A-1324", ge=0.2, le=1, span=(0.85, 1.0), scope="strategy"
    )
    """Words and topics that they take as they were meant."""

    machine_cost: float = uncertainty(
        0.01, "CNY/review", "A-1325", ge=0, le=100, span=(0.002, 0.05), scope="strategy"
    )
    """A machine that reads."""

    machine_right: float = uncertainty(
        0.8, "share", "A-1326", ge=0.2, le=1, span=(0.6, 0.95), scope="strategy"
    )
    """Words and topics that it takes as meant; any other is as likely in place of one that it misses."""

    first_topic: float = uncertainty(
        0.5,
        "share of people",
        "A-1454; the plan has no figure",
        ge=0.32,
        le=0.95,
        span=(0.35, 0.8),
        scope="strategy",
    )
    """Those to whom the first topic of a category matters most; each further one takes the same share of what
    is left, and the last all of it, which with less than a third would be more than the first."""

    threshold: float = lever(0.08, "share of reviews", "S034", ge=0, le=1, span=(0.02, 0.3))
    """Reviews of a category that name its flaw, from which its product is made anew."""

    least: int = lever(6, "reviews", "A-1327", ge=1, le=10_000, span=(3, 30))
    """So many must name it at least, so that a few words by chance change no product."""

    development_days: int = uncertainty(30, "days", "A-1328", ge=1, le=720, span=(10, 120), scope="strategy")
    """From the decision until the new product is on sale; one is developed at a time."""

    development_cost: float = uncertainty(
        100.0, "CNY/1,000 people", "A-1329", ge=0, le=100_000, span=(20, 500), scope="strategy"
    )
    """Design, samples and tools for one product."""

    mended: float = uncertainty(0.6, "share", "A-1330", ge=0, le=1, span=(0.3, 0.9), scope="strategy")
    """Of what is left of the flaw, taken away by a new product: a second one gains less."""

    conviction: float = uncertainty(0.4, "logit", "A-1331", ge=0, le=5, span=(0.0, 1.0), scope="strategy")
    """What reviews of the fullest detail do for an order when all of them praise, and against it when none
    does."""

    detail_enough: float = uncertainty(
        3.0, "detail/1,000 people", "A-1332", ge=0.01, le=1000, span=(1, 10), scope="strategy"
    )
    """Detail of a category's reviews, summed, at which two thirds of that are reached."""

    shown_days: int = uncertainty(60, "days", "A-1333", ge=1, le=720, span=(20, 180), scope="strategy")
    """Days for which a review is read by visitors, and counted by the service."""


def chance_to_write(params: ReviewsParams) -> float:
    """Chance that a buyer writes a review, with what a gift adds to it."""
    won = params.gift_most * (1.0 - float(np.exp(-params.gift / params.gift_enough)))
    return params.writes + (1.0 - params.writes) * won


def _known(world: World, ids: np.ndarray) -> np.ndarray:
    """Those of some ids of orders that the records hold."""
    return ids[_rows(world, ids) >= 0]


def _rows(world: World, ids: np.ndarray) -> np.ndarray:
    """int64[k]: rows of orders, -1 of those that the records do not hold."""
    return rows_of(world.records.orders["order_id"], ids)


def _share(word: int, table: str) -> Figure:
    return Figure(
        f"reviews_{WORDS[word]}_{table}",
        f"Reviews that say '{WORDS[word].replace('_', ' ')}', as {'counted' if table == 'read' else 'meant'}",
        "share",
        over=lambda t: t[f"reviews_{table}"]["word"] == word,
        per=lambda t: np.ones(len(t[f"reviews_{table}"]["day"])),
    )


class Reviews(Feature):
    """Reviews that are written, read and acted upon (S016, S034, S057)."""

    section = "reviews"
    Params = ReviewsParams
    world = True
    events: ClassVar = {
        "reviews_written": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "order_id": ("int64", "order"),
            "category": ("int8", "category"),
            "word": ("int8", "0 praise, 1 late, 2 spoiled, 3 flaw of the product, 4 did not suit"),
            "detail": ("float32", "0..1"),
            "topic": ("int8", "topic of the goods that it is about"),
        },
        "reviews_read": {
            "day": ("int32", "absolute day on which it is counted"),
            "order_id": ("int64", "order"),
            "category": ("int8", "category"),
            "word": ("int8", "as the service took it"),
            "topic": ("int8", "topic of the goods, as the service took it"),
        },
        "reviews_products": {
            "day": ("int32", "absolute day of the decision"),
            "category": ("int8", "category whose product is made anew"),
            "ready": ("int32", "absolute day on which it is on sale"),
            "fen": ("int64", "cost"),
        },
    }
    figures = (
        _share(FLAW, "written"),
        _share(FLAW, "read"),
        Figure(
            "reviews_products_begun",
            "Products made anew",
            "products",
            over=lambda t: np.ones(len(t["reviews_products"]["day"])),
        ),
    )
    declares = (Purpose("reviews_cost", "Gifts for reviews, reading them, and products made anew."),)

    def __init__(self, params: ReviewsParams, returned: np.ndarray) -> None:
        super().__init__(params)
        self.returned = returned

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, with the usual share of goods that come back."""
        returned = np.asarray(build_catalog(config.catalog).return_rate, np.float64)
        return cls(config.section(cls.section), returned).acts()

    def flaws(self, draw: Draw) -> np.ndarray:
        """float64[n_categories]: share of a category's returns that its flaw causes while nothing is done."""
        numbers = np.arange(len(CATEGORIES), dtype=np.int64)
        luck: np.ndarray = keyed_uniforms(draw.timeless("reviews.flaw"), numbers, 0)
        return 2.0 * self.params.flaw * luck

    def _left(self, world: World) -> np.ndarray:
        """float64[n_categories]: what new products have left of the flaws."""
        made = cast("Any", world.records).reviews_products
        done = made["category"][made["ready"] <= world.day]
        number = np.bincount(done, minlength=len(CATEGORIES))
        return np.asarray((1.0 - self.params.mended) ** number, np.float64)

    @act(Phase.DECIDE, reads=["records.reviews_products~"], writes=["catalog"])
    def sell(self, world: World, draw: Draw) -> None:
        """Sell what has been developed: fewer of its goods come back."""
        rate = self.returned * (1.0 - self.flaws(draw) * (1.0 - self._left(world)))
        world.catalog = world.catalog._replace(return_rate=rate.astype(world.catalog.return_rate.dtype))

    @act(
        Phase.DECIDE,
        reads=["records.reviews_products", "records.reviews_read~", "operator.allowance"],
        writes=["records.reviews_products", "records.spend", "ledger"],
        offers=True,
    )
    def develop(self, world: World, draw: Draw) -> None:
        """Decide on the next product, one at a time."""
        p, made = self.params, cast("Any", world.records).reviews_products
        if (made["ready"] > world.day).any():
            return
        named, every = self._counted(world)
        share = named / np.maximum(every, 1)
        stands_out = (named >= p.least) & (share >= p.threshold)
        fen = to_fen(p.development_cost * len(world.people) / 1000.0)
        if not stands_out.any() or not world.affords("reviews_cost", fen):
            return
        world.spend("reviews_cost", fen)
        category = int(np.argmax(np.where(stands_out, share, -1.0)))
        made.append(day=world.day, category=category, ready=world.day + p.development_days, fen=fen)

    def _counted(self, world: World) -> tuple[np.ndarray, np.ndarray]:
        """Reviews of each category that name a flaw, and all, counted since its product was made anew."""
        read, made = cast("Any", world.records).reviews_read, cast("Any", world.records).reviews_products
        since = np.full(len(CATEGORIES), world.day - self.params.shown_days)
        np.maximum.at(since, made["category"], made["ready"])
        late = read["day"] >= since[read["category"]]
        category = read["category"][late]
        named = np.bincount(category[read["word"][late] == FLAW], minlength=len(CATEGORIES))
        return named, np.bincount(category, minlength=len(CATEGORIES))

    @act(Phase.BUY, reads=["flow.visits", "records.reviews_written~"], writes=["flow.terms"])
    def convince(self, world: World, draw: Draw) -> None:
        """Detailed reviews speak for an order or against it, half praise being neither."""
        p, rows = self.params, cast("Any", world.records).reviews_written
        late = rows["day"] >= world.day - p.shown_days
        category, detail = rows["category"][late], rows["detail"][late].astype(np.float64)
        told = np.bincount(category, detail, len(CATEGORIES))
        praised = np.bincount(category, detail * (rows["word"][late] == PRAISE), len(CATEGORIES))
        full = 1.0 - np.exp(-1000.0 * told / (len(world.people) * p.detail_enough))
        speaks = p.conviction * full * (2.0 * praised / np.maximum(told, 1e-9) - 1.0)
        world.flow.order.add("reviews", np.where(told > 0.0, speaks, 0.0)[world.flow.visits["category"]])

    @act(
        Phase.MEASURE,
        reads=[
            "records.deliveries",
            "records.return_requests",
            "records.orders",
            "records.reviews_products",
            "records.reviews_read",
            "operator.allowance",
        ],
        writes=["records.reviews_written", "records.reviews_read", "records.spend", "ledger"],
        offers=True,
    )
    def tell(self, world: World, draw: Draw) -> None:
        """Let today's receivers and returners write, and read what has waited longest."""
        done, back = world.records.deliveries, world.records.return_requests
        returned = ~back.today("carried_over")
        word = np.where(done.today("minute") > done.today("promised_minute"), LATE, PRAISE)
        word = np.where(done.today("spoiled"), SPOILED, word)
        content = ~done.today("low_score") | (word != PRAISE)  # a low score without a reason says nothing
        content &= _rows(world, done.today("order_id")) >= 0
        self._write(world, draw, done.today("order_id")[content], word[content], 0)
        ids = _known(world, back.today("order_id")[returned])
        self._write(world, draw, ids, self._reasons(world, draw, ids), 1)
        self._read(world, draw)

    def _reasons(self, world: World, draw: Draw, ids: np.ndarray) -> np.ndarray:
        """Why these orders come back: for the flaw as often as it is left among the reasons."""
        category, left = world.records.orders["category"][_rows(world, ids)], self._left(world)
        flaws = self.flaws(draw)
        share = flaws * left / (1.0 - flaws * (1.0 - left))
        flawed = keyed_uniforms(draw.timeless("reviews.reason"), ids, 0) < share[category]
        return np.where(flawed, FLAW, SUITS_NOT)

    def _write(self, world: World, draw: Draw, ids: np.ndarray, word: np.ndarray, occasion: int) -> None:
        """Keep the reviews that some of these buyers write, and pay their gifts."""
        p = self.params
        luck = keyed_uniforms(draw.timeless("reviews.write"), ids, occasion)
        paid = p.gift > 0.0 and world.affords("reviews_cost", to_fen(p.gift) * len(ids))
        chance = chance_to_write(p) if paid else p.writes
        wrote = np.flatnonzero(luck < chance)
        world.spend("reviews_cost", to_fen(p.gift) * len(wrote) * paid)
        orders, some = world.records.orders, ids[wrote]
        rows = _rows(world, some)
        cast("Any", world.records).reviews_written.append(
            day=np.full(len(some), world.day),
            person=orders["person"][rows],
            order_id=some,
            category=orders["category"][rows],
            topic=self._topics(draw, some, orders["category"][rows]),
            word=word[wrote],
            detail=keyed_uniforms(draw.timeless("reviews.detail"), some, occasion),
        )

    def _topics(self, draw: Draw, ids: np.ndarray, category: np.ndarray) -> np.ndarray:
        """int8[k]: what each review is about, as often as it matters to people."""
        shares = topic_shares(draw, self.params.first_topic)
        return topics_of(shares[category], keyed_uniforms(draw.timeless("reviews.topic"), ids, 0))

    def _read(self, world: World, draw: Draw) -> None:
        """Count the reviews that have waited longest, as far as capacity, days and money go."""
        p, records = self.params, cast("Any", world.records)
        people = p.reader == "people"
        cost, right = (p.people_cost, p.people_right) if people else (p.machine_cost, p.machine_right)
        written, first = records.reviews_written, len(records.reviews_read)
        ripe = int(np.searchsorted(written["day"], world.day - (p.people_days if people else 0), "right"))
        number = min(max(0, ripe - first), int(np.ceil(p.read_most * len(world.people) / 1000.0)))
        number = affordable(world, "reviews_cost", 100.0 * cost, number)
        ids, meant = (written[name][first : first + number] for name in ("order_id", "word"))
        luck = [keyed_uniforms(draw.timeless("reviews.read"), ids, occasion) for occasion in range(4)]
        topic = written["topic"][first : first + number].astype(np.int64)
        another = (topic + 1 + (luck[3] * (TOPICS - 1)).astype(np.int64)) % TOPICS
        other = (meant + 1 + (luck[1] * (len(WORDS) - 1)).astype(np.int64)) % len(WORDS)
        world.spend("reviews_cost", to_fen(cost * number))
        records.reviews_read.append(
            day=np.full(number, world.day),
            order_id=ids,
            category=written["category"][first : first + number],
            word=np.where(luck[0] < right, meant, other),
            topic=np.where(luck[2] < right, topic, another),
        )

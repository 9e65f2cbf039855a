"""Kinds that features add to: sources of visits and purposes of spending, numbered for one market.

The market's own have numbers that never change (:class:`sim.world.schema.Source`, ``Spend`` and
:class:`sim.world.accounts.Account`); what features declare is numbered after them: first the market's own
features, then added ones. Of either, features of the world come first, each in the order of names, so that
neither the order in which features are given nor a further one re-numbers what a burnt-in world holds. The
table ``names`` says what each number means.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from sim.core.errors import ConfigError, WiringError
from sim.world.accounts import BALANCE_SHEET, SPENDING, Account
from sim.world.schema import Source, Spend

#: Sources that there can be: each has a bit in ``sources_seen``.
MOST_SOURCES = 31
#: Purposes of spending beside the market's own: their accounts are numbered in int8.
MOST_PURPOSES = 64


def among(*sources: int) -> np.ndarray:
    """bool[n]: a table of which sources are among these; indexed by sources, -1 (none) is in none."""
    table = np.zeros(MOST_SOURCES + 1, np.bool_)
    table[list(sources)] = True
    return table


@dataclass(frozen=True)
class VisitSource:
    """Something that brings visits.

    Attributes
    ----------
    name : str
        Its name in tables and reports, and in ``world.kinds``.
    meaning : str
        What it is, in a line.
    standing : {'organic', 'paid', 'owned'}
        Unpaid and public, paid for, or the brand's own surface: whether its visits are in the numerator of
        the organic share, in the denominator alone, or in neither.
    """

    name: str
    meaning: str
    standing: Literal["organic", "paid", "owned"]


@dataclass(frozen=True)
class Purpose:
    """Something that money is spent on; it has an account of its own in the ledger.

    Attributes
    ----------
    name : str
        Its name in tables and reports, of its account, and in ``world.spend``.
    meaning : str
        What is paid for, in a line.
    acquires : bool
        Whether it brings new users, so that it is part of the acquisition cost.
    gives : str
        Account that the money is taken from: cash, or a liability where it is owed for a while.
    of_goods : bool
        It is a cost of the goods that were sold, as freight and duties are: no campaign money, so that the
        allowance does not pay for it and it is no part of the all-in spend.
    income : bool
        It is what others pay the brand beside sales, as an insurance does: booked as negative amounts, and
        no campaign money either, so that it enlarges no budget.
    """

    name: str
    meaning: str
    acquires: bool = False
    gives: str = Account.CASH.key
    of_goods: bool = False
    income: bool = False

    @property
    def beside(self) -> bool:
        """Whether it is no campaign money."""
        return self.of_goods or self.income

    @property
    def role(self) -> str:
        """Where its money shows: as income, among what goods or users cost, or as other campaign money."""
        if self.income:
            return "income"
        return "goods" if self.of_goods else "acquisition" if self.acquires else "campaign"


class Booking(NamedTuple):
    """How money of a purpose is booked: its number, account that bears it, account that gives it.

    ``beside`` as of :class:`Purpose`: it is recorded in ``goods_costs``, and not in ``spend``.
    """

    kind: int
    bears: str
    gives: str
    beside: bool = False


#: The market's own sources.
SOURCES: tuple[VisitSource, ...] = (
    VisitSource("organic_feed", "Posts of the brand in a platform's unpaid feed.", "organic"),
    VisitSource("search", "Searches of people who need something.", "organic"),
    VisitSource("paid_media", "Advertisements that are bought.", "paid"),
    VisitSource("direct", "Habit: people come by themselves.", "owned"),
    VisitSource("private_domain", "Messages to people in the private domain.", "owned"),
    VisitSource("influencer_post", "Posts of influencers that nobody paid for.", "organic"),
    VisitSource("sponsored_post", "Posts of influencers that are paid for.", "paid"),
    VisitSource("livestream", "Livestream sessions.", "paid"),
    VisitSource("share", "Something that an acquaintance passed on.", "organic"),
    VisitSource("invitation", "An acquaintance's invitation; paid if it promised a reward.", "organic"),
    VisitSource("affiliate", "Links of affiliates, who earn a commission.", "paid"),
    VisitSource("group_buy", "Links to somebody's open group.", "paid"),
)
assert [one.name for one in SOURCES] == [source.name.lower() for source in Source]

#: The market's own purposes. Of commissions, rewards and discounts, what went to new users counts as well.
PURPOSES: tuple[Purpose, ...] = (
    Purpose("media", "Advertisements.", acquires=True),
    Purpose("influencer_fee", "Fixed fees of sponsored posts and livestreams.", acquires=True),
    Purpose("commission", "Commissions of influencers and affiliates."),
    Purpose("reward", "Rewards of those who invited somebody."),
    Purpose("discount", "What was paid less than the catalogue price."),
    Purpose("review", "Review of invited accounts."),
    Purpose("private_domain", "Messages and advisers of the private domain."),
    Purpose("capacity", "Delivery capacity beyond the baseline's."),
    Purpose("linked_ids", "Linking identities across platforms."),
    Purpose("content", "What the brand shows."),
    Purpose("response", "Responses to what monitors saw."),
    Purpose("sessions", "Livestream sessions of the brand's own.", acquires=True),
    Purpose("onboarding", "Gifts for the tasks of invited people, and what these cost.", acquires=True),
)
assert [one.name for one in PURPOSES] == [kind.name.lower() for kind in Spend]

#: Accounts of money that brings new users.
ACQUIRING = tuple(SPENDING[kind][0] for kind, one in zip(Spend, PURPOSES, strict=True) if one.acquires)
#: Accounts of campaign money without discounts, which revenue at list price is reduced by anyway.
CAMPAIGN = tuple(account for kind, (account, _) in SPENDING.items() if kind is not Spend.DISCOUNT)


class Kinds:
    """All sources, purposes and accounts of a market by name.

    Parameters
    ----------
    sources : iterable of VisitSource, optional
        Sources beside the market's own, in the order of their numbers.
    purposes : iterable of Purpose, optional
        Purposes beside the market's own, in the order of their numbers.

    Raises
    ------
    ConfigError
        If there are more than numbers for them.
    """

    def __init__(self, sources: Iterable[VisitSource] = (), purposes: Iterable[Purpose] = ()) -> None:
        self.added, self.added_sources = tuple(purposes), tuple(sources)
        self.sources = {one.name: number for number, one in enumerate((*SOURCES, *self.added_sources))}
        own = {kind: Booking(int(kind), to.key, by.key) for kind, (to, by) in SPENDING.items()}
        self._bookings: dict[int | str, Booking] = {int(kind): booking for kind, booking in own.items()}
        self._bookings |= {kind.name.lower(): booking for kind, booking in own.items()}
        for number, one in enumerate(self.added, len(Spend)):
            self._bookings[number] = self._bookings[one.name] = Booking(
                number, one.name, one.gives, one.beside
            )
        added = {one.name: number for number, one in enumerate(self.added, len(Account))}
        self.accounts: dict[str, int] = {account.key: int(account) for account in Account} | added
        self._check()

    def _check(self) -> None:
        """There are numbers for all."""
        if len(self.sources) > MOST_SOURCES:
            raise ConfigError(
                f"features: there may be {MOST_SOURCES} sources of visits at most (there are "
                f"{len(self.sources)} with those declared); leave out features"
            )
        if len(self.added) > MOST_PURPOSES:
            raise ConfigError(
                f"features: there may be {MOST_PURPOSES} purposes of spending at most (you declared "
                f"{len(self.added)}); leave out features"
            )

    def source(self, name: str) -> int:
        """Number of a source.

        Raises
        ------
        WiringError
            If there is none of that name.
        """
        if name not in self.sources:
            raise WiringError(f"there is no source of visits '{name}'; declare it: {', '.join(self.sources)}")
        return self.sources[name]

    def booking(self, purpose: Spend | int | str) -> Booking:
        """How money of a purpose, given by number or name, is booked.

        Raises
        ------
        WiringError
            If there is none of that name.
        """
        key: int | str = purpose if isinstance(purpose, str) else int(purpose)
        if key not in self._bookings:
            named = ", ".join(name for name in self._bookings if isinstance(name, str))
            raise WiringError(f"there is no purpose of spending '{purpose}'; declare it: {named}")
        return self._bookings[key]

    def accounts_of_added(self) -> dict[int, str]:
        """Account of each purpose beside the market's own, by its number in ``spend``."""
        return {self.booking(one.name).kind: one.name for one in self.added}

    def columns(self) -> dict[str, np.ndarray]:
        """The table ``names``: what is numbered, number, name and role of each kind."""
        kinds: list[tuple[str, int, str, str]] = [
            ("source", number, one.name, one.standing)
            for number, one in enumerate((*SOURCES, *self.added_sources))
        ]
        spend = {one.kind: name for name, one in self._bookings.items() if isinstance(name, str)}
        kinds += [("spend", number, spend[number], self.booking(number).bears) for number in sorted(spend)]
        kinds += [("account", int(account), account.key, _role(account)) for account in Account]
        kinds += [("account", self.accounts[one.name], one.name, one.role) for one in self.added]
        columns = map(np.array, zip(*kinds, strict=True))
        return dict(zip(("what", "number", "name", "role"), columns, strict=True))


def _role(account: Account) -> str:
    """Where an account's money shows: on the balance sheet, as campaign money or elsewhere in the result."""
    if account in BALANCE_SHEET:
        return "balance"
    if account in ACQUIRING:
        return "acquisition"
    if account is Account.COST_OF_GOODS:
        return "goods"
    return "campaign" if account in CAMPAIGN else "result"

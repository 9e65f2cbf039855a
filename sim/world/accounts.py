"""The accounts of the one set of books, and what each of them must show at the end of a day.

What counts as cost or revenue is posted once, to the account of its purpose; campaign spend, margin
and every money indicator are sums over accounts. Each midnight every account is held to the events
of the day: what was ordered, cancelled, handed over, sent back, billed and promised.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

import numpy as np

from sim.world.schema import Records, Spend


class Account(IntEnum):
    """One account a purpose; what the brand has and owes is in ``BALANCE_SHEET``, the rest is its result."""

    CASH = 0
    INVENTORY = 1
    DEPOSITS = 2
    REWARDS_PAYABLE = 3
    COMMISSIONS_PAYABLE = 4
    OPEN_COMMITMENTS = 5
    REVENUE = 6
    DISCOUNTS = 7
    REFUNDS = 8
    COST_OF_GOODS = 9
    PLATFORM_COMMISSIONS = 10
    SPOILAGE = 11
    LOGISTICS_STORAGE = 12
    LOGISTICS_HANDLING = 13
    LOGISTICS_TRUNK = 14
    LOGISTICS_RIDER = 15
    LOGISTICS_PACKAGING = 16
    LOGISTICS_REVERSE = 17
    MEDIA = 18
    INFLUENCER_FEES = 19
    COMMISSIONS = 20
    REWARDS = 21
    REVIEW = 22
    PRIVATE_DOMAIN = 23
    CAPACITY = 24
    LINKED_IDS = 25
    CONTENT = 26
    REVALUATION = 27
    RESPONSES = 28
    SESSIONS = 29
    POINTS_PAYABLE = 30
    ONBOARDING = 31

    @property
    def key(self) -> str:
        """Name in the ledger."""
        return _KEYS[self]


_KEYS = {account: account.name.lower() for account in Account}
#: Accounts of the balance sheet; all others make up the result.
BALANCE_SHEET = (*(a for a in Account if a <= Account.OPEN_COMMITMENTS), Account.POINTS_PAYABLE)
#: Accounts whose sum is the contribution margin (with the sign turned).
RESULT = tuple(a for a in Account if a not in BALANCE_SHEET)
#: Accounts of the logistics bill; extra capacity is campaign money and has an account of its own.
LOGISTICS = tuple(a for a in Account if a.name.startswith("LOGISTICS_"))

#: Campaign money by kind: the account that bears it, and the account it is taken from.
SPENDING: dict[Spend, tuple[Account, Account]] = {
    Spend.MEDIA: (Account.MEDIA, Account.CASH),
    Spend.INFLUENCER_FEE: (Account.INFLUENCER_FEES, Account.CASH),
    Spend.COMMISSION: (Account.COMMISSIONS, Account.COMMISSIONS_PAYABLE),
    Spend.REWARD: (Account.REWARDS, Account.REWARDS_PAYABLE),
    Spend.DISCOUNT: (Account.DISCOUNTS, Account.DEPOSITS),
    Spend.REVIEW: (Account.REVIEW, Account.CASH),
    Spend.PRIVATE_DOMAIN: (Account.PRIVATE_DOMAIN, Account.CASH),
    Spend.CAPACITY: (Account.CAPACITY, Account.CASH),
    Spend.LINKED_IDS: (Account.LINKED_IDS, Account.CASH),
    Spend.CONTENT: (Account.CONTENT, Account.CASH),
    Spend.RESPONSE: (Account.RESPONSES, Account.CASH),
    Spend.SESSIONS: (Account.SESSIONS, Account.CASH),
    Spend.ONBOARDING: (Account.ONBOARDING, Account.CASH),
}
#: Kinds whose account shows nothing else than what was booked as spent.
_BOOKED = (
    Spend.REVIEW,
    Spend.PRIVATE_DOMAIN,
    Spend.CAPACITY,
    Spend.LINKED_IDS,
    Spend.CONTENT,
    Spend.RESPONSE,
    Spend.SESSIONS,
    Spend.ONBOARDING,
)


def movements(
    r: Records, bill: Mapping[str, int], revalued_fen: int, added: Mapping[int, str] | None = None
) -> dict[str, int]:
    """What each account of the result, and the stock of goods, must have moved today, fen.

    Counted from the day's events; debits are positive, so that costs are and revenue is not. An
    account that is missing here must not have moved.

    Parameters
    ----------
    r : Records
        Event tables.
    bill : mapping of str to int
        Today's logistics bill, fen by account.
    revalued_fen : int
        Fen by which open commitments were revalued today.
    added : mapping of int to str, optional
        Purposes of spending beside the market's own: number -> account.
    """
    handed_over, sent_back = r.deliveries, r.returns
    goods, back = _sum(handed_over.today("goods_fen")), _sum(sent_back.today("goods_fen"))
    physical = handed_over.today("service") >= 0
    bill = {name: int(fen) for name, fen in bill.items()}
    left = _sum(handed_over.today("goods_fen")[physical]) - back + bill.get("spoilage", 0)
    earned, clawed = r.rewards.today("fen"), r.rewards.today("clawed_back")
    ended = r.cancellations
    expected = {
        Account.INVENTORY: bill.pop("purchases", 0) - left,
        Account.REVENUE: -_sum(handed_over.today("list_fen")),
        Account.DISCOUNTS: _sum(r.orders.today("discount_fen")) - _sum(ended.today("discount_fen")),
        Account.COMMISSIONS: _sum(r.orders.today("campaign_commission_fen"))
        - _sum(ended.today("campaign_commission_fen")),
        Account.PLATFORM_COMMISSIONS: _sum(handed_over.today("platform_commission_fen")),
        Account.REFUNDS: _sum(sent_back.today("refund_fen")),
        Account.COST_OF_GOODS: goods - back,
        Account.MEDIA: _sum(r.media.today("spend_fen")),
        Account.INFLUENCER_FEES: _sum(r.posts.today("fee_fen")),
        Account.REWARDS: _sum(earned[~clawed]) - _sum(earned[clawed]),
        Account.REVALUATION: -revalued_fen,
    }
    borne, fen, refunded = (r.sponsorships.today(c) for c in ("account", "fen", "refunded"))
    for number in np.unique(borne[~np.isin(borne, BALANCE_SHEET)]) if len(borne) else ():
        expected[Account(number)] = expected.get(Account(number), 0) + _sum(fen[borne == number])
    expected[Account.REFUNDS] -= _sum(fen[refunded])
    booked = {int(kind): SPENDING[kind][0].key for kind in _BOOKED} | dict(added or {})
    kinds, spent = (np.concatenate((r.spend.today(c), r.goods_costs.today(c))) for c in ("kind", "fen"))
    campaign = {account: _sum(spent[kinds == kind]) for kind, account in booked.items()}
    return {account.key: fen for account, fen in expected.items()} | campaign | bill


def _sum(fen: np.ndarray) -> int:
    return int(fen.sum(dtype=np.int64))

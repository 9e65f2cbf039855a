"""Money: double entry in integer fen (1 CNY = 100 fen), rounded once per bill, half to even.

Every posting takes from one account and gives to another, so all balances always sum to
zero; the daily check also holds every account equal to what the day's events and the open
commitments say. Debit balances are positive.
"""

from __future__ import annotations

import numpy as np

from sim.core.errors import ConservationError

FEN_PER_CNY = 100


def to_fen(cny: float) -> int:
    """Integer fen of an amount in CNY, half to even."""
    return round(cny * FEN_PER_CNY)


class Ledger:
    """Balances by account and the day's postings.

    Attributes
    ----------
    balance : dict of str to int
        Debit-positive balance of each account since the ledger opened, fen.
    today : dict of (str, str) to int
        Fen moved today from one account to another (credit side first).
    """

    def __init__(self) -> None:
        self.balance: dict[str, int] = {}
        self.today: dict[tuple[str, str], int] = {}
        self._opening: dict[str, int] = {}

    def pay(self, source: str, target: str, fen: int) -> None:
        """Move ``fen`` from ``source`` (credited) to ``target`` (debited)."""
        fen = int(fen)
        if fen == 0:
            return
        self.balance[source] = self.balance.get(source, 0) - fen
        self.balance[target] = self.balance.get(target, 0) + fen
        key = (source, target)
        self.today[key] = self.today.get(key, 0) + fen

    def begin_day(self) -> None:
        """Forget yesterday's postings; balances stay."""
        self.today = {}
        self._opening = dict(self.balance)

    def moved(self) -> dict[str, int]:
        """Net fen debited today to each account that moved."""
        net: dict[str, int] = {}
        for (source, target), fen in self.today.items():
            net[source] = net.get(source, 0) - fen
            net[target] = net.get(target, 0) + fen
        return net

    def moved_to(self, account: str) -> int:
        """Net fen debited to ``account`` today."""
        return self.moved().get(account, 0)

    def check(self, day: int, moved: dict[str, int], held: dict[str, int], rest: str) -> None:
        """Hold every account to the day's events.

        Parameters
        ----------
        day : int
            Absolute day, for the message.
        moved : dict of str to int
            What the day's events say has been debited to an account today, fen; an account that
            stands neither here nor in ``held`` must not have moved.
        held : dict of str to int
            What open commitments say an account's debit balance must be, fen.
        rest : str
            The account through which everything passes, cash: with all others right, so is it.

        Raises
        ------
        ConservationError
            Naming day, account, the ledger's figure and the expected one.
        """
        net = self.moved()
        touched = net.keys() - held.keys() - {rest}
        for account in sorted(touched | moved.keys()):
            found, expected = net.get(account, 0), int(moved.get(account, 0))
            if found != expected:
                raise ConservationError(
                    f"ledger, day {day}: account '{account}' moved by {found} fen, "
                    f"the day's events say {expected}"
                )
        for account, expected in held.items():
            found = self.balance.get(account, 0)
            if found != int(expected):
                raise ConservationError(
                    f"ledger, day {day}: account '{account}' holds {found} fen, "
                    f"open commitments say {int(expected)}"
                )
        self._check_balances(day, net)

    def _check_balances(self, day: int, net: dict[str, int]) -> None:
        """No balance may change without a posting."""
        for account in sorted(self.balance):
            found = self.balance[account]
            expected = self._opening.get(account, 0) + net.get(account, 0)
            if found != expected:
                raise ConservationError(
                    f"ledger, day {day}: account '{account}' holds {found} fen, its postings say {expected}"
                )

    def state(self) -> dict[str, np.ndarray]:
        """Balances as arrays, for a snapshot."""
        names = sorted(self.balance)
        return {
            "account": np.array(names, dtype="U40"),
            "fen": np.array([self.balance[n] for n in names], np.int64),
        }

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take up the balances of :meth:`state`."""
        self.balance = {str(n): int(v) for n, v in zip(state["account"], state["fen"], strict=True)}

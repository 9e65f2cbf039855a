"""One figure of the plan, and how the market's counterpart is counted and read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sim.studies.fidelity.counts import Count

Role = Literal["level", "direction", "order", "input", "fitted", "open", "cause"]


@dataclass(frozen=True)
class Figure:
    """One figure of the plan and its counterpart.

    Attributes
    ----------
    fact, what : str
        Id in the plan, and what is said.
    stated : float
        As the plan states it; nan where the plan gives none.
    unit : {'share', 'change', 'days', 'CNY', ''}
        Of both values.
    role : {'level', 'direction', 'order', 'input', 'fitted', 'open', 'cause'}
        How it may be read: against the value itself, by sign, by rank against another figure, as a check that
        an input arrives, as something that was fitted, or not at all because nothing could bring it forth. A
        suspected cause is judged by whether the figure moves to the stated side once the cause is out.
    counted : str
        How, in words; for an open figure what is missing.
    simulated : callable, optional
        Arms of a world -> the market's value.
    against : callable, optional
        For sign and order: what it must differ from.
    sign : {1, -1}
        Side on which it must lie.
    bound : bool
        The stated value is the most that it may be (sign -1) or the least (sign 1).
    cause : str
        Likely cause of a contradiction, shown where there is one.
    """

    fact: str
    what: str
    stated: float
    unit: str
    role: Role
    counted: str
    simulated: Count | None = None
    against: Count | None = None
    sign: int = 1
    bound: bool = False
    cause: str = ""

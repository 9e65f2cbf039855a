"""Numbers of service and its staff: contacts, ratings, points and what effort costs."""

from __future__ import annotations

from sim.core.params import Params, constant, lever, uncertainty


class ServiceParams(Params):
    """Contacts with service, and staff who are rated for them."""

    enabled: bool = constant(False, "switch", "S068")
    """Customers have contacts with service in this world, whatever the strategy, which move trust. What the
    operator does about their quality are the levers; wages are the same with and without them."""

    staff: float = constant(8.0, "people/10,000 consumers", "A-1535", ge=0.1, le=1000)
    """People of service; at least one."""

    contacts: float = uncertainty(0.3, "contacts/delivery", "A-1536", ge=0, le=1, span=(0.1, 0.6))
    """Deliveries after which a customer has to do with one of them."""

    usual: float = uncertainty(0.85, "share", "A-1537", ge=0.01, le=0.99, span=(0.7, 0.93))
    """Contacts that please, with staff of mean ability who make no special effort."""

    ability: float = uncertainty(0.4, "logit", "A-1538", ge=0, le=3, span=(0.2, 0.8))
    """Standard deviation of what staff can do without effort."""

    effect: float = uncertainty(2.0, "logit", "A-1539", ge=0, le=6, span=(0.8, 3.5))
    """What full effort adds."""

    effort_cost: float = uncertainty(150.0, "CNY/person/week", "A-1540", ge=1, le=10_000, span=(50, 500))
    """What the last part of full effort costs whoever makes it; the first parts cost less in proportion."""

    tires: float = uncertainty(0.2, "share/week of effort", "A-1541", ge=0, le=10, span=(0.05, 0.6))
    """By how much each remembered week of full effort makes effort harder."""

    rest_days: float = constant(28.0, "days", "A-1542; some weeks", ge=1, le=365)
    """Time constant with which that is slept off."""

    pleases: float = uncertainty(0.02, "share of the gap", "A-1543", ge=0, le=1, span=(0.005, 0.06))
    """Trust that a contact which pleases adds, of what is missing."""

    hurts: float = uncertainty(0.08, "share of trust", "A-1544", ge=0, le=1, span=(0.02, 0.2))
    """Trust that any other contact costs."""

    rated: float = lever(0.0, "share of contacts", "S068", ge=0, le=1, span=(0, 1))
    """Contacts that customers are asked to rate and do."""

    peers: float = lever(0.0, "share of contacts", "S068", ge=0, le=1, span=(0, 1))
    """Contacts that a colleague rates who was there, of those that no customer rated."""

    lenient: float = uncertainty(0.3, "chance", "A-1545", ge=0, le=1, span=(0.1, 0.7), scope="strategy")
    """A colleague calls a contact good that was not."""

    rating_cost: float = uncertainty(
        0.1, "CNY/rating", "A-1546", ge=0, le=100, span=(0.02, 0.5), scope="strategy"
    )
    """Asking, entering and adding up."""

    bonus: float = lever(0.0, "CNY/person of staff/week", "S068; F091", ge=0, le=10_000, span=(0, 100))
    """Paid to those whom the week's ranking puts first."""

    winners: float = lever(0.3, "share of staff", "S068", ge=0.05, le=0.95, span=(0.1, 0.5))
    """Those who share it; at least one, and never all: nobody competes alone."""

    every_days: int = lever(7, "days", "S068", ge=1, le=92, span=(7, 28))
    """From one ranking to the next; the less is rated in between, the more of it is chance."""

"""Features of social life: sharing, rewards, cheating, affiliates, trust."""

from __future__ import annotations

from typing import Any

from sim.feature import Feature, Moment, SourceTerm, built_in
from sim.mechanism import Mechanism
from sim.social.affiliates import AffiliateParams, Affiliates, Enlistment
from sim.social.attachment import Attachment
from sim.social.care import Care
from sim.social.contagion import Contagion
from sim.social.endorsement import Endorsement
from sim.social.expression import Expression
from sim.social.fraud import REVIEWERS, Fraud, FraudParams
from sim.social.group_invites import GroupInvites
from sim.social.incentives import IncentiveParams, Incentives, Payout
from sim.social.onboarding import Onboarding
from sim.social.opinion import Opinion
from sim.social.recovery import Recovery
from sim.social.service import Service
from sim.social.sharing import News, Sharing, SharingParams
from sim.social.survey import Survey
from sim.social.tracing import Tracing
from sim.social.trust import Experience, Goodwill, TrustParams, WordOfMouth
from sim.world.schema import Source


def _sharing(c: Any, at: Moment) -> list[Mechanism]:
    """Friends hear of open groups even where nothing else is shared."""
    fraud = c.fraud if c.fraud.enabled else None
    shared: list[Mechanism] = [Sharing(c.sharing, c.incentive, at.shares, fraud), News(c.sharing)]
    friends = (Source.SHARE, Source.INVITATION, Source.GROUP_BUY)
    told = SourceTerm("friend", "order", friends, c.choice.order_friend)
    return [*(shared if c.sharing.enabled else []), GroupInvites(c.sharing), told]


FEATURES: tuple[type[Feature], ...] = (
    built_in("sharing", SharingParams, _sharing, on=lambda _: True),
    built_in(
        "incentive",
        IncentiveParams,
        lambda c, _: [Incentives(c.incentive), Payout(c.fraud.detection, c.incentive)],
    ),
    built_in("fraud", FraudParams, lambda c, _: [Fraud(c.fraud, c.incentive)], declares=(REVIEWERS,)),
    built_in(
        "affiliates",
        AffiliateParams,
        lambda c, at: [Affiliates(c.affiliates, at.shares), Enlistment(c.affiliates)],
    ),
    Contagion,
    Onboarding,
    built_in(
        "trust",
        TrustParams,
        lambda c, _: [
            Experience(c.trust),
            WordOfMouth(c.trust, c.population.initial_trust),
            Goodwill(c.choice.cart_trust, c.choice.order_trust, c.population.initial_trust),
        ],
    ),
    Endorsement,
    Opinion,
    Survey,
    Care,
    Tracing,
    Recovery,
    Expression,
    Attachment,
    Service,
)

"""Coefficients of the two decisions of a visit, to the cart and to an order (see ``choice``)."""

from __future__ import annotations

from sim.core.params import Params, constant, uncertainty


class ChoiceParams(Params):
    """Coefficients of the two decisions (logits unless said otherwise)."""

    cart_intercept: float = uncertainty(-2.85, "logit", "A-130", ge=-10, le=10)
    """Level of carting at the trust that people begin with; a prototype behaved like a market here."""

    cart_need: float = uncertainty(1.6, "logit", "A-131", ge=0, le=10, span=(0.8, 2.5))
    """Goods one came for."""

    cart_trust: float = uncertainty(1.5, "logit/trust", "A-132", ge=0, le=10, span=(0.5, 3.0))
    """Trust beyond what people begin with."""

    cart_notes: float = uncertainty(0.35, "logit/ln(1+notes)", "A-133", ge=0, le=5, span=(0.0, 0.7))
    """Buyer notes recently read; volume elasticity of word of mouth is 0.24 (You 2015)."""

    cart_taste: float = uncertainty(0.5, "ratio", "A-134", ge=0, le=3, span=(0.2, 1.0))
    """Weight of lasting taste in carting."""

    cart_live: float = uncertainty(0.8, "logit", "A-135", ge=0, le=5, span=(0.2, 1.6))
    """Host interaction and urgency in a livestream."""

    cart_fatigue: float = uncertainty(0.1, "logit/fatigue", "A-136", ge=0, le=3, span=(0.03, 0.3))
    """Tiredness of the brand's content."""

    mismatch: float = uncertainty(0.8, "logit", "A-137", ge=0, le=10, span=(0.3, 1.6))
    """Loss when the goods shown do not match the person."""

    order_intercept: float = uncertainty(-2.2, "logit", "A-138", ge=-10, le=10)
    """Level of ordering from the cart, fitted with the platforms' offsets."""

    order_direct: float = uncertainty(0.55, "logit", "A-987", ge=-5, le=5, span=(0.2, 1.5))
    """People who come by themselves; with more, they would place half of all orders."""

    order_private: float = uncertainty(0.75, "logit", "A-140", ge=-5, le=5, span=(0.2, 1.5))
    """People who come from the private domain."""

    order_friend: float = uncertainty(-0.38, "logit", "F066; fitted", ge=-5, le=5)
    """People sent by a friend; fitted so that 2% of visits from ordinary shares order."""

    order_trust: float = uncertainty(1.2, "logit/trust", "A-142", ge=0, le=10, span=(0.4, 2.4))
    """Trust beyond what people begin with."""

    order_proof: float = uncertainty(0.6, "logit", "A-143", ge=0, le=5, span=(0.0, 1.2))
    """Loss of a person who needs proof and has read no note."""

    order_taste: float = uncertainty(0.5, "ratio", "A-144", ge=0, le=3, span=(0.2, 1.0))
    """Weight of lasting taste in ordering."""

    price: float = uncertainty(3.9, "logit/ln(price)", "Bijmolt 2005", ge=0, le=10, span=(2.5, 5))
    """Price paid against expected price; not the elasticity, which an experiment on the running market puts
    at -2.97 in the first two weeks (published mean -2.6)."""

    own_memory: float = uncertainty(0.3, "share", "A-151", ge=0, le=1, span=(0.1, 0.6))
    """Weight of prices one has seen here in the expected price; the rest is the usual market price."""

    promise: float = uncertainty(0.12, "logit/ln(hours)", "A-145", ge=0, le=2, span=(0.06, 0.2))
    """0.10 makes 72 h to 24 h worth 12% orders (Cui 2020: -14.6% without premium delivery)."""

    fresh_accept_30min: float = constant(0.92, "share", "F028", ge=0.01, le=0.99)
    """Fresh-food users who accept a promise of 30 minutes."""

    fresh_accept_72h: float = uncertainty(
        0.30, "share", "A-146; anchor at 72 h of F029", ge=0.01, le=0.99, span=(0.1, 0.5)
    )
    """Fresh-food users who still accept 72 hours."""

    rival: float = uncertainty(0.26, "logit/ln(price ratio)", "Auer 2020", ge=0, le=5, span=(0.1, 0.6))
    """Cross-price response to the rival's offer."""

    confidence_price: float = uncertainty(
        1.2, "logit/ln(confidence) at the mean price", "A-864; Gordon 2013", ge=0, le=10, span=(0.5, 3)
    )
    """Acceptance lost as consumers lose confidence, in proportion to the price paid: dear goods suffer, cheap
    ones and deals gain on them."""

    confidence_basket: float = uncertainty(1.0, "elasticity", "A-865", ge=0, le=10, span=(0.3, 2))
    """Units beyond the first against confidence: fewer when money is kept together."""

    usual_reliance: float = constant(0.68, "0..1", "A-866; mean of the default groups", ge=0.01, le=1)
    """Reliance on influencers' word at which cart_notes holds; who relies more weighs notes more."""

    notes_readers: float = constant(0.94, "share", "F030", ge=0, le=1)
    """Buyers of baby food who read enough notes before they buy."""

    notes_missing: float = uncertainty(2.0, "logit", "A-147", ge=0, le=10, span=(0.0, 4.0))
    """How far a reader holds back while notes on the category are too few."""

    notes_per_visit: float = uncertainty(1.0, "notes/visit", "A-863", ge=0, le=20, span=(0.5, 3))
    """Buyer notes read while looking at goods that one reads up on first; they count next time."""

    late_night_lift: float = constant(0.50, "share", "F044", ge=0, le=5)
    """Order rate of healing home goods late at night, when social interaction brought the visit."""

    late_night_from: float = constant(23.0, "hour of day", "F042", ge=0, le=24)
    """When that night begins."""

    late_night_to: float = constant(2.0, "hour of day", "F043", ge=0, le=24)
    """When it ends: the next morning where that is an earlier hour; the same hour is no night at all."""

    unlinked: float = uncertainty(0.35, "logit", "A-148", ge=0, le=5, span=(0.1, 0.8))
    """Friction of a visit sent on to another surface while identities are not linked."""

    basket_mean: float = uncertainty(0.18, "extra units", "A-149", ge=0, le=10, span=(0.08, 0.4))
    """Mean number of units beyond the first."""

    basket_spread: float = uncertainty(
        0.0, "variance over squared mean", "A-997", ge=0, le=20, span=(0.0, 6.0)
    )
    """Units beyond the first are negative binomial with this excess (0: Poisson): few large baskets among
    many small ones. With basket_mean as it is the log sd of order values stays 0.46 (Online Retail: 1.07)"""

    memory: float = uncertainty(
        0.15, "share a visit", "Zhang 2020; prices paid fell after coupons", ge=0, le=1, span=(0.05, 0.35)
    )
    """Weight of the price just seen in the price expected next time."""

    bundle_response: float = uncertainty(6.0, "log units/share off", "A-150", ge=0, le=50, span=(2.0, 12.0))
    """Extra units grow as exp(response x bundle discount)."""

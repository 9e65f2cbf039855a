"""Coefficients of the two decisions of a visit, to the cart and to an order (see ``choice``)."""

from __future__ import annotations

from sim.core.params import Params, param


# fmt: off
class ChoiceParams(Params):
    """Coefficients of the two decisions (logits unless said otherwise)."""

    cart_intercept: float = param(
        -3.6, unit="logit", kind="uncertainty", source="A-130", ge=-10, le=10,
        why="Level of carting; a prototype behaved like a market here.",
    )
    cart_need: float = param(
        1.6, unit="logit", kind="uncertainty", source="A-131", ge=0, le=10,
        span=(0.8, 2.5),
        why="Goods one came for.",
    )
    cart_trust: float = param(
        1.5, unit="logit/trust", kind="uncertainty", source="A-132", ge=0, le=10,
        span=(0.5, 3.0),
        why="Trust from 0 to 1.",
    )
    cart_notes: float = param(
        0.35, unit="logit/ln(1+notes)", kind="uncertainty", source="A-133", ge=0, le=5,
        span=(0.0, 0.7),
        why="Buyer notes recently read; volume elasticity of word of mouth is 0.24 (You 2015).",
    )
    cart_taste: float = param(
        0.5, unit="ratio", kind="uncertainty", source="A-134", ge=0, le=3,
        span=(0.2, 1.0),
        why="Weight of lasting taste in carting.",
    )
    cart_live: float = param(
        0.8, unit="logit", kind="uncertainty", source="A-135", ge=0, le=5,
        span=(0.2, 1.6),
        why="Host interaction and urgency in a livestream.",
    )
    cart_fatigue: float = param(
        0.1, unit="logit/fatigue", kind="uncertainty", source="A-136", ge=0, le=3,
        span=(0.03, 0.3),
        why="Tiredness of the brand's content.",
    )
    mismatch: float = param(
        0.8, unit="logit", kind="uncertainty", source="A-137", ge=0, le=10,
        span=(0.3, 1.6),
        why="Loss when the goods shown do not match the person.",
    )
    order_intercept: float = param(
        -2.0, unit="logit", kind="uncertainty", source="A-138", ge=-10, le=10,
        why="Level of ordering from the cart, fitted with the platforms' offsets.",
    )
    order_direct: float = param(
        1.3, unit="logit", kind="uncertainty", source="A-139", ge=-5, le=5,
        span=(0.5, 2.0),
        why="People who come by themselves.",
    )
    order_private: float = param(
        0.75, unit="logit", kind="uncertainty", source="A-140", ge=-5, le=5,
        span=(0.2, 1.5),
        why="People who come from the private domain.",
    )
    order_friend: float = param(
        -0.061, unit="logit", kind="uncertainty", source="F066; fitted", ge=-5, le=5,
        why="People sent by a friend; fitted so that 2% of visits from ordinary shares order.",
    )
    order_trust: float = param(
        1.2, unit="logit/trust", kind="uncertainty", source="A-142", ge=0, le=10,
        span=(0.4, 2.4),
        why="Trust from 0 to 1, around one half.",
    )
    order_proof: float = param(
        0.6, unit="logit", kind="uncertainty", source="A-143", ge=0, le=5,
        span=(0.0, 1.2),
        why="Loss of a person who needs proof and has read no note.",
    )
    order_taste: float = param(
        0.5, unit="ratio", kind="uncertainty", source="A-144", ge=0, le=3,
        span=(0.2, 1.0),
        why="Weight of lasting taste in ordering.",
    )
    price: float = param(
        3.2, unit="logit/ln(price)", kind="uncertainty", source="Bijmolt 2005", ge=0, le=10, span=(2, 4.5),
        why="Price paid against expected price; not the elasticity, which an experiment on the running "
        "market puts at -2.2 in the first two weeks (published mean -2.6).",
    )
    own_memory: float = param(
        0.3, unit="share", kind="uncertainty", source="A-151", ge=0, le=1,
        span=(0.1, 0.6),
        why="Weight of prices one has seen here in the expected price; the rest is the usual market price.",
    )
    promise: float = param(
        0.12, unit="logit/ln(hours)", kind="uncertainty", source="A-145", ge=0, le=2, span=(0.06, 0.2),
        why="0.10 makes 72 h to 24 h worth 12% orders (Cui 2020: -14.6% without premium delivery).",
    )
    fresh_accept_30min: float = param(
        0.92, unit="share", kind="constant", source="F028", ge=0.01, le=0.99,
        why="Fresh-food users who accept a promise of 30 minutes.",
    )
    fresh_accept_72h: float = param(
        0.30, unit="share", kind="uncertainty", source="A-146; anchor at 72 h of F029", ge=0.01, le=0.99,
        span=(0.1, 0.5),
        why="Fresh-food users who still accept 72 hours.",
    )
    rival: float = param(
        0.26, unit="logit/ln(price ratio)", kind="uncertainty", source="Auer 2020", ge=0, le=5,
        span=(0.1, 0.6),
        why="Cross-price response to the rival's offer.",
    )
    confidence_price: float = param(
        1.2, unit="logit/ln(confidence) at the mean price", kind="uncertainty", source="A-864; Gordon 2013",
        ge=0, le=10, span=(0.5, 3),
        why="Acceptance lost as consumers lose confidence, in proportion to the price paid: dear goods "
        "suffer, cheap ones and deals gain on them.",
    )
    confidence_basket: float = param(
        1.0, unit="elasticity", kind="uncertainty", source="A-865", ge=0, le=10, span=(0.3, 2),
        why="Units beyond the first against confidence: fewer when money is kept together.",
    )
    usual_reliance: float = param(
        0.68, unit="0..1", kind="constant", source="A-866; mean of the default groups", ge=0.01, le=1,
        why="Reliance on influencers' word at which cart_notes holds; who relies more weighs notes more.",
    )
    notes_readers: float = param(
        0.94, unit="share", kind="constant", source="F030", ge=0, le=1,
        why="Buyers of baby food who read enough notes before they buy.",
    )
    notes_missing: float = param(
        2.0, unit="logit", kind="uncertainty", source="A-147", ge=0, le=10,
        span=(0.0, 4.0),
        why="How far a reader holds back while notes on the category are too few.",
    )
    notes_per_visit: float = param(
        1.0, unit="notes/visit", kind="uncertainty", source="A-863", ge=0, le=20, span=(0.5, 3),
        why="Buyer notes read while looking at goods that one reads up on first; they count next time.",
    )
    late_night_lift: float = param(
        0.50, unit="share", kind="constant", source="F044", ge=0, le=5,
        why="Order rate of healing home goods from 23 to 2 when social interaction brought the visit.",
    )
    unlinked: float = param(
        0.35, unit="logit", kind="uncertainty", source="A-148", ge=0, le=5,
        span=(0.1, 0.8),
        why="Friction of a visit sent on to another surface while identities are not linked.",
    )
    basket_mean: float = param(
        0.18, unit="extra units", kind="uncertainty", source="A-149", ge=0, le=10,
        span=(0.08, 0.4),
        why="Mean number of units beyond the first.",
    )
    memory: float = param(
        0.15, unit="share a visit", kind="uncertainty", source="Zhang 2020; prices paid fell after coupons",
        ge=0, le=1,
        span=(0.05, 0.35),
        why="Weight of the price just seen in the price expected next time.",
    )
    bundle_response: float = param(
        6.0, unit="log units/share off", kind="uncertainty", source="A-150", ge=0, le=50,
        span=(2.0, 12.0),
        why="Extra units grow as exp(response x bundle discount).",
    )
# fmt: on

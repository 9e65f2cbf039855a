"""Which intercept is fitted to which figure of the plan. Nothing else in the project is fitted by a program.

Every figure here has the role ``calibrated`` in the plan; one that must come out of the model may not stand
here. A figure is met when the simulated one rounds to what the plan states.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.core.language import mark


@dataclass(frozen=True)
class Fitted:
    """One free intercept and the figure it is fitted to.

    Attributes
    ----------
    fact : str
        Id of the plan's figure.
    key : str
        The intercept, on the scale of log-odds.
    figure : str
        The simulated counterpart by its name in tables of results: a share between 0 and 1, or a ratio.
    stated : float
        What the plan says, as a share or a ratio.
    within : float
        Half a unit of the last digit stated: a figure this near rounds to the plan's.
    what : str
        The plan's statement in words.
    ratio : bool
        Whether the figure is a ratio above 0, whose logarithm moves with the intercept, and not a share.
    """

    fact: str
    key: str
    figure: str
    stated: float
    within: float
    what: str
    ratio: bool = False

    def written(self, value: float) -> str:
        """A value of this figure as it is told: a share in percent, a ratio as it is."""
        return f"{value:.2f}" if self.ratio else f"{100 * value:.2f}%"


FITTED: tuple[Fitted, ...] = (
    Fitted(
        "F007",
        "platforms.xiaohongshu.order_offset",
        "order_conversion_public_xiaohongshu_expected",
        0.052,
        0.0005,
        mark("Xiaohongshu seeding notes convert"),
    ),
    Fitted(
        "F008",
        "platforms.jd.order_offset",
        "order_conversion_public_jd_expected",
        0.018,
        0.0005,
        mark("traditional e-commerce converts"),
    ),
    Fitted(
        "F037",
        "platforms.wechat.order_offset",
        "order_conversion_public_wechat_expected",
        0.036,
        0.0005,
        mark("acquaintance selling in WeChat converts"),
    ),
    Fitted(
        "F040",
        "catalog.rural.order_offset",
        "order_conversion_public_rural_expected",
        0.012,
        0.0005,
        mark("rural produce converts in social distribution"),
    ),
    # stated as "only 2%": the last digit is the percent, which would leave anything from 1.5 to 2.5
    Fitted(
        "F066",
        "choice.order_friend",
        "order_conversion_share_expected",
        0.02,
        0.001,
        mark("visits by ordinary shares convert"),
    ),
    # revenue by last touch over the bill for media there
    Fitted(
        "F101",
        "platforms.douyin.order_offset",
        "marketing_roi_douyin",
        3.2,
        0.05,
        mark("merchants' return on Douyin"),
        ratio=True,
    ),
)

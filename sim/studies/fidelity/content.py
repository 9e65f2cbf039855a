"""Figures of the plan on content: inputs, and whether they arrive in what is shown, clicked and made."""

from __future__ import annotations

from sim.studies.fidelity.counts import change, kpi
from sim.studies.fidelity.figure import Figure


def content() -> tuple[Figure, ...]:
    """Figures of content, which are inputs: whether they arrive, or with which sign they come through."""
    clicks_of = "content_pool_clicks_per_impression"
    matched, finished = "content_pool_match", "content_pool_completion_mixed"
    tested = change("pool with data", "content_pool_tested_share", "pool")
    videos = change("pool with videos", clicks_of, "pool")
    everywhere = change("pool on all platforms", clicks_of, "pool")
    cheaper = change("pieces at stations", "studio_unit_cost", "pieces by hand")
    return (
        Figure(
            "F057",
            "content that matches",
            0.91,
            "share",
            "input",
            "impressions filled as preferred, with all behaviour data",
            kpi("pool with data", matched),
        ),
        Figure(
            "F058",
            "more clicks on trial products",
            0.52,
            "change",
            "input",
            "clicks of all impressions, with a video for each known viewer against none",
            videos,
            cause="only viewers who are known are shown one, and only where they prefer the goods",
        ),
        Figure(
            "F059",
            "more exposure of what was tested",
            0.88,
            "change",
            "input",
            "share of impressions, preferred against not",
            tested,
        ),
        Figure(
            "F060",
            "completion of mixed content",
            0.65,
            "share",
            "input",
            "mixed pieces watched to the end by those who stay",
            kpi("pool", finished),
        ),
        Figure(
            "F083",
            "conversion with content for each platform",
            0.12,
            "change",
            "input",
            "clicks for each impression, adapted to all platforms against none",
            everywhere,
            cause="a fifth of the pieces is at home on each platform without it",
        ),
        Figure(
            "F084",
            "risk of unreviewed machine content",
            0.35,
            "share",
            "input",
            "wrong ones of sensitive claims",
            kpi("pieces at stations", "studio_wrong"),
        ),
        Figure(
            "F085",
            "cost of content at three stations",
            -0.40,
            "change",
            "input",
            "cost of a finished piece, against busy writers",
            cheaper,
        ),
    )

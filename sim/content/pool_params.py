"""Numbers of the pool of content: what is made, what viewers make of it, and what the recommender knows."""

from __future__ import annotations

from functools import partial
from typing import Literal

from sim.core.params import Params, constant, lever, uncertainty

_unknown = partial(uncertainty, scope="strategy")
_held = partial(constant, scope="strategy")


class PoolOfContentParams(Params):
    """Pieces of content that fill feeds and media."""

    enabled: bool = lever(False, "switch", "definition")
    """Feeds and media are filled from a pool of pieces."""

    pieces: float = lever(6.0, "pieces/day", "A-1130", ge=0, le=100, span=(2, 20))
    """Pieces that people make by hand; more than usual are paid for, fewer save nothing of the bill."""

    usual_pieces: float = _held(6.0, "pieces/day", "A-1131", ge=0.1, le=100)
    """Pieces that the content bill pays for."""

    piece_cost: float = _unknown(
        0.1,
        "CNY/piece/1,000 people",
        "A-1132; 100 CNY for a brand of a million",
        ge=0,
        le=100,
        span=(0.03, 0.5),
    )
    """Making one piece more, whose cost is spread over all whom it may be shown."""

    original: float = lever(0.0, "share of pieces", "S005", ge=0, le=1, span=(0, 0.6))
    """Pieces made to look like nothing else, at a premium."""

    original_premium: float = _unknown(2.0, "ratio", "A-1133", ge=0, le=20, span=(0.5, 5))
    """What that costs beside the cost of a piece."""

    duplication: float = _unknown(0.70, "share of pieces", "F011", ge=0, le=1)
    """Pieces that look like what everybody shows, unless they are made to be original."""

    common_looks: int = _held(3, "looks/category", "A-1134", ge=1, le=100)
    """Looks that everybody shows."""

    copied_days: float = _unknown(14.0, "days", "A-1135", ge=0.5, le=365, span=(5, 40))
    """Time constant with which others take up a look that was new."""

    elsewhere: float = _unknown(1.5, "impressions/person", "A-1136", ge=0, le=100, span=(0.5, 4))
    """Impressions of a common look that somebody has seen of late from others than the brand."""

    tires: float = _unknown(0.25, "log patience/impression", "A-1137", ge=0, le=5, span=(0.1, 0.5))
    """Patience lost for each impression of the same look that is remembered."""

    memory_days: float = _unknown(7.0, "days", "A-1138", ge=0.5, le=90, span=(3, 14))
    """Time constant with which looks are forgotten."""

    attention: float = _unknown(3.0, "seconds", "F012", ge=0.1, le=60)
    """Mean time that a viewer gives a piece to come to the point; exponential, so that most leave early."""

    hook: float = _unknown(2.0, "seconds", "A-1139", ge=0.1, le=30, span=(1, 3))
    """Median time until a piece comes to the point."""

    hook_spread: float = _unknown(0.5, "log seconds", "A-1140", ge=0, le=2, span=(0.2, 0.8))
    """How much pieces differ in that (normal in logs)."""

    seconds: float = _unknown(20.0, "seconds", "A-1141", ge=1, le=600, span=(10, 60))
    """Further time for which whoever stays to the end watches."""

    half_life: float = _unknown(3.0, "days", "A-1142", ge=0.1, le=90, span=(1, 7))
    """Age at which a piece is shown half as often."""

    kept_days: int = _held(21, "days", "A-1143", ge=1, le=365)
    """Age at which a piece leaves the pool."""

    missed: float = _unknown(0.4, "ratio", "A-1144", ge=0, le=1, span=(0.2, 0.7))
    """Clicks on a piece about something else than the viewer prefers, relative to one that is."""

    learn: float = lever(0.0, "share of people", "S032", ge=0, le=1, span=(0, 1))
    """People whose behaviour is collected to tell what they prefer."""

    learn_cost: float = _unknown(0.5, "CNY/1,000 people/day", "A-1145", ge=0.01, le=100, span=(0.2, 2))
    """Collecting and using it, for everybody."""

    full_accuracy: float = _held(0.91, "share", "F057", ge=0, le=1)
    """Impressions filled with what the viewer prefers, with all the data there could be."""

    learn_enough: float = _unknown(1.0, "pieces watched/person", "A-1146", ge=0.01, le=1000, span=(0.3, 3))
    """Data with which nearly two thirds of what they can add are reached."""

    learn_days: float = _unknown(30.0, "days", "A-1147", ge=1, le=365, span=(14, 90))
    """Time constant with which data grow old."""

    trial_videos: float = lever(0.0, "videos/1,000 people/day", "S033", ge=0, le=10_000, span=(0, 200))
    """Videos that show the viewer with the goods, each made for one registered person and shown once."""

    trial_cost: float = _unknown(0.05, "CNY/video", "A-1148", ge=0.001, le=100, span=(0.02, 0.3))
    """Making one."""

    trial_gain: float = _held(0.52, "share of clicks", "F058", ge=0, le=5)
    """Clicks gained where the video meets what the viewer prefers."""

    tested: float = lever(0.1, "share of pieces", "S035", ge=0, le=1, span=(0, 0.6))
    """Pieces that show a real test of the goods."""

    tested_premium: float = _unknown(1.5, "ratio", "A-1149; goods, time, somebody who tests", ge=0, le=20)
    """What that costs beside the cost of a piece."""

    usual_tested: float = _held(0.1, "share of pieces", "A-1150", ge=0, le=1)
    """Such pieces among those that the content bill pays for."""

    tested_notes: float = _unknown(1.0, "notes/visit", "A-1151", ge=0, le=10, span=(0.3, 2))
    """Notes that a visitor has read who came by a tested piece."""

    tilt: float = lever(0.0, "ratio", "S035", ge=0, le=3, span=(0, 1))
    """How far feeds prefer tested pieces: 1 = exposure rises by ``tilt_gain``. Others are shown the less."""

    tilt_gain: float = _held(0.88, "share of exposure", "F059", ge=0, le=10)
    """Exposure that tested pieces gain."""

    scene: float = lever(0.0, "share of pieces without a test", "S035", ge=0, le=1, span=(0, 0.6))
    """Pieces that show a scene of use, which the usual content does not."""

    scene_premium: float = _unknown(
        0.5,
        "ratio",
        "A-1440; a place and people, but no goods that are used up",
        ge=0,
        le=20,
        span=(0.2, 1.5),
    )
    """What that costs beside the cost of a piece."""

    scene_notes: float = _unknown(
        0.3, "notes/visit", "A-1441; says less than a test", ge=0, le=10, span=(0, 1)
    )
    """Notes that a visitor has read who came by a piece with a scene of use."""

    scene_tilt: float = lever(0.0, "ratio", "S035", ge=0, le=3, span=(0, 1))
    """How far feeds prefer scenes of use: 1 = exposure rises by ``scene_gain``. Others are shown the less."""

    scene_gain: float = _unknown(
        0.4,
        "share of exposure",
        "A-1442; the plan has a figure for tests alone, and names scenes second",
        ge=0,
        le=10,
        span=(0.1, 0.88),
    )
    """Exposure that scenes of use gain."""

    list_size: int = lever(0, "pieces", "S035", ge=0, le=100, span=(0, 10))
    """Places on a list of the pieces that brought most visits of late; 0 = no list."""

    list_hours: float = lever(24.0, "hours", "S035", ge=24, le=720, span=(24, 168))
    """Age at which the list is made anew, in the morning."""

    list_gain: float = _unknown(
        0.5,
        "share of exposure",
        "A-1443; nobody says what the first place brings",
        ge=0,
        le=10,
        span=(0.1, 2),
    )
    """Exposure that the first place adds; others about the same are shown the less."""

    list_fall: float = _unknown(
        1.0, "ratio", "A-1444; clicks by place fall about as its inverse", ge=0, le=5, span=(0.5, 1.5)
    )
    """Power of the place with which what it adds falls."""

    list_days: float = _unknown(3.0, "days", "A-1445", ge=0.5, le=90, span=(1, 7))
    """Time constant with which visits that count for the list fade."""

    machine_click: float = _unknown(0.18, "share of clicks", "F081", ge=0, le=2)
    """Clicks gained by copy that a machine wrote, before anybody resists it."""

    defence: float = _unknown(0.08, "log patience/impression", "A-1152", ge=0, le=5, span=(0.02, 0.2))
    """Patience with machine copy lost for each impression of it that is remembered."""

    defence_days: float = _unknown(14.0, "days", "A-1153", ge=0.5, le=365, span=(7, 40))
    """Time constant with which resistance to machine copy fades."""

    soothes: float = _unknown(0.3, "log resistance/impression", "A-1154", ge=0, le=5, span=(0, 1))
    """Resistance that an impression of a user's story with an expert's word takes."""

    adapted: int = lever(0, "platforms/piece", "S056", ge=0, le=6, span=(0, 4))
    """Further platforms that a piece is adapted to."""

    adapted_cost: float = _unknown(0.02, "CNY/piece/platform/1,000 people", "A-1155", ge=0.001, le=100)
    """Adapting one piece to one platform."""

    misfit: float = _unknown(0.107, "share of clicks", "F083; 12% more where it fits", ge=0, le=1)
    """Clicks lost where a piece is shown on a platform that it was not made for."""

    allocation: Literal["even", "measured"] = lever("even", "rule", "S056")
    """Which platforms pieces are made for: all alike, or those whose answers were largest so far."""

    feedback_days: int = _unknown(2, "days", "A-1156", ge=1, le=30, span=(1, 7))
    """Age of the latest answers that are known when pieces are made."""

    answer_days: int = _held(14, "days", "A-1157", ge=2, le=90)
    """Days of answers that are looked at."""

    explore: float = _unknown(0.1, "share of pieces", "A-1158", ge=0, le=1, span=(0.05, 0.3))
    """Pieces for which platforms are chosen by chance all the same."""

    def usual(self) -> PoolOfContentParams:
        """These numbers with every lever as the usual content has it, which the content bill pays for."""
        off = ("original", "scene", "tilt", "scene_tilt", "learn", "trial_videos", "list_size", "adapted")
        usual = {"pieces": self.usual_pieces, "tested": self.usual_tested, "allocation": "even"}
        return self.model_copy(update=dict.fromkeys(off, 0) | usual)

"""The arithmetic of a pool of content: who stays, which piece is shown, and how resistance moves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


def stays(hook: np.ndarray, patience: np.ndarray) -> np.ndarray:
    """Share of viewers who are still there when a piece comes to the point.

    A viewer's patience is exponential; who runs out of it first has left (a service with abandonment).

    Parameters
    ----------
    hook : float64[n_pieces]
        Seconds until the point.
    patience : float64[..., n_pieces]
        Mean patience, seconds.
    """
    share: np.ndarray = np.exp(-hook / patience)
    return share


def dwell(hook: np.ndarray, patience: np.ndarray) -> np.ndarray:
    """Mean seconds until a viewer leaves or the piece comes to the point, whichever is first."""
    seconds: np.ndarray = patience * (1.0 - np.exp(-hook / patience))
    return seconds


def standing(age: np.ndarray, half_life: float, category: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Weight of each piece in the feed, float64[n_pieces], sums to 1.

    Parameters
    ----------
    age : float64[n_pieces]
        Days.
    half_life : float
        Age at which a piece weighs half, days.
    category : int64[n_pieces]
        What each is about; what the feed prefers takes from others about the same.
    gain : float64[n_pieces]
        By which share the feed wants to raise each one's exposure, at least 0. Those above 0 are shown all
        that is shown of a category at most, each in proportion to what is wanted of it.
    """
    weight = 0.5 ** (np.maximum(age, 0.0) / half_life)
    weight = weight / weight.sum()
    liked = gain > 0.0
    whole = np.bincount(category, weight)[category]
    part = np.bincount(category, weight * liked)[category]
    wanted = np.bincount(category, weight * liked * (1.0 + gain))[category]
    up = (1.0 + gain) * np.divide(whole, wanted, out=np.ones_like(whole), where=wanted > whole)
    others = whole - part
    down = np.divide(np.maximum(whole - wanted, 0.0), others, out=np.ones_like(part), where=others > 0.0)
    tilted: np.ndarray = weight * np.where(liked, up, down)
    return tilted


class Filled(NamedTuple):
    """Shares of a group's impressions, float64[n_groups, n_pieces]: filled as preferred, and otherwise."""

    right: np.ndarray
    other: np.ndarray


def fill(weight: np.ndarray, category: np.ndarray, prefers: np.ndarray, accuracy: float) -> Filled:
    """Which pieces fill impressions.

    A share ``accuracy`` shows something of the category that a viewer prefers, as far as the pool has any;
    all others show whatever the feed has.

    Parameters
    ----------
    weight : float64[n_pieces]
        Weight in the feed, sums to 1.
    category : int64[n_pieces]
        What each piece is about.
    prefers : float64[n_groups, n_categories]
        Share of a group's viewers who prefer each category, rows sum to 1.
    accuracy : float
        0..1.
    """
    there = np.bincount(category, weight, prefers.shape[1])
    inside = weight / there[category]
    right = accuracy * prefers[:, category] * inside
    met = right.sum(axis=1, keepdims=True)
    return Filled(right, (1.0 - met) * weight)


def closed(base: float, full: float, data: float, enough: float) -> float:
    """Share of what would not be as preferred that data put right; it rises with data, ever less.

    Parameters
    ----------
    base, full : float
        Share filled as preferred without data, and with all there could be.
    data, enough : float
        Pieces watched a person that are known, and those with which nearly two thirds are reached.
    """
    if base >= 1.0 or full <= base:
        return 0.0
    return (full - base) / (1.0 - base) * (1.0 - float(np.exp(-data / enough)))


def resistance(
    level: np.ndarray, machine: np.ndarray, stories: np.ndarray, keep: float, soothes: float
) -> np.ndarray:
    """Tomorrow's resistance to machine copy: it fades, stories take some, machine copy adds.

    Parameters
    ----------
    level : float64[n_groups]
        Impressions of machine copy that are remembered.
    machine, stories : float64[n_groups]
        Impressions a person today of machine copy, and of stories with an expert's word.
    keep : float
        Share of it that a day leaves.
    soothes : float
        Log of the share that one impression of a story takes.
    """
    moved: np.ndarray = level * keep * np.exp(-soothes * stories) + machine
    return moved


def best_platforms(answers: np.ndarray, delay: int, among: np.ndarray) -> np.ndarray:
    """Platforms by the answers known so far, the most first; those that are alike in the order given.

    Parameters
    ----------
    answers : float64[n_days, n_platforms]
        Visits of the last days, newest last.
    delay : int
        Days of which nothing is known yet.
    among : int64[k]
        Platforms that have feeds.
    """
    known = answers[: max(0, len(answers) - delay)]
    score = known.sum(axis=0) if len(known) else np.zeros(answers.shape[1])
    ranked: np.ndarray = among[np.argsort(-score[among], kind="stable")]
    return ranked

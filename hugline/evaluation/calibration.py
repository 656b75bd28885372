"""Whether confidences mean what they say, and what an answer given only when sure would be worth."""

from typing import Any

import numpy as np
import numpy.typing as npt

BINS = 10  # of equal width: (0, 0.1], (0.1, 0.2], ..., (0.9, 1]
POINTS = 50  # of the abstain curve, at most

Floats = npt.NDArray[np.float64]


def reliability(confidence: Floats, right: Floats) -> list[dict[str, Any]]:
    """Mean confidence beside accuracy in each bin of confidence that holds rows; both arguments are [N], `right` is 0 or 1."""
    edges = np.arange(BINS + 1) / BINS
    bins = np.digitize(confidence, edges[1:-1], right=True)
    return [
        {
            "low": float(edges[i]),
            "high": float(edges[i + 1]),
            "rows": int((bins == i).sum()),
            "confidence": float(confidence[bins == i].mean()),
            "accuracy": float(right[bins == i].mean()),
        }
        for i in np.unique(bins)
    ]


def ece(confidence: Floats, right: Floats) -> float:
    """Expected calibration error: the mean distance of confidence and accuracy over bins, weighted by their rows.

    Naeini et al., "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI 2015; Guo et al.,
    "On Calibration of Modern Neural Networks", ICML 2017, eq. 3.
    """
    return sum(found["rows"] * abs(found["accuracy"] - found["confidence"]) for found in reliability(confidence, right)) / len(confidence)


def abstain_threshold(confidence: Floats, right: Floats, sure: float) -> float | None:
    """The smallest confidence from which the accuracy of the answers that stay is at least `sure`; None if none reaches it.

    0.0 where all answers together reach it.
    """
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order]
    accuracy = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    last = np.append(ranked[1:] != ranked[:-1], True)[: len(ranked)]  # equal confidences stay or go together
    reached = np.flatnonzero(last & (accuracy >= sure))
    if not len(reached):
        return None
    return 0.0 if reached[-1] == len(order) - 1 else float(ranked[reached[-1]])


def abstain_at(confidence: Floats, right: Floats, threshold: float | None) -> dict[str, float | None]:
    """The share of the answers that are at least this sure, and their accuracy; None where none is."""
    stay = np.zeros(len(confidence), bool) if threshold is None else confidence >= threshold
    return {"threshold": threshold, "coverage": float(stay.mean()), "accuracy": float(right[stay].mean()) if stay.any() else None}


def abstain_curve(confidence: Floats, right: Floats) -> list[dict[str, float | None]]:
    """Coverage and accuracy at thresholds that leave evenly spread shares of the answers, from all of them down."""
    ranked = -np.sort(-confidence)
    count = len(ranked)
    places = np.unique(np.linspace(count, 1, min(POINTS, count)).round().astype(int))[::-1]
    thresholds = dict.fromkeys(float(ranked[place - 1]) for place in places)
    return [abstain_at(confidence, right, threshold) for threshold in thresholds]

"""Confidence beside accuracy, and answers that are given only when sure."""

import numpy as np
import pytest

from hugline.evaluation.calibration import POINTS, abstain_at, abstain_curve, abstain_threshold, ece, reliability

CONFIDENCE = np.array([0.95, 0.91, 0.62, 0.35])
RIGHT = np.array([1.0, 0.0, 1.0, 0.0])


def test_bins_hold_confidence_beside_accuracy_and_empty_ones_are_left_out() -> None:
    assert reliability(CONFIDENCE, RIGHT) == [
        {"low": 0.3, "high": 0.4, "rows": 1, "confidence": 0.35, "accuracy": 0.0},
        {"low": 0.6, "high": 0.7, "rows": 1, "confidence": 0.62, "accuracy": 1.0},
        {"low": 0.9, "high": 1.0, "rows": 2, "confidence": pytest.approx(0.93), "accuracy": 0.5},
    ]


def test_the_error_of_four_answers() -> None:
    assert ece(CONFIDENCE, RIGHT) == pytest.approx((1 * 0.35 + 1 * 0.38 + 2 * 0.43) / 4)  # 0.3975


def test_answers_that_are_right_as_often_as_they_say_have_no_error() -> None:
    assert ece(np.full(4, 0.75), np.array([1.0, 1.0, 0.0, 1.0])) == 0
    assert ece(np.ones(3), np.ones(3)) == 0


def test_an_edge_belongs_to_the_bin_below_it() -> None:
    found = reliability(np.array([0.0, 0.1, 0.3, 0.7, 0.70001, 1.0]), np.ones(6))
    assert [(line["low"], line["rows"]) for line in found] == [(0.0, 2), (0.2, 1), (0.6, 1), (0.7, 1), (0.9, 1)]


@pytest.mark.parametrize(
    ("sure", "threshold"),
    [
        (1.0, 0.95),  # only the first
        (0.6, 0.62),  # two of three
        (0.5, 0.0),  # all four
        (0.67, 0.95),
    ],
)
def test_the_threshold_is_the_smallest_confidence_that_is_accurate_enough(sure: float, threshold: float) -> None:
    assert abstain_threshold(CONFIDENCE, RIGHT, sure) == threshold


def test_no_threshold_where_none_is_accurate_enough() -> None:
    assert abstain_threshold(CONFIDENCE, np.array([0.0, 1.0, 0.0, 0.0]), 0.6) is None
    assert abstain_threshold(np.array([]), np.array([]), 0.6) is None


def test_equal_confidences_stay_or_go_together() -> None:
    # alone, the first of the two would reach 1.0
    assert abstain_threshold(np.array([0.9, 0.9, 0.5]), np.array([1.0, 0.0, 1.0]), 0.9) is None
    assert abstain_threshold(np.array([0.5, 0.9, 0.5]), np.array([0.0, 1.0, 1.0]), 0.9) == 0.9


def test_coverage_and_accuracy_at_a_threshold() -> None:
    assert abstain_at(CONFIDENCE, RIGHT, 0.62) == {"threshold": 0.62, "coverage": 0.75, "accuracy": pytest.approx(2 / 3)}
    assert abstain_at(CONFIDENCE, RIGHT, 0.99) == {"threshold": 0.99, "coverage": 0.0, "accuracy": None}
    assert abstain_at(CONFIDENCE, RIGHT, None) == {"threshold": None, "coverage": 0.0, "accuracy": None}


def test_the_curve_begins_with_all_answers_and_ends_with_the_surest() -> None:
    assert abstain_curve(np.array([0.5, 0.9, 0.9, 0.7]), np.array([0.0, 1.0, 0.0, 1.0])) == [
        {"threshold": 0.5, "coverage": 1.0, "accuracy": 0.5},
        {"threshold": 0.7, "coverage": 0.75, "accuracy": pytest.approx(2 / 3)},
        {"threshold": 0.9, "coverage": 0.5, "accuracy": 0.5},
    ]


def test_the_curve_of_many_answers_has_few_points() -> None:
    curve = abstain_curve(np.linspace(0, 1, 1001), np.ones(1001))
    shares = [point["coverage"] for point in curve]
    assert len(curve) == POINTS and shares == sorted(shares, reverse=True)
    assert (shares[0], shares[-1]) == (1.0, pytest.approx(1 / 1001))

"""Two answers agree up to the rounding of another processor, or the difference is told."""

from typing import Any

import pytest

from hugline.core.answers import TOLERANCE, differs


@pytest.mark.parametrize(
    ("found", "wanted", "difference"),
    [
        ({"label": "a", "score": 0.5}, {"label": "a", "score": 0.5 + TOLERANCE / 2}, ""),
        ({"label": "a", "score": 0.5}, {"label": "a", "score": 0.502}, "answer.score is 0.50000, expected 0.50200"),
        ({"label": "a"}, {"label": "b"}, "answer.label is 'a', expected 'b'"),
        ({"label": "a"}, {"label": "a", "score": 0.1}, "answer has ['label'], expected ['label', 'score']"),
        ({"scores": {"x": 1.0}}, {"scores": {"x": 0.0}}, "answer.scores.x is 1.00000, expected 0.00000"),
        ({"score": float("nan")}, {"score": 0.5}, "answer.score is nan, expected 0.50000"),
        ({"score": 1}, {"score": 1.0}, ""),
        ({"score": "1"}, {"score": 1.0}, "answer.score is '1', expected 1.0"),
        ({"score": None}, {"score": {"x": 1}}, "answer.score is None, expected {'x': 1}"),
    ],
)
def test_a_difference_is_told_in_words(found: Any, wanted: Any, difference: str) -> None:
    assert differs(found, wanted) == difference

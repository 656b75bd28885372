"""The paired bootstrap agrees with resampling row by row."""

import numpy as np
import pytest

from hugline.evaluation import compare
from hugline.evaluation.compare import Interval, paired_bootstrap

RESAMPLES = 20_000


def draw(seed: int, kind: str, rows: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Scores of two models: 0 or 1, or any number."""
    random = np.random.default_rng(seed)
    if kind == "hits":
        return (random.random(rows) < 0.8).astype(float), (random.random(rows) < 0.6).astype(float)
    return random.normal(0.3, 1, rows), random.normal(0, 1, rows)


@pytest.mark.parametrize("kind", ["hits", "numbers"])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_interval_agrees_with_resampling_row_by_row(kind: str, confidence: float) -> None:
    ours, theirs = draw(1, kind)
    difference = ours - theirs
    rows = np.random.default_rng(2).integers(0, 60, (RESAMPLES, 60))
    low, high = np.quantile(difference[rows].mean(1), [(1 - confidence) / 2, (1 + confidence) / 2])
    found = paired_bootstrap(ours, theirs, confidence, RESAMPLES, 3)
    # four standard errors of a quantile at 2.5% from 20,000 draws, twice, and for hits the step between two means
    error = 0.11 * difference.std() / 60**0.5 + (1 / 60 if kind == "hits" else 0)
    assert found.mean == pytest.approx(difference.mean())
    assert (found.low, found.high) == (pytest.approx(low, abs=error), pytest.approx(high, abs=error))
    assert low < found.mean < high


def test_equal_scores_have_no_gain_at_all() -> None:
    ours = draw(1, "hits")[0]
    assert paired_bootstrap(ours, ours, 0.95, 1000, 1) == Interval(0.0, 0.0, 0.0)


def test_an_equal_gain_of_every_row_is_exact() -> None:
    assert paired_bootstrap(np.ones(7), np.zeros(7), 0.95, 1000, 1) == Interval(1.0, 1.0, 1.0)


def test_rows_are_compared_in_pairs() -> None:
    """Both models swing alike from row to row: unpaired, their difference would drown in it."""
    swing = np.array([0.0, 100.0] * 20)
    found = paired_bootstrap(swing + 1, swing, 0.95, 1000, 1)
    assert (found.low, found.high) == (1.0, 1.0)


def test_a_seed_gives_one_interval_and_another_seed_another() -> None:
    ours, theirs = draw(1, "numbers")
    one, two, other = (paired_bootstrap(ours, theirs, 0.95, 1000, seed) for seed in (1, 1, 2))
    assert one == two
    assert one != other


def test_swapping_the_models_mirrors_the_interval() -> None:
    ours, theirs = draw(1, "hits")
    there, back = paired_bootstrap(ours, theirs, 0.95, RESAMPLES, 1), paired_bootstrap(theirs, ours, 0.95, RESAMPLES, 1)
    assert back.mean == pytest.approx(-there.mean)
    assert (back.low, back.high) == (pytest.approx(-there.high, abs=1 / 60), pytest.approx(-there.low, abs=1 / 60))


def test_drawing_in_chunks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = draw(1, "numbers")
    at_once = paired_bootstrap(ours, theirs, 0.95, 1000, 1)
    monkeypatch.setattr(compare, "CHUNK", 500)
    assert paired_bootstrap(ours, theirs, 0.95, 1000, 1) == at_once


@pytest.mark.parametrize(("ours", "theirs"), [(3, 2), (0, 0)])
def test_scores_of_other_rows_are_refused(ours: int, theirs: int) -> None:
    with pytest.raises(ValueError, match=f"scores of the same rows, found {ours} and {theirs}"):
        paired_bootstrap(np.zeros(ours), np.zeros(theirs), 0.95, 100, 1)


def test_an_interval_goes_to_json_by_name() -> None:
    assert Interval(0.1, 0.0, 0.2).as_dict() == {"mean": 0.1, "low": 0.0, "high": 0.2}

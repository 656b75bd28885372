"""Suspected label errors: planted ones are found, on probabilities that never saw the row."""

import warnings
from collections.abc import Sequence

import numpy as np
import pytest

from hugline.evaluation.suspects import Suspects, find_suspects

NAMES = ("billing", "delivery", "returns")


def clusters(count: int, names: Sequence[str] = NAMES, spread: float = 0.7, seed: int = 0) -> tuple[np.ndarray, list[str]]:
    """Vectors [count, 16] around one center a label, in turns."""
    random = np.random.default_rng(seed)
    centers = random.normal(size=(len(names), 16))
    labels = [names[i % len(names)] for i in range(count)]
    vectors = centers[np.arange(count) % len(names)] + spread * random.normal(size=(count, 16))
    return vectors.astype(np.float32), labels


def flipped(labels: list[str], rows: Sequence[int], names: Sequence[str] = NAMES) -> list[str]:
    return [names[(names.index(label) + 1) % len(names)] if i in rows else label for i, label in enumerate(labels)]


def test_planted_errors_are_among_the_first_suspects_with_the_label_they_had() -> None:
    vectors, labels = clusters(200)
    planted = [3, 40, 77, 110, 150, 199]
    found = find_suspects(vectors, flipped(labels, planted), seed=1)
    assert len(set(found.indices[:8]) & set(planted)) >= 5
    assert all(label == labels[i] for i, label in zip(found.indices, found.suggested, strict=True) if i in planted)
    assert found.rows == 200
    assert found.accuracy == pytest.approx(194 / 200, abs=0.02)
    assert found.share == len(found.indices) / 200
    assert 0.02 <= found.share <= 0.05


def test_suspects_are_ranked_by_self_confidence() -> None:
    vectors, labels = clusters(200, spread=1.5)
    found = find_suspects(vectors, flipped(labels, range(0, 200, 9)), seed=1)
    assert len(found.confidence) == len(found.indices) > 10
    assert found.confidence == sorted(found.confidence)
    assert found.confidence[-1] < 0.5


def test_clean_labels_raise_no_suspicion() -> None:
    vectors, labels = clusters(200, spread=0.2)
    assert find_suspects(vectors, labels, seed=1) == Suspects(200, 1.0, [], [], [])


def test_probabilities_are_out_of_fold() -> None:
    """Vectors that tell nothing of the labels: a model that had seen the row would remember it (48 rows, 64 numbers each)."""
    random = np.random.default_rng(0)
    vectors, labels = random.normal(size=(48, 64)).astype(np.float32), ["a", "b"] * 24
    found = find_suspects(vectors, labels, seed=1)
    assert found.accuracy is not None and 0.2 < found.accuracy < 0.8


@pytest.mark.parametrize("rare", [2, 3, 4])
def test_a_label_with_few_rows_bounds_the_folds(rare: int) -> None:
    vectors, labels = clusters(60)
    keep = [i for i, label in enumerate(labels) if label != "returns"] + [i for i, label in enumerate(labels) if label == "returns"][:rare]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # scikit-learn warns of folds that lack a label
        found = find_suspects(vectors[keep], [labels[i] for i in keep], seed=1)
    assert found.rows == 40 + rare


def test_a_label_with_one_row_is_not_judged_and_positions_stay() -> None:
    vectors, labels = clusters(100, NAMES[:2], spread=0.3)
    noisy = ["alone", *flipped(labels, [9, 50], NAMES[:2])[1:]]
    found = find_suspects(vectors, noisy, seed=1)
    assert found.rows == 99
    assert sorted(found.indices) == [9, 50]


@pytest.mark.parametrize("labels", [[], ["a"], ["a", "b"], ["a", "a", "b"], ["a"] * 4])
def test_without_two_labels_of_two_rows_nothing_is_judged(labels: list[str]) -> None:
    found = find_suspects(np.ones((len(labels), 3), np.float32), labels, seed=1)
    assert found == Suspects(0, None, [], [], [])
    assert found.share is None


def test_the_same_inputs_give_the_same_suspects_and_another_seed_other_folds() -> None:
    vectors, labels = clusters(120, spread=1.5)
    one, two, other = (find_suspects(vectors, labels, seed) for seed in (1, 1, 2))
    assert one == two
    assert one.confidence != other.confidence
    assert {type(value) for value in (*one.indices, *one.confidence, *one.suggested)} == {int, float, str}


def test_a_zero_vector_and_equal_vectors_are_judged() -> None:
    vectors, labels = clusters(60)
    vectors[0], vectors[1:4] = 0, vectors[1]
    assert find_suspects(vectors, labels, seed=1).rows == 60

"""Baselines: cheap answers in the task's own form."""

from typing import Any

import numpy as np
import pytest

from hugline.evaluation import baselines
from hugline.evaluation.baselines import BASELINES, SEPARATOR, Evidence, majority, probe, tfidf
from hugline.tasks.sequence_classification import SequenceClassification

TASK = SequenceClassification(labels=["returns", "delivery"])  # not sorted
PAIRS = SequenceClassification(labels=["returns", "delivery"], pair=True)


def probabilities(outputs: dict[str, Any]) -> np.ndarray:
    return np.exp(outputs["logits"])


def rows(count: int) -> list[dict[str, Any]]:
    """Rows whose label is the word in them."""
    return [{"text": f"my {label} number {i}", "text_pair": "x", "label": label} for i in range(count) for label in ("returns", "delivery")]


def evidence(train: list[Any], test: list[Any], vectors: Any = None) -> Evidence:
    """Without vectors, a baseline that asks for some fails."""
    return Evidence(train, test, vectors, seed=1)


def labels_of(task: SequenceClassification, outputs: dict[str, Any]) -> list[str]:
    nothing: Any = None
    answers: Any = task.decode(outputs, nothing, nothing, nothing)
    return [answer.label for answer in answers]


def test_every_baseline_of_a_task_is_there() -> None:
    assert set(TASK.baselines) <= set(BASELINES)


def test_majority_gives_every_row_the_frequencies_of_the_training_labels() -> None:
    train = [{"label": "delivery"}] * 3 + [{"label": "returns"}]
    assert probabilities(majority(TASK, evidence(train, rows(1)))) == pytest.approx(np.array([[0.25, 0.75]] * 2))
    assert labels_of(TASK, majority(TASK, evidence(train, rows(2)))) == ["delivery"] * 4


@pytest.mark.parametrize("count", [1, 2, 5])
def test_tfidf_learns_a_word_with_and_without_rows_enough_to_cross_validate(count: int) -> None:
    found = tfidf(TASK, evidence(rows(count), rows(3)))
    assert labels_of(TASK, found) == ["returns", "delivery"] * 3
    assert probabilities(found).sum(1) == pytest.approx(np.ones(6))


def test_tfidf_is_scikit_learns() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    train, test = rows(2), [{"text": "a returns number of my delivery"}]
    vectorizer = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b")
    model = LogisticRegression(max_iter=1000).fit(vectorizer.fit_transform([row["text"] for row in train]), [0, 1, 0, 1])
    assert probabilities(tfidf(TASK, evidence(train, test))) == pytest.approx(model.predict_proba(vectorizer.transform([test[0]["text"]])))


def test_tfidf_knows_words_of_one_letter_and_word_pairs() -> None:
    train = [{"text": "a b", "label": "returns"}, {"text": "b a", "label": "delivery"}] * 2
    assert labels_of(TASK, tfidf(TASK, evidence(train, [{"text": "a b"}, {"text": "b a"}]))) == ["returns", "delivery"]


def test_tfidf_sees_both_texts_of_a_pair() -> None:
    train = [{"text": "x", "text_pair": row["text"], "label": row["label"]} for row in rows(3)]
    assert labels_of(PAIRS, tfidf(PAIRS, evidence(train, train[:2]))) == ["returns", "delivery"]
    assert SEPARATOR.strip() == ""


def test_tfidf_twice_is_the_same() -> None:
    one, two = (tfidf(TASK, evidence(rows(4), rows(4)))["logits"] for _ in range(2))
    assert one.tobytes() == two.tobytes()


def test_a_probability_of_0_stays_a_finite_logit() -> None:
    task = SequenceClassification(labels=["a", "b", "c"])
    found = majority(task, evidence([{"label": "a"}, {"label": "c"}], [{}]))
    assert np.isfinite(found["logits"]).all()
    assert probabilities(found)[0] == pytest.approx([0.5, 0, 0.5], abs=1e-9)


def by_label(test: list[Any]) -> Any:
    """Vectors of two directions, one a label, of lengths that say nothing."""

    def vectors(split: str, positions: np.ndarray) -> np.ndarray:
        chosen = [rows(30)[i] if split == "train" else test[i] for i in positions]
        return np.array([[i + 1, 0.1] if row["label"] == "returns" else [0.1, 1 / (i + 1)] for i, row in enumerate(chosen)], np.float32)

    return vectors


def test_the_probe_learns_directions_of_the_frozen_vectors() -> None:
    test = rows(3)
    found = probe(TASK, evidence(rows(30), test, by_label(test)))
    assert labels_of(TASK, found) == ["returns", "delivery"] * 3
    assert probabilities(found).sum(1) == pytest.approx(np.ones(6))


def test_the_probe_is_scikit_learns_on_vectors_of_length_1() -> None:
    from sklearn.linear_model import LogisticRegression

    train, test = rows(1), rows(1)  # too few for cross-validation: C is 1
    vectors = by_label(test)("test", np.arange(2))
    model = LogisticRegression(max_iter=1000).fit(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), [0, 1])
    found = probe(TASK, evidence(train, test, lambda split, positions: vectors[positions]))
    assert probabilities(found) == pytest.approx(model.predict_proba(vectors / np.linalg.norm(vectors, axis=1, keepdims=True)), abs=1e-5)


def test_the_probe_sees_a_bounded_number_of_rows_drawn_by_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "PROBE_ROWS", 20)
    asked: list[tuple[str, list[int]]] = []

    def vectors(split: str, positions: np.ndarray) -> np.ndarray:
        asked.append((split, positions.tolist()))
        return by_label(rows(30))(split, positions)

    found = [probe(TASK, evidence(rows(30), rows(3), vectors))["logits"].tobytes() for _ in range(2)]
    (split, drawn), (test, answered) = asked[:2]
    assert (split, len(set(drawn)), drawn == sorted(drawn)) == ("train", 20, True)
    assert (test, answered) == ("test", list(range(6)))
    assert drawn != list(range(20)) and asked[2:] == asked[:2] and found[0] == found[1]


def test_a_label_that_the_probe_did_not_see_gets_no_probability(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "PROBE_ROWS", 20)
    task = SequenceClassification(labels=["rare", "returns", "delivery"])
    train = [{"text": "x", "label": "rare"}, *rows(30)]
    assert 0 not in np.random.default_rng(1).choice(np.arange(61), 20, replace=False)
    others = by_label(rows(1))
    found = probe(task, evidence(train, rows(1), lambda split, positions: others(split, positions - (split == "train"))))
    assert probabilities(found)[:, 0] == pytest.approx([0, 0], abs=1e-9)
    assert labels_of(task, found) == ["returns", "delivery"]

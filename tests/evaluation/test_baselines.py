"""Baselines: cheap answers in the task's own form."""

from typing import Any

import numpy as np
import pytest

from hugline.evaluation.baselines import BASELINES, SEPARATOR, majority, tfidf
from hugline.tasks.sequence_classification import SequenceClassification

TASK = SequenceClassification(labels=["returns", "delivery"])  # not sorted
PAIRS = SequenceClassification(labels=["returns", "delivery"], pair=True)


def probabilities(outputs: dict[str, Any]) -> np.ndarray:
    return np.exp(outputs["logits"])


def rows(count: int) -> list[dict[str, Any]]:
    """Rows whose label is the word in them."""
    return [{"text": f"my {label} number {i}", "text_pair": "x", "label": label} for i in range(count) for label in ("returns", "delivery")]


def labels_of(task: SequenceClassification, outputs: dict[str, Any]) -> list[str]:
    nothing: Any = None
    answers: Any = task.decode(outputs, nothing, nothing, nothing)
    return [answer.label for answer in answers]


def test_every_baseline_of_a_task_is_there() -> None:
    assert set(TASK.baselines) <= set(BASELINES)


def test_majority_gives_every_row_the_frequencies_of_the_training_labels() -> None:
    train = [{"label": "delivery"}] * 3 + [{"label": "returns"}]
    assert probabilities(majority(TASK, train, rows(1))) == pytest.approx(np.array([[0.25, 0.75]] * 2))
    assert labels_of(TASK, majority(TASK, train, rows(2))) == ["delivery"] * 4


@pytest.mark.parametrize("count", [1, 2, 5])
def test_tfidf_learns_a_word_with_and_without_rows_enough_to_cross_validate(count: int) -> None:
    found = tfidf(TASK, rows(count), rows(3))
    assert labels_of(TASK, found) == ["returns", "delivery"] * 3
    assert probabilities(found).sum(1) == pytest.approx(np.ones(6))


def test_tfidf_is_scikit_learns() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    train, test = rows(2), [{"text": "a returns number of my delivery"}]
    vectorizer = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b")
    model = LogisticRegression(max_iter=1000).fit(vectorizer.fit_transform([row["text"] for row in train]), [0, 1, 0, 1])
    assert probabilities(tfidf(TASK, train, test)) == pytest.approx(model.predict_proba(vectorizer.transform([test[0]["text"]])))


def test_tfidf_knows_words_of_one_letter_and_word_pairs() -> None:
    train = [{"text": "a b", "label": "returns"}, {"text": "b a", "label": "delivery"}] * 2
    assert labels_of(TASK, tfidf(TASK, train, [{"text": "a b"}, {"text": "b a"}])) == ["returns", "delivery"]


def test_tfidf_sees_both_texts_of_a_pair() -> None:
    train = [{"text": "x", "text_pair": row["text"], "label": row["label"]} for row in rows(3)]
    assert labels_of(PAIRS, tfidf(PAIRS, train, train[:2])) == ["returns", "delivery"]
    assert SEPARATOR.strip() == ""


def test_tfidf_twice_is_the_same() -> None:
    one, two = (tfidf(TASK, rows(4), rows(4))["logits"] for _ in range(2))
    assert one.tobytes() == two.tobytes()


def test_a_probability_of_0_stays_a_finite_logit() -> None:
    task = SequenceClassification(labels=["a", "b", "c"])
    found = majority(task, [{"label": "a"}, {"label": "c"}], [{}])
    assert np.isfinite(found["logits"]).all()
    assert probabilities(found)[0] == pytest.approx([0.5, 0, 0.5], abs=1e-9)

"""Metrics equal scikit-learn's."""

import numpy as np
import pytest
from sklearn import metrics as reference

from hugline.core.metrics import classification_scores, confusion_matrix, f1_per_label, label_report, log_loss


def draw(seed: int, rows: int, num_labels: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and predictions that are right half of the time."""
    random = np.random.default_rng(seed)
    actual = random.integers(0, num_labels, rows)
    return actual, np.where(random.random(rows) < 0.5, actual, random.integers(0, num_labels, rows))


def test_rows_of_the_confusion_matrix_are_actual_labels() -> None:
    assert confusion_matrix(np.array([0, 0, 1]), np.array([0, 2, 1]), 3).tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]


@pytest.mark.filterwarnings("ignore:A single label was found")
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("rows", "num_labels"), [(1, 2), (7, 5), (200, 2), (500, 30)])
def test_scores_equal_scikit_learns(seed: int, rows: int, num_labels: int) -> None:
    actual, predicted = draw(seed, rows, num_labels)
    confusion = confusion_matrix(actual, predicted, num_labels)
    assert confusion.tolist() == reference.confusion_matrix(actual, predicted, labels=range(num_labels)).tolist()
    assert classification_scores(confusion) == pytest.approx(
        {
            "accuracy": reference.accuracy_score(actual, predicted),
            "macro_f1": reference.f1_score(actual, predicted, average="macro"),
            "mcc": reference.matthews_corrcoef(actual, predicted),
        },
        abs=1e-12,
    )


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
@pytest.mark.parametrize("seed", range(3))
def test_the_report_of_each_label_equals_scikit_learns(seed: int) -> None:
    actual, predicted = draw(seed, 40, 12)
    theirs = reference.precision_recall_fscore_support(actual, predicted, labels=range(12), zero_division=0)
    ours = label_report(confusion_matrix(actual, predicted, 12), [str(i) for i in range(12)])
    assert list(ours) == [str(i) for i in range(12)]
    for name, wanted in zip(("precision", "recall", "f1", "rows"), theirs, strict=True):
        assert [line[name] for line in ours.values()] == pytest.approx(wanted.tolist()), name


def test_a_label_without_rows_has_f1_0_and_stays_out_of_the_mean() -> None:
    confusion = confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 3)
    assert f1_per_label(confusion).tolist() == pytest.approx([2 / 3, 2 / 3, 0])
    assert classification_scores(confusion)["macro_f1"] == pytest.approx(2 / 3)


def test_one_answer_for_every_row_has_no_correlation() -> None:
    assert classification_scores(confusion_matrix(np.array([0, 1]), np.array([0, 0]), 2)) == {"accuracy": 0.5, "macro_f1": pytest.approx(1 / 3), "mcc": 0.0}


def test_log_loss_equals_scikit_learns() -> None:
    random = np.random.default_rng(0)
    scores = random.dirichlet(np.ones(4), 50)
    actual = random.integers(0, 4, 50)
    assert log_loss(scores, actual) == pytest.approx(reference.log_loss(actual, scores, labels=range(4)))


def test_a_score_of_0_for_the_actual_label_costs_much_but_not_infinity() -> None:
    assert log_loss(np.array([[0.0, 1.0]]), np.array([0])) == pytest.approx(-np.log(1e-12))

"""Metrics as sums first and divisions last, so that no batch size can bias them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]


def confusion_matrix(actual: Ids, predicted: Ids, num_labels: int) -> npt.NDArray[np.int64]:
    """Counts [C, C]: rows are the actual label, columns the predicted one."""
    return np.bincount(actual * num_labels + predicted, minlength=num_labels**2).reshape(num_labels, num_labels)


def classification_scores(confusion: npt.NDArray[np.int64]) -> dict[str, float]:
    """Accuracy, macro-averaged F1 and Matthews correlation, equal to scikit-learn's.

    A label that occurs neither as actual nor as predicted stays out of the macro average, as in
    scikit-learn's `f1_score` without `labels`; a label without a true positive counts 0.
    The correlation for C labels: Gorodkin, "Comparing two K-category assignments by a K-category
    correlation coefficient", Computational Biology and Chemistry 28 (2004), eq. 8.
    """
    actual, predicted, hits = confusion.sum(1), confusion.sum(0), np.diag(confusion)
    rows = int(confusion.sum())
    seen = (actual + predicted) > 0
    covariance = float(rows * hits.sum() - actual @ predicted)
    spread = float(rows**2 - predicted @ predicted) * float(rows**2 - actual @ actual)
    return {
        "accuracy": float(hits.sum() / rows),
        "macro_f1": float(f1_per_label(confusion)[seen].mean()),
        "mcc": covariance / float(np.sqrt(spread)) if spread else 0.0,
    }


def f1_per_label(confusion: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """F1 of each label, [C]; 0 where there is nothing to divide by."""
    total = confusion.sum(1) + confusion.sum(0)
    return np.divide(2 * np.diag(confusion), total, out=np.zeros(len(confusion)), where=total > 0)


def label_report(confusion: npt.NDArray[np.int64], labels: Sequence[str]) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and number of rows of each label."""
    hits, actual, predicted = np.diag(confusion), confusion.sum(1), confusion.sum(0)
    f1 = f1_per_label(confusion)
    return {
        name: {
            "precision": float(hits[i] / predicted[i]) if predicted[i] else 0.0,
            "recall": float(hits[i] / actual[i]) if actual[i] else 0.0,
            "f1": float(f1[i]),
            "rows": int(actual[i]),
        }
        for i, name in enumerate(labels)
    }


def log_loss(scores: npt.NDArray[np.float64], actual: Ids) -> float:
    """Mean negative log probability of the actual label; scores [N, C] sum to 1 in each row."""
    return float(-np.log(np.clip(scores[np.arange(len(actual)), actual], 1e-12, 1)).mean())

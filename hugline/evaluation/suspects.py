"""Labels that look wrong: confident learning on probabilities of models that have not seen the row.

Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70 (2021), section 3;
by its authors' library, cleanlab.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hugline.evaluation.vectors import Vectors, unit

FOLDS = 5
# C of logistic regression on vectors of length 1. With 54 of the demo's 1,080 labels changed at random, the first 20
# suspects held 17 of them with C=1, 16 with 10 and 14 with 100.
STRENGTH = 1.0


@dataclass(frozen=True)
class Suspects:
    """Rows whose label looks wrong, the likeliest first, and what they were found among."""

    rows: int  # that could be judged
    accuracy: float | None  # share of them whose label is the folds' own answer; None without rows
    indices: list[int]  # [S] of the suspected rows
    confidence: list[float]  # [S] the folds' probability of the label as it stands, rising
    suggested: list[str]  # [S] the label that the folds would give

    @property
    def share(self) -> float | None:
        """Estimated share of label errors among the rows; None without rows.

        It counts too much where the folds are often wrong, so it is read beside their accuracy.
        """
        return len(self.indices) / self.rows if self.rows else None


def find_suspects(vectors: Vectors, labels: Sequence[str], seed: int) -> Suspects:
    """The rows that confident learning counts off the diagonal of its joint, ranked by self-confidence.

    `vectors` [N, H] must come from a model that was not trained on the labels. Probabilities are out of fold, by logistic
    regression in 5-fold cross-validation, fewer folds where a label has fewer rows. A label with one row can't be
    judged: such rows stay out; with fewer than two labels left nothing is judged.
    """
    from cleanlab.filter import find_label_issues

    counts = Counter(labels)
    judged = np.array([i for i, label in enumerate(labels) if counts[label] > 1], np.int64)
    names, ids = np.unique([labels[i] for i in judged], return_inverse=True)
    if len(names) < 2:
        return Suspects(0, None, [], [], [])
    probabilities = _out_of_fold(vectors[judged], ids, seed)  # [N, C]
    best, confidence = probabilities.argmax(1), probabilities[np.arange(len(ids)), ids]
    suspected = np.flatnonzero(find_label_issues(ids, probabilities, filter_by="confident_learning", n_jobs=1))
    ranked = suspected[np.argsort(confidence[suspected], kind="stable")]
    suggested = [str(name) for name in names[best[ranked]]]
    return Suspects(len(ids), float((best == ids).mean()), judged[ranked].tolist(), confidence[ranked].tolist(), suggested)


def _out_of_fold(vectors: Vectors, ids: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.float64]:
    """The probability of every label for every row, [N, C], from models fitted without the row."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from threadpoolctl import threadpool_limits

    folds = StratifiedKFold(min(FOLDS, int(np.bincount(ids).min())), shuffle=True, random_state=seed)
    model = LogisticRegression(C=STRENGTH, max_iter=1000)
    with threadpool_limits(1):  # matrices this small gain nothing from threads, and on a busy machine they wait for each other: 25 times the time
        found: npt.NDArray[np.float64] = cross_val_predict(model, unit(vectors), ids, cv=folds, method="predict_proba").astype(np.float64)
    return found

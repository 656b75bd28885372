"""What a model must beat: answers that cost little."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hugline.core.task import Outputs, Row, Task
from hugline.evaluation.vectors import Vectors, unit

log = logging.getLogger(__name__)

SEPARATOR = " \n "  # between the texts of a pair
STRENGTHS = [1.0, 10.0, 100.0]  # C of logistic regression: the inverse of its regularization
FOLDS = 3
PROBE_ROWS = 20_000  # training rows that the probe sees, at most


@dataclass(frozen=True)
class Evidence:
    """What baselines may learn from, and the rows to answer."""

    train: Sequence[Row]
    rows: Sequence[Row]  # test
    vectors: Callable[[str, npt.NDArray[np.int64]], Vectors]  # the frozen checkpoint's, of positions in "train" or "test"
    seed: int


Baseline = Callable[[Task, Evidence], Outputs]


def majority(task: Task, evidence: Evidence) -> Outputs:
    """Every row gets the training rows' label frequencies."""
    counts = np.bincount(task.targets(evidence.train))
    return _outputs(np.tile(counts / counts.sum(), (len(evidence.rows), 1)))


def tfidf(task: Task, evidence: Evidence) -> Outputs:
    """Logistic regression on TF-IDF weights of words and word pairs, by scikit-learn; C is chosen by 3-fold cross-validation."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b"), LogisticRegression(max_iter=1000))
    targets = task.targets(evidence.train)
    return _outputs(_fitted(model, "logisticregression__C", _texts(task, evidence.train), targets).predict_proba(_texts(task, evidence.rows)))


def probe(task: Task, evidence: Evidence) -> Outputs:
    """Logistic regression on the frozen checkpoint's mean vectors, of length 1; C as in `tfidf`.

    Of more than 20,000 training rows it sees that many, drawn by the seed: a probe has few weights to learn.
    """
    from sklearn.linear_model import LogisticRegression

    targets, train = task.targets(evidence.train), np.arange(len(evidence.train))
    probabilities = np.zeros((len(evidence.rows), int(targets.max()) + 1))
    if len(train) > PROBE_ROWS:
        log.info("probe: %d of %d training rows", PROBE_ROWS, len(train))
        train = np.sort(np.random.default_rng(evidence.seed).choice(train, PROBE_ROWS, replace=False))
    model = _fitted(LogisticRegression(max_iter=1000), "C", unit(evidence.vectors("train", train)), targets[train])
    probabilities[:, model.classes_] = model.predict_proba(unit(evidence.vectors("test", np.arange(len(evidence.rows)))))
    return _outputs(probabilities)


def _fitted(model: Any, setting: str, inputs: Any, targets: npt.NDArray[np.int64]) -> Any:
    """The model, its C chosen by cross-validation where every label has a row for each fold.

    On one thread: matrices of this size are done sooner than threads have met, 20 to 60 times with the cores busy.
    """
    from sklearn.model_selection import GridSearchCV
    from threadpoolctl import threadpool_limits

    if min(Counter(targets.tolist()).values()) >= FOLDS:
        model = GridSearchCV(model, {setting: STRENGTHS}, cv=FOLDS)
    with threadpool_limits(1):
        return model.fit(inputs, targets)


def _texts(task: Task, rows: Sequence[Row]) -> list[str]:
    return [SEPARATOR.join(str(row[name]) for name in task.Input.model_fields) for row in rows]


def _outputs(probabilities: npt.NDArray[np.float64]) -> Outputs:
    return {"logits": np.log(np.clip(probabilities, 1e-12, None))}


BASELINES: dict[str, Baseline] = {"majority": majority, "tfidf": tfidf, "probe": probe}

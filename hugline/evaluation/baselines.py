"""What a model must beat: answers that cost next to nothing."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from hugline.core.task import Outputs, Row, Task

Baseline = Callable[[Task, Sequence[Row], Sequence[Row]], Outputs]
SEPARATOR = " \n "  # between the texts of a pair


def majority(task: Task, train: Sequence[Row], rows: Sequence[Row]) -> Outputs:
    """Every row gets the training rows' label frequencies."""
    targets = task.targets(train)
    counts = np.bincount(targets, minlength=targets.max() + 1)
    return _outputs(np.tile(counts / counts.sum(), (len(rows), 1)))


def tfidf(task: Task, train: Sequence[Row], rows: Sequence[Row]) -> Outputs:
    """Logistic regression on TF-IDF weights of words and word pairs, by scikit-learn; C is chosen by 3-fold cross-validation."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b"), LogisticRegression(max_iter=1000))
    targets = task.targets(train)
    if Counter(targets.tolist()).most_common()[-1][1] >= 3:
        model = GridSearchCV(model, {"logisticregression__C": [1.0, 10.0, 100.0]}, cv=3)
    model.fit(_texts(task, train), targets)
    return _outputs(model.predict_proba(_texts(task, rows)))


def _texts(task: Task, rows: Sequence[Row]) -> list[str]:
    return [SEPARATOR.join(str(row[name]) for name in task.Input.model_fields) for row in rows]


def _outputs(probabilities: npt.NDArray[np.float64]) -> Outputs:
    return {"logits": np.log(np.clip(probabilities, 1e-12, None))}


BASELINES: dict[str, Baseline] = {"majority": majority, "tfidf": tfidf}

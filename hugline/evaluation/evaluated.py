"""What is known of a model when it is examined: its answers, the rows, and vectors of their texts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hugline.core.features import Features
from hugline.core.occlusion import Classify
from hugline.core.predictor import Predictor, predict_features
from hugline.core.task import Row, Task
from hugline.evaluation.vectors import Vectorizer, Vectors

ANSWERED = ("validation", "test")

Vectorize = Callable[[str, npt.NDArray[np.int64]], Vectors]  # a split, positions in it [N] -> float32 [N, H]


@dataclass(frozen=True)
class Evaluated:
    """A model's answers, and what is known of the rows."""

    task: Task
    classify: Classify  # the predictor's `predict`
    answers: Mapping[str, Sequence[Any]]  # of the test rows, and of the validation rows where they are at hand
    rows: Mapping[str, Sequence[Row]]  # of every split, as ingested
    frozen: Vectorize  # by the checkpoint as it was pretrained: the fine-tuned model has learned the labels
    tuned: Vectorize  # by the fine-tuned model
    near: Sequence[Row]  # near-duplicates: row, split, near_row, near_split, similarity
    cut_rows: int  # test rows that are longer than what the model reads


def answer_splits(
    predictor: Predictor,
    rows: Mapping[str, Sequence[Row]],
    features: Mapping[str, Features],
    near: Sequence[Row],
    load_frozen: Callable[[], Any],
    load_tuned: Callable[[], Any],
    progress: Callable[[int], None] = lambda n: None,
) -> Evaluated:
    """Answers to the validation and test rows; rows and features are of every split.

    The transformers models that give the vectors are loaded when vectors are first asked for. `progress` hears how many features each batch had.
    """
    task, encoder = predictor.task, predictor.encoder
    answers = {split: predict_features(task, predictor.backend, encoder, features[split], rows[split], progress) for split in ANSWERED}
    frozen, tuned = Vectorizer(load_frozen, encoder, features), Vectorizer(load_tuned, encoder, features)
    return Evaluated(task, predictor.predict, answers, rows, frozen, tuned, near, int((features["test"].cut > 0).sum()))

"""The one way from rows to answers: in training, evaluation, a notebook and over HTTP."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hugline.core.backends import Backend
from hugline.core.encoder import Encoder
from hugline.core.features import Features
from hugline.core.task import Answer, Outputs, Row, Task

BATCH_TOKENS = 2048  # padded tokens in a batch at most
BATCH_ROWS = 32


@dataclass(frozen=True)
class Predictor:
    """A task, its encoder and a backend."""

    task: Task
    encoder: Encoder
    backend: Backend

    def predict(self, rows: Sequence[Row]) -> list[Answer]:
        """Answers to rows, in their order."""
        features = self.task.encode(rows, self.encoder)
        return predict_features(self.task, self.backend, self.encoder, features, rows)


def predict_features(
    task: Task,
    backend: Backend,
    encoder: Encoder,
    features: Features,
    rows: Sequence[Row],
    progress: Callable[[int], None] = lambda n: None,
) -> list[Answer]:
    """Answers to rows whose features are at hand, one a row, in the order of the rows.

    Features run sorted by length in batches of bounded padded size, so no answer depends on its neighbours'
    order, and little is spent on padding. `progress` hears how many features each batch had.
    """
    if not len(features):
        return []
    collate = task.collator(encoder)
    parts: dict[str, list[np.ndarray]] = {}
    batches = length_batches(features)
    for indices in batches:
        for name, array in backend.forward(collate(features, indices)).items():
            parts.setdefault(name, []).append(array)
        progress(len(indices))
    back = np.argsort(np.concatenate(batches))
    outputs: Outputs = {name: np.concatenate(arrays)[back] for name, arrays in parts.items()}
    return task.decode(outputs, features, rows, encoder)


def length_batches(features: Features) -> list[np.ndarray]:
    """Indices sorted by length, cut where a batch would hold too many padded tokens or rows."""
    lengths = features.lengths
    order = np.argsort(lengths, kind="stable")
    batches, start = [], 0
    for end in range(1, len(order) + 1):
        size = end - start + 1
        if end == len(order) or size > BATCH_ROWS or size * lengths[order[end]] > BATCH_TOKENS:
            batches.append(order[start:end])
            start = end
    return batches

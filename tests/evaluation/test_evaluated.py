"""A tiny model's answers to the rows of the splits, and vectors of their texts."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hugline.core.backends import TorchBackend
from hugline.core.checkpoint import find_checkpoint
from hugline.core.encoder import checkpoint_encoder
from hugline.core.predictor import Predictor
from hugline.environment import import_transformers
from hugline.evaluation.evaluated import answer_splits
from hugline.evaluation.vectors import frozen_model
from hugline.tasks.sequence_classification import SequenceClassification
from tests.tiny import LABELS, tiny_checkpoint

TEXTS = {"train": ["where is my parcel"], "validation": ["a label", "the shoes"], "test": ["the courier " * 20, "my parcel", "shoes"]}


def test_validation_and_test_rows_are_answered_and_models_are_loaded_when_vectors_are_asked_for(tmp_path: Path) -> None:
    checkpoint = find_checkpoint(str(tiny_checkpoint(tmp_path)))
    task, encoder = SequenceClassification(labels=LABELS), checkpoint_encoder(checkpoint.folder, 16)
    model = import_transformers().AutoModelForSequenceClassification.from_pretrained(checkpoint.folder, **task.model_kwargs()).eval()
    predictor = Predictor(task, encoder, TorchBackend(task, model))
    rows = {split: [{"text": text, "label": LABELS[0]} for text in texts] for split, texts in TEXTS.items()}
    loaded: list[str] = []
    heard: list[int] = []

    def load(name: str, found: Any) -> Any:
        loaded.append(name)
        return found

    evaluated = answer_splits(
        predictor,
        rows,
        {split: task.encode(found, encoder) for split, found in rows.items()},
        [],
        lambda: load("frozen", frozen_model(checkpoint)),
        lambda: load("tuned", model),
        heard.append,
    )
    assert {split: [answer.label for answer in answers] for split, answers in evaluated.answers.items()} == {
        split: [answer.label for answer in predictor.predict(rows[split])] for split in ("validation", "test")
    }
    assert (sum(heard), evaluated.cut_rows, loaded) == (5, 1, [])
    frozen, tuned = evaluated.frozen("train", np.array([0])), evaluated.tuned("train", np.array([0]))
    assert (frozen.shape, loaded) == ((1, 32), ["frozen", "tuned"])
    assert tuned == pytest.approx(frozen, abs=1e-6)  # it was not fine-tuned

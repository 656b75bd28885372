"""After the training: the temperature of a real model's answers."""

from pathlib import Path

import numpy as np
import pytest

from hugline.core.checkpoint import find_checkpoint
from hugline.core.encoder import checkpoint_encoder
from hugline.core.temperature import fit_temperature
from hugline.learner.calibration import calibrate
from hugline.learner.training import Split, pretrained_model, seed_everything
from hugline.tasks.sequence_classification import SequenceClassification
from tests.tiny import tiny_checkpoint


def test_the_temperature_is_that_of_the_models_own_logits_on_validation(tmp_path: Path) -> None:
    import torch

    checkpoint = find_checkpoint(str(tiny_checkpoint(tmp_path / "checkpoint")))
    task, encoder = SequenceClassification(labels=["a", "b"]), checkpoint_encoder(checkpoint.folder, 16)
    seed_everything(1)
    model = pretrained_model(task, checkpoint).train()
    rows = [{"text": "parcel " * (i % 5 + 1), "label": "ab"[i % 2]} for i in range(24)]
    features = task.encode(rows, encoder)
    found = calibrate(task, encoder, model, Split(rows, features))
    with torch.inference_mode():
        logits = [model(torch.tensor([encoder.tokenizer.encode(row["text"]).ids])).logits[0].numpy().astype(np.float64) for row in rows]
    assert not model.training
    assert isinstance(found, SequenceClassification) and found.labels == task.labels
    assert found.temperature == pytest.approx(fit_temperature(np.array(logits), task.targets(rows)), rel=1e-3)
    assert found.temperature != 1.0

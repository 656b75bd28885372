"""One prediction for all: in row order, whatever the batches, with torch as with ONNX Runtime."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hugline.core import predictor as module
from hugline.core.backends import OnnxBackend, TorchBackend
from hugline.core.checkpoint import Checkpoint
from hugline.core.encoder import checkpoint_encoder
from hugline.core.features import Batch, make_features
from hugline.core.predictor import Predictor, predict_features
from hugline.core.task import Outputs
from hugline.learner.training import pretrained_model
from hugline.packaging.onnx_export import export_onnx
from hugline.tasks.sequence_classification import SequenceClassification
from tests.tiny import tiny_checkpoint

TASK = SequenceClassification(labels=["a", "b", "c"])
PAIRS = SequenceClassification(labels=["a", "b", "c"], pair=True)


def make_predictor(folder: Path, architecture: str) -> Predictor:
    torch.set_num_threads(1)
    torch.manual_seed(0)  # of the new head
    checkpoint = tiny_checkpoint(folder, architecture)
    model = pretrained_model(TASK, Checkpoint(checkpoint, "tiny", None, "folder"))
    return Predictor(TASK, checkpoint_encoder(checkpoint, 32), TorchBackend(TASK, model.eval()))


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    return make_predictor(tmp_path_factory.mktemp("bert"), "bert")


def rows(count: int, seed: int = 0) -> list[dict[str, Any]]:
    words, known = random.Random(seed), ["parcel", "shoes", "courier", "label", "x", "y", "z"]
    made = [" ".join(words.choices(known, k=words.randint(1, 40))) for _ in range(2 * count)]
    return [{"text": text, "text_pair": pair} for text, pair in zip(made[::2], made[1::2], strict=True)]


def scores(answers: Any) -> np.ndarray:
    return np.array([list(a.scores.values()) for a in answers])


class Echo:
    """A backend whose logits name the first token and the length of each feature."""

    inputs_multiple = 1

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def forward(self, batch: Batch) -> Outputs:
        self.shapes.append(batch["input_ids"].shape)
        return {"logits": np.stack([batch["input_ids"][:, 0], batch["attention_mask"].sum(1), np.zeros(len(batch["input_ids"]))], 1)}


def test_answers_come_in_row_order_whatever_the_lengths(predictor: Predictor) -> None:
    lengths = np.random.default_rng(1).integers(1, 400, 100)
    features = make_features([[i] * n for i, n in enumerate(lengths)], None, [0] * 100)
    heard: list[int] = []
    answers: Any = predict_features(TASK, Echo(), predictor.encoder, features, [{}] * 100, heard.append)
    ratio = [np.log(a.scores["b"] / a.scores["a"]) for a in answers if a.scores["a"] > 0 and a.scores["b"] > 0]
    assert sum(heard) == 100
    found = [np.argmax(list(a.scores.values())) for a in answers]
    assert found == [int(n > i) for i, n in enumerate(lengths)]
    assert ratio == pytest.approx([n - i for i, n in enumerate(lengths) if answers[i].scores["a"] > 0 and answers[i].scores["b"] > 0])


def test_batches_hold_few_rows_and_few_padded_tokens(predictor: Predictor) -> None:
    lengths = np.random.default_rng(2).integers(1, 500, 300)
    echo = Echo()
    predict_features(TASK, echo, predictor.encoder, make_features([[1] * n for n in lengths], None, [0] * 300), [{}] * 300)
    assert sum(size for size, _ in echo.shapes) == 300
    assert max(size for size, _ in echo.shapes) <= module.BATCH_ROWS
    assert max(size * width for size, width in echo.shapes) <= module.BATCH_TOKENS
    assert sum(size * width for size, width in echo.shapes) < 1.05 * lengths.sum()


def test_a_feature_longer_than_a_batch_may_be_runs_alone(predictor: Predictor) -> None:
    echo = Echo()
    predict_features(TASK, echo, predictor.encoder, make_features([[1] * 3000, [1], [1] * 3000], None, [0] * 3), [{}] * 3)
    assert echo.shapes == [(1, 1), (1, 3000), (1, 3000)]


def test_no_rows_have_no_answers(predictor: Predictor) -> None:
    assert predictor.predict([]) == []


def test_a_row_alone_is_answered_as_among_others(predictor: Predictor) -> None:
    many = rows(50)
    alone = np.concatenate([scores(predictor.predict([row])) for row in many])
    assert np.abs(scores(predictor.predict(many)) - alone).max() < 1e-5
    assert alone.std(0).min() > 0.01, "the answers must differ for this to say anything"


def test_scores_sum_to_1_and_the_label_has_the_highest(predictor: Predictor) -> None:
    for answer in predictor.predict(rows(20)):
        found = answer.model_dump()
        assert sum(found["scores"].values()) == pytest.approx(1)
        assert found["score"] == max(found["scores"].values()) == found["scores"][found["label"]]


@pytest.mark.parametrize("architecture", ["bert", "roberta", "distilbert"])
def test_onnx_answers_as_torch(architecture: str, tmp_path: Path) -> None:
    with_torch = make_predictor(tmp_path / "checkpoint", architecture)
    encoder, model = with_torch.encoder, with_torch.backend._model  # type: ignore[attr-defined]
    export_onnx(TASK, encoder, model, tmp_path / "model.onnx")
    onnx = OnnxBackend(tmp_path / "model.onnx", 1)
    for task, size in ((TASK, 1), (TASK, 40), (PAIRS, 40)):
        features = task.encode(rows(size), encoder)
        batch = task.collator(encoder)(features, np.arange(size))
        wanted = with_torch.backend.forward(batch)["logits"]
        assert wanted.shape == (size, 3)
        assert np.abs(onnx.forward(batch)["logits"] - wanted).max() < 5e-5
    assert wanted.std(0).min() > 0.1, "the logits must differ for this to say anything"

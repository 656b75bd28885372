"""Mean vectors of real, tiny models."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hugline.core.checkpoint import Checkpoint, find_checkpoint
from hugline.core.encoder import Encoder, checkpoint_encoder
from hugline.environment import import_transformers
from hugline.evaluation.vectors import Vectorizer, frozen_model, mean_vectors, take, unit
from tests.tiny import tiny_checkpoint

TEXTS = ["where is my parcel", "a", "the shoes return to the courier where it is", "", "my label"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return find_checkpoint(str(tiny_checkpoint(tmp_path_factory.mktemp("vectors") / "checkpoint")))


@pytest.fixture(scope="module")
def encoder(checkpoint: Checkpoint) -> Encoder:
    return checkpoint_encoder(checkpoint.folder, 32)


def by_hand(model: Any, encoder: Encoder, text: str) -> np.ndarray:
    """The mean over a text's own tokens, without padding."""
    import torch

    ids = torch.tensor([encoder.tokenizer.encode(text).ids])
    with torch.inference_mode():
        hidden: np.ndarray = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0].numpy()
    return hidden.mean(0)


def test_a_vector_is_the_mean_of_its_own_tokens_in_the_order_of_the_texts(checkpoint: Checkpoint, encoder: Encoder) -> None:
    model = frozen_model(checkpoint)
    found = mean_vectors(model, encoder, encoder(TEXTS))
    assert (found.shape, found.dtype) == ((5, 32), np.float32)
    assert found == pytest.approx(np.stack([by_hand(model, encoder, text) for text in TEXTS]), abs=1e-5)


def test_a_head_changes_no_vector(checkpoint: Checkpoint, encoder: Encoder) -> None:
    model = import_transformers().AutoModelForSequenceClassification.from_pretrained(checkpoint.folder).eval()
    features = encoder(TEXTS)
    assert mean_vectors(model, encoder, features) == pytest.approx(mean_vectors(frozen_model(checkpoint), encoder, features), abs=1e-6)


def test_of_a_model_with_a_decoder_the_encoder_is_used(tmp_path: Path) -> None:
    tiny = find_checkpoint(str(tiny_checkpoint(tmp_path / "bart", "bart")))
    encoder, model = checkpoint_encoder(tiny.folder, 32), frozen_model(tiny)
    assert mean_vectors(model, encoder, encoder(TEXTS[:1]))[0] == pytest.approx(by_hand(model.get_encoder(), encoder, TEXTS[0]), abs=1e-5)


def test_a_row_is_computed_once_and_only_when_asked_for(checkpoint: Checkpoint, encoder: Encoder) -> None:
    loads = []

    def load() -> Any:
        loads.append(1)
        return frozen_model(checkpoint)

    features = encoder(TEXTS)
    vectors = Vectorizer(load, encoder, {"train": features, "test": take(features, np.array([1]))})
    assert loads == []
    whole = mean_vectors(frozen_model(checkpoint), encoder, features)
    assert vectors("train", np.array([4, 0])) == pytest.approx(whole[[4, 0]], abs=1e-6)
    before = vectors("train", np.array([0]))
    vectors._encoder = None  # type: ignore[assignment]  what is known needs no encoder
    assert vectors("train", np.array([0, 0])).tolist() == [*before.tolist(), *before.tolist()]
    with pytest.raises(AttributeError):
        vectors("train", np.array([1]))
    vectors._encoder = encoder
    assert vectors("test", np.array([0])) == pytest.approx(whole[[1]], abs=1e-6)
    assert loads == [1]


def test_taken_features_are_those_at_the_positions(encoder: Encoder) -> None:
    features = encoder(TEXTS, TEXTS)
    taken, ours = take(features, np.array([2, 0])), encoder([TEXTS[2], TEXTS[0]], [TEXTS[2], TEXTS[0]])
    for name in ("input_ids", "offsets", "row", "cut", "token_type_ids"):
        assert getattr(taken, name).tolist() == getattr(ours, name).tolist(), name
    assert len(take(features, np.array([], np.int64))) == 0


def test_unit_vectors_have_length_1_and_zero_stays() -> None:
    found = unit(np.array([[3, 4], [0, 0], [0, -2]], np.float32))
    assert found == pytest.approx(np.array([[0.6, 0.8], [0, 0], [0, -1]]))
    assert found.dtype == np.float32

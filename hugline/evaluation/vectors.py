"""Texts as vectors: the mean of an encoder's last hidden states."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from hugline.core.checkpoint import Checkpoint
from hugline.core.encoder import Encoder
from hugline.core.features import Features, make_features, pad
from hugline.core.predictor import length_batches
from hugline.environment import import_transformers

Vectors = npt.NDArray[np.float32]  # [N, H]
Ids = npt.NDArray[np.int64]


class Vectorizer:
    """Mean vectors of rows of the splits, by position; a row that is asked for twice is computed once."""

    def __init__(self, load: Callable[[], Any], encoder: Encoder, features: Mapping[str, Features]) -> None:
        self._load, self._encoder, self._features = load, encoder, features
        self._known: dict[str, tuple[Vectors, npt.NDArray[np.bool_]]] = {}

    @cached_property
    def _model(self) -> Any:
        return self._load()

    def __call__(self, split: str, positions: Ids) -> Vectors:
        """Vectors [N, H] at these positions of a split, in their order."""
        features = self._features[split]
        if split not in self._known:
            self._known[split] = np.zeros((len(features), self._model.config.hidden_size), np.float32), np.zeros(len(features), bool)
        vectors, known = self._known[split]
        missing = np.unique(positions[~known[positions]])
        vectors[missing] = mean_vectors(self._model, self._encoder, take(features, missing))
        known[missing] = True
        return vectors[positions]


def frozen_model(checkpoint: Checkpoint) -> Any:
    """The checkpoint's transformers model as it was pretrained, without a head, in fp32 on the CPU, in evaluation mode."""
    import torch

    transformers = import_transformers()
    transformers.utils.logging.set_verbosity_error()  # it warns of a head that is left out
    transformers.utils.logging.disable_progress_bar()
    model = transformers.AutoModel.from_pretrained(
        checkpoint.folder, trust_remote_code=False, use_safetensors=True, dtype=torch.float32, attn_implementation="sdpa", local_files_only=True
    )
    return model.eval()


def mean_vectors(model: Any, encoder: Encoder, features: Features, progress: Callable[[int], None] = lambda n: None) -> Vectors:
    """The mean of the last hidden states over a feature's tokens, special ones included: float32 [N, H], in the order of the features.

    `model` is a transformers model with or without a head; of one with a decoder the encoder is used.
    Features run sorted by length, as in prediction. `progress` hears how many features each batch had.
    """
    import torch

    body = model.base_model
    body = body.get_encoder() if model.config.is_encoder_decoder else body
    device = next(body.parameters()).device
    vectors = np.zeros((len(features), model.config.hidden_size), np.float32)
    with torch.inference_mode():
        for indices in length_batches(features):
            batch = {name: torch.from_numpy(array).to(device) for name, array in pad(features, indices, encoder.fill, encoder.padding_side).items()}
            hidden = body(**batch).last_hidden_state.float()  # [B, T, H]
            mask = batch["attention_mask"][:, :, None].float()
            vectors[indices] = ((hidden * mask).sum(1) / mask.sum(1).clamp(min=1)).cpu().numpy()
            progress(len(indices))
    return vectors


def take(features: Features, positions: Ids) -> Features:
    """Some of the features, each a row of its own."""
    spans = [slice(features.offsets[i], features.offsets[i + 1]) for i in positions]
    ids, types = features.input_ids, features.token_type_ids
    parts = [ids[span].tolist() for span in spans], None if types is None else [types[span].tolist() for span in spans]
    return make_features(*parts, features.cut[positions].tolist())


def unit(vectors: Vectors) -> Vectors:
    """The vectors with length 1; a zero vector stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, np.finfo(np.float32).tiny)).astype(np.float32)

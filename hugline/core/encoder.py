"""Text to token ids: the checkpoint's Rust tokenizer, frozen, with cuts of our own."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tokenizers import Encoding, Tokenizer

from hugline.core.features import Features, join_features, make_features
from hugline.errors import CheckpointError

BLOCK = 4096  # rows tokenized at a time: enough for all threads, small in memory
UNBOUNDED = 1_000_000  # a model_max_length above this means "not known"


@dataclass(frozen=True)
class Encoder:
    """A tokenizer that holds no truncation and no padding, so that threads may share it, and what a model needs beside it."""

    tokenizer: Tokenizer = field(repr=False)
    max_length: int  # tokens, special ones included
    pad_id: int
    padding_side: str  # "right" or "left"
    inputs: tuple[str, ...]  # what the model's forward takes: input_ids, attention_mask, perhaps token_type_ids

    def __call__(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> Features:
        """Texts, or pairs of texts, as features; what is longer than `max_length` is cut and counted."""
        parts = []
        for start in range(0, len(texts), BLOCK):
            block = list(texts[start : start + BLOCK])
            parts.append(self._encode(block, None if pairs is None else list(pairs[start : start + BLOCK])))
        return join_features(parts) if parts else self._encode([], None)

    def _encode(self, texts: list[str], pairs: list[str] | None) -> Features:
        items: list[Any] = texts if pairs is None else list(zip(texts, pairs, strict=True))
        encodings = self.tokenizer.encode_batch_fast(items)
        cut = [max(0, len(e) - self.max_length) for e in encodings]
        for i, extra in enumerate(cut):
            if extra:
                encodings[i] = self._cut(texts[i], None if pairs is None else pairs[i])
        types = [e.type_ids for e in encodings] if "token_type_ids" in self.inputs else None
        return make_features([e.ids for e in encodings], types, cut)

    def _cut(self, text: str, pair: str | None) -> Encoding:
        """One text or pair cut to `max_length`; of a pair the longer side loses first, as transformers' longest_first."""
        first = self.tokenizer.encode(text, add_special_tokens=False)
        second = None if pair is None else self.tokenizer.encode(pair, add_special_tokens=False)
        room = self.max_length - self.tokenizer.num_special_tokens_to_add(is_pair=second is not None)
        if second is None:
            first.truncate(room)
        else:
            shorter = min(len(first), len(second), room // 2)
            first_room = shorter if len(first) <= len(second) else room - shorter
            first.truncate(first_room)
            second.truncate(room - first_room)
        return self.tokenizer.post_process(first, second)

    @property
    def fill(self) -> dict[str, int]:
        """The model's inputs, and the value that padding has in each."""
        return {name: self.pad_id if name == "input_ids" else 0 for name in self.inputs}

    def save(self, folder: Path) -> None:
        """Write tokenizer.json and encoder.json into a folder."""
        self.tokenizer.save(str(folder / "tokenizer.json"))
        settings = {name: getattr(self, name) for name in ("max_length", "pad_id", "padding_side", "inputs")}
        (folder / "encoder.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def load_tokenizer(file: Path) -> Tokenizer:
    """The Rust tokenizer of a tokenizer.json, with the truncation and padding that it may carry removed; raises CheckpointError."""
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # tokenizers raises nothing narrower
        raise CheckpointError(f"a Rust tokenizer in {file}", str(error), "the file is damaged, or made by newer tokenizers: fetch it again") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def load_encoder(folder: Path) -> Encoder:
    """The encoder that was saved in a model folder."""
    settings = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
    return Encoder(load_tokenizer(folder / "tokenizer.json"), **{**settings, "inputs": tuple(settings["inputs"])})


def checkpoint_encoder(folder: Path, max_length: int) -> Encoder:
    """The encoder of a checkpoint as it came from the hub; raises CheckpointError without a Rust tokenizer."""
    file = folder / "tokenizer.json"
    if not file.is_file():
        raise CheckpointError("a checkpoint with a Rust tokenizer (tokenizer.json)", f"none in {folder}", "use a checkpoint that has tokenizer.json")
    config = _read_json(folder / "config.json")
    settings = _read_json(folder / "tokenizer_config.json")
    tokenizer = load_tokenizer(file)
    limit = _model_limit(config, settings)
    if limit and max_length > limit:
        raise CheckpointError(f"model.max_length of at most {limit}, what {folder.name} was trained for", f"{max_length}", f"set model.max_length: {limit}")
    return Encoder(tokenizer, max_length, _pad_id(tokenizer, config, settings), settings.get("padding_side", "right"), _inputs(config))


def _read_json(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"JSON in {file}", str(error), "the file is damaged: fetch it again") from error


def _model_limit(config: dict[str, Any], settings: dict[str, Any]) -> int | None:
    """Most tokens that a model takes: of RoBERTa's position table the first pad_token_id + 1 rows are not positions."""
    limits = [n for n in (settings.get("model_max_length"),) if n and n < UNBOUNDED]
    positions = config.get("max_position_embeddings")
    if positions and positions > 0:
        shifted = config.get("model_type") in {"roberta", "xlm-roberta", "camembert", "mpnet", "longformer"}
        limits.append(positions - (config.get("pad_token_id", 1) + 1 if shifted else 0))
    return int(min(limits)) if limits else None


def _pad_id(tokenizer: Tokenizer, config: dict[str, Any], settings: dict[str, Any]) -> int:
    """The padding token's id; a model without one (GPT-2) pads with its end token, masked out."""
    for key in ("pad_token", "eos_token"):
        token = settings.get(key)
        content = token.get("content") if isinstance(token, dict) else token
        if content is not None and (found := tokenizer.token_to_id(content)) is not None:
            return found
        if isinstance(config.get(f"{key}_id"), int):
            return int(config[f"{key}_id"])
    return 0


def _inputs(config: dict[str, Any]) -> tuple[str, ...]:
    """The names that the model's forward takes: token types only where its config has more than one."""
    names: tuple[str, ...] = ("input_ids", "attention_mask")
    return (*names, "token_type_ids") if config.get("type_vocab_size", 0) > 1 else names

"""Tokenized rows, flat in memory: what `encode` makes, a loader batches, and a backend reads."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Batch = dict[str, npt.NDArray[np.int64]]


@dataclass(frozen=True)
class Features:
    """Token ids of N features end to end, in order; a feature is a text, a pair, or one window of it."""

    input_ids: Ints  # [sum of lengths]
    offsets: npt.NDArray[np.int64]  # [N + 1]; feature i is input_ids[offsets[i]:offsets[i + 1]]
    row: Ints  # [N], the row that a feature was made from
    cut: Ints  # [N], tokens that did not fit and were left out
    token_type_ids: Ints | None = None  # [sum of lengths], where the checkpoint has them

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens of each feature, [N]."""
        return np.diff(self.offsets)


def make_features(ids: Sequence[Sequence[int]], types: Sequence[Sequence[int]] | None, cut: Sequence[int]) -> Features:
    """Lay token lists end to end; feature i belongs to row i."""
    offsets = np.zeros(len(ids) + 1, np.int64)
    np.cumsum([len(x) for x in ids], out=offsets[1:])
    return Features(_flat(ids), offsets, np.arange(len(ids), dtype=np.int32), np.asarray(cut, np.int32), None if types is None else _flat(types))


def _flat(lists: Sequence[Sequence[int]]) -> Ints:
    return np.concatenate([np.asarray(x, np.int32) for x in lists]) if lists else np.zeros(0, np.int32)


def join_features(parts: Sequence[Features]) -> Features:
    """Features of consecutive blocks of rows as one; row numbers go on from block to block."""
    starts = np.cumsum([0] + [int(p.row[-1]) + 1 if len(p) else 0 for p in parts])
    shifts = np.cumsum([0] + [int(p.offsets[-1]) for p in parts])
    offsets = [np.zeros(1, np.int64)] + [p.offsets[1:] + shift for p, shift in zip(parts, shifts, strict=False)]
    types = [p.token_type_ids for p in parts if p.token_type_ids is not None]
    return Features(
        np.concatenate([p.input_ids for p in parts]),
        np.concatenate(offsets),
        np.concatenate([p.row + np.int32(start) for p, start in zip(parts, starts, strict=False)]),
        np.concatenate([p.cut for p in parts]),
        np.concatenate(types) if types else None,
    )


def pad(features: Features, indices: npt.NDArray[np.int64], fill: Mapping[str, int], side: str = "right", multiple: int = 1, limit: int | None = None) -> Batch:
    """Features as one padded batch: each array [B, T], T the longest of them rounded up to `multiple`, but not over `limit`.

    `fill` names the model's inputs and the value that padding has in each (`{"input_ids": 0, "attention_mask": 0}`).
    """
    starts, ends = features.offsets[indices], features.offsets[indices + 1]
    longest = int((ends - starts).max(initial=1))
    width = max(longest, min(-(-longest // multiple) * multiple, limit or sys.maxsize))
    at = np.arange(width)
    lengths = (ends - starts)[:, None]
    real = at < lengths if side == "right" else at >= width - lengths
    source = np.concatenate([np.arange(s, e) for s, e in zip(starts, ends, strict=True)]) if len(indices) else np.zeros(0, np.int64)
    batch: Batch = {}
    for name, value in fill.items():
        array = np.full((len(indices), width), value, np.int64)
        if name == "input_ids":
            array[real] = features.input_ids[source]
        elif name == "attention_mask":
            array[real] = 1
        elif name == "token_type_ids" and features.token_type_ids is not None:
            array[real] = features.token_type_ids[source]
        batch[name] = array
    return batch

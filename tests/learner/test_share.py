"""A share of the training rows: nested, the same for a seed, with their own features."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest

from hugline.core.checkpoint import Checkpoint
from hugline.core.encoder import checkpoint_encoder
from hugline.core.features import Features
from hugline.learner.hardware import Resolved
from hugline.learner.training import Split, finetune, pretrained_model, share_of
from hugline.params import FinetuneParams
from hugline.tasks.sequence_classification import SequenceClassification
from tests.tiny import tiny_checkpoint

ROWS = [{"row": 3 * i + 1, "text": f"text {i}"} for i in range(50)]
LENGTHS = [i % 4 + 1 for i in range(60)]  # rows 10 to 19 have two features, two windows each


def split() -> Split:
    row = np.array([i for i in range(50) for _ in range(2 if 10 <= i < 20 else 1)], np.int32)
    offsets = np.concatenate([[0], np.cumsum(LENGTHS)])
    ids = np.arange(offsets[-1], dtype=np.int32)
    return Split(ROWS, Features(ids, offsets, row, np.arange(60, dtype=np.int32), ids % 2))


def numbers(share: float, seed: int = 1) -> list[int]:
    return [row["row"] for row in share_of(split(), share, seed).rows]


def test_all_rows_are_the_split_itself() -> None:
    whole = split()
    assert share_of(whole, 1.0, 1) is whole


@pytest.mark.parametrize("share", [0.001, 0.1, 0.3, 0.5, 0.99])
def test_a_share_has_so_many_rows_in_their_order(share: float) -> None:
    found = numbers(share)
    assert len(found) == math.ceil(share * 50)
    assert found == sorted(found)


def test_a_smaller_share_lies_inside_a_larger_one() -> None:
    shares = [set(numbers(share)) for share in (0.02, 0.1, 0.3, 0.7, 0.99)]
    assert all(small < large for small, large in itertools.pairwise(shares))


def test_another_seed_chooses_other_rows() -> None:
    assert numbers(0.3, 1) != numbers(0.3, 2)
    assert numbers(0.3, 1) == numbers(0.3, 1)


def test_rows_keep_their_features() -> None:
    whole, part = split().features, share_of(split(), 0.5, 1)
    chosen = [ROWS.index(row) for row in part.rows]
    at = [i for i in range(60) if whole.row[i] in chosen]
    assert [chosen[i] for i in part.features.row] == whole.row[at].tolist()
    assert part.features.cut.tolist() == at
    assert part.features.token_type_ids is not None
    for i, place in enumerate(at):
        here, there = (slice(f.offsets[k], f.offsets[k + 1]) for f, k in ((part.features, i), (whole, place)))
        assert part.features.input_ids[here].tolist() == whole.input_ids[there].tolist()
        assert part.features.token_type_ids[here].tolist() == (whole.input_ids[there] % 2).tolist()
    assert part.features.row.dtype == np.int32 and part.features.input_ids.dtype == np.int32


def test_training_sees_the_share_only(tmp_path: Path) -> None:
    task, folder = SequenceClassification(labels=["delivery", "returns"]), tiny_checkpoint(tmp_path / "tiny")
    encoder = checkpoint_encoder(folder, 32)
    rows = [row | {"row": i + 1} for i, row in enumerate(task.toy * 5)]
    whole = Split(rows, task.encode(rows, encoder))
    seen: list[int] = []
    model = pretrained_model(task, Checkpoint(folder, "tiny", None, "folder"))
    settings = FinetuneParams(share=0.25, epochs=1, batch_size=2)
    finetune(task, encoder, model, whole, whole, settings, Resolved("cpu", "fp32", "foreach", 1), 1, callbacks=[counter(seen)])
    assert sum(seen) == 5


def counter(seen: list[int]) -> object:
    from fastai.callback.core import Callback

    class Count(Callback):
        def after_batch(self) -> None:
            if self.training:
                seen.append(len(self.yb[0]))

    return Count()

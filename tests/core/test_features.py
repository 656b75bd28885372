"""Flat features: laid end to end, joined block by block, padded as transformers pads."""

from pathlib import Path

import numpy as np
import pytest

from hugline.core.features import Features, join_features, make_features, pad
from hugline.environment import import_transformers
from tests.tiny import tiny_checkpoint

FILL = {"input_ids": 9, "attention_mask": 0, "token_type_ids": 0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def three() -> Features:
    """Three features of 2, 3 and 1 tokens; the last lost 5."""
    return make_features([[1, 2], [3, 4, 5], [6]], [[0, 1], [0, 0, 1], [1]], [0, 0, 5])


def test_features_lie_end_to_end_and_belong_to_consecutive_rows(three: Features) -> None:
    assert three.input_ids.tolist() == [1, 2, 3, 4, 5, 6]
    assert three.token_type_ids is not None
    assert three.token_type_ids.tolist() == [0, 1, 0, 0, 1, 1]
    assert three.offsets.tolist() == [0, 2, 5, 6]
    assert three.lengths.tolist() == [2, 3, 1]
    assert three.row.tolist() == [0, 1, 2]
    assert three.cut.tolist() == [0, 0, 5]
    assert len(three) == 3


def test_no_texts_make_no_features() -> None:
    none = make_features([], None, [])
    assert (len(none), none.offsets.tolist(), none.input_ids.tolist()) == (0, [0], [])


def test_joined_blocks_equal_one_block(three: Features) -> None:
    first, second = make_features([[1, 2]], [[0, 1]], [0]), make_features([[3, 4, 5], [6]], [[0, 0, 1], [1]], [0, 5])
    joined = join_features([first, second])
    for name in ("input_ids", "offsets", "row", "cut", "token_type_ids"):
        assert getattr(joined, name).tolist() == getattr(three, name).tolist(), name


def test_row_numbers_go_on_after_a_block_whose_row_has_several_features() -> None:
    windows = Features(np.array([1, 2, 3], np.int32), np.array([0, 1, 2, 3]), np.array([0, 1, 1], np.int32), np.zeros(3, np.int32))
    joined = join_features([windows, make_features([[4, 4]], None, [0]), windows])
    assert joined.row.tolist() == [0, 1, 1, 2, 3, 4, 4]
    assert joined.offsets.tolist() == [0, 1, 2, 3, 5, 6, 7, 8]
    assert joined.token_type_ids is None


def test_an_empty_block_adds_nothing(three: Features) -> None:
    joined = join_features([three, make_features([], [], []), three])
    assert joined.row.tolist() == [0, 1, 2, 3, 4, 5]
    assert joined.offsets.tolist() == [0, 2, 5, 6, 8, 11, 12]


def test_padding_goes_right_or_left_and_is_masked(three: Features) -> None:
    right = pad(three, np.array([2, 1]), FILL)
    assert right["input_ids"].tolist() == [[6, 9, 9], [3, 4, 5]]
    assert right["attention_mask"].tolist() == [[1, 0, 0], [1, 1, 1]]
    assert right["token_type_ids"].tolist() == [[1, 0, 0], [0, 0, 1]]
    left = pad(three, np.array([2, 1]), FILL, "left")
    assert left["input_ids"].tolist() == [[9, 9, 6], [3, 4, 5]]
    assert left["attention_mask"].tolist() == [[0, 0, 1], [1, 1, 1]]


def test_the_width_is_rounded_up_to_the_multiple(three: Features) -> None:
    assert pad(three, np.array([0]), FILL, multiple=8)["input_ids"].shape == (1, 8)
    assert pad(three, np.array([1]), FILL, multiple=3)["input_ids"].shape == (1, 3)


def test_the_width_is_not_rounded_up_over_the_limit_and_cuts_nothing(three: Features) -> None:
    assert [pad(three, np.array([1]), FILL, multiple=8, limit=limit)["input_ids"].shape[1] for limit in (2, 3, 5, 8, 9)] == [3, 3, 5, 8, 8]


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("multiple", [1, 8])
def test_batches_equal_transformers_collator(folder: Path, side: str, multiple: int) -> None:
    transformers = import_transformers()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, padding_side=side)
    collate = transformers.DataCollatorWithPadding(tokenizer, pad_to_multiple_of=multiple, return_tensors="np")
    random = np.random.default_rng(0)
    ids = [random.integers(5, 60, random.integers(1, 30)).tolist() for _ in range(40)]
    types = [random.integers(0, 2, len(x)).tolist() for x in ids]
    features = make_features(ids, types, [0] * len(ids))
    fill = {"input_ids": tokenizer.pad_token_id, "attention_mask": 0, "token_type_ids": 0}
    for size in (1, 2, 7, 40):
        indices = random.permutation(len(ids))[:size]
        ours = pad(features, indices, fill, side, multiple)
        theirs = collate([{"input_ids": ids[i], "token_type_ids": types[i], "attention_mask": [1] * len(ids[i])} for i in indices])
        for name in fill:
            assert ours[name].tolist() == theirs[name].tolist(), (name, size)

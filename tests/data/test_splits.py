"""A row's split is a function of its own text and the seed."""

import random
from collections import Counter

import pytest

from hugline.data.splits import split_of

KEYS = [f"text {i}" for i in range(4000)]


def test_the_split_of_a_text_never_changes() -> None:
    # int(sha256(b"42\x1fa").hexdigest()[:16], 16) / 2**64 is 0.125; of b to e: 0.531, 0.324, 0.3001, 0.521
    assert [split_of(key, 42, 0.15, 0.30) for key in "abcde"] == ["test", "train", "validation", "validation", "train"]


def test_the_order_of_the_rows_changes_no_split() -> None:
    splits = {key: split_of(key, 1, 0.2, 0.2) for key in KEYS}
    shuffled = random.Random(0).sample(KEYS, len(KEYS))
    assert {key: split_of(key, 1, 0.2, 0.2) for key in shuffled} == splits


def test_shares_are_kept_within_sampling_error() -> None:
    counts = Counter(split_of(key, 7, 0.15, 0.30) for key in KEYS)
    for split, share in (("validation", 0.15), ("test", 0.30), ("train", 0.55)):
        assert counts[split] / len(KEYS) == pytest.approx(share, abs=4 * (share * (1 - share) / len(KEYS)) ** 0.5)


def test_another_seed_is_another_split() -> None:
    assert [split_of(key, 1, 0.2, 0.2) for key in KEYS] != [split_of(key, 2, 0.2, 0.2) for key in KEYS]


def test_a_share_of_0_is_an_empty_split() -> None:
    assert {split_of(key, 1, 0.0, 0.0) for key in KEYS} == {"train"}
    assert {split_of(key, 1, 0.0, 0.5) for key in KEYS} == {"train", "test"}


def test_more_for_validation_moves_no_test_row() -> None:
    before = [key for key in KEYS if split_of(key, 1, 0.1, 0.3) == "test"]
    assert [key for key in KEYS if split_of(key, 1, 0.4, 0.3) == "test"] == before

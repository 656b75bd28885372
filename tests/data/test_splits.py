"""A row's split is a function of its own text and the seed."""

import random
from collections import Counter

import numpy as np
import pytest

from hugline.data.splits import BOOLEANS, assign_moments, assign_places, cut_moments, moment_of, split_of, word_code

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


def test_words_in_any_case_name_a_split() -> None:
    words = {
        "Train": 0,
        " TRAINING ": 0,
        "valid": 1,
        "dev": 1,
        "Val": 1,
        "VALIDATION": 1,
        "test": 2,
        "TRUE": 1,
        "false": 0,
        "1": 1,
        "0": 0,
        "": -1,
        "maybe": -1,
    }
    assert {word: word_code(word) for word in words} == words
    assert [word_code(value) for value in (None, 3, ["test"])] == [-1, -1, -1]
    assert [word_code(word, BOOLEANS) for word in ("yes", "No", "train")] == [1, 0, -1]


def test_moments_are_numbers_or_iso_dates() -> None:
    assert moment_of("2024-02-29") == (1709164800.0, False)
    assert moment_of("2024-02-29T01:00:00+01:00") == (1709164800.0, False)
    assert moment_of("2024-02-29 00:00:00Z") == (1709164800.0, False)
    assert moment_of(" 1709164800.5 ") == (1709164800.5, True)
    assert moment_of(2023) == (2023.0, True)
    assert [moment_of(value) for value in (None, "", "29.02.2024", "2023-02-29", "nan", "inf", "9" * 100, "yesterday")] == [None] * 8


def test_the_newest_moments_are_test_and_those_before_them_validation() -> None:
    ordered = np.arange(10.0)
    bounds = cut_moments(ordered, 0.2, 0.3)
    assert bounds == (5.0, 7.0)
    assert assign_moments(ordered, *bounds).tolist() == [0] * 5 + [1] * 2 + [2] * 3


@pytest.mark.parametrize(
    ("ordered", "bounds"),
    [
        ([1, 1, 1, 1, 1, 1, 1, 2, 2, 3], (2.0, 3.0)),  # as near to row 8 are rows 7 and 9, nearest to row 5 is row 7
        ([1, 1, 1, 2, 2, 2, 2, 2, 2, 2], (2.0, float("inf"))),  # nearest to row 8 is the end: no test row
        ([5, 5, 5, 5], (float("inf"), float("inf"))),
    ],
)
def test_rows_of_one_moment_stay_together(ordered: list[float], bounds: tuple[float, float]) -> None:
    assert cut_moments(np.array(ordered, float), 0.3, 0.2) == bounds


def test_no_share_cuts_nothing_off() -> None:
    assert cut_moments(np.arange(10.0), 0.0, 0.0) == (float("inf"), float("inf"))


def test_given_splits_stay_and_training_is_cut() -> None:
    given = np.array([-1, 0, 1, 2, -1, 0], np.int8)
    places = np.array([0.05, 0.15, 0.9, 0.9, 0.5, 0.5])
    assert assign_places(given, places, 0.1, 0.1).tolist() == [2, 1, 1, 2, 0, 0]

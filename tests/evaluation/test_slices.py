"""Accuracy on parts of the rows."""

from typing import Any

import numpy as np
import pytest

from hugline.errors import ParamsError
from hugline.evaluation.slices import find_slices, shown_slices, slice_report, wilson
from hugline.tasks.sequence_classification import SequenceClassification

TASK = SequenceClassification(labels=["returns", "delivery"])


def rows(**columns: list[Any]) -> list[dict[str, Any]]:
    """Rows of one word, with these columns besides."""
    count = len(next(iter(columns.values())))
    given = {"row": list(range(1, count + 1)), "text": ["word"] * count, "label": ["returns"] * count} | columns
    return [dict(zip(given, values, strict=True)) for values in zip(*given.values(), strict=True)]


def members(found: dict[str, Any]) -> dict[str, list[int]]:
    return {name: np.flatnonzero(mask).tolist() for name, mask in found.items()}


def test_every_value_of_a_kept_column_is_a_slice() -> None:
    found = find_slices(TASK, rows(channel=["chat", "email", "chat", None]), [])
    assert members(found) == {"channel = chat": [0, 2], "channel = email": [1], "channel = (empty)": [3]}


@pytest.mark.parametrize(
    ("values", "slices"),
    [
        (["one"] * 21, 0),
        ([str(i % 20) for i in range(21)], 20),
        ([str(i) for i in range(21)], 0),  # a column of names or numbers
        (["x" * 41, "y"] * 2, 0),  # a column of texts
        (["x" * 40, "y"] * 2, 2),
    ],
)
def test_only_columns_of_a_few_short_values_are_cut(values: list[str], slices: int) -> None:
    assert len(find_slices(TASK, rows(column=values), [])) == slices


def test_numbers_texts_and_labels_of_the_task_are_no_kept_columns() -> None:
    assert find_slices(TASK, rows(label=["returns", "delivery"], text=["a", "b"]), []) == {}


def test_lengths_are_cut_into_quarters_named_by_their_bounds() -> None:
    found = find_slices(TASK, rows(text=[" ".join(["a"] * n) for n in (1, 2, 3, 4, 5, 6, 9, 12)]), [])
    assert members(found) == {
        "length: short, 1-2 words": [0, 1],
        "length: medium, 3-4 words": [2, 3],
        "length: long, 5-6 words": [4, 5],
        "length: longest, 9-12 words": [6, 7],
    }


def test_equal_lengths_stay_together() -> None:
    found = find_slices(TASK, rows(text=["a", "a", "a", "a", "a a a"]), [])
    assert members(found) == {"length: short, 1 word": [0, 1, 2, 3], "length: longest, 3 words": [4]}


def test_expressions_come_under_their_own_text() -> None:
    given = rows(text=["it is not", "cannot", "Not so"], channel=["chat", "email", "phone"])
    found = members(find_slices(TASK, given, ["contains: not", "channel != chat", "len > 2", "len > 9", "len > 0"]))
    assert list(found.items())[:3] == [("contains: not", [0, 2]), ("channel != chat", [1, 2]), ("len > 2", [0])]
    assert "len > 9" not in found and "len > 0" not in found  # no row, every row


def test_a_column_that_the_rows_lack_is_refused() -> None:
    with pytest.raises(ParamsError, match=r"(?s)columns of the test rows: row, text, label, channel\n.*chanel = chat.*correct evaluate.slices"):
        find_slices(TASK, rows(channel=["chat"]), ["chanel = chat"])


def test_the_worst_slice_is_first_with_its_distance_and_interval() -> None:
    right = np.array([1.0] * 8 + [0.0] * 2 + [1.0] * 10)
    slices = {"good": np.arange(20) >= 10, "bad": np.arange(20) < 10}
    worst, best = slice_report(slices, right, 0.95)
    assert worst == {
        "slice": "bad",
        "rows": 10,
        "accuracy": 0.8,
        "low": pytest.approx(0.490162, abs=1e-6),
        "high": pytest.approx(0.943318, abs=1e-6),
        "gap": pytest.approx(-0.1),
    }
    assert (best["slice"], best["gap"], best["high"]) == ("good", pytest.approx(0.1), 1.0)


def test_slices_of_fewer_than_five_rows_are_left_out() -> None:
    slices = {"four": np.arange(9) < 4, "five": np.arange(9) < 5}
    assert list(shown_slices(slices)) == ["five"]
    assert [line["slice"] for line in slice_report(slices, np.ones(9), 0.95)] == ["five"]


@pytest.mark.parametrize(
    ("hits", "rows", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 29, 0.0061, 0.1718)],  # the last: Newcombe 1998, table I
)
def test_wilsons_interval(hits: float, rows: int, low: float, high: float) -> None:
    assert wilson(hits, rows, 0.95) == pytest.approx((low, high), abs=5e-5)


def test_more_confidence_is_a_wider_interval() -> None:
    assert wilson(8, 10, 0.99) == pytest.approx((0.400819, 0.959869), abs=1e-6)  # scipy.stats.binomtest(8, 10).proportion_ci(0.99, "wilson")

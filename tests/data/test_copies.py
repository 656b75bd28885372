"""Rows that stand twice, texts with two labels, and which of them stays."""

from pathlib import Path

import pytest

from hugline.core.rows import SPLITS, read_rows
from hugline.data.sources import Raw
from tests.data.listed import given, run, split_of_rows

FILLING = [("train", f"filling {i}", "ab"[i % 2]) for i in range(4)] + [("validation", "held out", "a"), ("test", "at last", "b")]


def test_equal_texts_are_those_that_are_equal_without_white_space_at_the_ends(tmp_path: Path) -> None:
    rows = given(*FILLING, ("train", " filling 0\n", "a"), ("train", "Filling 0", "a"), ("train", "filling  0", "a"))
    done = run(rows, tmp_path / "out", splits=SPLITS)
    assert split_of_rows(tmp_path / "out") == {
        **dict(zip(range(1, 7), ["train"] * 4 + ["validation", "test"], strict=True)),
        7: "copy of row 1",
        8: "train",
        9: "train",
    }
    assert (done.report["copies"], done.report["conflicts"]) == (1, 0)


def test_of_three_equal_rows_the_first_stays(tmp_path: Path) -> None:
    rows = given(*FILLING, *[("train", "filling 1", "b")] * 2)
    run(rows, tmp_path / "out", splits=SPLITS)
    assert {row: split_of_rows(tmp_path / "out")[row] for row in (2, 7, 8)} == {2: "train", 7: "copy of row 2", 8: "copy of row 2"}


def test_a_copy_in_training_of_a_row_that_is_held_out_is_the_one_set_aside(tmp_path: Path) -> None:
    rows = given(("train", "held out", "a"), ("validation", "at last", "b"), *FILLING, ("train", "at last", "b"))
    done = run(rows, tmp_path / "out", splits=SPLITS)
    found = split_of_rows(tmp_path / "out")
    assert {row: found[row] for row in (1, 2, 7, 8, 9)} == {1: "copy of row 7", 2: "copy of row 8", 7: "validation", 8: "test", 9: "copy of row 8"}
    assert done.report["reasons"] == [{"reason": "copy", "rows": 3}]
    assert "3 rows are set aside as an exact copy of another." in done.report["warnings"]


def test_one_text_with_several_labels_stays_and_is_told_with_its_rows(tmp_path: Path) -> None:
    twice = [("train", "filling 1", "a"), ("test", "filling 0", "b"), ("train", "filling 0", "c"), ("train", "filling 0", "c")]
    done = run(given(*FILLING, *twice), tmp_path / "out", splits=SPLITS)
    assert (done.report["conflicts"], done.report["copies"]) == (5, 1)
    pairs = {(line["row"], line["label"], line["other_row"], line["other_label"]) for line in done.report["conflict_rows"]}
    assert (7, "a", 2, "b") in pairs
    assert {row for row, *_ in pairs} | {other for _, _, other, _ in pairs} == {1, 2, 7, 8, 9}
    assert len(pairs) == 3
    told = "5 rows have a text that also stands with another label: see rows "
    assert any(line.startswith(told) for line in done.report["warnings"])
    assert len(read_rows(tmp_path / "out", "train")) == 6


def test_two_texts_are_not_the_same_as_their_join(tmp_path: Path) -> None:
    from hugline.tasks.sequence_classification import SequenceClassification

    texts = [("a b", "c"), ("a", "b c"), ("a b c", "c"), *[(f"one {i}", f"two {i}") for i in range(20)]]
    rows = [Raw(i + 1, f"row:{i}", None, {"text": one, "text_pair": two, "label": "xy"[i % 2]}) for i, (one, two) in enumerate(texts)]
    done = run(rows, tmp_path / "out", ("text", "text_pair", "label"), task=SequenceClassification(pair=True))
    assert (done.report["copies"], done.report["conflicts"]) == (0, 0)


@pytest.mark.parametrize("count", [1, 500])
def test_many_copies_of_one_row_are_one_row(count: int, tmp_path: Path) -> None:
    rows = given(*FILLING, *[("train", "filling 3", "b")] * count)
    done = run(rows, tmp_path / "out", splits=SPLITS)
    assert (done.report["copies"], done.report["train"]) == (count, 4)
    assert {reason for row, reason in split_of_rows(tmp_path / "out").items() if row > 6} == {"copy of row 4"}

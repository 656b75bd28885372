"""What the user is told about the rows, in whole sentences."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from hugline.data.ingest import ingest
from hugline.tasks.sequence_classification import SequenceClassification
from tests.data.listed import Listed, given, run, settings


def rows(labels: list[str], **others: Any) -> list[dict[str, Any]]:
    return [{"text": f"text {i}", "label": label, **others} for i, label in enumerate(labels)]


def warnings(items: list[Any], out: Path, names: tuple[str, ...] = ("text", "label"), **changes: Any) -> list[str]:
    return list(run(items, out, names, near=0.95, **changes).report["warnings"])


def test_rows_with_nothing_odd_about_them_give_no_warning(tmp_path: Path) -> None:
    assert warnings(rows(["a", "b", "c"] * 40), tmp_path / "out") == []


def test_labels_with_few_training_rows_are_named(tmp_path: Path) -> None:
    splits = [("train", 4), ("train", 2), ("train", 20), ("validation", 2), ("test", 2)]
    items = [(split, f"{i} {k} {split}", "cba"[min(i, 2)]) for i, (split, count) in enumerate(splits) for k in range(count)]
    items = random.Random(0).sample(items, len(items))
    told = warnings(given(*items), tmp_path / "out", splits=("train", "validation", "test"))
    assert told == ["2 labels have fewer than 5 training rows: b, c."]


def test_labels_that_differ_by_case_or_spaces_are_named(tmp_path: Path) -> None:
    told = warnings(rows(["Returns", "returns", "other", "RETURNS "] * 40), tmp_path / "out")
    assert told == ["These labels differ by case or spaces only: 'RETURNS ', 'Returns', 'returns'."]


def test_rows_sorted_by_label_are_told(tmp_path: Path) -> None:
    told = warnings(rows(["a"] * 60 + ["b"] * 60), tmp_path / "out")
    assert told == ["The rows come sorted by label: data.limit would read the first labels only."]


def test_columns_that_tell_nothing_are_named(tmp_path: Path) -> None:
    items = rows(["a", "b"] * 60, country="de", note=None)
    told = warnings(items, tmp_path / "out", ("text", "label", "country", "note"))
    assert told == ["1 kept column is empty: note.", "1 kept column is of one value only: country."]


def test_rows_set_aside_are_counted_by_reason(tmp_path: Path) -> None:
    told = warnings([*rows(["a", "b"] * 60), {"text": "", "label": "a"}, {"text": "x", "label": None}, {"text": " ", "label": "b"}], tmp_path / "out")
    assert told == ["3 rows are set aside: empty label (1), empty text (2); see rows 121, 122, 123."]


def test_what_was_recognized_and_what_was_not_read_is_told(tmp_path: Path) -> None:
    info = {"kind": "csv", "encoding": "cp1252", "delimiter": ";", "files": 1, "recognized": True, "left_out": ["notes.xlsx"]}
    source: Any = replace(Listed(rows(["a", "b"] * 60)), info=info)
    (tmp_path / "out").mkdir()
    done = ingest(source, SequenceClassification(), settings(near=0.95), 1, tmp_path / "out")
    assert done.report["warnings"] == [
        "The source was recognized, the encoding as 'cp1252' and the delimiter as ';': set data.encoding or data.delimiter where that is wrong.",
        "There is more that was not read: notes.xlsx.",
    ]
    assert done.report["source"] == {"kind": "csv", "encoding": "cp1252", "delimiter": ";", "files": 1, "recognized": True}

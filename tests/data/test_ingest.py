"""Ingest: rows in = rows out + rows set aside, mapped, checked and split."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hugline.core.rows import SPLITS, read_rows
from hugline.data.ingest import Ingested, ingest
from hugline.data.outputs import SHOWN
from hugline.data.sources import open_source
from hugline.errors import DataError
from hugline.tasks.sequence_classification import SequenceClassification
from tests.data.listed import settings

TASK = SequenceClassification()
COLUMNS = {"text": "message", "label": "team"}
LABELS = ("delivery", "returns")


def write_csv(folder: Path, lines: list[bytes | str], name: str = "rows.csv", header: str = "message,team,channel") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    body = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in [header, *lines])
    (folder / name).write_bytes(body + b"\n")
    return folder / name


def good(count: int, start: int = 0) -> list[bytes | str]:
    return [f"message {i},{LABELS[i % 2]},app" for i in range(start, start + count)]


def run(place: Path, out: Path, task: SequenceClassification = TASK, seed: int = 1, **changes: Any) -> Ingested:
    out.mkdir()
    source = open_source(str(place), encoding="utf-8")
    return ingest(source, task, settings(**{"columns": COLUMNS, **changes}), seed, out)


def rows_out(done: Ingested) -> dict[str, int]:
    return {split: done.report[split] for split in SPLITS}


def reasons(done: Ingested) -> dict[str, int]:
    return {line["reason"]: line["rows"] for line in done.report["reasons"]}


def split_of_texts(out: Path) -> dict[str, str]:
    return {row["text"]: split for split in SPLITS for row in read_rows(out, split)}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "ingested"


def test_rows_have_the_tasks_names_their_number_and_all_other_columns(tmp_path: Path, out: Path) -> None:
    done = run(write_csv(tmp_path, good(30)), out)
    rows = sorted((row for split in SPLITS for row in read_rows(out, split)), key=lambda row: row["row"])
    assert rows == [{"row": i + 1, "text": f"message {i}", "label": LABELS[i % 2], "channel": "app"} for i in range(30)]
    assert done.task.labels == ["delivery", "returns"]
    assert done.report["rows_in"] == sum(rows_out(done).values()) == 30


def test_with_a_list_only_its_columns_are_kept(tmp_path: Path, out: Path) -> None:
    run(write_csv(tmp_path, good(30)), out, keep=[])
    assert pq.read_schema(out / "train.parquet").names == ["row", "text", "label"]


BAD: list[bytes | str] = [
    "ragged,returns",
    "ragged,returns,app,more",
    ",returns,app",
    "no label,  ,app",
    b"caf\xe9,returns,app",
    b"label,retour\xe9e,app",
    f"{'long ' * 30},returns,app",
    "a \0 character,returns,app",
    "message 3,returns,web",
]


def test_rows_in_are_rows_out_and_rows_set_aside_each_with_its_reason(tmp_path: Path, out: Path) -> None:
    done = run(write_csv(tmp_path, [*good(30), *BAD]), out, max_chars=100)
    report = done.report
    assert (report["rows_in"], sum(rows_out(done).values()), report["set_aside"]) == (39, 30, 9)
    assert reasons(done) == {
        "2 fields, the header has 3": 1,
        "4 fields, the header has 3": 1,
        "NUL character in text": 1,
        "copy": 1,
        "empty label": 1,
        "empty text": 1,
        "invalid UTF-8 in label": 1,
        "invalid UTF-8 in text": 1,
        "over-long text": 1,
    }
    assert pq.read_table(out / "aside.parquet").to_pylist() == report["set_aside_rows"]
    assert report["set_aside_rows"][0] == {"row": 31, "where": "rows.csv:32", "reason": "2 fields, the header has 3"}
    assert report["set_aside_rows"][6:] == [
        {"row": 37, "where": "rows.csv:38", "reason": "over-long text: 150 characters"},
        {"row": 38, "where": "rows.csv:39", "reason": "NUL character in text"},
        {"row": 39, "where": "rows.csv:40", "reason": "copy of row 4"},
    ]
    assert [line["row"] for line in report["set_aside_rows"]] == list(range(31, 40))


def test_the_report_counts_labels_by_split_and_holds_no_text(tmp_path: Path, out: Path) -> None:
    report = run(write_csv(tmp_path, [*good(30), *BAD]), out).report
    for split in SPLITS:
        assert {line["label"]: line[split] for line in report["labels"] if line[split]} == Counter(row["label"] for row in read_rows(out, split))
    for text in ("message", "caf", "ragged", "no label", "long "):
        assert text not in json.dumps(report)


def test_the_report_has_lengths_columns_and_what_the_source_is(tmp_path: Path, out: Path) -> None:
    lines = [f"{'x' * length}{i:04},{LABELS[i % 2]},{'web' if i else 'app'}" for i, length in enumerate([0, 1, 2, 3, 4, 5, 6, 7, 8, 95])]
    report = run(write_csv(tmp_path, lines), out, validation=0.25, test=0.25, seed=4).report
    lengths = {split: sorted(len(row["text"]) for row in read_rows(out, split)) for split in SPLITS}
    assert [line["rows"] for line in report["lengths"]] == [len(lengths[split]) for split in SPLITS]
    for line in report["lengths"]:
        of = lengths[line["split"]]
        assert (line["shortest"], line["median"], line["longest"]) == (of[0], of[(len(of) - 1) // 2], of[-1])
    assert report["columns"] == [{"column": "channel", "values": 2}]
    assert report["source"] == {"kind": "csv", "encoding": "utf-8", "delimiter": ",", "files": 1, "recognized": False}


def test_the_report_names_some_rows_and_the_file_of_rows_set_aside_all(tmp_path: Path, out: Path) -> None:
    report = run(write_csv(tmp_path, [*good(200), *["x"] * 150]), out).report
    assert (report["set_aside"], len(report["set_aside_rows"])) == (150, SHOWN)
    assert pq.read_table(out / "aside.parquet").num_rows == 150


def test_a_pair_counts_both_texts(tmp_path: Path, out: Path) -> None:
    lines = [f"{'a' * 10}{i:02},{'b' * 20}{i:02},{LABELS[i % 2]}" for i in range(30)]
    done = run(write_csv(tmp_path, lines, header="text,text_pair,label"), out, SequenceClassification(pair=True), columns={})
    assert {(line["shortest"], line["longest"]) for line in done.report["lengths"]} == {(34, 34)}


def test_labels_that_the_settings_do_not_list_are_set_aside(tmp_path: Path, out: Path) -> None:
    task = SequenceClassification(labels=["returns", "delivery"])
    done = run(write_csv(tmp_path, [*good(30), "one more,billing,app"]), out, task)
    assert reasons(done) == {"label not in task.labels": 1}
    assert done.task.labels == ["returns", "delivery"]


def test_a_kept_column_may_be_empty_but_not_undecodable(tmp_path: Path, out: Path) -> None:
    done = run(write_csv(tmp_path, [*good(30), "empty,returns,", b"undecodable,returns,caf\xe9"]), out)
    assert reasons(done) == {"invalid UTF-8 in channel": 1}
    assert {row["channel"] for split in SPLITS for row in read_rows(out, split) if row["text"] == "empty"} == {""}


def test_a_kept_column_named_as_one_of_ours_is_left_out_with_a_warning(tmp_path: Path, out: Path) -> None:
    lines = [f"message {i},{LABELS[i % 2]},old {i},{i}" for i in range(30)]
    done = run(write_csv(tmp_path, lines, header="message,team,text,row"), out)
    assert pq.read_schema(out / "train.parquet").names == ["row", "text", "label"]
    assert "2 columns are not kept, because a column of the ingested rows has that name: text, row." in done.report["warnings"]


def test_the_limit_is_of_the_rows_that_are_read(tmp_path: Path, out: Path) -> None:
    done = run(write_csv(tmp_path, ["x", *good(40)]), out, limit=31)
    assert (done.report["rows_in"], done.report["set_aside"], max(row["row"] for split in SPLITS for row in read_rows(out, split))) == (31, 1, 31)


def test_more_bad_rows_than_allowed_stop_with_their_places(tmp_path: Path, out: Path) -> None:
    file = write_csv(tmp_path, [*good(30), "x", ",returns,app"])
    with pytest.raises(
        DataError,
        match=r"(?s)at most 5\.0% of the rows unusable \(data\.max_bad\).*2 of 32: 1 fields, the header has 3 \(1\), empty text \(1\); "
        r"first: rows\.csv:32: 1 fields, the header has 3; rows\.csv:33: empty text.*raise data\.max_bad",
    ):
        run(file, out, max_bad=0.05)


def test_the_remedy_names_the_setting_that_a_reason_speaks_of(tmp_path: Path, out: Path) -> None:
    with pytest.raises(DataError, match=r"correct data\.columns, raise data\.max_chars, or raise data\.max_bad"):
        run(write_csv(tmp_path, [*good(30), f"{'x' * 50},returns,app"]), out, max_bad=0.0, max_chars=20)


def test_as_many_bad_rows_as_allowed_do_not_stop_and_copies_are_no_bad_rows(tmp_path: Path, out: Path) -> None:
    done = run(write_csv(tmp_path, [*good(37), "message 1,returns,app", "x", "x"]), out, max_bad=0.05)
    assert (done.report["rows_in"], done.report["copies"]) == (40, 1)


def test_more_copies_than_allowed_stop_with_their_places(tmp_path: Path, out: Path) -> None:
    with pytest.raises(
        DataError, match=r"(?s)at most 10\.0% of the rows exact copies of others \(data\.max_copies\).*10 of 40; first: rows\.csv:32: copy of row 1; "
    ):
        run(write_csv(tmp_path, [*good(30), *good(10)]), out, max_copies=0.1)


def test_more_conflicts_than_allowed_stop_with_their_rows(tmp_path: Path, out: Path) -> None:
    lines = [*good(30), "message 0,returns,app", "message 1,delivery,app"]
    with pytest.raises(
        DataError, match=r"(?s)also stands with another label \(data\.max_conflicts\).*4 of 32; the same text has row 31 as row 1, row 32 as row 2"
    ):
        run(write_csv(tmp_path, lines), out, max_conflicts=0.1)


def test_more_leaks_than_allowed_stop_with_their_rows(tmp_path: Path, out: Path) -> None:
    text = "please tell me where the parcel with the red shoes is that I ordered"
    folder = tmp_path / "given"
    write_csv(folder, [*good(9), f"{text} today,returns,app"], "train.csv")
    write_csv(folder, ["quite another text,returns,app", f"{text} now,returns,app"], "test.csv")
    write_csv(folder, ["held out,delivery,app"], "validation.csv")
    with pytest.raises(DataError, match=r"(?s)in training \(data\.max_leaks\).*1 of 3; first: row 13 \(test\) as row 10, similarity 0\.89"):
        run(folder, out, near=0.8, max_leaks=0.3)


def test_columns_that_are_not_there_are_named_beside_those_that_are(tmp_path: Path, out: Path) -> None:
    expected = r"(?s)the columns 'body' \(for `text`\), 'origin', 'customer' \(for data\.group_by\).*columns message, team, channel.*group_by or time"
    with pytest.raises(DataError, match=expected):
        run(write_csv(tmp_path, good(1)), out, columns={"text": "body", "label": "team"}, keep=["channel", "origin"], group_by="customer")


def test_columns_that_are_not_listed_have_the_tasks_own_name(tmp_path: Path, out: Path) -> None:
    lines = [f"first {i},{LABELS[i % 2]},second {i},app" for i in range(30)]
    run(write_csv(tmp_path, lines, header="text,team,text_pair,channel"), out, SequenceClassification(pair=True), columns={"label": "team"})
    assert pq.read_schema(out / "train.parquet").names == ["row", "text", "text_pair", "label", "channel"]


def test_one_label_only_is_refused(tmp_path: Path, out: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)at least two labels.*only 'returns'.*check data\.columns\.label"):
        run(write_csv(tmp_path, [f"message {i},returns,app" for i in range(30)]), out)


def test_an_empty_split_is_refused(tmp_path: Path, out: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)rows in every split.*none in .*\(train \d, validation \d, test \d\).*add rows"):
        run(write_csv(tmp_path, good(2)), out)


def test_given_splits_with_a_limit_tell_that_it_takes_the_first_rows(tmp_path: Path, out: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)none in test.*raise data\.limit: it takes the first rows"):
        run(given_splits(tmp_path), out, limit=20)


def given_splits(tmp_path: Path, test_label: str = "returns", **others: list[bytes | str]) -> Path:
    folder = tmp_path / "given"
    write_csv(folder, good(20), "train.csv")
    write_csv(folder, [f"a test,{test_label},app", "another,delivery,app"], "test.csv")
    for name, lines in others.items():
        write_csv(folder, lines, f"{name}.csv")
    return folder


def test_held_out_rows_whose_label_training_lacks_are_set_aside_with_a_warning(tmp_path: Path, out: Path) -> None:
    done = run(given_splits(tmp_path, "billing", validation=["held out,returns,app"]), out)
    assert done.report["set_aside_rows"] == [{"row": 22, "where": "test.csv:2", "reason": "label without training rows"}]
    assert done.task.labels == ["delivery", "returns"]
    assert "1 label has no training rows, so their other rows were set aside: billing." in done.report["warnings"]
    with pytest.raises(DataError, match=r"(?s)\(data\.max_bad\).*1 of 23: label without training rows \(1\); first: test\.csv:2: label without"):
        run(given_splits(tmp_path, "billing", validation=["held out,returns,app"]), tmp_path / "strict", max_bad=0.02)


def test_a_listed_label_without_training_rows_is_refused(tmp_path: Path, out: Path) -> None:
    task = SequenceClassification(labels=["billing", "delivery", "returns"])
    with pytest.raises(DataError, match=r"(?s)training rows for every label of task\.labels \(billing, delivery, returns\).*none for billing"):
        run(write_csv(tmp_path, good(30)), out, task)


def test_a_text_column_taken_for_the_labels_is_refused(tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hugline.data.reading.MAX_LABELS", 20)
    with pytest.raises(DataError, match=r"(?s)a column of labels.*over 20 different ones in the column 'message'.*data\.columns\.label"):
        run(write_csv(tmp_path, good(30)), out, columns={"text": "team", "label": "message"})


def test_given_splits_are_kept(tmp_path: Path, out: Path) -> None:
    done = run(given_splits(tmp_path, validation=["held out,returns,app"]), out)
    assert rows_out(done) == {"train": 20, "validation": 1, "test": 2}
    assert [row["text"] for row in read_rows(out, "train")] == [f"message {i}" for i in range(20)]
    assert [row["text"] for row in read_rows(out, "test")] == ["a test", "another"]


def test_a_split_that_the_source_lacks_is_cut_from_train(tmp_path: Path, out: Path) -> None:
    done = run(given_splits(tmp_path), out)
    assert done.report["test"] == 2
    assert done.report["train"] + done.report["validation"] == 20
    assert 0 < done.report["validation"] < 10


def test_the_same_rows_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    file = write_csv(tmp_path, [*good(40), *good(3), "message 1,delivery,app"])
    reports = []
    for name, seed in (("one", 1), ("two", 1), ("other", 2)):
        reports.append(run(file, tmp_path / name, seed=seed, near=0.7).report)
    files = {name: {file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("one", "two", "other")}
    assert sorted(files["one"]) == ["aside.parquet", "near.parquet", "test.parquet", "train.parquet", "validation.parquet"]
    assert files["one"] == files["two"] and reports[0] == reports[1]
    assert files["one"] != files["other"]


def test_a_stage_that_stops_leaves_no_temporary_file(tmp_path: Path, out: Path) -> None:
    with pytest.raises(DataError, match="max_bad"):
        run(write_csv(tmp_path, [*good(30), "x"]), out, max_bad=0.0)
    assert list(out.iterdir()) == []


def test_blocks_of_rows_make_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_csv(tmp_path, [*good(60), *good(20), *BAD, *[f"message {i},{LABELS[(i + 1) % 2]},app" for i in range(9)]])
    whole = run(file, tmp_path / "whole", near=0.7).report
    for module in ("spool", "copies", "placing", "candidates", "near"):
        monkeypatch.setattr(f"hugline.data.{module}.SCAN_ROWS", 7)
    monkeypatch.setattr("hugline.data.spool.BLOCK_ROWS", 5)
    monkeypatch.setattr("hugline.data.near.BLOCK", 3)
    assert run(file, tmp_path / "blocks", near=0.7).report == whole
    for split in SPLITS:
        assert read_rows(tmp_path / "blocks", split) == read_rows(tmp_path / "whole", split)
    assert pq.read_table(tmp_path / "blocks/near.parquet").equals(pq.read_table(tmp_path / "whole/near.parquet"))


def hub_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: dict[str, list[Any]], features: Any = None) -> Path:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    (tmp_path / "hub").mkdir()
    datasets.Dataset.from_dict(rows, features).to_parquet(tmp_path / "hub" / "train.parquet")
    return tmp_path / "hub"


def test_a_folder_in_the_hubs_format_gives_label_names_in_its_own_order(tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    features = datasets.Features({"message": datasets.Value("string"), "team": datasets.ClassLabel(names=["returns", "delivery"])})
    rows: dict[str, list[Any]] = {"message": [f"message {i}" for i in range(40)], "team": [i % 2 for i in range(39)] + [-1]}
    done = run(hub_folder(tmp_path, monkeypatch, rows, features), out)
    assert done.task.labels == ["returns", "delivery"]
    assert reasons(done) == {"empty label": 1}
    found = {row["text"]: row["label"] for split in SPLITS for row in read_rows(out, split)}
    assert found == {f"message {i}": ("returns", "delivery")[i % 2] for i in range(39)}


def test_a_text_that_is_no_string_is_set_aside_with_its_type(tmp_path: Path, out: Path) -> None:
    pq.write_table(pa.table({"message": [1.5, 2.5], "team": ["a", "b"]}), tmp_path / "rows.parquet")
    with pytest.raises(DataError, match=r"2 of 2: wrong type in text \(2\); first: \S+: wrong type in text: Input should be a valid string"):
        run(tmp_path / "rows.parquet", out, max_bad=0.5)


def test_class_ids_and_booleans_in_parquet_read_as_in_a_csv(tmp_path: Path, out: Path) -> None:
    rows = {"message": [f"message {i}" for i in range(40)], "team": [float(i % 2) if i else None for i in range(40)], "open": [i % 3 == 0 for i in range(40)]}
    pq.write_table(pa.table(rows), tmp_path / "rows.parquet")
    done = run(tmp_path / "rows.parquet", out)
    assert (done.task.labels, reasons(done)) == (["0", "1"], {"empty label": 1})
    assert {(row["label"], row["open"]) for row in read_rows(out, "train")} <= {("0", "true"), ("0", "false"), ("1", "true"), ("1", "false")}

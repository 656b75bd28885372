"""Ingest: rows in = rows out + rows set aside, mapped, checked and split."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from hugline.core.rows import SPLITS, read_rows
from hugline.data.ingest import SHOWN_FAULTS, Ingested, column_map, ingest
from hugline.data.sources import open_source
from hugline.errors import DataError
from hugline.tasks.sequence_classification import SequenceClassification

TASK = SequenceClassification()
COLUMNS = {"text": "message", "label": "team"}
SHARES = (0.2, 0.2)
LABELS = ("delivery", "returns")


def write_csv(folder: Path, lines: list[bytes | str], name: str = "rows.csv", header: str = "message,team,channel") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    body = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in [header, *lines])
    (folder / name).write_bytes(body + b"\n")
    return folder / name


def good(count: int, start: int = 0) -> list[bytes | str]:
    return [f"message {i},{LABELS[i % 2]},app" for i in range(start, start + count)]


def run(place: Path, out: Path, task: SequenceClassification = TASK, keep: tuple[str, ...] = (), max_bad: float = 0.5, seed: int = 1) -> Ingested:
    source = open_source(str(place))
    out.mkdir()
    return ingest(source, task, column_map(task, COLUMNS, list(keep), source), SHARES, max_bad, seed, out)


def split_of_texts(out: Path) -> dict[str, str]:
    return {row["text"]: split for split in SPLITS for row in read_rows(out, split)}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "ingested"


def test_rows_have_the_tasks_names_their_number_and_what_is_kept(tmp_path: Path, out: Path) -> None:
    done = run(write_csv(tmp_path, good(30)), out, keep=("channel",))
    rows = sorted((row for split in SPLITS for row in read_rows(out, split)), key=lambda row: row["row"])
    assert rows == [{"row": i + 1, "text": f"message {i}", "label": LABELS[i % 2], "channel": "app"} for i in range(30)]
    assert done.task.labels == ["delivery", "returns"]
    assert done.rows_in == sum(done.rows_out.values()) == 30


BAD: list[bytes | str] = [
    "ragged,returns",
    "ragged,returns,app,more",
    ",returns,app",
    "no label,  ,app",
    b"caf\xe9,returns,app",
    b"label,retour\xe9e,app",
]


def test_rows_in_are_rows_out_and_rows_set_aside(tmp_path: Path, out: Path) -> None:
    done = run(write_csv(tmp_path, [*good(30), *BAD]), out)
    report = done.report()
    assert (report["rows_in"], report["train"] + report["validation"] + report["test"], report["set_aside"]) == (36, 30, 6)
    assert {line["reason"]: line["rows"] for line in report["reasons"]} == {
        "2 fields, the header has 3": 1,
        "4 fields, the header has 3": 1,
        "empty label": 1,
        "empty text": 1,
        "invalid UTF-8 in label": 1,
        "invalid UTF-8 in text": 1,
    }
    assert report["set_aside_rows"][0] == {"row": 31, "where": "rows.csv:32", "reason": "2 fields, the header has 3"}
    assert [line["row"] for line in report["set_aside_rows"]] == [31, 32, 33, 34, 35, 36]


def test_the_report_counts_labels_by_split_and_holds_no_text(tmp_path: Path, out: Path) -> None:
    report = run(write_csv(tmp_path, [*good(30), *BAD]), out).report()
    for split in SPLITS:
        assert {line["label"]: line[split] for line in report["labels"] if line[split]} == Counter(row["label"] for row in read_rows(out, split))
    assert "message" not in json.dumps(report)
    assert "caf" not in json.dumps(report)


def test_the_report_names_some_rows_and_counts_the_others(tmp_path: Path, out: Path) -> None:
    report = run(write_csv(tmp_path, [*good(200), *["x"] * 150]), out).report()
    assert (report["set_aside"], len(report["set_aside_rows"])) == (150, SHOWN_FAULTS)


def test_labels_that_the_settings_do_not_list_are_set_aside(tmp_path: Path, out: Path) -> None:
    task = SequenceClassification(labels=["returns", "delivery"])
    done = run(write_csv(tmp_path, [*good(30), "one more,billing,app"]), out, task)
    assert done.reasons == {"label not in task.labels": 1}
    assert done.task.labels == ["returns", "delivery"]


def test_a_kept_column_may_be_empty_but_not_undecodable(tmp_path: Path, out: Path) -> None:
    done = run(write_csv(tmp_path, [*good(30), "empty,returns,", b"undecodable,returns,caf\xe9"]), out, keep=("channel",))
    assert done.reasons == {"invalid UTF-8 in channel": 1}
    assert {row["channel"] for split in SPLITS for row in read_rows(out, split) if row["text"] == "empty"} == {""}


def test_more_bad_rows_than_allowed_stop_with_their_places(tmp_path: Path, out: Path) -> None:
    file = write_csv(tmp_path, [*good(30), "x", ",returns,app"])
    with pytest.raises(
        DataError,
        match=r"(?s)at most 5\.0% of the rows unusable \(data\.max_bad\).*2 of 32: 1 fields, the header has 3 \(1\), empty text \(1\); "
        r"first: rows\.csv:32: 1 fields, the header has 3; rows\.csv:33: empty text.*raise data\.max_bad",
    ):
        run(file, out, max_bad=0.05)


def test_as_many_bad_rows_as_allowed_do_not_stop(tmp_path: Path, out: Path) -> None:
    assert run(write_csv(tmp_path, [*good(38), "x", "x"]), out, max_bad=0.05).rows_in == 40


def test_a_missing_column_is_named_beside_those_that_are_there(tmp_path: Path) -> None:
    source = open_source(str(write_csv(tmp_path, good(1))))
    with pytest.raises(DataError, match=r"(?s)the column 'body' \(for `text`\), 'origin'.*columns message, team, channel.*data\.columns and data\.keep"):
        column_map(TASK, {"text": "body", "label": "team"}, ["channel", "origin"], source)


def test_columns_that_are_not_listed_have_the_tasks_own_name(tmp_path: Path) -> None:
    source = open_source(str(write_csv(tmp_path, [], header="text,team,text_pair,channel")))
    pairs = SequenceClassification(pair=True)
    assert column_map(pairs, {"label": "team"}, ["channel"], source) == {"text": "text", "text_pair": "text_pair", "label": "team", "channel": "channel"}


def test_one_label_only_is_refused(tmp_path: Path, out: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)at least two labels.*only 'returns'.*check data\.columns\.label"):
        run(write_csv(tmp_path, [f"message {i},returns,app" for i in range(30)]), out)


def test_an_empty_split_is_refused(tmp_path: Path, out: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)rows in every split.*none in .*\(train \d, validation \d, test \d\).*add rows"):
        run(write_csv(tmp_path, good(2)), out)


def test_no_rows_at_all_are_refused(tmp_path: Path, out: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)none in train, validation, test"):
        run(write_csv(tmp_path, []), out)


def given_splits(tmp_path: Path, test_label: str = "returns", **others: list[bytes | str]) -> Path:
    folder = tmp_path / "given"
    write_csv(folder, good(20), "train.csv")
    write_csv(folder, [f"a test,{test_label},app", "message 0,delivery,app"], "test.csv")
    for name, lines in others.items():
        write_csv(folder, lines, f"{name}.csv")
    return folder


def test_a_label_unseen_in_training_is_refused_in_other_splits(tmp_path: Path, out: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)labels that the training rows have: delivery, returns.*unseen in training: 'billing' \(1\)"):
        run(given_splits(tmp_path, "billing", validation=["held out,returns,app"]), out)


def test_a_listed_label_without_training_rows_is_refused(tmp_path: Path, out: Path) -> None:
    task = SequenceClassification(labels=["billing", "delivery", "returns"])
    with pytest.raises(DataError, match=r"(?s)training rows for every label of task\.labels \(billing, delivery, returns\).*none for billing"):
        run(write_csv(tmp_path, good(30)), out, task)


def test_given_splits_are_kept(tmp_path: Path, out: Path) -> None:
    done = run(given_splits(tmp_path, validation=["held out,returns,app"]), out)
    assert done.rows_out == {"train": 20, "validation": 1, "test": 2}
    assert [row["text"] for row in read_rows(out, "train")] == [f"message {i}" for i in range(20)]
    assert [row["text"] for row in read_rows(out, "test")] == ["a test", "message 0"]


def test_a_split_that_the_source_lacks_is_cut_from_train(tmp_path: Path, out: Path) -> None:
    done = run(given_splits(tmp_path), out)
    assert done.rows_out["test"] == 2
    assert done.rows_out["train"] + done.rows_out["validation"] == 20
    assert 0 < done.rows_out["validation"] < 10


def test_equal_texts_fall_into_one_split(tmp_path: Path, out: Path) -> None:
    run(write_csv(tmp_path, [*good(40), *good(40)]), out)
    counts = Counter((row["text"], split) for split in SPLITS for row in read_rows(out, split))
    assert set(counts.values()) == {2}


def test_adding_rows_moves_none(tmp_path: Path) -> None:
    run(write_csv(tmp_path, good(40)), tmp_path / "before")
    run(write_csv(tmp_path, [*good(30, 100), *good(40)]), tmp_path / "after")
    before, after = split_of_texts(tmp_path / "before"), split_of_texts(tmp_path / "after")
    assert len(after) == 70
    assert {text: after[text] for text in before} == before


def test_the_same_rows_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    file = write_csv(tmp_path, good(40))
    for name, seed in (("one", 1), ("two", 1), ("other", 2)):
        run(file, tmp_path / name, seed=seed)
    files = {name: [(tmp_path / name / f"{split}.parquet").read_bytes() for split in SPLITS] for name in ("one", "two", "other")}
    assert files["one"] == files["two"]
    assert files["one"] != files["other"]


def test_a_folder_in_the_hubs_format_gives_label_names_in_its_own_order(tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    features = datasets.Features({"message": datasets.Value("string"), "team": datasets.ClassLabel(names=["returns", "delivery"])})
    rows: dict[str, list[Any]] = {"message": [f"message {i}" for i in range(40)], "team": [i % 2 for i in range(39)] + [-1]}
    (tmp_path / "hub").mkdir()
    datasets.Dataset.from_dict(rows, features).to_parquet(tmp_path / "hub" / "train.parquet")
    done = run(tmp_path / "hub", out)
    assert done.task.labels == ["returns", "delivery"]
    assert done.reasons == {"empty label": 1}
    assert {row["text"]: row["label"] for split in SPLITS for row in read_rows(out, split)} == {
        f"message {i}": ("returns", "delivery")[i % 2] for i in range(39)
    }


def test_a_text_that_is_no_string_is_set_aside_with_its_type(tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    (tmp_path / "hub").mkdir()
    datasets.Dataset.from_dict({"message": [1.5, 2.5], "team": ["a", "b"]}).to_parquet(tmp_path / "hub" / "train.parquet")
    with pytest.raises(DataError, match=r"2 of 2: wrong type in text \(2\); first: row:0: wrong type in text: Input should be a valid string"):
        run(tmp_path / "hub", out)


def test_whole_numbers_in_parquet_read_as_in_a_csv(tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    (tmp_path / "hub").mkdir()
    rows = {"message": [f"message {i}" for i in range(40)], "team": [i % 2 for i in range(40)]}
    datasets.Dataset.from_dict(rows).to_parquet(tmp_path / "hub" / "train.parquet")
    assert run(tmp_path / "hub", out).task.labels == ["0", "1"]
    assert {row["label"] for row in read_rows(out, "train")} == {"0", "1"}

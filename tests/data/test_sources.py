"""Which files are rows, which split they are of, and what is known before they are read."""

from pathlib import Path
from typing import Any

import pytest

from hugline.data.sources import Raw, open_source
from hugline.errors import DataError

HEADER = "text,label\n"


def write(file: Path, text: str | bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def rows_of(place: Path, **asked: Any) -> list[Raw]:
    return list(open_source(str(place), **asked).rows())


def values_of(place: Path, **asked: Any) -> list[Any]:
    return [raw.values for raw in rows_of(place, **asked)]


def test_files_named_after_splits_are_their_rows(tmp_path: Path) -> None:
    for name, text in (("test.csv", "t"), ("dev.csv", "v"), ("train-00001.csv", "b"), ("Train-00000.csv", "a")):
        write(tmp_path / name, HEADER + f"{text},x\n")
    source = open_source(str(tmp_path))
    assert source.splits == ("train", "validation", "test")
    assert [(raw.number, raw.where, raw.split, raw.values["text"]) for raw in source.rows() if raw.values] == [
        (1, "Train-00000.csv:2", "train", "a"),
        (2, "train-00001.csv:2", "train", "b"),
        (3, "dev.csv:2", "validation", "v"),
        (4, "test.csv:2", "test", "t"),
    ]


def test_files_of_other_names_are_one_source_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("2024.csv", "2023.csv"):
        write(tmp_path / name, HEADER + f"{name},x\n")
    write(tmp_path / "notes.txt", "nothing")
    assert [(raw.split, raw.where) for raw in rows_of(tmp_path)] == [(None, "2023.csv:2"), (None, "2024.csv:2")]


@pytest.mark.parametrize("name", ["test.csv", "train.csv", "dev_messages.csv"])
def test_a_single_file_is_not_split_by_its_name(name: str, tmp_path: Path) -> None:
    file = write(tmp_path / "one" / name, HEADER + "a,x\n")
    for place in (file, file.parent):
        source = open_source(str(place))
        assert (source.splits, [raw.split for raw in source.rows()]) == ((), [None])


def test_split_names_on_some_files_only_are_refused(tmp_path: Path) -> None:
    for name in ("train.csv", "more.csv"):
        write(tmp_path / name, HEADER)
    with pytest.raises(DataError, match=r"(?s)all or none.*more\.csv beside others"):
        open_source(str(tmp_path))


def test_files_with_different_columns_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", HEADER)
    write(tmp_path / "b.csv", "text,team\n")
    with pytest.raises(DataError, match=r"(?s)columns of a\.csv in every file: text, label.*b\.csv has text, team"):
        open_source(str(tmp_path))


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)CSV \(\.csv\), tab-separated.*\.docx.*convert"):
        open_source(str(write(tmp_path / "rows.docx", "x")))
    with pytest.raises(DataError, match="no such file in it"):
        open_source(str(tmp_path))


def test_a_path_with_nothing_there_names_what_is(tmp_path: Path) -> None:
    write(tmp_path / "messages.csv", HEADER)
    with pytest.raises(DataError, match=r"(?s)nothing there .*holds: messages\.csv"):
        open_source(str(tmp_path / "massages.csv"))
    with pytest.raises(DataError, match="no such folder"):
        open_source(str(tmp_path / "nowhere" / "rows.csv"))


def test_a_split_may_end_the_name_of_every_file(tmp_path: Path) -> None:
    for name in ("stsb-en-train.csv", "stsb-en-dev.csv"):
        write(tmp_path / name, HEADER + f"{name},x\n")
    assert [(raw.split, raw.where) for raw in rows_of(tmp_path)] == [("train", "stsb-en-train.csv:2"), ("validation", "stsb-en-dev.csv:2")]
    write(tmp_path / "ab-more.csv", HEADER + "a,x\n")
    assert {raw.split for raw in rows_of(tmp_path)} == {None}


def test_files_are_chosen_by_names_and_patterns_each_once(tmp_path: Path) -> None:
    for name in ("2023-a.csv", "2023-b.csv", "2024.csv", "old.csv"):
        write(tmp_path / name, HEADER + f"{name},x\n")
    source = open_source(str(tmp_path), files=["old.csv", "2023-*.csv", "2023-a.csv"])
    assert [raw.where for raw in source.rows()] == ["old.csv:2", "2023-a.csv:2", "2023-b.csv:2"]
    assert source.info == {"kind": "csv", "encoding": "utf-8", "delimiter": ",", "recognized": False, "files": 3, "left_out": []}


def test_chosen_files_in_folders_named_after_splits_are_these_splits(tmp_path: Path) -> None:
    for name in ("train", "test"):
        write(tmp_path / name / "rows.csv", HEADER + f"{name},x\n")
    assert [(raw.split, raw.values) for raw in rows_of(tmp_path, files=["*/rows.csv"])] == [
        ("train", {"text": "train", "label": "x"}),
        ("test", {"text": "test", "label": "x"}),
    ]


def test_a_pattern_that_matches_nothing_names_what_is_there(tmp_path: Path) -> None:
    write(tmp_path / "rows.csv", HEADER)
    (tmp_path / "more").mkdir()
    with pytest.raises(DataError, match=r"(?s)files that match '2024-\*\.csv' \(data\.files\).*none; there are: more/, rows\.csv"):
        open_source(str(tmp_path), files=["rows.csv", "2024-*.csv"])


@pytest.mark.parametrize("pattern", ["../*.csv", "/etc/*", ".", "a/../../x.csv"])
def test_a_pattern_stays_within_the_folder(pattern: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="names or patterns within"):
        open_source(str(tmp_path), files=[pattern])


def test_files_are_chosen_of_a_folder_only(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", HEADER + "a,x\n")
    with pytest.raises(DataError, match=r"data\.files beside a folder in data\.path"):
        open_source(str(file), files=["rows.csv"])
    with pytest.raises(DataError, match=r"data\.files beside data\.hub owner/name"):
        open_source(str(tmp_path), hub="owner/name", files=["rows.csv"])


def test_files_of_two_kinds_are_refused_with_the_lines_to_choose_from(tmp_path: Path) -> None:
    write(tmp_path / "rows.csv", HEADER + "a,x\n")
    write(tmp_path / "rows.jsonl", '{"text": "a"}\n')
    with pytest.raises(DataError, match=r'(?s)files of one kind.*rows\.csv, rows\.jsonl.*\n  files: \["\*\.csv"\]\n  files: \["\*\.jsonl"\]'):
        open_source(str(tmp_path))
    assert open_source(str(tmp_path), files=["*.jsonl"]).info["kind"] == "jsonl"


def test_a_chosen_file_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "rows.csv", HEADER + "a,x\n")
    write(tmp_path / "rows.docx", "x")
    with pytest.raises(DataError, match=r"(?s)in every file of data\.files.*found: +rows\.docx"):
        open_source(str(tmp_path), files=["rows.*"])


def test_json_and_text_files_beside_tables_are_notes_and_hidden_files_nothing(tmp_path: Path) -> None:
    write(tmp_path / "rows.csv", HEADER + "a,x\n")
    for name in ("categories.json", "labels.txt", "LICENSE", ".rows.csv", "~$rows.xlsx"):
        write(tmp_path / name, "[]")
    source = open_source(str(tmp_path))
    assert (source.info["files"], source.info["left_out"]) == (1, ["categories.json", "labels.txt"])
    assert [raw.where for raw in source.rows()] == ["rows.csv:2"]


def test_text_files_alone_are_no_table_unless_they_are_chosen(tmp_path: Path) -> None:
    write(tmp_path / "rows.txt", "text\tlabel\na\tx\n")
    with pytest.raises(DataError, match=r'(?s)there is: rows\.txt.*write `files: \["\*\.txt"\]`'):
        open_source(str(tmp_path))
    assert values_of(tmp_path, files=["*.txt"]) == values_of(tmp_path / "rows.txt") == [{"text": "a", "label": "x"}]


def test_a_header_without_rows_is_told(tmp_path: Path) -> None:
    for text in (HEADER, "text,label"):
        source = open_source(str(write(tmp_path / "rows.csv", text)))
        assert source.columns == ("text", "label")
        with pytest.raises(DataError, match=r"(?s)rows below the header.*none"):
            list(source.rows())


def test_a_place_is_told_even_where_a_files_name_is_no_text(tmp_path: Path) -> None:
    file = Path(f"{tmp_path}/caf\udce9.csv")
    assert [raw.where for raw in rows_of(write(file, HEADER + "a,x\n"))] == ["caf\\udce9.csv:2"]

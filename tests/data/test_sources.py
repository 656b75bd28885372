"""Rows as their files have them; every unreadable one with its place."""

from pathlib import Path
from typing import Any

import pytest

from hugline.data import sources as module
from hugline.data.sources import Raw, open_source
from hugline.errors import DataError

HEADER = "text,label\n"


def write(file: Path, text: str | bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def rows_of(place: Path) -> list[Raw]:
    return list(open_source(str(place)).rows())


def values_of(place: Path) -> list[Any]:
    return [raw.values for raw in rows_of(place)]


def test_a_csv_file_gives_its_rows_numbered_with_their_lines(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", HEADER + 'one,a\n\n"two\nlines, ""quoted""",b\n')
    source = open_source(str(file))
    assert (source.columns, source.splits) == (("text", "label"), ())
    assert list(source.rows()) == [
        Raw(1, "rows.csv:2", None, {"text": "one", "label": "a"}),
        Raw(2, "rows.csv:5", None, {"text": 'two\nlines, "quoted"', "label": "b"}),
    ]


def test_rows_can_be_read_twice(tmp_path: Path) -> None:
    source = open_source(str(write(tmp_path / "rows.csv", HEADER + "one,a\n")))
    assert list(source.rows()) == list(source.rows())


def test_tsv_is_parted_by_tabs_and_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.TSV", "\ufefftext\tlabel\na, b\tx\r\n")
    assert values_of(file) == [{"text": "a, b", "label": "x"}]


def test_a_ragged_line_is_a_row_with_a_fault(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", HEADER + "a,b,c\nd\ne,f\n")
    assert rows_of(file) == [
        Raw(1, "rows.csv:2", None, None, "3 fields, the header has 2"),
        Raw(2, "rows.csv:3", None, None, "1 fields, the header has 2"),
        Raw(3, "rows.csv:4", None, {"text": "e", "label": "f"}),
    ]


def test_bytes_that_are_no_utf8_spoil_their_row_only(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", HEADER.encode() + b"caf\xe9,a\ncaf\xc3\xa9,b\n")
    assert values_of(file) == [{"text": "caf\udce9", "label": "a"}, {"text": "café", "label": "b"}]


def test_a_field_may_be_longer_than_the_csv_modules_limit(tmp_path: Path) -> None:
    assert values_of(write(tmp_path / "rows.csv", HEADER + "x" * 200_000 + ",a\n"))[0]["text"] == "x" * 200_000


def test_a_field_over_our_limit_stops_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIELD_LIMIT", 10)
    with pytest.raises(DataError, match=r"(?s)CSV rows in rows\.csv.*line 2: field larger than field limit \(10\)"):
        rows_of(write(tmp_path / "rows.csv", HEADER + "x" * 20 + ",a\n"))


@pytest.mark.parametrize("line", ['"two,b', '"two" and,b', '"two,b\n"three",c'])
def test_a_quote_that_is_not_closed_swallows_no_rows(line: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)CSV rows in rows\.csv.*line 3: .*mend that line"):
        rows_of(write(tmp_path / "rows.csv", HEADER + f"one,a\n{line}\nfour,d\n"))


def test_a_quote_inside_an_unquoted_field_is_text(tmp_path: Path) -> None:
    assert values_of(write(tmp_path / "rows.csv", HEADER + 'a 5" pipe,a\n'))[0] == {"text": 'a 5" pipe', "label": "a"}


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


def test_a_repeated_column_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)different column names in rows\.csv.*text, text"):
        open_source(str(write(tmp_path / "rows.csv", "text,text\n")))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)a header and rows in rows\.csv.*an empty file"):
        open_source(str(write(tmp_path / "rows.csv", "")))


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)CSV \(\.csv\) or tab-separated.*\.docx.*convert"):
        open_source(str(write(tmp_path / "rows.docx", "x")))
    with pytest.raises(DataError, match="no such file in it"):
        open_source(str(tmp_path))


def test_a_path_with_nothing_there_names_what_is(tmp_path: Path) -> None:
    write(tmp_path / "messages.csv", HEADER)
    with pytest.raises(DataError, match=r"(?s)nothing there .*holds: messages\.csv"):
        open_source(str(tmp_path / "massages.csv"))
    with pytest.raises(DataError, match="no such folder"):
        open_source(str(tmp_path / "nowhere" / "rows.csv"))


@pytest.fixture(scope="module")
def hub_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set's repository as `push_to_hub` writes it: Parquet with ClassLabel in its schema."""
    import datasets

    folder = tmp_path_factory.mktemp("hub") / "messages"
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["returns", "delivery"]), "n": datasets.Value("int32")})
    (folder / "data").mkdir(parents=True)
    for split, labels in (("train", [0, 1, -1]), ("test", [1])):
        rows = {"text": [f"{split} {i}" for i in labels], "label": labels, "n": [7] * len(labels)}
        datasets.Dataset.from_dict(rows, features).to_parquet(folder / "data" / f"{split}-00000-of-00001.parquet")
    return folder


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "datasets")


@pytest.mark.usefixtures("own_cache")
def test_class_ids_of_a_hub_folder_become_label_names(hub_folder: Path) -> None:
    source = open_source(str(hub_folder))
    assert (source.columns, source.splits) == (("text", "label", "n"), ("train", "test"))
    assert [(raw.number, raw.where, raw.split, raw.values) for raw in source.rows()] == [
        (1, "train:0", "train", {"text": "train 0", "label": "returns", "n": 7}),
        (2, "train:1", "train", {"text": "train 1", "label": "delivery", "n": 7}),
        (3, "train:2", "train", {"text": "train -1", "label": None, "n": 7}),
        (4, "test:0", "test", {"text": "test 1", "label": "delivery", "n": 7}),
    ]


@pytest.mark.usefixtures("own_cache")
def test_the_only_split_of_a_hub_folder_is_cut_later(hub_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "train.parquet").write_bytes((hub_folder / "data" / "test-00000-of-00001.parquet").read_bytes())
    source = open_source(str(tmp_path / "one"))
    assert source.splits == ()
    assert [(raw.where, raw.split) for raw in source.rows()] == [("row:0", None)]


@pytest.mark.usefixtures("own_cache")
def test_a_folder_that_datasets_can_not_read_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "bad" / "train.parquet", b"PAR1 nothing")
    with pytest.raises(DataError, match=r"(?s)the data set .*bad, in the cache or on the hub.*found: +\w+: "):
        open_source(str(tmp_path / "bad"))

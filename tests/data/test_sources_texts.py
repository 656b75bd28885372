"""A folder of text files a label: layouts, turns, encodings, and files without number."""

from pathlib import Path

import pytest

from hugline.data import texts as module
from hugline.data.sources import Raw, open_source
from hugline.errors import DataError
from tests.data.test_sources import rows_of, write


def test_folders_named_after_labels_take_turns(tmp_path: Path) -> None:
    for name, text in (("returns/b.txt", "rb"), ("returns/a.txt", "ra\r\n"), ("delivery/x.TXT", "dx\nsecond\n"), ("delivery/notes.md", "no")):
        write(tmp_path / name, text)
    source = open_source(str(tmp_path))
    assert (source.columns, source.splits) == (("text", "label"), ())
    assert list(source.rows()) == [
        Raw(1, "delivery/x.TXT", None, {"text": "dx\nsecond", "label": "delivery"}),
        Raw(2, "returns/a.txt", None, {"text": "ra", "label": "returns"}),
        Raw(3, "returns/b.txt", None, {"text": "rb", "label": "returns"}),
    ]
    assert source.info == {"kind": "texts", "encoding": "utf-8", "delimiter": None, "files": 3, "recognized": False, "left_out": []}


def test_folders_named_after_splits_hold_those_of_the_labels_as_imdb_has_them(tmp_path: Path) -> None:
    for split in ("train", "test"):
        for label in ("pos", "neg"):
            write(tmp_path / split / label / "0_1.txt", f"{split} {label}")
        write(tmp_path / split / "urls_pos.txt", "http://")
    for name in ("train/unsup/1_0.txt", "unsup/1_0.txt", "tmp_lm/itos.txt", "imdb.vocab", "README"):
        write(tmp_path / name, "not to be learned")
    source = open_source(str(tmp_path))
    assert source.splits == ("train", "test")
    assert [(raw.where, raw.split, raw.values) for raw in source.rows()] == [
        ("train/neg/0_1.txt", "train", {"text": "train neg", "label": "neg"}),
        ("train/pos/0_1.txt", "train", {"text": "train pos", "label": "pos"}),
        ("test/neg/0_1.txt", "test", {"text": "test neg", "label": "neg"}),
        ("test/pos/0_1.txt", "test", {"text": "test pos", "label": "pos"}),
    ]
    assert (source.info["files"], source.info["left_out"]) == (4, ["tmp_lm", "train/unsup", "unsup"])


def test_a_label_may_be_called_like_a_split(tmp_path: Path) -> None:
    for label in ("test", "exam"):
        write(tmp_path / label / "a.txt", label)
    assert [(raw.split, raw.values and raw.values["label"]) for raw in rows_of(tmp_path)] == [(None, "exam"), (None, "test")]


def test_one_split_alone_is_cut_later(tmp_path: Path) -> None:
    for label in ("pos", "neg"):
        write(tmp_path / "train" / label / "a.txt", label)
    source = open_source(str(tmp_path))
    assert (source.splits, {raw.split for raw in source.rows()}) == ((), {None})


def test_text_files_are_chosen_by_patterns(tmp_path: Path) -> None:
    for name in ("train/pos/a.txt", "train/pos/b.txt", "train/neg/a.txt", "test/pos/a.txt", "test/neg/b.txt"):
        write(tmp_path / name, name)
    source = open_source(str(tmp_path), files=["train/*/a.txt", "test/neg/*.txt"])
    assert [(raw.where, raw.split) for raw in source.rows()] == [("train/neg/a.txt", "train"), ("train/pos/a.txt", "train"), ("test/neg/b.txt", "test")]
    assert source.info["files"] == 3


def test_chosen_files_are_all_below_splits_or_none(tmp_path: Path) -> None:
    for name in ("train/pos/a.txt", "extra/pos/a.txt"):
        write(tmp_path / name, name)
    with pytest.raises(DataError, match=r"(?s)folders of splits .* above all labels, or above none.*extra/pos beside others"):
        open_source(str(tmp_path), files=["*/pos/*.txt"])


def test_tables_come_before_folders(tmp_path: Path) -> None:
    write(tmp_path / "pos" / "a.txt", "a")
    write(tmp_path / "rows.csv", "text,label\nb,x\n")
    assert [raw.where for raw in rows_of(tmp_path)] == ["rows.csv:2"]


def test_a_folder_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)folders of \.txt files named after their labels.*no such file in it; there is: nothing"):
        open_source(str(tmp_path))
    (tmp_path / "pos").mkdir()
    write(tmp_path / "neg" / "page.html", "a")
    with pytest.raises(DataError, match=r"there is: neg/, pos/"):
        open_source(str(tmp_path))


def test_all_files_are_read_in_order_though_few_names_are_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HELD", 7)
    monkeypatch.setattr(module, "NAMES", 7)
    names = [f"{i:03}.txt" for i in range(100)]
    for name in names:
        write(tmp_path / "pos" / name, name)
    write(tmp_path / "neg" / "a.txt", "a")
    assert [raw.where for raw in rows_of(tmp_path) if raw.where.startswith("pos")] == [f"pos/{name}" for name in names]


def test_the_encoding_is_recognized_from_files_of_all_labels_and_a_mark_counts_for_its_file(tmp_path: Path) -> None:
    texts = ["größer als gedacht", "schöne Grüße", "überfällige Lieferung"]
    for i, text in enumerate(texts):
        write(tmp_path / "pos" / f"{i}.txt", text.encode("cp1252"))
        write(tmp_path / "neg" / f"{i}.txt", "plain")
    write(tmp_path / "neg" / "marked.txt", "größer".encode("utf-16"))
    source = open_source(str(tmp_path))
    found = {raw.where: raw.values["text"] for raw in source.rows() if raw.values}
    assert [found[f"pos/{i}.txt"] for i in range(3)] == texts
    assert found["neg/marked.txt"] == "größer"
    assert (source.info["encoding"], source.info["recognized"]) == ("cp1252", True)


def test_texts_in_two_encodings_are_refused_unless_few_are_no_utf8(tmp_path: Path) -> None:
    for i in range(6):
        write(tmp_path / "pos" / f"{i}.txt", "größer\n".encode("utf-8" if i else "cp1252"))
    assert [raw.values and raw.values["text"] for raw in rows_of(tmp_path)] == ["gr\udcf6\udcdfer"] + ["größer"] * 5
    for i in range(4):
        write(tmp_path / "neg" / f"{i}.txt", "größer\nschöner\n".encode("cp1252"))
    with pytest.raises(DataError, match=r"5 lines in UTF-8 beside 9 that are not"):
        open_source(str(tmp_path))


def test_a_text_that_is_too_long_to_hold_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROW_LIMIT", 10)
    write(tmp_path / "pos" / "a.txt", "x" * 11)
    write(tmp_path / "pos" / "b.txt", "x" * 10)
    assert [(raw.where, raw.fault) for raw in rows_of(tmp_path)] == [("pos/a.txt", "a text of over 10 bytes"), ("pos/b.txt", "")]


def test_a_file_that_is_gone_before_it_is_read_is_a_fault(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        write(tmp_path / "pos" / name, name)
    rows = open_source(str(tmp_path)).rows()
    assert next(rows).fault == ""
    (tmp_path / "pos" / "b.txt").unlink()
    assert next(rows).fault == "unreadable file: FileNotFoundError"

"""JSON Lines and JSON arrays: a bad line is a fault, a torn list an error, missing keys are None."""

import gzip
import json
import random
from pathlib import Path

import pytest

from hugline.data import json_rows as module
from hugline.data.sources import Raw, open_source
from hugline.errors import DataError
from tests.data.test_sources import rows_of, values_of, write


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.ndjson", "rows.JSONL"])
def test_json_lines_give_their_rows_with_all_keys_that_occur(name: str, tmp_path: Path) -> None:
    source = open_source(str(write(tmp_path / name, '{"text": "a", "label": 1}\n\n{"label": "b", "score": 0.5}\n')))
    assert source.columns == ("text", "label", "score")
    assert list(source.rows()) == [
        Raw(1, f"{name}:1", None, {"text": "a", "label": 1, "score": None}),
        Raw(2, f"{name}:3", None, {"text": None, "label": "b", "score": 0.5}),
    ]
    assert source.info == {"kind": "jsonl", "encoding": "utf-8", "delimiter": None, "recognized": False, "files": 1, "left_out": []}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"text": ', "no JSON: Expecting value"),
        ("text", "no JSON: Expecting value"),
        ('{"text": "a"} {}', "no JSON: Extra data"),
        ('["a", "b"]', "no JSON object: a list"),
        ('"a"', "no JSON object: a text"),
        ("1", "no JSON object: a number"),
        ("true", "no JSON object: a truth value"),
        ("null", "no JSON object: null"),
        ("[" * 100_000, "no JSON that can be read: RecursionError"),
        ('{"n": ' + "9" * 5000 + "}", "no JSON that can be read: ValueError"),
        ('{"\\ud800": 1}', "a key that is no text"),
    ],
)
def test_a_line_that_is_no_object_is_a_row_with_a_fault(line: str, fault: str, tmp_path: Path) -> None:
    rows = rows_of(write(tmp_path / "rows.jsonl", f'{{"text": "a"}}\n{line}\n{{"text": "b"}}\n'))
    assert rows == [
        Raw(1, "rows.jsonl:1", None, {"text": "a"}),
        Raw(2, "rows.jsonl:2", None, None, fault),
        Raw(3, "rows.jsonl:3", None, {"text": "b"}),
    ]


def test_nested_values_stay_lists_and_mappings_and_nan_is_nothing(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.jsonl", '{"text": ["a", 1], "more": {"x": [NaN, null]}, "n": NaN, "t": true}\n')
    assert values_of(file) == [{"text": ["a", 1], "more": {"x": [None, None]}, "n": None, "t": True}]


def test_half_a_character_of_json_is_left_for_the_row_checks(tmp_path: Path) -> None:
    assert values_of(write(tmp_path / "rows.jsonl", '{"text": "a\\ud83d"}\n')) == [{"text": "a\ud83d"}]


@pytest.mark.parametrize(
    ("content", "found"),
    [("", "an empty file"), ("\n\n", "an empty file"), ("1\n[2]\n", "2 values that are no objects"), ("{}\n", "1 values that are no objects")],
)
def test_json_lines_without_any_named_value_are_refused(content: str, found: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"(?s)objects with named values in rows\.jsonl.*found: +{found}"):
        open_source(str(write(tmp_path / "rows.jsonl", content)))


def test_objects_keyed_by_their_ids_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)the same columns in rows\.jsonl.*more than 1000 different keys"):
        open_source(str(write(tmp_path / "rows.jsonl", "".join(f'{{"id{i}": 1}}\n' for i in range(1001)))))


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROW_LIMIT", 100)
    with pytest.raises(DataError, match=r"(?s)one object a line in rows\.jsonl.*line 2 with 100 characters or more"):
        open_source(str(write(tmp_path / "rows.jsonl", '{"text": "a"}\n{"text": "' + "b" * 100 + '"}\n')))


def test_a_list_of_objects_gives_its_rows_with_their_places(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.json", ' [ {"text": "a", "label": 1} , 3,\n{"label": null}]\n ')
    assert rows_of(file) == [
        Raw(1, "rows.json:1", None, {"text": "a", "label": 1}),
        Raw(2, "rows.json:2", None, None, "no JSON object: a number"),
        Raw(3, "rows.json:3", None, {"text": None, "label": None}),
    ]


@pytest.mark.parametrize("size", [1, 2, 7, 64, 2**20])
def test_a_list_reads_the_same_whatever_piece_of_it_is_held(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", size)
    chance = random.Random(1)
    values = ["é\u2028", 'q"\\', "x" * 200, -12.5e-7, 12345, True, False, None, [1, [2]], {"k": "v"}, "", "\U0001f600"]
    rows = [{"a": chance.choice(values), "b": chance.choice(values)} for _ in range(60)]
    for text in (json.dumps(rows), json.dumps(rows, indent=2, ensure_ascii=False)):
        assert values_of(write(tmp_path / "rows.json", text)) == rows


def test_numbers_in_a_list_are_not_cut_by_the_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", 3)
    rows = rows_of(write(tmp_path / "rows.json", '[12345, 678901, {"a": 123456}, 1234]'))
    assert [(raw.values, raw.fault) for raw in rows] == [
        (None, "no JSON object: a number"),
        (None, "no JSON object: a number"),
        ({"a": 123456}, ""),
        (None, "no JSON object: a number"),
    ]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('[{"text": "a"}', "no ',', at or after character 15"),
        ('[{"text": "a"},]', "Expecting value, at or after character 16"),
        ('[{"text": "a"} {"text": "b"}]', "no ',', at or after character 16"),
        ('[{"text": "a', "Unterminated string starting at, at or after character 2"),
        ('[{"text": tru}]', "Expecting value, at or after character 2"),
        ('[{"text": "a"}] x', "text after the list's end, at or after character 17"),
        ("[" * 100_000, "RecursionError, at or after character 2"),
    ],
)
def test_a_torn_list_is_refused_with_the_place(content: str, found: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        rows_of(write(tmp_path / "rows.json", content))
    assert caught.value.found == found


def test_a_fault_early_in_a_long_list_is_told_without_reading_it_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", 1000)
    file = write(tmp_path / "rows.json", '[{"text" "a"}, ' + '{"text": "b"},' * 10_000 + "{}]")
    with file.open(encoding="utf-8") as text:
        scanner = module._Scanner("rows.json", text)
        scanner.expect("[")
        with pytest.raises(DataError, match="Expecting ':' delimiter, at or after character 2"):
            scanner.value()
        assert text.buffer.tell() < 20_000


def test_json_lines_in_a_file_named_json_are_read_as_such(tmp_path: Path) -> None:
    assert [raw.where for raw in rows_of(write(tmp_path / "rows.json", '{"text": "a"}\n{"text": "b"}\n'))] == ["rows.json:1", "rows.json:2"]


@pytest.mark.parametrize(
    ("content", "found"),
    [('{"data": [{"text": "a"}]}', "one object"), ('{\n"text": "a"\n}', "one object"), ("3", "neither a list nor objects"), ("", "an empty file")],
)
def test_json_that_is_no_rows_is_refused(content: str, found: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"(?s)a list of objects, or one object a line, in rows\.json.*found: +{found}"):
        open_source(str(write(tmp_path / "rows.json", content)))


def test_files_of_one_folder_share_their_keys_and_their_order_is_that_of_their_names(tmp_path: Path) -> None:
    write(tmp_path / "b.jsonl", '{"b": 2}\n')
    write(tmp_path / "a.jsonl.gz", gzip.compress(b'{"a": 1}\n'))
    assert values_of(tmp_path) == [{"a": 1, "b": None}, {"a": None, "b": 2}]


def test_json_alone_in_a_folder_is_its_rows(tmp_path: Path) -> None:
    write(tmp_path / "rows.json", '[{"text": "a"}]')
    assert (values_of(tmp_path), open_source(str(tmp_path)).info["left_out"]) == ([{"text": "a"}], [])


def test_json_in_another_encoding_is_read(tmp_path: Path) -> None:
    for encoding in ("utf-16", "cp1252"):
        file = write(tmp_path / "rows.jsonl", '{"text": "größer, schöner, überfällig"}\n'.encode(encoding))
        assert values_of(file) == [{"text": "größer, schöner, überfällig"}]

"""Parquet files and workbooks: streamed, typed values made plain, torn files refused."""

import base64
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hugline.data import arrow_rows
from hugline.data.sources import Raw, open_source
from hugline.errors import DataError
from tests.data.test_sources import rows_of, values_of, write

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
# text,label / "é a",3 in a sheet S, as xlwt 1.3.0 writes it
XLS = (
    "eNrtWD1oFEEU/mZzl/shuezFi5CI4QgkapJGbGySjYKmMkQtFBF0z2whOS5yXKEWGo1XCoKVYhNIYxO18QcVtLMQIloIgnCnlVgJESySW997OysXTZEDE6LMt8w3b9+8mXk782Z2Z98s"
    "pCuzD7qq+A3DaELNT6C5TqcoJcIbG1Tu+yyGeZySb/BPIRGniWyO4mnr6xjPIc93FRbuR14SA58oncQ5jE0VvOwGYr/44Cr2YYhY4Q5pUugUr9qFzwhvEb4nls+ER0RzXXiIbCvqBBac"
    "sf69OoqPWz1SlgK3+0jqfBDNbnTgFUfx5RsqsI1iX/Gsm9+cBd2RFsyB5m3UK3hFN19BhiZwDt/9LLAYrtQXWaPfWL0C6X+s1MdW0d+0IsA0/NMS4GXaXJ83BRN8dAnbwTInMip550tR"
    "IO/mvDypvmTdJG/GsnjtFYu3VYK6hXgCbSKnJbRt2p6X7n57eyg37pwSzbRs2MG23suewMcVrkGVU1Ji/eJ+4QHhq9LqNpG7hDMUkJT3jXdo4eCM2FyT0j7qZ4/gnbOjTt5Jcvnr4cfd"
    "5c/OLpLnR6sXM/PvnVn00EhMUH2+ZjCoBtXtW4wnTpgrvQV8FO78YzuIW7b23dfvrjYsIyliWji449FR2l6tYq/Enlu8ZCXFnzR4bIatdjyU4Rmpe0EmYWBgYGBgYGBgYLCpofQHvj5n"
    "0Pd7cIyI6f86y5Rq5jfJf4sjmKKrRAfTAyhQXsSFhuJnK6IqbEutsU74v5BxjHovYhI58WOy4filY6Cqf541V7T/3hJqtP9aI36uc/8/AUYtvuo="
)


def xlsx(file: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    """A workbook of texts, numbers, truth values and None for empty cells."""
    names = list(sheets)
    with zipfile.ZipFile(file, "w") as archive:
        root = f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
        archive.writestr(zipfile.ZipInfo("_rels/.rels"), f'<Relationships xmlns="{PACKAGE}">{root}</Relationships>')
        listed = "".join(f'<sheet name="{name}" sheetId="{i}" r:id="rId{i}"/>' for i, name in enumerate(names, 1))
        archive.writestr(zipfile.ZipInfo("xl/workbook.xml"), f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>')
        targets = "".join(f'<Relationship Id="rId{i}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i in range(1, len(names) + 1))
        archive.writestr(zipfile.ZipInfo("xl/_rels/workbook.xml.rels"), f'<Relationships xmlns="{PACKAGE}">{targets}</Relationships>')
        for i, name in enumerate(names, 1):
            rows = "".join(f'<row r="{r}">{"".join(cell(f"{chr(64 + c)}{r}", v) for c, v in enumerate(row, 1))}</row>' for r, row in enumerate(sheets[name], 1))
            archive.writestr(zipfile.ZipInfo(f"xl/worksheets/sheet{i}.xml"), f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>')
    return file


def cell(place: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def parquet(file: Path, columns: dict[str, Any], metadata: dict[str, str] | None = None, **options: Any) -> Path:
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), file, **options)
    return file


def test_a_parquet_file_gives_its_rows_with_their_places(tmp_path: Path) -> None:
    source = open_source(str(parquet(tmp_path / "rows.parquet", {"text": ["a", None], "label": ["x", "y"]})))
    assert (source.columns, source.splits) == (("text", "label"), ())
    assert list(source.rows()) == [
        Raw(1, "rows.parquet:1", None, {"text": "a", "label": "x"}),
        Raw(2, "rows.parquet:2", None, {"text": None, "label": "y"}),
    ]
    assert source.info == {"kind": "parquet", "encoding": None, "delimiter": None, "recognized": False, "files": 1, "left_out": []}


def test_every_type_of_a_column_has_plain_values(tmp_path: Path) -> None:
    columns = {
        "whole": pa.array([7, None], pa.uint8()),
        "share": pa.array([0.5, float("nan")]),
        "true": pa.array([True, None]),
        "day": pa.array([19000, None], pa.date32()),
        "moment": pa.array([1, None], pa.timestamp("us", "UTC")),
        "fine": pa.array([1, None], pa.timestamp("ns")),
        "money": pa.array([150, None]).cast(pa.decimal128(21, 2)),
        "bytes": pa.array([b"caf\xc3\xa9", b"\xff\x00"]),
        "word": pa.array(["x", None]).dictionary_encode(),
        "list": pa.array([[1, None], None]),
        "struct": pa.array([{"a": b"\xff\xfe", "b": float("nan")}, None]),
        "null": pa.nulls(2),
    }
    first, second = values_of(parquet(tmp_path / "rows.parquet", columns))
    assert first == {
        "whole": 7,
        "share": 0.5,
        "true": True,
        "day": "2022-01-08",
        "moment": "1970-01-01T00:00:00.000001+00:00",
        "fine": "1970-01-01T00:00:00.000000001",
        "money": "150.00",
        "bytes": "café",
        "word": "x",
        "list": [1, None],
        "struct": {"a": "2 bytes", "b": None},
        "null": None,
    }
    assert second == dict.fromkeys(columns) | {"bytes": b"\xff\x00"}


def test_values_that_python_can_not_hold_spoil_their_row_only(tmp_path: Path) -> None:
    text = pa.array([b"one", b"caf\xe9", b"three"]).view(pa.string())
    when = pa.array([0, 0, -(9 * 10**15)], pa.timestamp("ms"))
    assert [(raw.values and raw.values["text"], raw.fault) for raw in rows_of(parquet(tmp_path / "rows.parquet", {"text": text, "when": when}))] == [
        ("one", ""),
        ("caf\udce9", ""),
        (None, "unreadable value in when"),
    ]


def test_class_ids_in_a_parquet_file_become_label_names(tmp_path: Path) -> None:
    features = {"label": {"names": ["returns", "delivery"], "_type": "ClassLabel"}, "text": {"dtype": "string", "_type": "Value"}}
    file = parquet(tmp_path / "rows.parquet", {"text": ["a", "b", "c"], "label": [1, -1, 2]}, {"huggingface": json.dumps({"info": {"features": features}})})
    source = open_source(str(file))
    assert source.label_names == {"label": ["returns", "delivery"]}
    assert [raw.values["label"] for raw in source.rows() if raw.values] == ["delivery", None, None]


@pytest.mark.parametrize("metadata", [{"huggingface": "no json"}, {"huggingface": "[]"}, {"huggingface": '{"info": {"features": ["a"]}}'}, {"other": "x"}])
def test_a_schema_that_others_wrote_has_no_label_names(metadata: dict[str, str], tmp_path: Path) -> None:
    assert open_source(str(parquet(tmp_path / "rows.parquet", {"label": [1]}, metadata))).label_names == {}


def test_of_a_parquet_file_a_batch_of_rows_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = parquet(tmp_path / "rows.parquet", {"text": [str(i) for i in range(5000)]}, row_group_size=3000)
    held: list[int] = []
    read = arrow_rows.batch_rows
    monkeypatch.setattr("hugline.data.tables.batch_rows", lambda batch, columns: held.append(batch.num_rows) or read(batch, columns))
    assert [raw.number for raw in rows_of(file)] == list(range(1, 5001))
    assert max(held) <= arrow_rows.BATCH_ROWS


def test_a_torn_parquet_file_is_refused(tmp_path: Path) -> None:
    file = parquet(tmp_path / "rows.parquet", {"text": [str(i) * 50 for i in range(3000)]}, row_group_size=1000, compression="none", use_dictionary=False)
    data = file.read_bytes()
    with pytest.raises(DataError, match=r"(?s)a whole Parquet file at half\.parquet.*magic bytes not found"):
        open_source(str(write(tmp_path / "half.parquet", data[: len(data) // 2])))
    spoilt = write(tmp_path / "spoilt.parquet", data[:4] + bytes(200) + data[204:])
    with pytest.raises(DataError, match=r"(?s)a whole Parquet file at spoilt\.parquet.*after row \d+: "):
        rows_of(spoilt)
    with pytest.raises(DataError, match=r"empty\.parquet"):
        open_source(str(write(tmp_path / "empty.parquet", b"")))


def test_parquet_files_with_different_columns_or_labels_are_refused(tmp_path: Path) -> None:
    parquet(tmp_path / "a.parquet", {"text": ["a"], "label": [0]})
    parquet(tmp_path / "b.parquet", {"label": [0], "text": ["b"]})
    assert values_of(tmp_path, files=["*.parquet"]) == [{"text": "a", "label": 0}, {"text": "b", "label": 0}]
    features = {"info": {"features": {"label": {"names": ["x"], "_type": "ClassLabel"}}}}
    parquet(tmp_path / "b.parquet", {"label": [0], "text": ["b"]}, {"huggingface": json.dumps(features)})
    with pytest.raises(DataError, match=r"(?s)the label names of a\.parquet in every file.*others in b\.parquet"):
        open_source(str(tmp_path), files=["*.parquet"])
    parquet(tmp_path / "b.parquet", {"text": ["b"]})
    with pytest.raises(DataError, match=r"(?s)columns of a\.parquet in every file: text, label.*b\.parquet has text"):
        open_source(str(tmp_path), files=["*.parquet"])


def test_a_workbooks_first_sheet_gives_its_rows_with_their_numbers(tmp_path: Path) -> None:
    rows = [[None, None, None], ["text", " label ", "n", None], ["a", 1, 2.5], [], ["b", True, None], ["=1+1", "x", 10**15]]
    source = open_source(str(xlsx(tmp_path / "rows.xlsx", {"Mine": rows, "Notes": [["by me"]], "Empty": []})))
    assert source.columns == ("text", "label", "n")
    assert list(source.rows()) == [
        Raw(1, "rows.xlsx:3", None, {"text": "a", "label": 1, "n": 2.5}),
        Raw(2, "rows.xlsx:5", None, {"text": "b", "label": True, "n": None}),
        Raw(3, "rows.xlsx:6", None, {"text": "=1+1", "label": "x", "n": 10**15}),
    ]
    assert source.info == {
        "kind": "excel",
        "encoding": None,
        "delimiter": None,
        "recognized": False,
        "sheet": "Mine",
        "other_sheets": ["Notes"],
        "files": 1,
        "left_out": [],
    }


def test_a_cell_beyond_the_header_is_a_fault_and_a_nameless_column_is_numbered(tmp_path: Path) -> None:
    rows = rows_of(xlsx(tmp_path / "rows.xlsx", {"S": [["text", None, "label"], ["a", "b", "c"], ["d", None, None, "e"]]}))
    assert rows == [
        Raw(1, "rows.xlsx:2", None, {"text": "a", "column_2": "b", "label": "c"}),
        Raw(2, "rows.xlsx:3", None, None, "more cells than the header's 3"),
    ]


def test_an_empty_first_sheet_is_refused_with_the_sheets_that_have_rows(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)an empty sheet \(rows are read from the first sheet, 'One'; there are others in 'Two', 'Three'\).*first place"):
        open_source(str(xlsx(tmp_path / "rows.xlsx", {"One": [], "Two": [["text"]], "Three": [["text"]]})))
    with pytest.raises(DataError, match=r"(?s)an empty sheet\n.*correct data\.path"):
        open_source(str(xlsx(tmp_path / "none.xlsx", {"One": []})))


def test_a_fault_in_a_sheets_header_names_the_other_sheets(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)rows\.xlsx \(rows are read from the first sheet, 'One'; there are others in 'Two'\).*more than once: a"):
        open_source(str(xlsx(tmp_path / "rows.xlsx", {"One": [["a", "a"]], "Two": [["text"]]})))


def test_an_old_workbook_is_read(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.xls", zlib.decompress(base64.b64decode(XLS)))
    assert rows_of(file) == [Raw(1, "rows.xls:2", None, {"text": "é a", "label": 3})]


def test_an_open_document_is_read_with_its_dates(tmp_path: Path) -> None:
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    texts = [[f'<table:table-cell office:value-type="string"><text:p>{t}</text:p></table:table-cell>' for t in row] for row in (("text", "when"), ("é a",))]
    texts[1].append('<table:table-cell office:value-type="date" office:date-value="2024-03-01"/>')
    table = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in texts)
    body = f'<office:body><office:spreadsheet><table:table table:name="S">{table}</table:table></office:spreadsheet></office:body>'
    with zipfile.ZipFile(tmp_path / "rows.ods", "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(zipfile.ZipInfo("META-INF/manifest.xml"), '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>')
        archive.writestr(zipfile.ZipInfo("content.xml"), f"<office:document-content {spaces}>{body}</office:document-content>")
    assert values_of(tmp_path / "rows.ods") == [{"text": "é a", "when": "2024-03-01"}]


@pytest.mark.parametrize("name", ["rows.xlsx", "rows.xls", "rows.ods"])
def test_a_workbook_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"(?s)a workbook that can be read at {name}.*text: another kind of file with a workbook's ending"):
        open_source(str(write(tmp_path / name, "text,label\na,x\n")))
    whole = xlsx(tmp_path / "whole.xlsx", {"S": [["text"], ["a" * 5000]]}).read_bytes()
    with pytest.raises(DataError, match=rf"(?s)a workbook that can be read at {name}.*Error: "):
        open_source(str(write(tmp_path / name, whole[: len(whole) // 2])))


def test_a_workbook_is_not_unpacked(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)found: +\.gz"):
        open_source(str(write(tmp_path / "rows.xlsx.gz", b"\x1f\x8b")))

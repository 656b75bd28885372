"""CSV and TSV: rows with their lines, delimiters and quotes recognized."""

import csv
import gzip
from pathlib import Path

import pytest

from hugline.data import delimiters as module
from hugline.data.sources import Raw, open_source
from hugline.errors import DataError
from tests.data.test_sources import HEADER, rows_of, values_of, write


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


def test_a_repeated_column_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)different column names in rows\.csv.*text, text"):
        open_source(str(write(tmp_path / "rows.csv", "text,text\n")))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)a header and rows in rows\.csv.*an empty file"):
        open_source(str(write(tmp_path / "rows.csv", "")))


@pytest.mark.parametrize(("delimiter", "name"), [(",", "rows.tsv"), (";", "rows.csv"), ("\t", "rows.csv"), ("|", "rows.csv"), (";", "rows.txt")])
def test_the_delimiter_is_recognized(delimiter: str, name: str, tmp_path: Path) -> None:
    other = "," if delimiter != "," else ";"
    file = write(tmp_path / name, f'text{delimiter}label\none{other} two{delimiter}a\n"three{delimiter} ""four"""{delimiter}b\n')
    source = open_source(str(file))
    assert [raw.values for raw in source.rows()] == [{"text": f"one{other} two", "label": "a"}, {"text": f'three{delimiter} "four"', "label": "b"}]
    assert (source.info["delimiter"], source.info["recognized"]) == (delimiter, True)
    assert source.info["kind"] == ("tsv" if delimiter == "\t" else "csv")


def test_the_delimiter_of_the_names_ending_is_not_called_recognized(tmp_path: Path) -> None:
    for name, delimiter in (("rows.csv", ","), ("rows.tsv", "\t")):
        source = open_source(str(write(tmp_path / name, f"text{delimiter}label\na{delimiter}x\n")))
        assert (source.info["delimiter"], source.info["recognized"]) == (delimiter, False)


def test_a_header_with_another_delimiter_in_a_name_is_settled_by_the_rows(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", "text, as sent;label\n" + "one;a\n" * 9)
    source = open_source(str(file))
    assert (source.columns, source.info["delimiter"]) == (("text, as sent", "label"), ";")


def test_two_delimiters_that_fit_are_refused_with_the_lines_to_choose_from(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", "id;text,label\n" + "1;hello,a\n" * 9)
    with pytest.raises(DataError, match=r'(?s)several that could be it\n  delimiter: ","   # comma: 100%.*\n  delimiter: ";"   # semicolon: 100%'):
        open_source(str(file))
    assert values_of(file, delimiter=";")[0] == {"id": "1", "text,label": "hello,a"}
    assert values_of(file, delimiter=",")[0] == {"id;text": "1;hello", "label": "a"}


def test_a_tab_to_choose_is_written_as_yaml_reads_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r'\n  delimiter: "\\t"   # tab'):
        open_source(str(write(tmp_path / "rows.csv", "id\ttext,label\n" + "1\thello,a\n" * 9)))


def test_a_delimiter_asked_for_but_not_in_the_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)with the delimiter ';', as data\.delimiter says.*others in it: comma 2"):
        open_source(str(write(tmp_path / "rows.csv", "a,b,c\n1,2,3\n")), delimiter=";")


def test_any_delimiter_may_be_asked_for(tmp_path: Path) -> None:
    source = open_source(str(write(tmp_path / "rows.csv", "text^label\na, b^x\n")), delimiter="^")
    assert [raw.values for raw in source.rows()] == [{"text": "a, b", "label": "x"}]
    assert source.info == {"kind": "csv", "encoding": "utf-8", "delimiter": "^", "recognized": False, "files": 1, "left_out": []}


def test_a_text_file_without_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)columns in lines\.txt, parted by comma, semicolon, tab, bar.*none of these"):
        open_source(str(write(tmp_path / "lines.txt", "one\ntwo\n")))


def test_a_csv_file_may_have_one_column(tmp_path: Path) -> None:
    assert values_of(write(tmp_path / "rows.csv", "text\na\n")) == [{"text": "a"}]


def test_the_line_by_which_excel_names_the_delimiter_is_honoured(tmp_path: Path) -> None:
    assert rows_of(write(tmp_path / "rows.csv", "sep=;\ntext;label\na, b;x\n")) == [Raw(1, "rows.csv:3", None, {"text": "a, b", "label": "x"})]


def test_files_of_one_folder_may_have_different_delimiters(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", HEADER + "one,x\n")
    write(tmp_path / "b.tsv", "label\ttext\ny\ttwo\n")
    source = open_source(str(tmp_path))
    assert [raw.values for raw in source.rows()] == [{"text": "one", "label": "x"}, {"text": "two", "label": "y"}]
    assert (source.info["kind"], source.info["delimiter"]) == ("csv", None)


@pytest.mark.parametrize("line", ['"a\tx\nb" c\ty', '"a\tx\nb"\ty', '"a" b\tx', '"a\tx'])
def test_quotes_in_a_tsv_that_enclose_nothing_are_text(line: str, tmp_path: Path) -> None:
    lines = ["one\tx", *line.split("\n"), 'four "five"\tz']
    source = open_source(str(write(tmp_path / "rows.tsv", "text\tlabel\n" + "\n".join(lines) + "\n")))
    assert [raw.values for raw in source.rows()] == [dict(zip(("text", "label"), line.split("\t"), strict=True)) for line in lines]
    assert source.info["recognized"]


def test_quotes_that_enclose_fields_of_a_tsv_are_none_of_their_text(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.tsv", 'text\tlabel\n"a\nb"\tx\n"c\td ""e"""\ty\n')
    assert values_of(file) == [{"text": "a\nb", "label": "x"}, {"text": 'c\td "e"', "label": "y"}]


def test_blanks_around_column_names_are_none_of_them_and_nameless_columns_are_numbered(tmp_path: Path) -> None:
    assert values_of(write(tmp_path / "rows.csv", ", text ,label,\n0,a ,x,\n")) == [{"column_1": "0", "text": "a ", "label": "x", "column_4": ""}]


def test_a_header_without_any_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)names of the columns in rows\.csv.*a first line without any"):
        open_source(str(write(tmp_path / "rows.csv", ",,\n1,2,3\n")))


def test_column_names_that_blanks_made_different_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="more than once: label"):
        open_source(str(write(tmp_path / "rows.csv", "text,label, label\na,b,c\n")))


def test_blank_lines_before_the_header_are_passed_over(tmp_path: Path) -> None:
    assert rows_of(write(tmp_path / "rows.csv", "\n\ntext,label\na,x\n")) == [Raw(1, "rows.csv:4", None, {"text": "a", "label": "x"})]
    with pytest.raises(DataError, match="an empty file"):
        open_source(str(write(tmp_path / "blank.csv", "\n\n")))


def test_a_nul_character_is_left_for_the_row_checks(tmp_path: Path) -> None:
    assert values_of(write(tmp_path / "rows.csv", HEADER + "a\0b,x\nc,y\n")) == [{"text": "a\0b", "label": "x"}, {"text": "c", "label": "y"}]


def test_lines_may_end_as_on_any_system(tmp_path: Path) -> None:
    for end in ("\n", "\r\n", "\r"):
        assert [raw.where for raw in rows_of(write(tmp_path / "rows.csv", f"text,label{end}a,x{end}b,y{end}"))] == ["rows.csv:2", "rows.csv:3"]


def test_packed_files_are_unpacked_as_they_are_read(tmp_path: Path) -> None:
    packed = gzip.compress(("text\tlabel\n" + "a\tx\n" * 2000).encode())
    assert len(values_of(write(tmp_path / "rows.tsv.gz", packed))) == 2000
    with pytest.raises(DataError, match=r"(?s)torn\.tsv\.gz.*EOFError"):
        rows_of(write(tmp_path / "torn.tsv.gz", packed[:-20]))
    with pytest.raises(DataError, match=r"(?s)plain\.tsv\.gz.*BadGzipFile"):
        rows_of(write(tmp_path / "plain.tsv.gz", HEADER))


def test_what_the_csv_module_writes_is_read_back_whatever_the_fields_hold(tmp_path: Path) -> None:
    texts = ["", " ", 'say "hi"', "a,b;c|d\te", "two\nlines", "'", "é\u2028ü", "=1+1", '"', "\\", "x" * 300_000]
    for delimiter in ",;|":
        file = tmp_path / f"rows{ord(delimiter)}.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=delimiter).writerows([("text", "label"), *((text, "a") for text in texts)])
        assert [values["text"] for values in values_of(file)] == texts

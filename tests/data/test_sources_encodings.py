"""Encodings: marked, recognized, asked for; what can't be told is asked with the lines to choose from."""

import gzip
import random
from pathlib import Path

import pytest

from hugline.data import encodings as module
from hugline.data.sources import open_source
from hugline.errors import DataError
from tests.data.test_sources import HEADER, rows_of, values_of, write

GERMAN = "Wo bleibt mein Paket? Die Lieferung ist überfällig, größere Verzögerung."
FRENCH = "Où est ma commande passée hier ? Le garçon a reçu la pièce à réparer, déjà très abîmée."
POLISH = "Gdzie jest moja paczka? Zażółć gęślą jaźń. Chciałbym zwrócić buty, są za duże."
CZECH = "Kde je můj balík? Příliš žluťoučký kůň úpěl ďábelské ódy. Chtěl bych vrátit boty, jsou velké a šedé."
RUSSIAN = "Где моя посылка? Я хочу вернуть обувь, она слишком большая. Пожалуйста, верните деньги."


def csv_of(text: str, encoding: str) -> bytes:
    return ("text;label\n" + f"{text};a\n" * 5).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_recognized_in_any_form(encoding: str, tmp_path: Path) -> None:
    source = open_source(str(write(tmp_path / "rows.csv", csv_of("a naïve text", encoding))))
    assert [raw.values for raw in source.rows()] == [{"text": "a naïve text", "label": "a"}] * 5
    assert source.info["encoding"] == encoding.removesuffix("-sig")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"),
        (POLISH, "cp1250"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (RUSSIAN, "cp866"),
        ("我的包裹在哪里？我想退货，鞋子太大了。", "gb18030"),
    ],
)
def test_an_encoding_that_the_bytes_tell_is_recognized(text: str, encoding: str, tmp_path: Path) -> None:
    source = open_source(str(write(tmp_path / "rows.csv", csv_of(text, encoding))))
    assert [raw.values for raw in source.rows()] == [{"text": text, "label": "a"}] * 5
    assert (source.info["encoding"], source.info["recognized"]) == (encoding, True)


def test_an_encoding_that_the_bytes_do_not_tell_is_asked_with_the_lines_to_choose_from(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", csv_of(FRENCH, "cp1252"))
    with pytest.raises(DataError) as caught:
        open_source(str(file))
    first, *lines = caught.value.found.splitlines()
    assert first == "5 lines that are no UTF-8; their letters could be"
    assert lines == [
        "  encoding: cp1252   # Western Europe: ç è à ù î",
        "  encoding: cp1250   # Central Europe: ç č ŕ ů î",
        "  encoding: cp1257   # Baltic: ē č ą ł ī",
    ]
    assert "write the line whose letters are yours under `data:` in params.yaml" in caught.value.remedy
    assert values_of(file, encoding="cp1252") == [{"text": FRENCH, "label": "a"}] * 5


def test_old_encodings_are_never_taken_unasked(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", csv_of(FRENCH, "mac_roman"))
    with pytest.raises(DataError, match=r"\n  encoding: mac_roman   # Western Europe, old Macs: "):
        open_source(str(file))
    assert values_of(file, encoding="mac_roman") == [{"text": FRENCH, "label": "a"}] * 5


def test_bytes_in_no_known_encoding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)5 lines that are no UTF-8, nor in another encoding that is known here.*save the file as UTF-8"):
        open_source(str(write(tmp_path / "rows.csv", csv_of("a" + "".join(map(chr, range(0x80, 0x100))) + "b", "latin-1"))))


def test_an_error_shows_letters_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        open_source(str(write(tmp_path / "rows.csv", csv_of(FRENCH, "cp1252"))))
    assert not any(word in str(caught.value) for word in ("commande", "garçon", "hier"))


def test_bytes_that_are_no_utf8_spoil_their_row_only(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", HEADER.encode() + b"caf\xe9,a\ncaf\xc3\xa9,b\n")
    assert values_of(file) == [{"text": "caf\udce9", "label": "a"}, {"text": "café", "label": "b"}]
    assert open_source(str(file)).info["recognized"] is False


def test_a_file_that_mixes_two_encodings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)one encoding in rows\.csv.*2 lines in UTF-8 beside 20 that are not"):
        open_source(str(write(tmp_path / "rows.csv", HEADER.encode() + b"caf\xe9,a\n" * 20 + b"caf\xc3\xa9,b\n" * 2)))


def test_two_encodings_in_one_folder_are_refused_whatever_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", csv_of(GERMAN, "utf-8"))
    write(tmp_path / "b.csv", csv_of(GERMAN, "cp1252"))
    for asked in (None, "cp1252", "utf-8"):
        with pytest.raises(DataError, match=r"(?s)one encoding in all files.*a\.csv is in UTF-8, b\.csv is not.*iconv .* b\.csv"):
            open_source(str(tmp_path), encoding=asked)


def test_two_forms_of_unicode_in_one_folder_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", csv_of(GERMAN, "utf-8"))
    write(tmp_path / "b.csv", csv_of(GERMAN, "utf-16"))
    with pytest.raises(DataError, match=r"(?s)a\.csv is in utf-8, b\.csv is in utf-16.*all of them anew in UTF-8"):
        open_source(str(tmp_path))


def test_a_file_in_ascii_fits_beside_one_in_another_encoding(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", csv_of("plain", "ascii"))
    write(tmp_path / "b.csv", csv_of(GERMAN, "cp1252"))
    assert [values["text"] for values in values_of(tmp_path)] == ["plain"] * 5 + [GERMAN] * 5


@pytest.mark.parametrize("name", ["utf-88", "base64", "rot13", "a b", "\0"])
def test_an_encoding_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"an encoding that Python knows in data\.encoding, such as utf-8, cp1252"):
        open_source(str(write(tmp_path / "rows.csv", HEADER)), encoding=name)


def test_another_encoding_asked_for_than_the_bytes_say_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)marked\.csv in cp1252, as data\.encoding says.*the mark of utf-8 at its beginning"):
        open_source(str(write(tmp_path / "marked.csv", csv_of("plain", "utf-8-sig"))), encoding="cp1252")
    with pytest.raises(DataError, match=r"(?s)plain\.csv in cp1252.*UTF-8 in all 5 lines with other letters than ASCII"):
        open_source(str(write(tmp_path / "plain.csv", csv_of(GERMAN, "utf-8"))), encoding="cp1252")


def test_an_encoding_asked_for_is_called_by_pythons_name(tmp_path: Path) -> None:
    for asked, name in (("UTF8", "utf-8"), ("windows-1252", "cp1252"), ("latin-1", "iso8859-1")):
        assert open_source(str(write(tmp_path / "rows.csv", HEADER + "a,x\n")), encoding=asked).info["encoding"] == name


def test_bytes_that_the_encoding_asked_for_lacks_spoil_their_row_only(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", HEADER.encode() + b"a\x81b,x\n\xe9,y\n")
    assert values_of(file, encoding="cp1252") == [{"text": "a\udc81b", "label": "x"}, {"text": "é", "label": "y"}]
    japanese = write(tmp_path / "japanese.csv", HEADER.encode() + "靴,x\n".encode("cp932") + b"\x81\x20,y\n")
    assert [values["label"] for values in values_of(japanese, encoding="cp932")] == ["x", "y"]


def test_a_header_with_bytes_that_are_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a header in utf-8 in rows\.csv"):
        open_source(str(write(tmp_path / "rows.csv", b"caf\xe9,label\n" + "é,a\n".encode() * 3)))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"PK\x03\x04rest", r"a workbook or a ZIP archive"),
        (b"PAR1rest", "a Parquet file"),
        (gzip.compress(b"text,label\n", mtime=0), "a gzip archive"),
        (random.Random(0).randbytes(5000), r"\d+ control characters in 5000 bytes"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "300 control characters in 308 bytes"),
    ],
)
@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl", "rows.json"])
def test_a_binary_file_with_a_text_files_name_is_refused(name: str, content: bytes, found: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"(?s)text in {name}.*found: +{found}"):
        open_source(str(write(tmp_path / name, content)))


def test_letters_anywhere_in_a_long_file_are_seen(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", HEADER.encode() + b"plain,a\n" * 300_000 + f"{GERMAN},b\n".encode("cp1252").replace(b",", b" ", 1) * 3)
    assert file.stat().st_size > 2 * module.CHUNK
    assert (open_source(str(file)).info["encoding"], rows_of(file)[-1].values) == ("cp1252", {"text": GERMAN.replace(",", " ", 1), "label": "b"})


def test_of_a_huge_file_pieces_from_all_over_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 1000)
    monkeypatch.setattr(module, "CHUNKS", 8)
    body = b"plain,a\n" * 2000 + f"{POLISH},b\n".encode("cp1250").replace(b",", b" ", 1) * 200
    file = write(tmp_path / "rows.csv", HEADER.encode() + body)
    assert open_source(str(file)).info["encoding"] == "cp1250"


def test_letters_cut_by_the_pieces_edges_are_no_faults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = HEADER + "".join(f"{'我' * n}é{'ü' * n}😀,a\n" for n in range(60))
    for size in (64, 66, 70, 128):
        monkeypatch.setattr(module, "CHUNK", size)
        monkeypatch.setattr(module, "CHUNKS", 10_000)
        tally = module._tally([write(tmp_path / "rows.csv", text)])
        assert (tally.bad, tally.good > 60) == (0, True)

"""Opening files to read: unpacked where they are packed, decoded so that bytes which are no text spoil their row only."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from hugline.errors import DataError

MARKS = {  # at a file's beginning; UTF-32's begins like UTF-16's
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
SIGNATURES = {
    b"PK\x03\x04": "a workbook or a ZIP archive (.xlsx, .ods, .zip)",
    b"\xd0\xcf\x11\xe0": "an old Office document (.xls, .doc)",
    b"PAR1": "a Parquet file (.parquet)",
    b"ARROW1": "an Arrow file (.arrow)",
    b"\x1f\x8b": "a gzip archive (.gz)",
    b"%PDF": "a PDF",
    b"SQLite format 3": "a database",
}


def ending(file: Path) -> str:
    """What a file's name ends with, in small letters and without the .gz of a packed one: ".csv"."""
    return Path(file.stem if file.suffix.lower() == ".gz" else file.name).suffix.lower()


def mark_of(file: Path) -> str:
    """The encoding that a file's first bytes name; empty where they name none."""
    with open_bytes(file) as stream:
        return _mark(stream.read(4))


def _mark(head: bytes) -> str:
    return next((name for mark, name in MARKS.items() if head.startswith(mark)), "")


@contextmanager
def open_bytes(file: Path) -> Iterator[BinaryIO]:
    """A file's bytes, unpacked where its name ends with .gz; raises DataError where they can't be read."""
    try:
        with cast(BinaryIO, gzip.open(file)) if file.suffix.lower() == ".gz" else file.open("rb") as stream:
            yield stream
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"a file that can be read at {file}", f"{type(error).__name__}: {error}", "mend or replace the file") from error


@contextmanager
def open_text(file: Path, encoding: str, newline: str | None = None) -> Iterator[TextIO]:
    """A file's text, without a mark at its beginning; bytes that are no text are lone surrogates, found later row by row."""
    codecs.register_error("lone_surrogates", _lone_surrogates)
    with open_bytes(file) as stream, io.TextIOWrapper(stream, _unmarked(encoding), "lone_surrogates", newline) as text:
        yield text


def read_text(file: Path, encoding: str) -> str:
    """All of a small file; a mark at its beginning says its encoding, whatever the others' is."""
    codecs.register_error("lone_surrogates", _lone_surrogates)
    with open_bytes(file) as stream:
        data = stream.read()
    return data.decode(_unmarked(_mark(data[:4]) or encoding), "lone_surrogates")


def refuse_other_kinds(file: Path) -> None:
    """Raise DataError for a file whose first bytes say that it is no text."""
    with open_bytes(file) as stream:
        head = stream.read(16)
    kind = next((kind for signature, kind in SIGNATURES.items() if head.startswith(signature)), "")
    if kind:
        raise DataError(f"text in {file.name}", f"{kind}, by its first bytes", "give the file its own ending, or save its rows as CSV")


def _unmarked(encoding: str) -> str:
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _lone_surrogates(error: UnicodeError) -> tuple[str, int]:
    """What `surrogateescape` does, for bytes below 128 too: encodings of several bytes a letter can fail on those."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end

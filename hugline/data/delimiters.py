"""How a delimited file parts its fields: by which character, and whether quotes enclose fields or are plain text."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from hugline.data.streams import ending, open_text
from hugline.errors import DataError

DEFAULTS = {".csv": ",", ".tsv": "\t"}
KNOWN = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
FIELD_LIMIT = 16 * 2**20  # characters of one field; the csv module's own limit is 128 KiB
HEAD_ROWS = 50
HEAD_LINES = 500  # of a file, for these rows: quoted fields may span lines
HEAD_CHARS = 2**20
REGULAR = 0.9  # share of rows with as many fields as the header, from which a delimiter is right
ODD = 0.5  # share up to which another delimiter in the header is text
RAGGED = 0.01  # share of lines with another number of fields, up to which they still read better without quotes


@dataclass(frozen=True)
class Dialect:
    """How a file parts its fields."""

    delimiter: str
    quoted: bool = True  # False: quotes are text, and every line is a row
    recognized: bool = False
    skipped: int = 0  # lines before the header: Excel's `sep=;`


def find_dialect(file: Path, encoding: str, asked: str | None) -> Dialect:
    """How a file parts its fields; raises DataError with the lines to choose from where that can't be told."""
    head = _head(file, encoding)
    if not head:
        raise DataError(f"a header and rows in {file.name}", "an empty file", "correct data.path")
    default = DEFAULTS.get(ending(file), "")
    excel = re.fullmatch(r'"?sep=(.)"?\s*', head[0])
    if excel:
        head, asked = head[1:], asked or excel[1]
    delimiter = _asked(file, head, asked) if asked else _told(file, head, default)
    dialect = Dialect(delimiter, recognized=not asked and delimiter != default, skipped=1 if excel else 0)
    if delimiter == "\t" and not _quotes_hold(file, encoding, dialect):
        return replace(dialect, quoted=False, recognized=True)
    return dialect


def records(file: Path, encoding: str, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """The fields of every row that has any, with the line it ends on; raises DataError where a quote is not closed."""
    csv.field_size_limit(FIELD_LIMIT)
    began = 1
    try:
        for line, fields in _read(file, encoding, dialect):
            if fields:
                yield line, fields
            began = line + 1
    except csv.Error as error:
        remedy = "mend that line: a field that begins with a quote ends with one, and quotes inside it are doubled"
        raise DataError(f"CSV rows in {file.name}", f"line {began}: {error}", remedy) from error


def _read(file: Path, encoding: str, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    with open_text(file, encoding, newline="") as text:
        for _ in range(dialect.skipped):
            text.readline()
        # strict: a quote that is not closed would otherwise swallow the rows after it
        reader = csv.reader(text, delimiter=dialect.delimiter, strict=dialect.quoted, quoting=csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE)
        for fields in reader:
            yield reader.line_num + dialect.skipped, fields


def _head(file: Path, encoding: str) -> list[str]:
    """The first lines of a file, without those that are blank."""
    lines: list[str] = []
    with open_text(file, encoding, newline="") as text:
        while len(lines) < HEAD_LINES and sum(map(len, lines[-HEAD_ROWS:])) < HEAD_CHARS and (line := text.readline(HEAD_CHARS)):
            lines += [line] if line.strip("\r\n") else []
    return lines


def _asked(file: Path, head: list[str], asked: str) -> str:
    """The delimiter asked for; raises DataError where the header does not have it."""
    widths = _widths(head, asked, True)
    if widths and widths[0] > 1:
        return asked
    counts = {KNOWN[d]: _widths(head[:1], d, True)[0] - 1 for d in KNOWN}
    others = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
    remedy = "correct data.delimiter, or leave it null to have it recognized"
    raise DataError(
        f"a first line in {file.name} with the delimiter {asked!r}, as data.delimiter says", f"none in it; others in it: {others or 'none'}", remedy
    )


def _told(file: Path, head: list[str], default: str) -> str:
    """The delimiter that the first rows tell; `default` for a file of one column."""
    shares = {d: share for d in KNOWN if (share := _regularity(head, d)) is not None}
    if default == "\t" in shares or (default and not shares):
        return default
    if not shares:
        known = ", ".join(KNOWN.values())
        raise DataError(
            f"columns in {file.name}, parted by {known}", "none of these in its first line", "name the delimiter in data.delimiter, or correct data.path"
        )
    best, *others = sorted(shares, key=lambda d: -shares[d])
    if not others or (shares[best] >= REGULAR and all(shares[d] <= ODD for d in others)):
        return best
    choices = "".join(
        f'\n  delimiter: "{d if d != chr(9) else chr(92) + "t"}"   # {KNOWN[d]}: {shares[d]:.0%} of the first rows fit the header' for d in (best, *others)
    )
    remedy = "write the line that is right under `data:` in params.yaml"
    raise DataError(f"one delimiter that parts the first line of {file.name}", f"several that could be it{choices}", remedy)


def _widths(lines: list[str], delimiter: str, quoted: bool) -> list[int]:
    """Fields of the header and of each of the first rows."""
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
    try:
        return [len(fields) for fields in islice(reader, HEAD_ROWS + 1)]
    except csv.Error:  # told later, with its line
        return []


def _regularity(lines: list[str], delimiter: str) -> float | None:
    """Share of the rows with as many fields as the header; None where the header is not parted at all."""
    shares = []
    for quoted in (True, False) if delimiter == "\t" else (True,):
        header, *widths = _widths(lines, delimiter, quoted) or [0]
        if header > 1:
            shares.append(sum(width == header for width in widths) / len(widths) if widths else 1.0)
    return max(shares, default=None)


def _quotes_hold(file: Path, encoding: str, dialect: Dialect) -> bool:
    """Whether quotes enclose fields, not only stand in them: reads the whole file both ways, if it has any quote."""
    with open_text(file, encoding, newline="") as text:
        if not any('"' in piece for piece in iter(lambda: text.read(HEAD_CHARS), "")):
            return True
    rows, ragged = _shape(file, encoding, replace(dialect, quoted=False))
    try:
        quoted_rows, quoted_ragged = _shape(file, encoding, dialect)
    except csv.Error:
        return ragged > RAGGED * rows
    return (quoted_rows, quoted_ragged) == (rows, ragged) or quoted_ragged < ragged


def _shape(file: Path, encoding: str, dialect: Dialect) -> tuple[int, int]:
    """Rows, and how many of them have another number of fields than the first."""
    csv.field_size_limit(FIELD_LIMIT)
    widths = Counter(len(fields) for _, fields in _read(file, encoding, dialect) if fields)
    header = next(iter(widths), 0)
    return widths.total(), widths.total() - widths[header]

"""What every kind of source is read as: parts that give their rows one by one, in plain values."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Protocol

from hugline.errors import DataError

Place = tuple[str, dict[str, Any] | None, str]  # where a row is; its values, or None and why it can't be read
SPLIT_NAMES = {  # of files and folders -> ours
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
}
ROW_LIMIT = 64 * 2**20  # characters of one row of a JSON file, bytes of one text file


class Part(Protocol):
    """A file, some folders or a data set, as rows."""

    def read(self) -> Iterator[Place]:
        """Every row in order, holding no more than a block of them at a time."""
        ...


@dataclass(frozen=True)
class Opened:
    """A part, and what is known before reading its rows."""

    name: str
    columns: tuple[str, ...]
    part: Part
    label_names: dict[str, list[str]] = field(default_factory=dict)  # column -> names, where class ids are stored


def plain(value: Any) -> Any:
    """A value without other libraries' types: text, number, truth value, None, bytes, or lists and mappings of these.

    Missing numbers (NaN) become None, dates and times ISO 8601, bytes in UTF-8 text. Other bytes, lists and mappings stay
    what they are: they are no text, so a column that is learned from refuses them row by row.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, bytes):
        return _text_or_bytes(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _inner(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_inner(inner) for inner in value]
    return str(value)


def _text_or_bytes(value: bytes) -> str | bytes:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value


def _inner(value: Any) -> Any:
    """A value within another: bytes are only told by their number, so that JSON can hold it."""
    found = plain(value)
    return f"{len(found)} bytes" if isinstance(found, bytes) else found


def column_names(header: list[str], file: str, encoding: str | None = None) -> tuple[str, ...]:
    """The names in a header, without the blanks around them; a column without a name is called after its place: `column_1`.

    Raises DataError for a header without any name, with one name twice, or with bytes that are no text.
    """
    names = tuple(name.strip() or f"column_{i}" for i, name in enumerate(header, 1))
    if not any(name.strip() for name in header):
        raise DataError(f"a header with the names of the columns in {file}", "a first line without any", "write them above the rows")
    if any("\ud800" <= c <= "\udfff" or c == "\0" for name in names for c in name):
        raise DataError(
            f"a header in {encoding or 'UTF-8'} in {file}", "bytes that are no text in it", "mend the first line, or name its encoding in data.encoding"
        )
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        found = f"{', '.join(names)}; more than once: {', '.join(repeated)}"
        raise DataError(f"a header with different column names in {file}", found, "rename the columns that repeat")
    return names

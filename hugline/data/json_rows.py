"""JSON Lines, and JSON arrays of objects, row by row."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from hugline.data.encodings import find_encoding
from hugline.data.parts import ROW_LIMIT, Opened, Part, Place, plain
from hugline.data.streams import ending, open_text, refuse_other_kinds
from hugline.errors import DataError

PIECE = 2**20  # characters read at a time
EDGE = 10  # characters: a number, a word or an escape that ends nearer to the end of what was read may only be cut
COLUMNS = 1000  # keys; more are no names of columns
TYPES = {list: "a list", str: "a text", int: "a number", float: "a number", bool: "a truth value", type(None): "null"}


@dataclass(frozen=True)
class JsonLines:
    """A file with one object a line."""

    file: Path
    encoding: str
    columns: tuple[str, ...]

    def read(self) -> Iterator[Place]:
        """Every row with its line; a key that is missing is None, a line that is no object a fault."""
        for line, found, fault in _lines(self.file, self.encoding):
            yield f"{self.file.name}:{line}", None if found is None else {column: plain(found.get(column)) for column in self.columns}, fault


@dataclass(frozen=True)
class JsonArray:
    """A file that is one list of objects."""

    file: Path
    encoding: str
    columns: tuple[str, ...]

    def read(self) -> Iterator[Place]:
        """Every row with its place in the list, from 1."""
        for i, found, fault in _elements(self.file, self.encoding):
            yield f"{self.file.name}:{i}", None if found is None else {column: plain(found.get(column)) for column in self.columns}, fault


def open_json(files: Sequence[Path], encoding: str | None) -> tuple[list[Opened], dict[str, Any]]:
    """JSON files with all keys that occur in them, for which every file is read once; raises DataError for one without rows."""
    for file in files:
        refuse_other_kinds(file)
    found = find_encoding(files, encoding)
    listed = {file: _is_array(file, found.name) for file in files}
    keys: dict[str, None] = {}
    for file in files:
        _add_keys(keys, file, found.name, listed[file])
    columns = tuple(keys)
    parts: list[Part] = [JsonArray(file, found.name, columns) if listed[file] else JsonLines(file, found.name, columns) for file in files]
    opened = [Opened(file.name, columns, part) for file, part in zip(files, parts, strict=True)]
    return opened, {"kind": "jsonl", "encoding": found.name, "delimiter": None, "recognized": found.recognized}


def _is_array(file: Path, encoding: str) -> bool:
    """Whether a .json file is one list; False for one object a line; raises DataError for anything else."""
    if ending(file) != ".json":
        return False
    with open_text(file, encoding) as text:
        start = text.read(PIECE).lstrip()
    if start.startswith("["):
        return True
    first_two = list(islice(_lines(file, encoding), 2)) if start.startswith("{") else []
    if len(first_two) == 2 and all(found is not None for _, found, _ in first_two):
        return False
    found = "an empty file" if not start else "one object" if start.startswith("{") else "neither a list nor objects"
    raise DataError(f"a list of objects, or one object a line, in {file.name}", found, "write its rows as JSON Lines: one object a line")


def _add_keys(keys: dict[str, None], file: Path, encoding: str, listed: bool) -> None:
    rows = 0
    for rows, (_, found, _) in enumerate(_elements(file, encoding) if listed else _lines(file, encoding), 1):  # noqa: B007
        if found and not found.keys() <= keys.keys():
            keys |= dict.fromkeys(found)
            if len(keys) > COLUMNS:
                raise DataError(
                    f"rows with the same columns in {file.name}", f"more than {COLUMNS} different keys", "use the keys as names, and what differs as values"
                )
    if not rows or not keys:
        found_text = f"{rows} values that are no objects" if rows else "an empty file"
        raise DataError(f"objects with named values in {file.name}", found_text, 'write one object a row, such as {"text": ..., "label": ...}')


def _lines(file: Path, encoding: str) -> Iterator[tuple[int, dict[str, Any] | None, str]]:
    """Every line that is not blank: its number, and its object or why it has none."""
    with open_text(file, encoding) as text:
        number = 0
        while line := text.readline(ROW_LIMIT):
            number += 1
            if len(line) == ROW_LIMIT:
                raise DataError(f"one object a line in {file.name}", f"line {number} with {ROW_LIMIT} characters or more", "write one object a line")
            if not line.isspace():
                yield number, *_parse(line)


def _parse(line: str) -> tuple[dict[str, Any] | None, str]:
    try:
        return _checked(json.loads(line))
    except json.JSONDecodeError as error:
        return None, f"no JSON: {error.msg}"
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, lists thousands deep
        return None, f"no JSON that can be read: {type(error).__name__}"


def _checked(found: Any) -> tuple[dict[str, Any] | None, str]:
    if not isinstance(found, dict):
        return None, f"no JSON object: {TYPES[type(found)]}"
    if any("\ud800" <= c <= "\udfff" or c == "\0" for key in found for c in key):
        return None, "a key that is no text"
    return found, ""


def _elements(file: Path, encoding: str) -> Iterator[tuple[int, dict[str, Any] | None, str]]:
    """Every element of a list, from 1; raises DataError where the file is no list of JSON values."""
    with open_text(file, encoding) as text:
        scanner = _Scanner(file.name, text)
        scanner.expect("[")
        number = 0
        while scanner.peek() != "]":
            if number:
                scanner.expect(",")
            number += 1
            yield number, *_checked(scanner.value())
        scanner.expect("]")
        if scanner.peek():
            raise scanner.error("text after the list's end")


class _Scanner:
    """JSON values one after the other, from a text of which a piece is held at a time."""

    def __init__(self, name: str, text: TextIO) -> None:
        self._name, self._text, self._decoder = name, text, json.JSONDecoder()
        self._piece, self._at, self._before = "", 0, 0

    def peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            while self._at < len(self._piece):
                if self._piece[self._at] not in " \t\r\n":
                    return self._piece[self._at]
                self._at += 1
            if not self._more():
                return ""

    def expect(self, mark: str) -> None:
        """Go on behind a mark."""
        if self.peek() != mark:
            raise self.error(f"no {mark!r}")
        self._at += 1

    def value(self) -> Any:
        """The next value, for which more is read as long as it may only be cut."""
        self.peek()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._piece, self._at)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated string") or error.pos >= len(self._piece) - EDGE
                if not cut or len(self._piece) - self._at > ROW_LIMIT or not self._more():
                    raise self.error(error.msg) from error
            except (ValueError, RecursionError) as error:
                raise self.error(type(error).__name__) from error
            else:
                if end < len(self._piece) or isinstance(found, dict | list | str) or not self._more():
                    self._at = max(end, self._at)
                    return found

    def error(self, found: str) -> DataError:
        """What to raise at the place that was reached."""
        place = f"{found}, at or after character {self._before + self._at + 1}"
        return DataError(f"a whole list of objects in {self._name}", place, "mend the file, or write its rows as JSON Lines: one object a line")

    def _more(self) -> bool:
        rest = self._piece[self._at :]
        new = self._text.read(max(PIECE, len(rest)))
        self._before += self._at
        self._piece, self._at = rest + new, 0
        return bool(new)

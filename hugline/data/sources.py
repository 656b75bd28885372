"""Rows from wherever they are kept: files of several kinds, folders of them, texts a label, data sets of the hub."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hugline.core.rows import SPLITS
from hugline.data.delimited import open_delimited
from hugline.data.files import READABLE, Chosen, choose_files, names_in, split_files
from hugline.data.hub import has_hub_format, open_hub
from hugline.data.json_rows import open_json
from hugline.data.parts import Opened, Part
from hugline.data.tables import open_parquet, open_workbooks
from hugline.data.texts import find_layout, listed_layout, open_texts
from hugline.errors import DataError


@dataclass(frozen=True)
class Raw:
    """A row as its source has it."""

    number: int  # of the row in all of the source, from 1
    where: str  # file and line, or split and index
    split: str | None  # where the source says so
    values: dict[str, Any] | None  # None: unreadable; a value is text, number, truth value, None, list or mapping
    fault: str = ""  # why it is unreadable


@dataclass(frozen=True)
class Source:
    """Rows that can be read, and what is known before reading them."""

    columns: tuple[str, ...]
    splits: tuple[str, ...]  # those that the source has; empty: rows are not split yet
    label_names: dict[str, list[str]]  # column -> names, where the source stores class ids
    parts: tuple[tuple[str | None, Part], ...]  # split, its rows
    info: dict[str, Any] = field(default_factory=dict)  # kind, encoding, delimiter, files, recognized: what reports/data.json says

    def rows(self) -> Iterator[Raw]:
        """Every row, in the order of the source; raises DataError where there is none."""
        number = 0
        for split, part in self.parts:
            for place, values, fault in part.read():
                number += 1
                where = place if place.isascii() else place.encode("utf-8", "backslashreplace").decode()
                if values is None:
                    yield Raw(number, where, split, None, fault)
                else:
                    yield Raw(number, where, split, self._named(values))
        if not number:
            raise DataError("rows below the header", "none", "correct data.path, or add rows")

    def _named(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values with names in place of class ids; an id without a name is None."""
        for column, names in self.label_names.items():
            value = values[column]
            if not isinstance(value, str):
                values[column] = names[value] if isinstance(value, int) and 0 <= value < len(names) else None
        return values


def open_source(
    path: str,
    *,
    files: list[str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    hub: str | None = None,
    revision: str | None = None,
    config: str | None = None,
) -> Source:
    """The rows of a file, a folder, or a hub data set at a commit; raises DataError.

    `files` are names or patterns within the folder; `encoding` and `delimiter` are recognized where they are None.
    """
    if hub:
        if files:
            raise DataError("data.files for a folder in data.path", f"data.files beside data.hub {hub}", "set data.files to null")
        return _source(*open_hub(hub, revision, config))
    place = Path(path)
    if not place.exists():
        near = names_in(place.parent) if place.parent.is_dir() else "no such folder"
        raise DataError(f"a file or folder at data.path {path}", f"nothing there ({place.parent} holds: {near})", "correct data.path")
    if place.is_dir() and not files and has_hub_format(place):
        return _source(*open_hub(str(place), None, config))
    return _source(*_open_files(place, choose_files(place, files), encoding, delimiter))


def _open_files(place: Path, chosen: Chosen, encoding: str | None, delimiter: str | None) -> tuple[list[tuple[str | None, Opened]], dict[str, Any]]:
    if chosen.kind == "texts" or not chosen.files:
        layout = listed_layout(chosen.files, place) if chosen.files else find_layout(place)
        if layout.folders:
            return open_texts(layout, place, encoding, frozenset(chosen.files) or None)
        texts = '; for a table in them write `files: ["*.txt"]` under `data:`' if any(name.endswith(".txt") for name in chosen.left_out) else ""
        raise DataError(
            f"rows in {READABLE}, or folders of .txt files named after their labels, in {place}",
            f"no such file in it; there is: {names_in(place)}",
            f"convert the rows, or correct data.path{texts}",
        )
    named = split_files(chosen.files, place)
    ordered = [file for _, file in named]
    openers = {
        "delimited": lambda: open_delimited(ordered, encoding, delimiter),
        "json": lambda: open_json(ordered, encoding),
        "parquet": lambda: open_parquet(ordered),
        "excel": lambda: open_workbooks(ordered),
    }
    opened, info = openers[chosen.kind]()
    _refuse_other_columns(opened)
    return [(split, part) for (split, _), part in zip(named, opened, strict=True)], info | {"files": len(opened), "left_out": list(chosen.left_out)}


def _refuse_other_columns(opened: list[Opened]) -> None:
    first = opened[0]
    for other in opened[1:]:
        if set(other.columns) != set(first.columns):
            expected = f"the columns of {first.name} in every file: {', '.join(first.columns)}"
            raise DataError(expected, f"{other.name} has {', '.join(other.columns)}", "give the files one header, or list those to read in data.files")
        if other.label_names != first.label_names:
            raise DataError(f"the label names of {first.name} in every file", f"others in {other.name}", "write the files anew with one list of names")


def _source(parts: list[tuple[str | None, Opened]], info: dict[str, Any]) -> Source:
    first = parts[0][1]
    splits = tuple(split for split in SPLITS if split in {given for given, _ in parts})
    if len(splits) < 2:  # one split is no division: a lone test.csv is cut like any other file
        splits, parts = (), [(None, opened) for _, opened in parts]
    return Source(first.columns, splits, first.label_names, tuple((split, opened.part) for split, opened in parts), info)

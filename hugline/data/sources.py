"""Reading rows: CSV and TSV files, folders of them, data sets in the Hugging Face hub's format."""

import csv
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hugline.core.rows import SPLITS
from hugline.errors import DataError

DELIMITERS = {".csv": ",", ".tsv": "\t"}
SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
}
HUB_TIMEOUT_S = 10
FIELD_LIMIT = 16 * 2**20  # bytes of one CSV field; the csv module's own limit is 128 KiB


@dataclass(frozen=True)
class Raw:
    """A row as its source has it."""

    number: int  # of the row in all of the source, from 1
    where: str  # file and line, or split and index
    split: str | None  # where the source says so
    values: dict[str, Any] | None  # None: unreadable
    fault: str = ""  # why it is unreadable


@dataclass(frozen=True)
class Source:
    """Rows that can be read, and what is known before reading them."""

    columns: tuple[str, ...]
    splits: tuple[str, ...]  # those that the source has; empty: rows are not split yet
    label_names: dict[str, list[str]]  # column -> names, where the source stores class ids
    parts: tuple[tuple[str | None, Any], ...]  # (split, file or data set)

    def rows(self) -> Iterator[Raw]:
        """Every row, in the order of the source."""
        number = 0
        for split, part in self.parts:
            for where, values, fault in _read_csv(part, self.columns) if isinstance(part, Path) else self._read_dataset(split, part):
                number += 1
                yield Raw(number, where, split, values, fault)

    def _read_dataset(self, split: str | None, part: Any) -> Iterator[tuple[str, dict[str, Any] | None, str]]:
        for i, row in enumerate(part):
            for column, names in self.label_names.items():
                value = row[column]
                row[column] = names[value] if isinstance(value, int) and 0 <= value < len(names) else None
            yield f"{split or 'row'}:{i}", row, ""


def open_source(path: str, hub: str | None = None, revision: str | None = None, config: str | None = None) -> Source:
    """The rows of a file, a folder, or a hub data set at a revision; raises DataError."""
    if hub:
        return _open_hub(hub, revision, config)
    place = Path(path)
    if not place.exists():
        near = ", ".join(sorted(p.name for p in place.parent.iterdir())[:8]) if place.parent.is_dir() else "no such folder"
        raise DataError(f"a file or folder at data.path {path}", f"nothing there ({place.parent} holds: {near})", "correct data.path")
    if place.is_dir() and _has_hub_format(place):
        return _open_hub(str(place), None, config)
    return _open_files(place)


def _has_hub_format(folder: Path) -> bool:
    """Whether a folder looks like a data set's repository: Parquet files, or a card that configures files."""
    card = folder / "README.md"
    configured = card.is_file() and re.search(r"^(configs|dataset_info):", card.read_text(encoding="utf-8"), re.MULTILINE)
    return bool(configured) or any(folder.glob("**/*.parquet"))


def _open_files(place: Path) -> Source:
    files = sorted(p for p in place.iterdir() if p.suffix.lower() in DELIMITERS) if place.is_dir() else [place]
    if not files or files[0].suffix.lower() not in DELIMITERS:
        found = f"{place.suffix or 'no suffix'}" if place.is_file() else "no such file in it"
        raise DataError(f"CSV (.csv) or tab-separated (.tsv) rows at {place}", found, "convert the file, or correct data.path")
    named = [(SPLIT_NAMES.get(re.split(r"[-_.]", f.stem.lower())[0]), f) for f in files]
    if any(split for split, _ in named) and not all(split for split, _ in named):
        odd = ", ".join(f.name for split, f in named if not split)
        raise DataError(f"files named after splits ({', '.join(SPLITS)}), all or none", f"{odd} beside others that are", "rename or move them")
    headers = {f: _header(f) for f in files}
    first = headers[files[0]]
    for file, header in headers.items():
        if header != first:
            raise DataError(
                f"the columns of {files[0].name} in every file: {', '.join(first)}", f"{file.name} has {', '.join(header)}", "give the files one header"
            )
    splits = tuple(split for split in SPLITS if split in dict(named))
    if len(splits) < 2:  # one split is no division: a lone test.csv is cut like any other file
        return Source(first, (), {}, tuple((None, file) for file in files))
    return Source(first, splits, {}, tuple((split, file) for split in splits for theirs, file in named if theirs == split))


def _lines(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Fields with the line they end on; bytes that are no UTF-8 become lone surrogates, found later row by row."""
    csv.field_size_limit(FIELD_LIMIT)
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        # strict: a quote that is not closed would otherwise swallow the rows after it
        reader, began = csv.reader(stream, delimiter=DELIMITERS[file.suffix.lower()], strict=True), 1
        try:
            for fields in reader:
                yield reader.line_num, fields
                began = reader.line_num + 1
        except csv.Error as error:
            remedy = "mend that line: a field that begins with a quote ends with one, and quotes inside it are doubled"
            raise DataError(f"CSV rows in {file.name}", f"line {began}: {error}", remedy) from error


def _header(file: Path) -> tuple[str, ...]:
    for _, fields in _lines(file):
        if len(set(fields)) != len(fields):
            raise DataError(f"a header with different column names in {file.name}", ", ".join(fields), "rename the columns that repeat")
        return tuple(fields)
    raise DataError(f"a header and rows in {file.name}", "an empty file", "correct data.path")


def _read_csv(file: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any] | None, str]]:
    lines = _lines(file)
    next(lines)
    for line, fields in lines:
        if not fields:
            continue
        where = f"{file.name}:{line}"
        if len(fields) != len(columns):
            yield where, None, f"{len(fields)} fields, the header has {len(columns)}"
        else:
            yield where, dict(zip(columns, fields, strict=True)), ""


def _open_hub(name: str, revision: str | None, config: str | None) -> Source:
    from hugline.environment import prepare

    prepare()
    os.environ.setdefault("HF_HUB_ETAG_TIMEOUT", str(HUB_TIMEOUT_S))
    import datasets

    datasets.disable_progress_bars()
    try:
        loaded = datasets.load_dataset(name, config, revision=revision)
    except (FileNotFoundError, ConnectionError, ValueError, OSError, RuntimeError, datasets.exceptions.DatasetGenerationError) as error:
        at = f" at {revision}" if revision else ""
        reason = str(error).splitlines()[0][:200] if str(error) else ""
        raise DataError(
            f"the data set {name}{at}, in the cache or on the hub",
            f"{type(error).__name__}: {reason}",
            "connect to the network once, or set data.path to a local folder",
        ) from error
    given = {SPLIT_NAMES.get(split, split): part for split, part in loaded.items()}
    parts = [(split, given[split]) for split in SPLITS if split in given]
    if not parts:
        raise DataError(f"splits named {', '.join(SPLITS)} in {name}", ", ".join(given), "rename the splits in the data set's card")
    features = parts[0][1].features
    names = {column: list(f.names) for column, f in features.items() if isinstance(f, datasets.ClassLabel)}
    splits = tuple(split for split, _ in parts)
    return Source(tuple(features), splits if len(splits) > 1 else (), names, tuple(parts if len(parts) > 1 else [(None, parts[0][1])]))

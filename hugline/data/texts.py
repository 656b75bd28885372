"""A folder of text files a label, as fastai's and Stanford's IMDB have it: LABEL/*.txt, or SPLIT/LABEL/*.txt."""

import heapq
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from hugline.core.rows import SPLITS
from hugline.data.encodings import find_texts_encoding
from hugline.data.parts import ROW_LIMIT, SPLIT_NAMES, Opened, Place
from hugline.data.streams import read_text
from hugline.errors import DataError

COLUMNS = ("text", "label")
NAMES = 50_000  # file names that are held at a time, of all folders together
HELD = 1000  # of one folder, at least
LOOKED_AT = 1000  # files whose bytes tell the encoding
UNLABELLED = {"unsup", "unsupervised", "unlabelled", "unlabeled"}  # IMDB's name for texts without a label, and the like


@dataclass(frozen=True)
class Texts:
    """The text files of some labels; `names` are those to read, None is all."""

    place: Path
    folders: tuple[tuple[str, Path], ...]  # label, its folder
    encoding: str
    names: frozenset[Path] | None = None

    def read(self) -> Iterator[Place]:
        """Every text with its file; the labels take turns, so that the first rows have them all."""
        for turn in zip_longest(*(self._read_label(label, folder) for label, folder in self.folders)):
            yield from (place for place in turn if place)

    def _read_label(self, label: str, folder: Path) -> Iterator[Place]:
        for file in self.files(folder):
            where = f"{folder.relative_to(self.place)}/{file.name}"
            try:
                if file.stat().st_size > ROW_LIMIT:
                    yield where, None, f"a text of over {ROW_LIMIT} bytes"
                else:
                    yield where, {"text": read_text(file, self.encoding).rstrip("\r\n"), "label": label}, ""
            except (DataError, OSError) as error:
                yield where, None, f"unreadable file: {type(error.__cause__ or error).__name__}"

    def files(self, folder: Path) -> Iterator[Path]:
        """A folder's text files by name, however many there are."""
        held, last = max(HELD, NAMES // len(self.folders)), ""
        while names := heapq.nsmallest(held, (name for name in _text_names(folder) if name > last)):
            yield from (folder / name for name in names if self.names is None or folder / name in self.names)
            last = names[-1]

    def some(self) -> list[Path]:
        """Files from all folders, evenly spread, to look at."""
        each = max(1, LOOKED_AT // len(self.folders))
        steps = [(folder, max(1, sum(1 for _ in _text_names(folder)) // each)) for _, folder in self.folders]
        return [file for folder, step in steps for file in islice(self.files(folder), 0, step * each, step)]


@dataclass(frozen=True)
class Layout:
    """Where the texts of each label are."""

    folders: tuple[tuple[str | None, str, Path], ...]  # split, label, folder
    left_out: tuple[str, ...] = ()  # folders whose texts are not read


def find_layout(place: Path) -> Layout:
    """The labels' folders in a folder; none where it is no such folder."""
    inner = {folder: [label for label in _folders(folder) if _has_texts(label)] for folder in _folders(place)}
    splits = {folder: labels for folder, labels in inner.items() if labels and folder.name.lower() in SPLIT_NAMES}
    found: list[tuple[str | None, Path]] = [(SPLIT_NAMES[folder.name.lower()], label) for folder, labels in splits.items() for label in labels]
    if not splits:
        found = [(None, folder) for folder in inner if _has_texts(folder)]
    kept = tuple((split, label.name, label) for split, label in found if label.name.lower() not in UNLABELLED)
    others = [folder for folder, labels in inner.items() if splits and folder not in splits and (labels or _has_texts(folder))]
    left_out = sorted(str(folder.relative_to(place)) for folder in [*others, *(label for _, label in found if label.name.lower() in UNLABELLED)])
    return Layout(kept, tuple(left_out))


def listed_layout(files: Sequence[Path], place: Path) -> Layout:
    """The labels' folders of files that are listed one by one: the folder of each is its label, one above may be its split."""
    folders = {}
    for file in files:
        above = file.relative_to(place).parts[:-2]
        folders[file.parent] = SPLIT_NAMES.get(above[-1].lower()) if above else None
    if len({split is None for split in folders.values()}) > 1:
        odd = ", ".join(str(folder.relative_to(place)) for folder, split in folders.items() if split is None)
        raise DataError(f"folders of splits ({', '.join(SPLITS)}) above all labels, or above none", f"{odd} beside others that are", "correct data.files")
    return Layout(tuple((split, folder.name, folder) for folder, split in folders.items()))


def open_texts(layout: Layout, place: Path, encoding: str | None, names: frozenset[Path] | None) -> tuple[list[tuple[str | None, Opened]], dict[str, Any]]:
    """One part a split, and what was recognized from some of the files."""
    splits = sorted({split for split, _, _ in layout.folders}, key=(*SPLITS, None).index)
    folders = [tuple((label, folder) for split, label, folder in layout.folders if split == ours) for ours in splits]
    read = [Texts(place, theirs, "utf-8", names) for theirs in folders]
    count = len(names) if names is not None else sum(1 for _, _, folder in layout.folders for _ in _text_names(folder))
    found = find_texts_encoding([file for texts in read for file in texts.some()], place.name, encoding)
    parts = [Opened(place.name, COLUMNS, replace(texts, encoding=found.name)) for texts in read]
    info = {"kind": "texts", "encoding": found.name, "delimiter": None, "files": count, "recognized": found.recognized}
    return list(zip(splits, parts, strict=True)), info | {"left_out": list(layout.left_out)}


def _folders(place: Path) -> list[Path]:
    return sorted(folder for folder in place.iterdir() if folder.is_dir() and not folder.name.startswith("."))


def _has_texts(folder: Path) -> bool:
    return any(True for _ in _text_names(folder))


def _text_names(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        yield from (entry.name for entry in entries if entry.name.lower().endswith(".txt") and not entry.name.startswith(".") and entry.is_file())

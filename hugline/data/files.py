"""Which files of a folder hold the rows: those asked for, or those of the one kind that is there; and which split each is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hugline.core.rows import SPLITS
from hugline.data.parts import SPLIT_NAMES
from hugline.data.streams import ending
from hugline.errors import DataError

KINDS = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".txt": "delimited",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".parquet": "parquet",
    ".xlsx": "excel",
    ".xls": "excel",
    ".ods": "excel",
}
BESIDE = (".json", ".txt")  # beside files of rows these are mostly notes: taken only where they are asked for, or JSON is all there is
PACKED = ("delimited", "json")  # kinds that may be packed as .gz
READABLE = "CSV (.csv), tab-separated (.tsv), JSON Lines (.jsonl), JSON (.json), Parquet (.parquet) or a workbook (.xlsx, .xls, .ods)"
SHOWN = 8  # names in an error


@dataclass(frozen=True)
class Chosen:
    """Files of one kind."""

    kind: str  # delimited, json, parquet, excel or texts
    files: tuple[Path, ...]
    left_out: tuple[str, ...] = ()  # files that could have been read


def kind_of(file: Path) -> str:
    """How a file is read, by its name's ending; empty where it is not."""
    kind = KINDS.get(ending(file), "")
    return "" if file.suffix.lower() == ".gz" and kind not in PACKED else kind


def choose_files(place: Path, patterns: Sequence[str] | None) -> Chosen:
    """The files to read at a path; raises DataError where there are none, or of several kinds. A folder of folders has none."""
    if place.is_file():
        if patterns:
            raise DataError("data.files beside a folder in data.path", f"{place}, which is one file", "set data.files to null, or data.path to the folder")
        if kind_of(place):
            return Chosen(kind_of(place), (place,))
        raise DataError(f"rows in {READABLE} at {place}", f"{place.suffix or 'no ending'}", "convert the file, or correct data.path")
    if patterns:
        return _one_kind(place, _matching(place, patterns), ())
    inside = sorted(file for file in place.iterdir() if file.is_file() and not file.name.startswith((".", "~$")) and kind_of(file))
    files = [file for file in inside if ending(file) not in BESIDE] or [file for file in inside if ending(file) == ".json"]
    return _one_kind(place, files, tuple(file.name for file in inside if file not in files))


def _matching(place: Path, patterns: Sequence[str]) -> list[Path]:
    """The files that the patterns name, each once, pattern by pattern; raises DataError for one that names none."""
    files: dict[Path, None] = {}
    for pattern in patterns:
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts or not pattern.strip("./"):
            raise DataError(f"names or patterns within {place} in data.files", repr(pattern), "name the files from that folder on, or set data.path to another")
        found = sorted(file for file in place.glob(pattern) if file.is_file())
        if not found:
            raise DataError(f"files that match {pattern!r} (data.files) in {place}", f"none; there are: {names_in(place)}", "correct data.files or data.path")
        files |= dict.fromkeys(found)
    return list(files)


def _one_kind(place: Path, files: list[Path], left_out: tuple[str, ...]) -> Chosen:
    kinds = {kind_of(file): file for file in reversed(files)}
    if files and all(ending(file) == ".txt" and file.parent != place for file in files):
        return Chosen("texts", tuple(files))
    if odd := kinds.get(""):
        raise DataError(f"rows in {READABLE} in every file of data.files", odd.name, "correct data.files, or convert the file")
    if len(kinds) > 1:
        lines = "".join(f'\n  files: ["*{ending(file)}"]' for file in reversed(kinds.values()))
        raise DataError(
            f"files of one kind in {place}",
            f"several: {', '.join(sorted(f.name for f in kinds.values()))}",
            f"write the line that is right under `data:`:{lines}",
        )
    return Chosen(next(iter(kinds), ""), tuple(files), left_out)


def names_in(folder: Path) -> str:
    """What a folder holds, for an error."""
    names = sorted(f"{p.name}/" if p.is_dir() else p.name for p in folder.iterdir())
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "") or "nothing"


def split_files(files: Sequence[Path], place: Path) -> list[tuple[str | None, Path]]:
    """Each file with the split that its name or its folder's begins with, or all names end with; raises DataError where only some have one."""
    named = [(_split(file, place, 0), file) for file in files]
    if not any(split for split, _ in named):
        named = [(_split(file, place, -1), file) for file in files]
        named = named if all(split for split, _ in named) else [(None, file) for file in files]
    if any(split for split, _ in named) and not all(split for split, _ in named):
        odd = ", ".join(file.name for split, file in named if not split)
        raise DataError(
            f"files named after splits ({', '.join(SPLITS)}), all or none",
            f"{odd} beside others that are",
            "rename or move them, or list those to read in data.files",
        )
    return sorted(named, key=lambda pair: (*SPLITS, None).index(pair[0]))


def _split(file: Path, place: Path, word: int) -> str | None:
    folders = file.relative_to(place).parts[:-1] if place.is_dir() else ()
    words = re.split(r"[-_.]", file.name.lower().split(".")[0])
    return next((SPLIT_NAMES[name] for name in (words[word], *(folder.lower() for folder in folders)) if name in SPLIT_NAMES), None)

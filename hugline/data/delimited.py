"""CSV and TSV files, row by row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hugline.data.delimiters import Dialect, find_dialect, records
from hugline.data.encodings import find_encoding
from hugline.data.parts import Opened, Place, column_names
from hugline.data.streams import refuse_other_kinds


@dataclass(frozen=True)
class Delimited:
    """The rows of a CSV or TSV file."""

    file: Path
    encoding: str
    dialect: Dialect
    columns: tuple[str, ...]

    def read(self) -> Iterator[Place]:
        """Every row with the line it ends on; one with more or fewer fields than the header is a fault."""
        rows = records(self.file, self.encoding, self.dialect)
        next(rows)
        for line, fields in rows:
            where = f"{self.file.name}:{line}"
            if len(fields) != len(self.columns):
                yield where, None, f"{len(fields)} fields, the header has {len(self.columns)}"
            else:
                yield where, dict(zip(self.columns, fields, strict=True)), ""


def open_delimited(files: Sequence[Path], encoding: str | None, delimiter: str | None) -> tuple[list[Opened], dict[str, Any]]:
    """Delimited files with their columns, and what was recognized; raises DataError for one that is none."""
    for file in files:
        refuse_other_kinds(file)
    found = find_encoding(files, encoding)
    opened, dialects = [], []
    for file in files:
        dialect = find_dialect(file, found.name, delimiter)
        columns = column_names(next(records(file, found.name, dialect))[1], file.name, found.name)
        opened.append(Opened(file.name, columns, Delimited(file, found.name, dialect, columns)))
        dialects.append(dialect)
    delimiters = {dialect.delimiter for dialect in dialects}
    return opened, {
        "kind": "tsv" if delimiters == {"\t"} else "csv",
        "encoding": found.name,
        "delimiter": delimiters.pop() if len(delimiters) == 1 else None,
        "recognized": found.recognized or any(dialect.recognized for dialect in dialects),
    }

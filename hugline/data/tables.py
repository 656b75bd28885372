"""Parquet files and workbooks (.xlsx, .xls, .ods), row by row."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

from hugline.data.arrow_rows import BATCH_ROWS, batch_rows, class_names
from hugline.data.parts import Opened, Place, column_names, plain
from hugline.data.streams import open_bytes
from hugline.errors import DataError


@dataclass(frozen=True)
class Parquet:
    """The rows of a Parquet file."""

    file: Path
    columns: tuple[str, ...]

    def read(self) -> Iterator[Place]:
        """Every row with its place in the file, from 1; of a row group only a batch is held."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        number = 0
        try:
            with pq.ParquetFile(self.file, memory_map=True, pre_buffer=False, page_checksum_verification=True) as file:
                for batch in file.iter_batches(batch_size=BATCH_ROWS):
                    for values, fault in batch_rows(batch, self.columns):
                        number += 1
                        yield f"{self.file.name}:{number}", values, fault
        except (pa.ArrowException, OSError, ValueError) as error:
            raise _unreadable(self.file, f"after row {number}: {error}") from error


def open_parquet(files: Sequence[Path]) -> tuple[list[Opened], dict[str, Any]]:
    """Parquet files with the columns of their schemas; raises DataError for a file that is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    opened = []
    for path in files:
        try:
            with pq.ParquetFile(path) as file:
                schema = file.schema_arrow
        except (pa.ArrowException, OSError, ValueError) as error:
            raise _unreadable(path, str(error)) from error
        columns = column_names(schema.names, path.name)
        names = {name.strip(): labels for name, labels in class_names(schema.metadata).items()}
        opened.append(Opened(path.name, columns, Parquet(path, columns), names))
    return opened, {"kind": "parquet", "encoding": None, "delimiter": None, "recognized": False}


def _unreadable(file: Path, found: str) -> DataError:
    return DataError(f"a whole Parquet file at {file.name}", found.splitlines()[0][:200], "write or copy it anew, or correct data.path")


@dataclass(frozen=True)
class Sheet:
    """The rows of a workbook's first sheet. The workbook is held as a whole: it has 1,048,576 rows at most."""

    file: Path
    columns: tuple[str, ...]

    def read(self) -> Iterator[Place]:
        """Every row that is not empty, with its number in the sheet."""
        rows = _sheet_rows(self.file, _workbook(self.file))
        next(rows)
        for number, cells in rows:
            where = f"{self.file.name}:{number}"
            if any(cell is not None for cell in cells[len(self.columns) :]):
                yield where, None, f"more cells than the header's {len(self.columns)}"
            else:
                yield where, dict(zip(self.columns, cells, strict=False)), ""


def open_workbooks(files: Sequence[Path]) -> tuple[list[Opened], dict[str, Any]]:
    """Workbooks with the header that is the first row with any cell in their first sheet; raises DataError for one without rows."""
    opened, sheets, others = [], [], []
    for file in files:
        workbook = _workbook(file)
        sheet, *rest = workbook.sheet_names
        with _readable(file):
            filled = [name for name in rest if workbook.get_sheet_by_name(name).height]
        also = f" (rows are read from the first sheet, {sheet!r}; there are others in {', '.join(map(repr, filled))})" if filled else ""
        header = next(_sheet_rows(file, workbook), None)
        if header is None:
            remedy = "move the sheet with the rows to the first place" if filled else "correct data.path"
            raise DataError(f"a header and rows in {file.name}", f"an empty sheet{also}", remedy)
        names = header[1]
        while names[-1] is None:
            names.pop()
        columns = column_names(["" if name is None else str(name) for name in names], f"{file.name}{also}")
        opened.append(Opened(file.name, columns, Sheet(file, columns)))
        sheets.append(sheet)
        others += filled
    info = {"kind": "excel", "encoding": None, "delimiter": None, "recognized": False}
    return opened, info | {"sheet": sheets[0], "other_sheets": others}


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    """Turns what the reader raises into DataError: on torn files it also panics, which is no Exception in Python (python-calamine 0.9.1)."""
    from python_calamine import CalamineError

    try:
        yield
    except BaseException as error:
        if not isinstance(error, CalamineError | OSError) and type(error).__name__ != "PanicException":
            raise
        with open_bytes(file) as stream:
            plainly = b"\0" not in stream.read(1024)
        found = "text: another kind of file with a workbook's ending" if plainly else f"{type(error).__name__}: {error}"[:200]
        remedy = "save it anew without a password, save the sheet as CSV, or give the file its own ending"
        raise DataError(f"a workbook that can be read at {file.name}", found, remedy) from error


def _workbook(file: Path) -> Any:
    from python_calamine import CalamineWorkbook

    with _readable(file):
        workbook = CalamineWorkbook.from_path(file)
    if not workbook.sheet_names:
        raise DataError(f"a workbook with a sheet at {file.name}", "none in it", "correct data.path")
    return workbook


def _sheet_rows(file: Path, workbook: Any) -> Iterator[tuple[int, list[Any]]]:
    """The rows of the first sheet that have any cell, with their number; empty cells are None."""
    with _readable(file):
        for number, cells in enumerate(workbook.get_sheet_by_index(0).iter_rows(), 1):
            values = [_cell(cell) for cell in cells]
            if any(value is not None for value in values):
                yield number, values


def _cell(cell: Any) -> Any:
    """A workbook stores every number with a decimal point and every day as a moment: both as they were written."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date().isoformat()
    return plain(cell)

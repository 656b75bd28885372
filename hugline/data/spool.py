"""Rows on their way through ingest: their texts in a temporary Arrow file, their keys in a table of fixed width.

Both are mapped from disk, so that memory does not grow with the rows.
"""

import itertools
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hugline.core.rows import BLOCK_CHARS, BLOCK_ROWS

STAYS, FAULTY, COPY, UNSEEN = range(4)  # a row's fate: kept, unusable, a copy of another, with a label that training lacks
KEYS = np.dtype(
    [
        ("text", "S16"),  # equal for equal texts
        ("target", "S8"),
        ("group", "S8"),  # zeros: none
        ("place", "<f8"),  # in [0, 1]: where a split by hash puts it
        ("time", "<f8"),
        ("number", "<i8"),  # of the row in its source
        ("copy_of", "<i8"),  # index of the row that stays, where fate is COPY
        ("length", "<i4"),  # characters of all input texts
        ("label", "<i4"),  # in the order of appearance
        ("split", "i1"),
        ("fate", "u1"),
    ]
)
PACKED = struct.Struct("<16s8s8sddqqiibB")
SCAN_ROWS = 1 << 16  # rows of the table looked at together


class Key(NamedTuple):
    """A row's entry in the table, in its order."""

    text: bytes = b""
    target: bytes = b""
    group: bytes = b""
    place: float = 0.0
    time: float = 0.0
    number: int = 0
    copy_of: int = -1
    length: int = 0
    label: int = -1
    split: int = -1
    fate: int = STAYS


class SpoolWriter:
    """Writes rows in blocks; use it in a `with`."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        import pyarrow as pa

        # by position, not by name: a source's column may be called as it likes
        self._schema = pa.schema([(name, pa.string()) for name in ("where", "fault", *names)])
        self._rows = pa.ipc.new_file(str(folder / "rows.arrow"), self._schema)
        self._keys = (folder / "keys").open("wb")
        self._nothing: list[str | None] = [None] * len(names)
        self._empty()

    def _empty(self) -> None:
        self._columns: list[list[str | None]] = [[] for _ in self._schema]
        self._packed: list[bytes] = []
        self._chars = 0

    def add(self, where: str, fault: str, values: Sequence[str | None], key: Key) -> None:
        """One more row, or only its place and fault; an unusable row's values are not kept."""
        row = [where, fault, *self._nothing] if fault else [where, None, *values]
        for column, value in zip(self._columns, row, strict=True):
            column.append(value)
        self._packed.append(PACKED.pack(*key))
        self._chars += sum(len(value) for value in row if value)
        if len(self._packed) == BLOCK_ROWS or self._chars >= BLOCK_CHARS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._packed:
            self._rows.write_batch(pa.record_batch([pa.array(column, pa.string()) for column in self._columns], schema=self._schema))
            self._keys.write(b"".join(self._packed))
            self._empty()

    def __enter__(self) -> "SpoolWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._rows.close()
        self._keys.close()


class Spool:
    """What was written, to read in order or row by row, and to note splits and fates in; close it, or use it in a `with`."""

    def __init__(self, folder: Path) -> None:
        import pyarrow as pa

        self.folder = folder
        file = folder / "keys"
        self.keys: npt.NDArray[Any] = np.memmap(file, KEYS, "r+") if file.stat().st_size else np.zeros(0, KEYS)
        self._map = pa.memory_map(str(folder / "rows.arrow"))
        rows = pa.ipc.open_file(self._map)
        self._batches = [rows.get_batch(i) for i in range(rows.num_record_batches)]  # mapped, not read
        self._starts = [0, *itertools.accumulate(batch.num_rows for batch in self._batches)]

    def __len__(self) -> int:
        return len(self.keys)

    def batches(self) -> Iterator[tuple[npt.NDArray[Any], Any, Any, list[Any]]]:
        """The table's part, and of the same rows their places, faults and values, column by column; block by block."""
        for start, batch in zip(self._starts, self._batches, strict=False):
            where, fault, *values = batch.columns
            yield self.keys[start : start + batch.num_rows], where, fault, values

    def blocks(self) -> Iterator[npt.NDArray[Any]]:
        """The table, block by block; a block can be written to."""
        for start in range(0, len(self), SCAN_ROWS):
            yield self.keys[start : start + SCAN_ROWS]

    def values(self, index: int, columns: int) -> tuple[str, ...]:
        """The first so many values of one row."""
        place = bisect_right(self._starts, index) - 1
        batch, row = self._batches[place], index - self._starts[place]
        return tuple(batch.column(2 + i)[row].as_py() for i in range(columns))

    def where(self, index: int) -> str:
        """The place of one row in its source."""
        place = bisect_right(self._starts, index) - 1
        return str(self._batches[place].column(0)[index - self._starts[place]].as_py())

    def table(self, name: str, dtype: npt.DTypeLike, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        """A new array in a file of its own, zeros at first: it may be as long as the rows, and takes no memory."""
        return np.memmap(self.folder / name, dtype, "w+", shape=shape) if all(shape) else np.zeros(shape, dtype)

    def close(self) -> None:
        """Let go of the files."""
        del self._batches, self.keys
        self._map.close()

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

"""The files between stages: ingested rows in Parquet, tokenized features in Arrow."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from hugline.core.features import Features

SPLITS = ("train", "validation", "test")
BLOCK_ROWS = 10_000  # rows per Parquet row group at most: what a reader holds at a time
BLOCK_CHARS = 2_000_000  # a block of long texts has fewer rows


def read_rows(folder: Path, split: str, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """All ingested rows of a split, in order, under the task's column names; with `columns` only those."""
    return [row for block in read_blocks(folder, split, columns) for row in block]


def read_blocks(folder: Path, split: str, columns: Sequence[str] | None = None) -> Iterator[list[dict[str, Any]]]:
    """The ingested rows of a split, a row group at a time."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(folder / f"{split}.parquet") as file:
        for group in range(file.num_row_groups):
            if rows := file.read_row_group(group, columns=None if columns is None else list(columns)).to_pylist():
                yield rows


class RowWriter:
    """Writes rows to one Parquet file, a row group at a time; close it, or use it in a `with`."""

    def __init__(self, file: Path, columns: dict[str, str]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in columns.items()])
        self._writer = pq.ParquetWriter(file, self.schema, compression="zstd")
        self._waiting: list[Any] = []
        self.count = 0

    def add(self, rows: Any) -> None:
        """More rows, as a record batch of the file's columns."""
        if not rows.num_rows:
            return
        self._waiting.append(rows)
        self.count += rows.num_rows
        while sum(batch.num_rows for batch in self._waiting) >= BLOCK_ROWS:
            self._flush()
        if sum(batch.nbytes for batch in self._waiting) >= BLOCK_CHARS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        table = pa.Table.from_batches(self._waiting, self.schema)
        rest = table.slice(BLOCK_ROWS)
        self._writer.write_table(table.slice(0, BLOCK_ROWS), row_group_size=BLOCK_ROWS)
        self._waiting = rest.to_batches() if rest.num_rows else []

    def close(self) -> None:
        """Write what is left, and the file's footer."""
        if self._waiting or not self.count:
            self._flush()
        self._writer.close()

    def __enter__(self) -> "RowWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class FeatureWriter:
    """Writes the features of consecutive blocks of rows to one Arrow file; close it, or use it in a `with`.

    A reader can map the file only where each column is one piece, so a file has one record batch. It is laid together
    from flat files, one a column, that lie beside it while blocks come in: memory holds one block.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._flat: dict[str, BinaryIO] = {}
        self._features, self._rows, self._tokens = 0, 0, 0
        self._append("offsets", np.zeros(1, np.int64))

    def add(self, features: Features) -> None:
        """The next block's features; row numbers go on from block to block."""
        if not len(features):
            return
        self._append("row", features.row + np.int32(self._rows))
        self._append("cut", features.cut)
        self._append("length", features.lengths.astype(np.int32))
        self._append("offsets", features.offsets[1:] + self._tokens)
        self._append("input_ids", features.input_ids)
        if features.token_type_ids is not None:
            self._append("token_type_ids", features.token_type_ids.astype(np.int8))
        self._features += len(features)
        self._rows += int(features.row[-1]) + 1
        self._tokens += int(features.offsets[-1])

    def _append(self, name: str, values: Any) -> None:
        if name not in self._flat:
            self._flat[name] = self._part(name).open("wb")
        values.tofile(self._flat[name])

    def _part(self, name: str) -> Path:
        return self._file.with_name(f".{self._file.name}.{name}")

    def close(self) -> None:
        """Write the file, and remove the flat ones."""
        import pyarrow as pa

        for part in self._flat.values():
            part.close()
        numbers = {name: self._array(name, pa.int32()) for name in ("row", "cut", "length")}
        lists = {"input_ids": self._lists("input_ids", pa.int32())}
        if "token_type_ids" in self._flat:
            lists["token_type_ids"] = self._lists("token_type_ids", pa.int8())
        batch = pa.record_batch(numbers | lists)
        with pa.OSFile(str(self._file), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
            writer.write_batch(batch)
        for name in self._flat:
            self._part(name).unlink()

    def _buffer(self, name: str) -> Any:
        import pyarrow as pa

        part = self._part(name)
        if not part.is_file() or not part.stat().st_size:
            return pa.py_buffer(b"")
        return pa.memory_map(str(part)).read_buffer()

    def _array(self, name: str, kind: Any) -> Any:
        import pyarrow as pa

        return pa.Array.from_buffers(kind, self._features, [None, self._buffer(name)])

    def _lists(self, name: str, kind: Any) -> Any:
        import pyarrow as pa

        values = pa.Array.from_buffers(kind, self._tokens, [None, self._buffer(name)])
        return pa.Array.from_buffers(pa.large_list(kind), self._features, [None, self._buffer("offsets")], children=[values])

    def __enter__(self) -> "FeatureWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        for part in self._flat.values():
            part.close()


def read_features(file: Path) -> Features:
    """The features of an Arrow file, memory-mapped: ids are read from disk as batches ask for them."""
    import pyarrow as pa

    with pa.memory_map(str(file)) as source:
        batch = pa.ipc.open_file(source).get_batch(0)
    ids = batch["input_ids"]
    types = batch["token_type_ids"] if "token_type_ids" in batch.schema.names else None
    return Features(
        ids.values.to_numpy(),
        ids.offsets.to_numpy(),
        batch["row"].to_numpy(),
        batch["cut"].to_numpy(),
        None if types is None else types.values.to_numpy(),
    )

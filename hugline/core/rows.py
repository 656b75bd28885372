"""The files between stages: ingested rows in Parquet, tokenized features in Arrow."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hugline.core.features import Features

SPLITS = ("train", "validation", "test")
BLOCK_ROWS = 10_000  # rows per Parquet row group: what a reader holds at a time


def read_rows(folder: Path, split: str) -> list[dict[str, Any]]:
    """All ingested rows of a split, in order, under the task's column names."""
    return [row for block in read_blocks(folder, split) for row in block]


def read_blocks(folder: Path, split: str) -> Iterator[list[dict[str, Any]]]:
    """The ingested rows of a split, a row group at a time."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(folder / f"{split}.parquet") as file:
        for batch in file.iter_batches(batch_size=BLOCK_ROWS):
            yield batch.to_pylist()


class RowWriter:
    """Writes rows of one split to Parquet, a row group at a time; close it, or use it in a `with`."""

    def __init__(self, file: Path, columns: dict[str, str]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in columns.items()])
        self._writer = pq.ParquetWriter(file, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []
        self.count = 0

    def add(self, row: dict[str, Any]) -> None:
        """One more row."""
        self._rows.append(row)
        self.count += 1
        if len(self._rows) == BLOCK_ROWS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        self._writer.write_table(pa.Table.from_pylist(self._rows, self._schema))
        self._rows = []

    def close(self) -> None:
        """Write what is left, and the file's footer."""
        if self._rows or not self.count:
            self._flush()
        self._writer.close()

    def __enter__(self) -> "RowWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def write_features(features: Features, file: Path) -> None:
    """One Arrow file: a list of token ids a feature, with its row and what was cut from it."""
    import pyarrow as pa

    columns = {
        "row": pa.array(features.row),
        "cut": pa.array(features.cut),
        "length": pa.array(features.lengths.astype(np.int32)),
        "input_ids": _lists(features, features.input_ids),
    }
    if features.token_type_ids is not None:
        columns["token_type_ids"] = _lists(features, features.token_type_ids.astype(np.int8))
    table = pa.table(columns)
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _lists(features: Features, values: Any) -> Any:
    import pyarrow as pa

    return pa.LargeListArray.from_arrays(pa.array(features.offsets), pa.array(values))


def read_features(file: Path) -> Features:
    """The features of an Arrow file, memory-mapped: ids are read from disk as batches ask for them."""
    import pyarrow as pa

    with pa.memory_map(str(file)) as source:
        table = pa.ipc.open_file(source).read_all()
    flat = {name: table[name].combine_chunks() for name in table.column_names}
    ids = flat["input_ids"]
    types = flat.get("token_type_ids")
    return Features(
        ids.values.to_numpy(),
        ids.offsets.to_numpy(),
        flat["row"].to_numpy(),
        flat["cut"].to_numpy(),
        None if types is None else types.values.to_numpy(),
    )

"""The last pass of ingest: rows from the spool into one Parquet file a split, and one of the rows set aside."""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hugline.core.rows import SPLITS, RowWriter
from hugline.data.reading import kind_of
from hugline.data.roles import ROW, Columns
from hugline.data.spool import COPY, FAULTY, STAYS, Spool

ASIDE_COLUMNS = {ROW: "int64", "where": "string", "reason": "string"}
UNSEEN_REASON = "label without training rows"
SHOWN = 100  # rows set aside that the report names; aside.parquet has them all


@dataclass
class Written:
    """How many rows went where."""

    rows: dict[str, int] = field(default_factory=dict)  # split -> rows
    reasons: Counter[str] = field(default_factory=Counter)  # kind of reason -> rows set aside
    aside: list[dict[str, Any]] = field(default_factory=list)  # the first of them


def write_rows(spool: Spool, columns: Columns, folder: Path) -> Written:
    """Write every row of the spool, in order, to its split's file or to aside.parquet."""
    import pyarrow as pa

    done = Written()
    fields = {ROW: "int64"} | dict.fromkeys(columns.names, "string")
    with ExitStack() as stack:
        writers = [stack.enter_context(RowWriter(folder / f"{split}.parquet", fields)) for split in SPLITS]
        aside = stack.enter_context(RowWriter(folder / "aside.parquet", ASIDE_COLUMNS))
        for keys, where, fault, values in spool.batches():
            numbers = pa.array(keys["number"])
            batch = pa.record_batch([numbers, *values], schema=writers[0].schema)
            for code, writer in enumerate(writers):
                writer.add(batch.filter(pa.array((keys["fate"] == STAYS) & (keys["split"] == code))))
            index = np.flatnonzero(keys["fate"] != STAYS)
            reasons = [_reason(spool, keys[i], fault[i]) for i in index.tolist()]
            rows = pa.record_batch([numbers.take(index), where.take(index), pa.array(reasons, pa.string())], schema=aside.schema)
            aside.add(rows)
            done.reasons.update(map(kind_of, reasons))
            done.aside += rows.slice(0, SHOWN - len(done.aside)).to_pylist()
    done.rows = {split: writer.count for split, writer in zip(SPLITS, writers, strict=True)}
    return done


def _reason(spool: Spool, key: Any, fault: Any) -> str:
    if key["fate"] == FAULTY:
        return str(fault.as_py())
    return f"copy of row {spool.keys['number'][key['copy_of']]}" if key["fate"] == COPY else UNSEEN_REASON

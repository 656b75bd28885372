"""Rows whose texts are nearly the same: candidates by MinHash, each verified by the exact similarity of its shingles."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hugline.core.rows import SPLITS, RowWriter
from hugline.data.candidates import HALF, LOW_HALF, Indices, Pairs, candidates, cut, texts_of
from hugline.data.shingles import jaccard, shingle_sets
from hugline.data.splits import TRAIN
from hugline.data.spool import SCAN_ROWS, STAYS, Spool

NEAR_COLUMNS = {"row": "int64", "split": "string", "near_row": "int64", "near_split": "string", "similarity": "float64"}
SHOWN = 100  # pairs that the report names; near.parquet has them all
BLOCK = 4096  # pairs verified together, fewer where texts are long
NO_PAIR = np.uint64(2**64 - 1)

Alike = tuple[int, int, float]  # two positions, the lower one first, and their similarity


@dataclass
class Near:
    """What was found."""

    pairs: int = 0
    leaks: int = 0  # validation and test rows with a near-duplicate in training
    crowded: bool = False  # whether some rows were compared with the first of their look-alikes only
    leaking: list[dict[str, Any]] = field(default_factory=list)  # the first pairs with one row in training
    others: list[dict[str, Any]] = field(default_factory=list)

    @property
    def shown(self) -> list[dict[str, Any]]:
        """Pairs for the report, leaks first."""
        return (self.leaking + self.others)[:SHOWN]


def find_near(spool: Spool, similarity: float | None, inputs: int, file: Path) -> Near:
    """Write every pair of rows at least so similar to a Parquet file; `inputs` is the number of a row's texts.

    Where one of two rows is in training, it is `near_row`; else `near_row` is the earlier one of one split, or the
    one in validation. In a crowd of look-alikes each row is compared with the first in training only.
    """
    import pyarrow as pa

    found = Near()
    rows = _rows_by_split(spool)
    with RowWriter(file, NEAR_COLUMNS) as writer:
        if similarity is None or len(rows) < 2:
            return found
        pairs, found.crowded = candidates(spool, rows, similarity, inputs)
        leaking = spool.table("leaking", np.bool_, (len(rows),))
        for alike in _alike(spool, rows, pairs, similarity, inputs):
            lines = [_noted(spool, rows, pair, leaking, found) for pair in alike]
            writer.add(pa.RecordBatch.from_pylist(lines, writer.schema))
    found.leaks = sum(int(leaking[start : start + SCAN_ROWS].sum()) for start in range(0, len(leaking), SCAN_ROWS))
    return found


def _rows_by_split(spool: Spool) -> Indices:
    """The index of every row that stays, training first: of two positions in it the lower one is in training, if any is."""
    count = sum(int((block["fate"] == STAYS).sum()) for block in spool.blocks())
    rows = spool.table("by_split", np.int64, (count,))
    end = 0
    for split in range(len(SPLITS)):
        for start, block in zip(range(0, len(spool), SCAN_ROWS), spool.blocks(), strict=True):
            index = np.flatnonzero((block["fate"] == STAYS) & (block["split"] == split)) + start
            rows[end : end + len(index)] = index
            end += len(index)
    return rows


def _alike(spool: Spool, rows: Indices, pairs: Pairs, similarity: float, inputs: int) -> Iterator[list[Alike]]:
    """The pairs that are as similar as asked, each once, block by block."""
    last, lengths = NO_PAIR, spool.keys["length"]
    for start in range(0, len(pairs), BLOCK):
        block = pairs[start : start + BLOCK]
        once = block[np.concatenate([block[:1] != last, block[1:] != block[:-1]])]
        last = block[-1]
        ones, others = (once >> HALF).astype(np.int64), (once & LOW_HALF).astype(np.int64)
        for part in cut(lengths[rows[ones]] + lengths[rows[others]]) if len(once) else ():
            yield list(_verified(spool, rows, ones[part], others[part], similarity, inputs))


def _verified(spool: Spool, rows: Indices, ones: Indices, others: Indices, similarity: float, inputs: int) -> Iterator[Alike]:
    positions = np.unique(np.concatenate([ones, others]))
    sets = dict(zip(positions.tolist(), shingle_sets(texts_of(spool, rows[positions], inputs)), strict=True))
    for one, other in zip(ones.tolist(), others.tolist(), strict=True):
        a, b = sets[one], sets[other]
        if min(len(a), len(b)) >= similarity * max(len(a), len(b)) and (found := jaccard(a, b)) >= similarity:
            yield one, other, found


def _noted(spool: Spool, rows: Indices, alike: Alike, leaking: Any, found: Near) -> dict[str, Any]:
    """A pair as near.parquet has it."""
    near, row = spool.keys[rows[alike[0]]], spool.keys[rows[alike[1]]]
    line = dict(zip(NEAR_COLUMNS, (int(row["number"]), SPLITS[row["split"]], int(near["number"]), SPLITS[near["split"]], round(alike[2], 4)), strict=True))
    leaks = near["split"] == TRAIN and row["split"] != TRAIN
    leaking[alike[1]] |= leaks
    found.pairs += 1
    shown = found.leaking if leaks else found.others
    if len(shown) < SHOWN:
        shown.append(line)
    return line

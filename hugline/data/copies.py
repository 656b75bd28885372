"""Rows that stand twice, and texts that stand with two labels: found by sorting the rows' keys on disk."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hugline.data.splits import TEST
from hugline.data.spool import COPY, SCAN_ROWS, STAYS, Spool

SHOWN = 100  # conflicts that are named; the rest is counted
INDEX_BITS = 56
ORDERED = np.dtype([("text", "S16"), ("target", "S8"), ("rank", ">u8")])
INDEX = np.uint64((1 << INDEX_BITS) - 1)


@dataclass(frozen=True)
class Copies:
    """How many rows were found."""

    copies: int  # rows whose fate is now COPY
    conflicts: int  # rows that stay, whose text also stands with another target
    pairs: list[tuple[int, int]]  # the first of them: index of a row, and of an earlier one with the same text


def find_copies(spool: Spool) -> Copies:
    """Note every copy of another row in the spool's table, and count texts with two targets.

    Rows are equal when their texts are, without white space at the ends, and their targets. Of equal rows the one in
    test stays, else the one in validation, else the first: a copy in training of a row that is held out is the one set aside.
    """
    order = _sorted(spool)
    copies, conflicts, last = 0, 0, -1
    pairs: npt.NDArray[np.int64] = np.zeros((0, 2), np.int64)
    text_start, pair_start = 0, 0
    for start in range(0, len(order), SCAN_ROWS):
        block = order[start : start + SCAN_ROWS]
        before = order[start - 1 : start] if start else None
        new_text = _changes(block["text"], None if before is None else before["text"])
        new_pair = new_text | _changes(block["target"], None if before is None else before["target"])
        at = np.arange(start, start + len(block))
        texts = np.maximum.accumulate(np.where(new_text, at, text_start))
        firsts = np.maximum.accumulate(np.where(new_pair, at, pair_start))
        text_start, pair_start = int(texts[-1]), int(firsts[-1])
        index = _index(block["rank"])
        spool.keys["fate"][index[~new_pair]] = COPY
        spool.keys["copy_of"][index[~new_pair]] = _index(order["rank"][firsts[~new_pair]])
        copies += int((~new_pair).sum())
        other = new_pair & ~new_text  # the same text with a second target, a third one, ...
        groups = np.unique(texts[other])
        conflicts += int(other.sum()) + len(groups) - int(bool(len(groups)) and groups[0] == last)
        last = int(groups[-1]) if len(groups) else last
        found = np.sort(np.stack([index[other], _index(order["rank"][texts[other]])], 1), 1)[:, ::-1]
        pairs = np.concatenate([pairs, found])
        pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))][:SHOWN]
    return Copies(copies, conflicts, [(int(a), int(b)) for a, b in pairs])


def _sorted(spool: Spool) -> npt.NDArray[np.void]:
    """The keys of the rows that stay, equal ones side by side, and of these the one first that is to be kept."""
    count = sum(int((block["fate"] == STAYS).sum()) for block in spool.blocks())
    raw = spool.table("copies", "S32", (count,))  # bytes sort as fast as numbers; numbers in them are big-endian
    order: npt.NDArray[np.void] = raw.view(ORDERED)
    end, begin = 0, 0
    for block in spool.blocks():
        index = np.flatnonzero(block["fate"] == STAYS)
        part = order[end : end + len(index)]
        part["text"], part["target"] = block["text"][index], block["target"][index]
        held_out = (TEST - block["split"][index]).astype(np.uint64) << np.uint64(INDEX_BITS)
        part["rank"] = held_out | (index + begin).astype(np.uint64)
        end, begin = end + len(index), begin + len(block)
    raw.sort()
    return order


def _changes(values: npt.NDArray[np.bytes_], before: npt.NDArray[np.bytes_] | None) -> npt.NDArray[np.bool_]:
    """Where a value differs from the one before it, [N]."""
    changed = np.ones(len(values), np.bool_)
    changed[1:] = values[1:] != values[:-1]
    if before is not None:
        changed[0] = values[0] != before[0]
    return changed


def _index(rank: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    return (rank.astype(np.uint64) & INDEX).astype(np.int64)

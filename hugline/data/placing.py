"""Putting every row of the spool into its split, and setting aside what can't be learned from there."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hugline.core.rows import SPLITS
from hugline.data.reading import NAMED, Seen
from hugline.data.roles import Columns
from hugline.data.splits import TRAIN, UNSPLIT, assign_moments, assign_places, cut_moments
from hugline.data.spool import SCAN_ROWS, STAYS, UNSEEN, Spool
from hugline.errors import DataError

GROUPED = np.dtype([("group", "S8"), ("rank", ">u8")])
INDEX_BITS = 56


@dataclass
class Torn:
    """Groups whose rows the source itself puts into several splits."""

    groups: int = 0
    first: list[tuple[int, int]] = field(default_factory=list)  # two rows of a group, by number


def place_rows(spool: Spool, columns: Columns, seen: Seen, given: Sequence[str], validation: float, test: float) -> Torn:
    """Note every row's split in the spool's table.

    `given` are the splits that the source's files have; else a column says them, or none does. What is missing is cut
    from training by hash, in shares `validation` and `test`.
    """
    if columns.time:
        _place_by_time(spool, columns.time, seen, validation, test)
        return Torn()
    ignored = columns.is_valid and bool(seen.no_boolean)
    said = set(given) or {SPLITS[code] for code in seen.codes if code != UNSPLIT and not ignored}
    validation, test = (0.0 if name in said else share for name, share in (("validation", validation), ("test", test)))
    for block in spool.blocks():
        codes = np.full(len(block), UNSPLIT, np.int8) if ignored else block["split"]
        block["split"] = assign_places(codes, block["place"], validation, test)
    return _torn_groups(spool) if columns.group_by and said else Torn()


def _place_by_time(spool: Spool, column: str, seen: Seen, validation: float, test: float) -> None:
    if len(seen.dates) > 1:
        found = f"{seen.dates[True]} rows with numbers and {seen.dates[False]} with ISO dates"
        raise DataError(f"dates of one kind in {column}", found, "write all of them in one way, for example in prepare of stages/hooks.py")
    ordered = spool.table("times", np.float64, (count_fate(spool, STAYS),))
    end = 0
    for block in spool.blocks():
        times = block["time"][block["fate"] == STAYS]
        ordered[end : end + len(times)] = times
        end += len(times)
    ordered.sort()
    from_validation, from_test = cut_moments(ordered, validation, test)
    for block in spool.blocks():
        block["split"] = assign_moments(block["time"], from_validation, from_test)


def _torn_groups(spool: Spool) -> Torn:
    """Groups with rows in several splits, found by sorting rows by group, split and order on disk."""
    torn, last = Torn(), b""
    raw = spool.table("groups", "S16", (count_fate(spool, STAYS),))
    order: npt.NDArray[np.void] = raw.view(GROUPED)
    end, begin = 0, 0
    for block in spool.blocks():
        index = np.flatnonzero(block["fate"] == STAYS)
        part = order[end : end + len(index)]
        part["group"] = block["group"][index]
        part["rank"] = (block["split"][index].astype(np.uint64) << np.uint64(INDEX_BITS)) | (index + begin).astype(np.uint64)
        end, begin = end + len(index), begin + len(block)
    raw.sort()
    for start in range(1, len(order), SCAN_ROWS):
        block, before = order[start : start + SCAN_ROWS], order[start - 1 : min(start + SCAN_ROWS, len(order)) - 1]
        split, split_before = (part["rank"].astype(np.uint64) >> np.uint64(INDEX_BITS) for part in (block, before))
        for at in np.flatnonzero((block["group"] == before["group"]) & (block["group"] != b"") & (split != split_before)):
            torn.groups += block["group"][at] != last
            if block["group"][at] != last and len(torn.first) < NAMED:
                torn.first.append((_number(spool, before["rank"][at]), _number(spool, block["rank"][at])))
            last = block["group"][at]
    return torn


def _number(spool: Spool, rank: np.uint64) -> int:
    return int(spool.keys["number"][int(rank) & ((1 << INDEX_BITS) - 1)])


def count_fate(spool: Spool, fate: int) -> int:
    """How many rows have a fate."""
    return sum(int((block["fate"] == fate).sum()) for block in spool.blocks())


def count_splits(spool: Spool) -> dict[str, int]:
    """Rows that stay, by split."""
    codes = [np.bincount(block["split"][block["fate"] == STAYS], minlength=len(SPLITS)) for block in spool.blocks()]
    return dict(zip(SPLITS, np.sum(codes, 0).tolist() if codes else (0, 0, 0), strict=True))


def count_labels(spool: Spool, labels: int) -> npt.NDArray[np.int64]:
    """Rows that stay, by split and label, [splits, labels]."""
    counts = np.zeros((len(SPLITS), labels), np.int64)
    for block in spool.blocks():
        rows = block[(block["fate"] == STAYS) & (block["label"] >= 0)]
        counts += np.bincount(rows["split"].astype(np.int64) * labels + rows["label"], minlength=counts.size).reshape(counts.shape)
    return counts


def set_unseen_aside(spool: Spool, labels: int) -> npt.NDArray[np.bool_]:
    """Set aside validation and test rows whose label no training row has: no model can know it. Which labels, [labels]."""
    counts = count_labels(spool, labels)
    unseen = (counts[TRAIN] == 0) & (counts.sum(0) > 0)
    if unseen.any():
        for block in spool.blocks():
            block["fate"][(block["fate"] == STAYS) & (block["label"] >= 0) & unseen[block["label"]]] = UNSEEN
    return unseen

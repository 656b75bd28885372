"""What reports/data.json says: numbers that DVC shows as metrics, then lists; no row's text in it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hugline.core.rows import SPLITS
from hugline.data.copies import Copies
from hugline.data.near import Near
from hugline.data.outputs import Written
from hugline.data.placing import Torn
from hugline.data.reading import Seen
from hugline.data.roles import Columns
from hugline.data.spool import STAYS, Spool

SOURCE_FACTS = ("kind", "encoding", "delimiter", "files", "recognized")


@dataclass(frozen=True)
class Found:
    """All that ingest learned about the rows."""

    columns: Columns
    seen: Seen
    torn: Torn
    copies: Copies
    conflicts: list[dict[str, Any]]  # row, label, other_row, other_label
    unseen: list[str]  # labels that only validation or test rows had
    written: Written
    labels: npt.NDArray[np.int64]  # rows by split and label, in the order of seen.labels
    near: Near


def conflict_rows(spool: Spool, pairs: list[tuple[int, int]], labels: dict[str, int]) -> list[dict[str, Any]]:
    """The first rows whose text also stands with another label, with an earlier row that has it; null where targets are no labels."""
    names = {number: name for name, number in labels.items()}
    found = [[(int(spool.keys["number"][index]), names.get(int(spool.keys["label"][index]))) for index in pair] for pair in pairs]
    return [{"row": row, "label": label, "other_row": other, "other_label": other_label} for (row, label), (other, other_label) in found]


def describe_lengths(spool: Spool) -> list[dict[str, Any]]:
    """Characters of a row's texts, by split: shortest, median, 95th percentile and longest, each the length of a row."""
    counts: list[Counter[int]] = [Counter() for _ in SPLITS]
    for block in spool.blocks():
        for code, counter in enumerate(counts):
            lengths, rows = np.unique(block["length"][(block["fate"] == STAYS) & (block["split"] == code)], return_counts=True)
            counter.update(dict(zip(lengths.tolist(), rows.tolist(), strict=True)))
    return [{"split": split} | _quantiles(counter) for split, counter in zip(SPLITS, counts, strict=True)]


def _quantiles(counter: Counter[int]) -> dict[str, int]:
    """Of N lengths the first, those of rank ceil(N / 2) and ceil(0.95 N), and the last."""
    lengths = sorted(counter)
    reached = np.cumsum([counter[length] for length in lengths])
    at = [int(np.searchsorted(reached, share * reached[-1] - 1e-9)) for share in (0.0, 0.5, 0.95, 1.0)]
    return {"rows": int(reached[-1])} | dict(zip(("shortest", "median", "p95", "longest"), (lengths[i] for i in at), strict=True))


def describe(found: Found, source: dict[str, Any], lengths: list[dict[str, Any]], warnings: list[str]) -> dict[str, Any]:
    """reports/data.json."""
    written, near = found.written, found.near
    names = sorted(found.seen.labels)
    counts = {name: found.labels[:, number].tolist() for name, number in found.seen.labels.items()}
    return {
        "rows_in": found.seen.rows,
        **written.rows,
        "set_aside": written.reasons.total(),
        "copies": found.copies.copies,
        "conflicts": found.copies.conflicts,
        "near_duplicates": near.pairs,
        "leaks": near.leaks,
        "source": {name: source.get(name) for name in SOURCE_FACTS},
        "labels": [{"label": name} | dict(zip(SPLITS, counts[name], strict=True)) for name in names if any(counts[name])],
        "lengths": lengths,
        "columns": [{"column": name, "values": len(values)} for name, values in found.seen.values.items()],
        "reasons": [{"reason": reason, "rows": rows} for reason, rows in sorted(written.reasons.items())],
        "set_aside_rows": written.aside,
        "conflict_rows": found.conflicts,
        "near_rows": near.shown,
        "warnings": warnings,
    }

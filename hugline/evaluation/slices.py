"""Accuracy on parts of the rows: values of their other columns, lengths, and what `evaluate.slices` names."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from hugline.core.slices import count_words, parse_slice, value_of
from hugline.core.task import Row, Task
from hugline.errors import ParamsError

MIN_ROWS = 5  # of a slice that is shown
VALUES = range(2, 21)  # distinct values of a column that is cut into slices
VALUE_CHARS = 40  # a column with longer values holds texts, not categories
PERSONAL = re.compile(r"@|://|\d{6}|(?=\S*\d)(?=\S*[A-Za-z])\S{16}")  # an address, a link, a number, a key: no category
LENGTHS = ("short", "medium", "long", "longest")

Masks = dict[str, npt.NDArray[np.bool_]]  # name -> [N], whether a row belongs to the slice


def find_slices(task: Task, rows: Sequence[Row], expressions: Sequence[str]) -> Masks:
    """Every slice of the rows, by name; raises ParamsError for an expression that does not fit them.

    A slice that no row or every row belongs to is left out: it says nothing.
    """
    found = {**_named(task, rows, expressions), **dict(_columns(task, rows)), **dict(_lengths(task, rows))}
    return {name: mask for name, mask in found.items() if mask.any() and not mask.all()}


def shown_slices(slices: Masks) -> Masks:
    """The slices of at least 5 rows: fewer say nothing of a model, and may say much of a person."""
    return {name: mask for name, mask in slices.items() if mask.sum() >= MIN_ROWS}


def slice_report(slices: Masks, right: npt.NDArray[np.float64], confidence: float) -> list[dict[str, Any]]:
    """Rows, accuracy with its interval, and distance to the accuracy of all rows, worst first; slices of fewer than 5 rows are left out."""
    overall, lines = float(right.mean()), []
    for name, mask in shown_slices(slices).items():
        rows, hits = int(mask.sum()), float(right[mask].sum())
        low, high = wilson(hits, rows, confidence)
        lines.append({"slice": name, "rows": rows, "accuracy": hits / rows, "low": low, "high": high, "gap": hits / rows - overall})
    return sorted(lines, key=lambda line: (line["gap"], -line["rows"], line["slice"]))


def wilson(hits: float, rows: int, confidence: float) -> tuple[float, float]:
    """The score interval of a share; it stays within 0 and 1 and holds for few rows.

    Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the American
    Statistical Association 22 (1927).
    """
    z, share = NormalDist().inv_cdf((1 + confidence) / 2), hits / rows
    middle = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z / (1 + z**2 / rows) * math.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def _named(task: Task, rows: Sequence[Row], expressions: Sequence[str]) -> Masks:
    parsed = [parse_slice(text) for text in expressions]
    known = list(rows[0]) if rows else []
    for part in parsed:
        if part.column is not None and part.column not in known:
            raise ParamsError(f"evaluate.slices on columns of the test rows: {', '.join(known)}", part.text, "correct evaluate.slices, or keep the column")
    return {part.text: np.array([part.holds(task, row) for row in rows], bool) for part in parsed}


def _columns(task: Task, rows: Sequence[Row]) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """A slice for each value of each kept column that has few of them."""
    for column in [name for name in (rows[0] if rows else ()) if name not in (*task.columns, "row")]:
        values = [value_of(row, column) for row in rows]
        if len(set(values)) in VALUES and max(map(len, values)) <= VALUE_CHARS and not any(map(PERSONAL.search, values)):
            yield from ((f"{column} = {value}", np.array([v == value for v in values])) for value, _ in Counter(values).most_common())


def _lengths(task: Task, rows: Sequence[Row]) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """A slice for each quarter of the rows by length; equal lengths stay together."""
    lengths = np.array([count_words(task, row) for row in rows])
    quarters = np.searchsorted(np.quantile(lengths, [0.25, 0.5, 0.75]), lengths)
    for i, name in enumerate(LENGTHS):
        if (mask := quarters == i).any():
            shortest, longest = int(lengths[mask].min()), int(lengths[mask].max())
            bounds = f"{shortest}-{longest} words" if shortest < longest else f"{longest} {'word' if longest == 1 else 'words'}"
            yield f"length: {name}, {bounds}", mask

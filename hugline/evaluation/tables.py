"""The figures of the report as tables: for DVC's plots, for W&B, and every answer for whoever compares two models."""

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hugline.core.task import Row

LINES = {
    "reliability": ("low", "high", "rows", "confidence", "accuracy"),
    "abstain": ("threshold", "coverage", "accuracy"),
    "slices": ("slice", "rows", "accuracy", "low", "high", "gap"),
    "behaviour": ("test", "kind", "cases", "passed", "rate"),
}
OF_A_LABEL = ("precision", "recall", "f1", "rows")


@dataclass(frozen=True)
class Table:
    """Columns and rows; no row's text."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def csv(self) -> str:
        """As CSV; None is an empty cell."""
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([self.columns, *self.rows])
        return out.getvalue()


def plot_tables(metrics: Mapping[str, Any], details: Mapping[str, Any], rows: Sequence[Row], answers: Sequence[Any]) -> dict[str, Table]:
    """A table for each plot, by its name; gains are in points of accuracy."""
    labels = [(name, *map(found.get, OF_A_LABEL)) for name, found in details["per_label"].items()]
    gains = [(name, *(100 * found["gain"][end] for end in ("mean", "low", "high"))) for name, found in metrics["baselines"].items()]
    return {
        "labels": Table(("label", *OF_A_LABEL), labels),
        "confusion": Table(("actual", "predicted"), [(row["label"], answer.label) for row, answer in zip(rows, answers, strict=True)]),
        "gains": Table(("baseline", "gain", "low", "high"), gains),
        **{name: Table(columns, [tuple(map(line.get, columns)) for line in details[name]]) for name, columns in LINES.items()},
    }


def prediction_table(task: Any, rows: Sequence[Row], answers: Sequence[Any]) -> Any:
    """An Arrow table with each row's number, label, answer and scores, these in the order of the labels, which its metadata tells."""
    import pyarrow as pa

    columns = {
        "row": pa.array([row["row"] for row in rows], pa.int64()),
        "label": pa.array([row["label"] for row in rows], pa.string()),
        "predicted": pa.array([answer.label for answer in answers], pa.string()),
        "score": pa.array([answer.score for answer in answers], pa.float64()),
        "scores": pa.array([[answer.scores[name] for name in task.labels] for answer in answers], pa.list_(pa.float64())),
    }
    return pa.table(columns).replace_schema_metadata({b"labels": json.dumps(task.labels, ensure_ascii=False).encode()})


def tracked_tables(tables: Mapping[str, Table]) -> dict[str, Table]:
    """The tables for W&B: confusions are counted, so that no line stands for one row."""
    counts = Counter(tables["confusion"].rows)
    confusion = Table(("actual", "predicted", "rows"), [(*pair, count) for pair, count in sorted(counts.items())])
    return {**tables, "confusion": confusion}

"""A source whose rows are at hand, for tests of what comes after reading."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from hugline.core.rows import SPLITS, read_rows
from hugline.data.ingest import Ingested, ingest
from hugline.data.sources import Raw
from hugline.params import DataParams
from hugline.tasks.sequence_classification import SequenceClassification

OPEN = {"max_bad": 0.99, "max_copies": 0.99, "max_conflicts": 0.99, "max_leaks": 0.99}  # no threshold stops anything


@dataclass(frozen=True)
class Listed:
    """Rows as dicts; a row may be a Raw itself."""

    items: Sequence[Any]
    columns: tuple[str, ...] = ("text", "label")
    splits: tuple[str, ...] = ()
    label_names: dict[str, list[str]] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=lambda: {"kind": "csv", "encoding": "utf-8", "delimiter": ",", "files": 1, "recognized": False})

    def rows(self) -> Iterator[Raw]:
        for i, item in enumerate(self.items):
            yield item if isinstance(item, Raw) else Raw(i + 1, f"row:{i}", None, dict(item))


def given(*rows: tuple[str, str, str]) -> list[Raw]:
    """Rows whose source says their split: (split, text, label)."""
    return [Raw(i + 1, f"{split}:{i}", split, {"text": text, "label": label}) for i, (split, text, label) in enumerate(rows)]


def settings(**changes: Any) -> DataParams:
    """No thresholds, no search for near-duplicates, columns of the task's own names; `changes` go over it."""
    return DataParams.model_validate({"columns": {}, "near": None, "validation": 0.2, "test": 0.2, **OPEN, **changes})


def run(items: Sequence[Any], out: Path, names: tuple[str, ...] = ("text", "label"), seed: int = 1, task: Any = None, **changes: Any) -> Ingested:
    """Ingest rows into a new folder."""
    out.mkdir()
    prepare, splits = changes.pop("prepare", lambda row: row), changes.pop("splits", ())
    return ingest(Listed(items, names, splits), task or SequenceClassification(), settings(**changes), seed, out, prepare)


def split_of_rows(out: Path) -> dict[int, str]:
    """Row number -> its split, or why it was set aside."""
    found = {row["row"]: split for split in SPLITS for row in read_rows(out, split)}
    aside = {line["row"]: line["reason"] for line in pq.read_table(out / "aside.parquet").to_pylist()}
    assert not found.keys() & aside.keys()
    return found | aside

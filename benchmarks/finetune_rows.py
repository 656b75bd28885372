"""The rows of the fine-tuning benchmark: the demo's, or a real data set's where it is at hand."""

import csv
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hugline.core.rows import read_rows
from hugline.core.task import Row, Task
from hugline.data.ingest import ingest
from hugline.data.sources import open_source
from hugline.errors import DataError
from hugline.params import DEMO_PATH, DataParams
from hugline.tasks.sequence_classification import SequenceClassification

DATA = ("demo", "mrpc", "sst2")
REAL = {  # folder of the real data, file to train on, file held out
    "mrpc": ("sentence-pair/mrpc", "msr_paraphrase_train.txt", "msr_paraphrase_test.txt"),
    "sst2": ("text-classification/sst2", "train.tsv", "dev.tsv"),
}

Loaded = tuple[Task, Sequence[Row], Sequence[Row]]  # the task with its labels, rows to train on, rows held out


def load_rows(data: str, rows: int, held_out: int, seed: int) -> Loaded:
    """The task and so many rows of each kind, chosen by the seed; 0 or more than there are: all. Raises DataError."""
    task, train, rest = _demo(seed) if data == "demo" else _real(data)
    return task, _some(train, rows, seed), _some(rest, held_out, seed)


def _some(rows: Sequence[Row], count: int, seed: int) -> list[Row]:
    order = np.random.default_rng(seed).permutation(len(rows))
    return [rows[i] for i in (order[:count] if count else order)]


def _demo(seed: int) -> Loaded:
    """The demo's rows: train, and test held out, split as the pipeline splits them."""
    settings, task = DataParams.model_validate({}), SequenceClassification.model_validate({})
    source = open_source(DEMO_PATH)
    with tempfile.TemporaryDirectory() as folder:
        done = ingest(source, task, settings, seed, Path(folder))
        return done.task, read_rows(Path(folder), "train"), read_rows(Path(folder), "test")


def _real(name: str) -> Loaded:
    """MRPC (train, test) or SST-2 (train, dev) from the folder of real data."""
    root = Path(os.environ.get("HUGLINE_REAL_DATA", "../shared/data"))
    folder, *names = REAL[name]
    if missing := [n for n in names if not (root / folder / n).is_file()]:
        raise DataError(
            f"the real data set {name} in {root / folder}",
            f"no {', '.join(missing)} there",
            "set HUGLINE_REAL_DATA to the folder of the real data, or use --data demo",
        )
    train, held_out = (_lines(root / folder / n, name) for n in names)
    return SequenceClassification.model_validate({"pair": name == "mrpc"}).fit(train), train, held_out


def _lines(file: Path, name: str) -> list[Row]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    if name == "mrpc":
        return [{"text": first, "text_pair": second, "label": label} for label, _, _, first, second in lines[1:]]
    return [{"text": text, "label": label} for text, label in lines]

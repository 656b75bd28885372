"""Real rows through the real stages, with the default checkpoint; HUGLINE_REAL_DATA names the folder (default ../shared/data)."""

import csv
import json
import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pytest

from tests.conftest import ROOT, Project

DATA = Path(os.environ.get("HUGLINE_REAL_DATA", ROOT.parent / "shared/data"))
CHECKPOINT = {"model__checkpoint": "sentence-transformers/all-MiniLM-L6-v2", "model__revision": "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"}
PROBE = 0.776  # accuracy of a linear probe on the frozen checkpoint's mean-pooled embeddings, SST-2 dev

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}: set HUGLINE_REAL_DATA")


def write(file: Path, header: tuple[str, ...], rows: Iterable[Iterable[str]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])


def lines(file: Path) -> list[list[str]]:
    return [line.rstrip("\n").split("\t") for line in file.open(encoding="utf-8-sig")]


def test_sst2_beats_the_frozen_probe_by_five_points(fresh: Project) -> None:
    folder = DATA / "text-classification/sst2"
    train, dev = lines(next(folder.glob("train*"))), lines(next(folder.glob("dev*")))
    for split, rows in {"train": train[:2000], "validation": train[2000:2400], "test": dev}.items():
        write(fresh.folder / f"data/raw/{split}.csv", ("sentence", "label"), ((text, {"0": "negative", "1": "positive"}[label]) for text, label in rows))
    fresh.set(
        **CHECKPOINT,
        data__path="data/raw",
        data__columns={"text": "sentence"},
        data__keep=[],
        finetune__epochs=3,
        finetune__lr=1e-4,
        finetune__threads=2,
        model__max_length=64,
    )
    fresh.python("dvc", "repro", "evaluate")
    metrics = json.loads(fresh.read("reports/metrics.json"))
    assert metrics["rows"] == 872
    assert metrics["accuracy"] >= PROBE + 0.05


def test_mrpc_pairs_run_from_rows_to_endpoint(fresh: Project) -> None:
    folder = DATA / "sentence-pair/mrpc"
    rows = [(r[3], r[4], {"0": "different", "1": "same"}[r[0]]) for r in islice(lines(next(folder.glob("*train*"))), 1, 401)]
    write(fresh.folder / "data/raw/mrpc.csv", ("first", "second", "verdict"), rows)
    fresh.set(
        **CHECKPOINT,
        task__pair=True,
        data__path="data/raw/mrpc.csv",
        data__columns={"text": "first", "text_pair": "second", "label": "verdict"},
        data__keep=[],
        finetune__epochs=1,
        finetune__lr=5e-5,
        finetune__threads=2,
        model__max_length=128,
    )
    said = fresh.python("flows.pipeline")
    assert "golden rows answered over HTTP" in said
    golden = json.loads(fresh.read("models/package/golden.json"))
    assert set(golden[0]["input"]) == {"text", "text_pair"} and golden[0]["answer"]["label"] in {"different", "same"}

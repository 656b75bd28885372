"""The benchmark of ingest and tokenize: rows that are alike for a seed, and memory that is looked at."""

import os
from collections import Counter
from pathlib import Path

import numpy as np

from benchmarks.ingest_rows import anonymous, synthetic_rows, write_project
from hugline.data.sources import open_source
from hugline.params import load_params


def test_rows_are_the_same_for_a_seed_and_some_are_copies() -> None:
    rows = list(synthetic_rows(2000))
    assert rows == list(synthetic_rows(2000))
    texts = Counter(text for text, _, _ in rows)
    assert 10 < sum(texts.values()) - len(texts) < 100
    assert len({label for _, label, _ in rows}) == 20


def test_a_project_has_the_projects_settings_and_the_rows(tmp_path: Path) -> None:
    write_project(tmp_path, 30, near=False)
    assert len(list(open_source(str(tmp_path / "rows.csv")).rows())) == 30
    assert load_params(tmp_path / "params.yaml").data.near is None


def test_memory_is_that_of_the_process() -> None:
    before = anonymous(os.getpid())
    held = np.ones(50 * 2**20, np.uint8)
    assert 45 * 1024 < anonymous(os.getpid()) - before < 80 * 1024
    assert held[-1] == 1


def test_a_process_that_has_ended_has_none() -> None:
    assert anonymous(2**22 + 1) == 0

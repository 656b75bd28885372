"""Real files as others wrote them, read by their path alone; HUGLINE_REAL_DATA names the folder (default ../shared/data)."""

import os
from pathlib import Path

import pytest

from hugline.data.sources import open_source
from tests.conftest import ROOT

DATA = Path(os.environ.get("HUGLINE_REAL_DATA", ROOT.parent / "shared/data"))

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}: set HUGLINE_REAL_DATA")


@pytest.mark.parametrize(
    ("place", "columns", "splits", "rows", "delimiter", "recognized"),
    [
        ("text-classification/banking77", ("text", "category"), ("train", "test"), 13_083, ",", False),
        ("sentence-pair/mrpc/msr_paraphrase_train.txt", ("Quality", "#1 ID", "#2 ID", "#1 String", "#2 String"), (), 4076, "\t", True),
        ("sentence-pair/mrpc/msr_paraphrase_test.txt", ("Quality", "#1 ID", "#2 ID", "#1 String", "#2 String"), (), 1725, "\t", True),
        ("multiple-choice/commonsenseqa", ("id", "question", "question_concept", "choices", "answerKey"), (), 1221, None, False),
        ("summarization/scitldr", ("source", "source_labels", "rouge_scores", "paper_id", "target", "title"), ("train", "validation"), 1800, None, False),
    ],
)
def test_files_with_a_header_are_read_by_their_path_alone(
    place: str, columns: tuple[str, ...], splits: tuple[str, ...], rows: int, delimiter: str | None, recognized: bool
) -> None:
    source = open_source(str(DATA / place))
    read = list(source.rows())
    assert (source.columns, source.splits, len(read)) == (columns, splits, rows)
    assert not any(raw.fault for raw in read)
    assert (source.info["encoding"], source.info["delimiter"], source.info["recognized"]) == ("utf-8", delimiter, recognized)


def test_quotes_of_mrpc_stay_in_its_sentences() -> None:
    found = open_source(str(DATA / "sentence-pair/mrpc"), files=["*.txt"])
    sentences = [raw.values["#1 String"] for raw in found.rows() if raw.values]
    lines = [
        line.split("\t")[3]
        for split in ("train", "test")
        for line in (DATA / f"sentence-pair/mrpc/msr_paraphrase_{split}.txt").read_text("utf-8-sig").splitlines()[1:]
    ]
    assert sentences == lines
    assert sum('"' in sentence for sentence in sentences) > 500
    assert found.splits == ("train", "test")

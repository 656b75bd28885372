"""The fine-tuning benchmark's own rules; nothing is trained here."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.finetune import LR_TOLERANCE, check_equal
from benchmarks.finetune_rows import load_rows
from benchmarks.finetune_trainer import one_cycle
from hugline.errors import DataError, UserError


def test_peer_is_imported_without_fastai() -> None:
    code = "import sys, benchmarks.finetune, benchmarks.finetune_trainer; sys.exit('fastai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_one_cycle_is_fastais() -> None:
    from fastai.callback.schedule import combined_cos

    from hugline.learner.training import FIRST_LR, LAST_LR

    theirs, ours = combined_cos(0.25, 1 / FIRST_LR, 1.0, 1 / LAST_LR), one_cycle(40, warmup=0.25)
    assert [ours(step) for step in range(40)] == pytest.approx([float(theirs(step / 40)) for step in range(40)], rel=LR_TOLERANCE)


def test_unequal_work_is_named() -> None:
    report = {"steps": 2, "rows": 64, "held_out_rows": 8, "alike": ["clip"], "configuration": {"clip": 1.0, "batches": "sorted"}, "lrs": [0.5, 0.25]}
    check_equal(report, report | {"configuration": {"clip": 1.0, "batches": "random"}, "lrs": [0.5, 0.250001]})
    told = r"clip: hugline 1.0, trainer None\n  - steps: hugline 2, trainer 3\n  - learning rate of step 2: hugline 0.25, trainer 0.3\n"
    with pytest.raises(UserError, match=told):
        check_equal(report, report | {"steps": 3, "configuration": {}, "lrs": [0.5, 0.3, 0.1]})


def test_absent_real_data_are_told_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUGLINE_REAL_DATA", str(tmp_path))
    told = r"the real data set mrpc in .*sentence-pair/mrpc\nfound:    no msr_paraphrase_train.txt, msr_paraphrase_test.txt there"
    with pytest.raises(DataError, match=told):
        load_rows("mrpc", 0, 0, seed=1)


@pytest.mark.parametrize(
    ("name", "folder", "file", "lines", "first"),
    [
        ("sst2", "text-classification/sst2", ("train.tsv", "dev.tsv"), 'a "good film\t1\ndull\t0\n', {"text": 'a "good film', "label": "1"}),
        (
            "mrpc",
            "sentence-pair/mrpc",
            ("msr_paraphrase_train.txt", "msr_paraphrase_test.txt"),
            '\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t7\t8\tOne "a\tOne a\n0\t7\t8\tTwo\tThree\n',
            {"text": 'One "a', "text_pair": "One a", "label": "1"},
        ),
    ],
)
def test_real_rows_are_read(
    name: str, folder: str, file: tuple[str, str], lines: str, first: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / folder).mkdir(parents=True)
    for part in file:
        (tmp_path / folder / part).write_text(lines, encoding="utf-8")
    monkeypatch.setenv("HUGLINE_REAL_DATA", str(tmp_path))
    task, train, held_out = load_rows(name, 0, 1, seed=1)
    assert first in train
    assert (len(train), len(held_out)) == (2, 1)
    assert task.model_kwargs()["id2label"] == {0: "0", 1: "1"}

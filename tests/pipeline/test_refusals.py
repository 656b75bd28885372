"""What bad input gets at a stage: expected, found, remedy; exit 1, no traceback, nothing lost."""

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import Project, toy_rows, write_rows

INGEST = ("stages.ingest", "data/demo", "data/ingested", "reports/data.json")
TOKENIZE = ("stages.tokenize", "data/ingested", "data/tokenized")
FINETUNE = ("stages.finetune", "data/ingested", "data/tokenized", "models/finetuned", "reports/history.tsv", "reports/validation.json")


def refused(project: Project, *command: str, **variables: str) -> str:
    """The message of a stage that must refuse."""
    said = project.python(*command, fails=True, **variables)
    assert "Traceback" not in said
    start = said.index("expected: ")
    assert [line.partition(":")[0] for line in said[start:].splitlines() if line.startswith(("expected:", "found:", "remedy:"))] == [
        "expected",
        "found",
        "remedy",
    ]
    return said[start:]


def test_unknown_settings_and_wrong_types_are_told_together(fresh: Project) -> None:
    fresh.set(finetune__learning_rate=1, finetune__lr="2e-5")
    said = refused(fresh, *INGEST)
    assert "2 faults" in said and "finetune.learning_rate: unknown setting" in said and "finetune.lr: '2e-5' is not accepted" in said


def test_a_missing_column_is_named_beside_those_that_are_there(fresh: Project) -> None:
    fresh.set(data__columns={"text": "body", "label": "team"})
    said = refused(fresh, *INGEST)
    assert "'body' (for `text`)" in said and "message, team, channel" in said and "data.columns" in said


def test_a_path_that_is_not_there(fresh: Project) -> None:
    assert "nothing there" in refused(fresh, "stages.ingest", "data/nowhere.csv", "data/ingested", "reports/data.json")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(f"where {i}", "delivery", "chat") for i in range(40)], "only 'delivery'"),
        (toy_rows(3), "none in"),
        ([*toy_rows(80), *[(text, "lost", "chat") for text in ("where",)]], ""),
    ],
    ids=["one label only", "an empty split", "a rare label"],
)
def test_rows_that_can_not_be_trained_on(fresh: Project, rows: list[tuple[str, str, str]], said: str) -> None:
    write_rows(fresh.folder / "data/demo/messages.csv", rows)
    if said:
        assert said in refused(fresh, *INGEST)
        assert not (fresh.folder / "data/ingested").exists()
    else:
        fresh.python(*INGEST)


def test_a_label_unseen_in_training(fresh: Project) -> None:
    shutil.rmtree(fresh.folder / "data/demo")
    (fresh.folder / "data/demo").mkdir()
    splits = {"train": toy_rows(90)[24:], "validation": toy_rows(12), "test": [*toy_rows(24)[12:], ("where", "lost", "chat")]}
    for split, rows in splits.items():
        write_rows(fresh.folder / f"data/demo/{split}.csv", rows)
    fresh.set(data__max_bad=0.0)
    assert "label without training rows (1)" in refused(fresh, *INGEST)


def test_an_unknown_checkpoint_without_a_network(fresh: Project) -> None:
    fresh.python(*INGEST)
    fresh.set(model__checkpoint="nobody/nothing", model__revision="0" * 40)
    said = refused(fresh, *TOKENIZE)
    assert "nobody/nothing at 0000" in said and "HF_HUB_OFFLINE" in said and "local folder" in said


def test_damaged_weights_leave_the_model_that_was_there(project: Project) -> None:
    weights = project.folder / "checkpoint/model.safetensors"
    weights.write_bytes(weights.read_bytes()[:2000])
    before = (project.folder / "models/finetuned/model.safetensors").read_bytes()
    said = refused(project, *FINETUNE)
    assert "transformers can read" in said and "damaged" in said
    assert (project.folder / "models/finetuned/model.safetensors").read_bytes() == before


def test_a_loss_that_is_no_number_stops_and_writes_no_model(fresh: Project) -> None:
    fresh.python(*INGEST)
    fresh.python(*TOKENIZE)
    fresh.set(finetune__lr=1e30, finetune__clip=0.0)
    said = refused(fresh, *FINETUNE)
    assert "a finite loss" in said and "lower finetune.lr" in said
    assert not (fresh.folder / "models/finetuned").exists() and not (fresh.folder / "reports/validation.json").exists()


def test_dvc_repro_shows_the_same_message(fresh: Project) -> None:
    fresh.set(data__columns={"text": "body", "label": "team"})
    said = fresh.python("dvc", "repro", fails=True)
    assert "expected: the column 'body'" in said and "Traceback" not in said


def test_a_killed_stage_leaves_the_old_output_whole(project: Project) -> None:
    ingested = project.folder / "data/ingested"
    before = sorted(p.name for p in ingested.iterdir())
    (project.folder / "data/.ingested.partial").mkdir()
    (project.folder / "data/.ingested.partial/train.parquet").write_bytes(b"half")
    project.python(*INGEST)
    assert sorted(p.name for p in ingested.iterdir()) == before
    assert not (project.folder / "data/.ingested.partial").exists()
    assert json.loads(project.read("reports/data.json"))["rows_in"] == 90
    assert not list(Path(project.folder / "reports").glob(".*.partial"))

"""The user's own code in stages/hooks.py: rows and callbacks."""

import json
from pathlib import Path

import pyarrow.parquet as pq

from hugline.params import Params
from stages import hooks
from tests.conftest import Project

INGEST = ("stages.ingest", "data/demo", "data/ingested", "reports/data.json")
PREPARE = """
def prepare(row):
    if row["channel"] == "email":
        return None
    row["body"] = f"{row['channel']}: {row['message']}"
    return row
"""
WRONG = """
def prepare(row):
    row["body"] = row["subject"] + row["message"]
    return row
"""
CALLBACKS = """
def callbacks(params):
    from fastai.callback.core import Callback

    class Note(Callback):
        def after_fit(self):
            with open("noted", "w") as file:
                file.write(f"{params.finetune.epochs} epochs, {self.n_epoch} planned")

    return [Note()]
"""


def write(project: Project, code: str) -> None:
    file = project.folder / "stages/hooks.py"
    file.write_text(file.read_text(encoding="utf-8") + "\n\n" + code, encoding="utf-8")


def test_by_default_nothing_is_done() -> None:
    row = {"a": 1}
    assert hooks.prepare(row) is row
    assert row == {"a": 1}
    assert hooks.callbacks(Params()) == []


def test_prepare_makes_the_text_and_sets_rows_aside(fresh: Project) -> None:
    write(fresh, PREPARE)
    fresh.set(data__columns={"text": "body", "label": "team"}, data__max_bad=0.6)
    said = fresh.python(*INGEST)
    assert "ingest: 45 rows are set aside: prepare gave none (45); see rows 2, 4, 6, 8, 10." in said
    report = json.loads(fresh.read("reports/data.json"))
    assert (report["rows_in"], report["set_aside"]) == (90, 45)
    texts = pq.read_table(fresh.folder / "data/ingested/train.parquet")["text"].to_pylist()
    assert texts and all(text.startswith("chat: ") for text in texts)


def test_an_error_in_prepare_stops_with_the_row_and_the_line(fresh: Project) -> None:
    write(fresh, WRONG)
    said = fresh.python(*INGEST, fails=True)
    line = next(i for i, text in enumerate(Path(fresh.folder / "stages/hooks.py").read_text(encoding="utf-8").split("\n"), 1) if 'row["subject"]' in text)
    assert f'KeyError: \'subject\' in hooks.py, line {line}: row["body"] = row["subject"] + row["message"], at row 1 (messages.csv:2)' in said
    assert "Traceback" not in said
    assert not (fresh.folder / "data/ingested").exists()


def test_callbacks_reach_training(fresh: Project) -> None:
    write(fresh, CALLBACKS)
    fresh.set(finetune__epochs=1, finetune__share=0.5)
    fresh.python("dvc", "repro", "finetune")
    assert fresh.read("noted") == "1 epochs, 1 planned"

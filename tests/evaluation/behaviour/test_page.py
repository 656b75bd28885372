"""docs/behaviour.md says what is true."""

import re
from pathlib import Path

import pytest

from hugline.core.backends import TorchBackend
from hugline.core.encoder import checkpoint_encoder
from hugline.core.predictor import Predictor
from hugline.environment import import_transformers
from hugline.errors import BehaviourError
from hugline.evaluation.behaviour import run_tests
from hugline.evaluation.behaviour.changes import Direction, Invariance
from hugline.evaluation.behaviour.minimum_function import MinimumFunction
from hugline.evaluation.perturb import CHANGES
from hugline.tasks.sequence_classification import SequenceClassification
from tests.conftest import ROOT
from tests.evaluation.behaviour.clerk import load
from tests.tiny import LABELS, MAX_LENGTH, tiny_checkpoint


def tiny_predictor(folder: Path) -> Predictor:
    checkpoint = tiny_checkpoint(folder)
    task = SequenceClassification(labels=LABELS)
    model = import_transformers().AutoModelForSequenceClassification.from_pretrained(checkpoint, **task.model_kwargs())
    return Predictor(task, checkpoint_encoder(checkpoint, MAX_LENGTH), TorchBackend(task, model.eval()))


def test_the_example_of_the_page_runs_on_a_real_model(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs/behaviour.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    predictor = tiny_predictor(tmp_path / "checkpoint")
    rows = [{"row": i, **row} for i, row in enumerate(predictor.task.toy, 1)]
    outcomes = run_tests(load(tmp_path, example), predictor.task, predictor.predict, rows, 42)
    assert [(found.test, found.kind, found.cases, found.skipped) for found in outcomes] == [
        ("typos", "invariance", 4, None),
        ("negation", "minimum_function", 2, None),
        ("where is my parcel", "minimum_function", 6, None),
        ("broken, not unused", "direction", 2, None),
        ("a login problem as well", "direction", 0, "the model has no label account"),
    ]
    assert all(found.passed + len(found.failures) == found.cases for found in outcomes)
    assert outcomes == run_tests(load(tmp_path, example), predictor.task, predictor.predict, rows, 42)


def test_the_page_lists_every_field_and_every_change() -> None:
    page = (ROOT / "docs/behaviour.md").read_text(encoding="utf-8")
    listed = {name for line in page.splitlines() if line.startswith("| `") for name in re.findall(r"`(\w+)`", line.split(" | ")[0])}
    fields = {field.alias or name for model in (MinimumFunction, Invariance, Direction) for name, field in model.model_fields.items()}
    assert listed == fields - {"name", "kind"} | set(CHANGES)


def test_the_page_shows_the_faults_as_they_are_told(tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```\n(expected: .*?)^```$", (ROOT / "docs/behaviour.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    faulty = "- name: typos\n  kind: invariance\n  change: typo\n\n- name: negation\n  kind: direction\n  append: no\n  lable: a\n  label: a\n  expect: up\n"
    with pytest.raises(BehaviourError, match="2 faults") as error:
        load(tmp_path, faulty)
    assert str(error.value).replace(str(tmp_path), "data") == shown.strip()

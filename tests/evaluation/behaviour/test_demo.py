"""data/behaviour.yaml, which ships with the demo's rows."""

import csv
import re
from collections.abc import Sequence

from hugline.core.task import Answer, Row
from hugline.evaluation.behaviour import load_tests, run_tests
from hugline.tasks.sequence_classification import Classification, SequenceClassification
from tests.conftest import ROOT
from tests.evaluation.behaviour.clerk import ROWS, TASK, Clerk


def test_the_demos_tests_are_sound_and_none_is_copied_from_its_rows() -> None:
    tests = load_tests(ROOT / "data/behaviour.yaml")
    with (ROOT / "data/demo/messages.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    labels = sorted({row["team"] for row in rows})
    asked: list[Row] = []

    def listen(texts: Sequence[Row]) -> list[Answer]:
        asked.extend(texts)
        return [Classification(label=labels[0], score=1.0, scores=dict.fromkeys(labels, 0.0) | {labels[0]: 1.0}) for _ in texts]

    outcomes = run_tests(tests, SequenceClassification(labels=labels), listen, [], 42)
    assert [found.test for found in outcomes if found.cases] == [test.name for test in tests if list(test.inputs)]
    seen = {phrase for row in rows for phrase in phrases(row["message"])}
    assert [row["text"] for row in asked if phrases(row["text"]) & seen] == []
    assert len(asked) > 100


def phrases(text: str) -> set[tuple[str, ...]]:
    """Every eight words in a row."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + 8]) for i in range(len(words) - 7)}


def test_a_model_with_other_labels_runs_the_tests_that_name_none() -> None:
    outcomes = run_tests(load_tests(ROOT / "data/behaviour.yaml"), TASK, Clerk(), ROWS, 42)
    assert len([found for found in outcomes if found.cases]) >= 6
    assert all(found.skipped for found in outcomes if found.kind == "minimum_function")

"""A model whose answers are known, and behaviour tests run on it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hugline.core.task import Answer, Row
from hugline.evaluation.behaviour import BehaviourTest, Outcome, load_tests, run_tests
from hugline.tasks.sequence_classification import Classification, SequenceClassification

TASK = SequenceClassification(labels=["calm", "late"])
ROWS = [{"row": 10 * i, "text": f"where is parcel {i}", "label": ("calm", "late")[i % 2]} for i in range(1, 31)]


class Clerk:
    """A model that counts: each "late" in a row adds 0.2 to the probability of `late`, which starts at 0.1."""

    def __init__(self) -> None:
        self.asked: list[list[Row]] = []

    def __call__(self, rows: Sequence[Row]) -> list[Answer]:
        self.asked.append(list(rows))
        answers: list[Answer] = []
        for row in rows:
            late = min(0.9, 0.1 + 0.2 * sum(text.count("late") for text in row.values()))
            answers.append(Classification(label="late" if late > 0.5 else "calm", score=max(late, 1 - late), scores={"calm": 1 - late, "late": late}))
        return answers


def load(folder: Path, text: str) -> list[BehaviourTest]:
    file = folder / "behaviour.yaml"
    file.write_text(text, encoding="utf-8")
    return load_tests(file)


def run(folder: Path, text: str, task: SequenceClassification = TASK, rows: Sequence[Row] = ROWS, seed: int = 1) -> tuple[list[Outcome], Clerk]:
    clerk = Clerk()
    return run_tests(load(folder, text), task, clerk, rows, seed), clerk


def one(folder: Path, text: str, **settings: Any) -> Outcome:
    return run(folder, text, **settings)[0][0]

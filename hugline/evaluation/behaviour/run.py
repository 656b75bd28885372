"""Behaviour tests on a model: which of them fit it, their cases in one prediction, and what became of each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hugline.core.task import Answer, Row, Task
from hugline.evaluation.behaviour.base import BehaviourTest, Case
from hugline.evaluation.behaviour.changes import ChangeTest
from hugline.evaluation.behaviour.words import listed


@dataclass(frozen=True)
class Failure:
    """A case that did not pass, in words; the texts are for local pages."""

    row: int | None
    text: str
    changed: str | None
    expected: str
    answered: str


@dataclass(frozen=True)
class Outcome:
    """What became of a test; where it was skipped, the reason, and no rate."""

    test: str
    kind: str
    cases: int
    passed: int
    rate: float | None
    skipped: str | None
    failures: list[Failure]


def run_tests(tests: Sequence[BehaviourTest], task: Task, predict: Callable[[Sequence[Row]], list[Answer]], rows: Sequence[Row], seed: int) -> list[Outcome]:
    """What becomes of every test, in their order; all their texts, each once, are predicted in one call.

    A test is skipped where it names a label that the model lacks, is written for other inputs, or alters no text.
    """
    columns, labels = list(task.Input.model_fields), set(task.model_kwargs()["id2label"].values())
    reasons = [_unfit(test, set(columns), labels) for test in tests]
    cases = [[] if reason else list(test.cases(rows, columns, seed)) for test, reason in zip(tests, reasons, strict=True)]
    inputs = {_key(texts): texts for found in cases for case in found for texts in (case.before, case.after) if texts}
    answers = dict(zip(inputs, predict(list(inputs.values())), strict=True)) if inputs else {}
    return [_outcome(test, found, reason, answers) for test, found, reason in zip(tests, cases, reasons, strict=True)]


def _unfit(test: BehaviourTest, columns: set[str], labels: set[str]) -> str | None:
    """Why this model can't be tested so, in words."""
    if missing := test.labels - labels:
        return f"the model has no label {listed(missing)}"
    if other := next((found for found in test.inputs if found != columns), None):
        return f"the model reads {listed(columns)}, the test gives {listed(other)}"
    if isinstance(test, ChangeTest) and test.column and test.column not in columns:
        return f"the model reads {listed(columns)}, the test changes {test.column}"
    return None


def _outcome(test: BehaviourTest, cases: Sequence[Case], reason: str | None, answers: Mapping[Any, Any]) -> Outcome:
    if not cases:
        return Outcome(test.name, test.kind, 0, 0, None, reason or "there is no text that it alters", [])
    failures = []
    for case in cases:
        passed, expected, answered = test.verdict(case, answers[_key(case.before)] if case.before else None, answers[_key(case.after)])
        if not passed:
            before, after = _shown(case.before or case.after), _shown(case.after) if case.before else None
            failures.append(Failure(case.row, before, after, expected, answered))
    passes = len(cases) - len(failures)
    return Outcome(test.name, test.kind, len(cases), passes, passes / len(cases), None, failures)


def _key(texts: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(texts.items()))


def _shown(texts: dict[str, str]) -> str:
    return "\n".join(texts.values())

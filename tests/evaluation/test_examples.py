"""Examples: what is wrong is found, beside its reasons, and no text is left where none may be shown."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

from hugline.core.task import Row
from hugline.evaluation import examples as module
from hugline.evaluation.evaluated import Evaluated
from hugline.evaluation.examples import find_examples, without_texts
from hugline.tasks.sequence_classification import Classification, SequenceClassification

TASK = SequenceClassification(labels=["delivery", "returns"])
PAIRS = SequenceClassification(labels=["delivery", "returns"], pair=True)
SIDES = {"delivery": (1.0, 0.0), "returns": (0.0, 1.0)}
WRONG = {2: 0.7, 5: 0.95, 8: 0.8}  # test positions and how sure the wrong answers are
FLIPPED = [("train", 3), ("train", 20), ("validation", 4), ("test", 7)]
SIZES = {"train": 60, "validation": 20, "test": 20}


def other(label: str) -> str:
    return "returns" if label == "delivery" else "delivery"


def make_rows(flipped: Sequence[tuple[str, int]] = FLIPPED) -> dict[str, list[dict[str, Any]]]:
    """Rows of two labels in turns, numbered through, whose texts name the true label."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for start, (split, size) in zip((1, 61, 81), SIZES.items(), strict=True):
        true = [TASK.labels[i % 2] for i in range(size)]  # type: ignore[index]
        rows[split] = [
            {"row": start + i, "text": f"{true[i]} {split} {i}", "text_pair": "or so", "label": other(true[i]) if (split, i) in flipped else true[i]}
            for i in range(size)
        ]
    return rows


def answer(label: str, score: float) -> Classification:
    return Classification(label=label, score=score, scores={label: score, other(label): 1 - score})


def classify(rows: Sequence[Row]) -> list[Classification]:
    """Knows one word."""
    return [answer("delivery", 0.75 if "delivery" in row["text"] else 0.5) for row in rows]


def vectorize(rows: dict[str, list[dict[str, Any]]]) -> Any:
    """Vectors that follow the texts, not the labels; close to one another in the order of the rows."""

    def vectors(split: str, positions: np.ndarray) -> np.ndarray:
        chosen = [rows[split][i] for i in positions]
        return np.array([(*SIDES[row["text"].split()[0]], 0.001 * row["row"]) for row in chosen], np.float32)

    return vectors


def make(task: Any = TASK, **changes: Any) -> Evaluated:
    rows = make_rows()
    answers = {
        split: [answer(other(row["label"]), WRONG[i]) if split == "test" and i in WRONG else answer(row["label"], 0.9) for i, row in enumerate(rows[split])]
        for split in ("validation", "test")
    }
    near = [
        {"row": 1, "split": "train", "near_row": 85, "near_split": "test", "similarity": 0.9},
        {"row": 63, "split": "validation", "near_row": 5, "near_split": "train", "similarity": 0.97},
        {"row": 64, "split": "validation", "near_row": 90, "near_split": "test", "similarity": 0.99},
        {"row": 6, "split": "train", "near_row": 8, "near_split": "train", "similarity": 1.0},
    ]
    return replace(Evaluated(task, classify, answers, rows, vectorize(rows), vectorize(rows), near, 0), **changes)


def test_the_surest_wrong_answers_come_first() -> None:
    found = find_examples(make(), limit=2, seed=1)["errors"]
    assert [(item["row"], item["split"], item["label"], item["predicted"], item["score"]) for item in found] == [
        (86, "test", "returns", "delivery", 0.95),
        (89, "test", "delivery", "returns", 0.8),
    ]
    assert found[0]["text"] == "returns test 5"


def test_equally_sure_errors_stay_in_the_order_of_the_rows() -> None:
    rows = make_rows()
    answers = {"test": [answer(other(row["label"]), 0.9) for row in rows["test"]]}
    assert [item["row"] for item in find_examples(make(answers=answers), 3, 1)["errors"]] == [81, 82, 83]


def test_an_error_has_its_words_and_the_nearest_training_rows_with_their_labels() -> None:
    error = find_examples(make(), limit=2, seed=1)["errors"][1]
    assert error["text"] == "delivery test 8"
    assert error["words"] == [("delivery", pytest.approx(0.8 - 0.5)), ("test", pytest.approx(0.8 - 0.25)), ("8", pytest.approx(0.8 - 0.25))]
    assert [(near["row"], near["split"], near["label"], near["text"]) for near in error["neighbours"]] == [
        (59, "train", "delivery", "delivery train 58"),
        (57, "train", "delivery", "delivery train 56"),
        (55, "train", "delivery", "delivery train 54"),
    ]
    assert all(0.999 < near["similarity"] <= 1 for near in error["neighbours"])


def test_a_contradicting_training_row_shows_beside_the_error_with_its_own_label() -> None:
    rows = make_rows([*FLIPPED, ("train", 58)])
    error = find_examples(make(rows=rows), limit=2, seed=1)["errors"][1]
    assert [(near["row"], near["label"]) for near in error["neighbours"]] == [(59, "returns"), (57, "delivery"), (55, "delivery")]


def test_label_errors_of_every_split_are_suspected_with_the_label_the_folds_would_give() -> None:
    found = find_examples(make(), limit=20, seed=1)
    assert {(item["split"], item["row"]) for item in found["suspects"]} == {("train", 4), ("train", 21), ("validation", 65), ("test", 88)}
    assert all(item["predicted"] == other(item["label"]) == str(item["text"]).split()[0] for item in found["suspects"])
    assert [item["score"] for item in found["suspects"]] == sorted(item["score"] for item in found["suspects"])
    assert all(item["words"] is None for item in found["suspects"])
    assert found["label_errors"] == {"rows": 100, "suspects": 4, "share": 0.04, "accuracy": 0.96}


def test_a_suspect_of_training_is_no_neighbour_of_itself() -> None:
    suspects = {item["row"]: item for item in find_examples(make(), limit=20, seed=1)["suspects"]}
    assert {near["row"] for near in suspects[4]["neighbours"]} == {2, 6, 8}
    assert [len(item["neighbours"]) for item in suspects.values()] == [3] * 4


def test_leaks_are_validation_and_test_rows_like_a_training_row() -> None:
    found = find_examples(make(), limit=20, seed=1)["leaks"]
    assert [(item["row"], item["split"], item["predicted"], item["score"]) for item in found] == [
        (63, "validation", "delivery", 0.97),
        (85, "test", "delivery", 0.9),
    ]
    assert found[0]["neighbours"] == [{"row": 5, "split": "train", "label": "delivery", "similarity": 0.97, "text": "delivery train 4"}]
    assert [item["row"] for item in find_examples(make(), limit=1, seed=1)["leaks"]] == [63]


def test_a_leak_of_validation_without_its_answers_has_no_prediction() -> None:
    evaluated = make()
    found = find_examples(replace(evaluated, answers={"test": evaluated.answers["test"]}), 20, 1)["leaks"]
    assert [item["predicted"] for item in found] == [None, "delivery"]


def test_a_pair_shows_and_occludes_both_texts() -> None:
    found = find_examples(make(PAIRS), limit=1, seed=1)["errors"][0]
    assert found["text"] == "returns test 5\nor so"
    assert found["words"] is not None
    assert [word for word, _ in found["words"]] == ["returns", "test", "5", "or", "so"]


def test_all_words_of_all_errors_are_one_call() -> None:
    calls: list[int] = []

    def counted(rows: Sequence[Row]) -> list[Classification]:
        calls.append(len(rows))
        return classify(rows)

    find_examples(make(classify=counted), limit=20, seed=1)
    assert calls == [9]


def test_without_texts_keeps_the_rows_and_drops_every_text_and_word() -> None:
    found = find_examples(make(), limit=20, seed=1)
    safe = without_texts(found)
    assert [len(safe[kind]) for kind in ("errors", "suspects", "leaks")] == [3, 4, 2]  # type: ignore[literal-required]
    for word in ("train ", "validation ", "test "):  # of the texts; as names of splits they end in a quote
        assert word in json.dumps(found) and word not in json.dumps(safe)
    assert safe["errors"][0] == {
        **found["errors"][0],
        "text": None,
        "words": None,
        "neighbours": [{**n, "text": None} for n in found["errors"][0]["neighbours"]],
    }
    assert safe["label_errors"] == found["label_errors"]
    assert found["errors"][0]["text"] == "returns test 5"


def test_a_limit_of_0_shows_nothing_and_still_counts() -> None:
    found = find_examples(make(), limit=0, seed=1)
    assert (found["errors"], found["suspects"], found["leaks"]) == ([], [], [])
    assert found["label_errors"]["suspects"] == 4


def test_a_model_without_errors_is_asked_for_nothing() -> None:
    rows = make_rows()

    def never(*_: Any) -> Any:
        raise AssertionError

    right = {"test": [answer(row["label"], 0.9) for row in rows["test"]]}
    assert find_examples(make(answers=right, classify=never, tuned=never), 20, 1)["errors"] == []


def test_the_same_inputs_give_the_same_bytes() -> None:
    one, two = (json.dumps(find_examples(make(), limit=20, seed=1)) for _ in range(2))
    assert one == two


def test_of_many_rows_a_bounded_number_is_drawn_by_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS", 50)
    asked: dict[str, int] = {}
    rows = make_rows()

    def counted(split: str, positions: np.ndarray) -> Any:
        assert positions.tolist() == sorted(positions.tolist())
        asked[split] = asked.get(split, 0) + len(positions)
        return vectorize(rows)(split, positions)

    def tuned(split: str, positions: np.ndarray) -> Any:
        assert len(positions) == {"train": 50, "test": 3}[split]
        return vectorize(rows)(split, positions)

    found = find_examples(make(frozen=counted, tuned=tuned), limit=20, seed=1)
    assert sum(asked.values()) == found["label_errors"]["rows"] == 50
    assert len({tuple(item["row"] for item in find_examples(make(), 20, seed)["suspects"]) for seed in range(6)}) > 1


def test_a_split_without_rows_is_left_out() -> None:
    rows = {**make_rows(), "validation": []}
    found = find_examples(make(rows=rows, near=[]), limit=20, seed=1)
    assert {item["split"] for item in found["suspects"]} == {"train", "test"}


def test_a_task_without_labels_has_no_examples() -> None:
    class Number(BaseModel):
        value: float

    class Regression(SequenceClassification):
        @property
        def Target(self) -> type[BaseModel]:
            return Number

    found = find_examples(make(Regression(labels=["a", "b"])), limit=20, seed=1)
    assert found == {"errors": [], "suspects": [], "leaks": [], "label_errors": {"rows": 0, "suspects": 0, "share": None, "accuracy": None}}

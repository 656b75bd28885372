"""Golden rows: a spread of lengths, the served model's answers, and a stop where two models differ."""

from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models

from hugline.core.encoder import Encoder
from hugline.core.features import Batch
from hugline.core.predictor import Predictor
from hugline.core.task import Outputs
from hugline.errors import PackageError
from hugline.packaging.golden import ROWS, answer_golden, choose_golden
from hugline.tasks.sequence_classification import SequenceClassification

TASK = SequenceClassification(labels=["a", "b"])


def rows(count: int) -> list[dict[str, Any]]:
    """Rows 1000 and on, of lengths 1 to count, in no order of theirs."""
    return [{"row": 1000 + i, "text": "x" * (1 + (7 * i) % count), "label": "a"} for i in range(count)]


class Constant:
    """A backend with the same logits for every row."""

    inputs_multiple = 1

    def __init__(self, *logits: float) -> None:
        self.logits = logits

    def forward(self, batch: Batch) -> Outputs:
        return {"logits": np.array([self.logits] * len(batch["input_ids"]))}


def predictor(*logits: float) -> Predictor:
    encoder = Encoder(Tokenizer(models.WordLevel({"[UNK]": 0}, "[UNK]")), 8, 0, "right", ("input_ids",))
    return Predictor(TASK, encoder, Constant(*logits))


@pytest.mark.parametrize("count", [17, 31, 32, 100, 1000])
def test_golden_rows_are_spread_from_the_shortest_to_the_longest(count: int) -> None:
    lengths = [len(row["text"]) for row in choose_golden(rows(count), TASK.toy, True)]
    assert (len(lengths), lengths[0], lengths[-1]) == (ROWS, 1, count)
    assert max(np.diff(lengths)) <= -(-count // (ROWS - 1))


def test_only_the_tasks_own_columns_count_as_length() -> None:
    kept = [row | {"note": "x" * (100 - i)} for i, row in enumerate(rows(20))]
    assert [row["row"] for row in choose_golden(kept, TASK.toy, True)] == [row["row"] for row in choose_golden(rows(20), TASK.toy, True)]


def test_few_rows_are_all_golden_once() -> None:
    assert [len(row["text"]) for row in choose_golden(rows(5), TASK.toy, True)] == [1, 2, 3, 4, 5]
    assert [len(row["text"]) for row in choose_golden(rows(1), TASK.toy, True)] == [1]
    assert [len(row["text"]) for row in choose_golden(rows(16), TASK.toy, True)] == list(range(1, 17))


def test_no_row_of_the_user_is_golden_where_texts_may_not_be_shown() -> None:
    assert choose_golden(rows(20), TASK.toy, False) == TASK.toy


@pytest.mark.parametrize("texts_allowed", [False, True])
def test_rows_that_the_user_names_are_golden_once_in_their_order(texts_allowed: bool) -> None:
    chosen = choose_golden(rows(20), TASK.toy, texts_allowed, [1003, 1000, 1003])
    assert chosen == [{"row": 1003, "text": "xx", "label": "a"}, {"row": 1000, "text": "x", "label": "a"}]


def test_a_number_that_no_validation_row_has_is_refused_beside_some_that_are_there() -> None:
    with pytest.raises(PackageError, match=r"(?s)numbers of validation rows.*no validation row 9, 30\n.*such as 1000, 1001, 1002, 1003, 1004;"):
        choose_golden(rows(20), TASK.toy, False, [9, 1000, 30])


def test_golden_rows_hold_the_input_and_the_served_answer_but_no_label() -> None:
    golden = answer_golden(predictor(0.0, np.log(3)), predictor(0.0, np.log(3) + 1e-6), [{"row": 7, "text": "one", "label": "a"}])
    assert golden == [{"input": {"text": "one"}, "answer": {"label": "b", "score": pytest.approx(0.75), "scores": pytest.approx({"a": 0.25, "b": 0.75})}}]


def test_an_export_that_answers_otherwise_is_refused() -> None:
    with pytest.raises(PackageError, match=r"(?s)answers as the trained one.*answer\.score is 0\.75000, expected 0\.74"):
        answer_golden(predictor(0.0, np.log(3)), predictor(0.0, np.log(3) - 0.02), [{"text": "one"}])

"""One label for a text or a pair of texts."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from hugline.core.encoder import checkpoint_encoder
from hugline.errors import DataError, PackageError
from hugline.tasks import TASKS, load_task, save_task, task_class
from hugline.tasks.sequence_classification import SequenceClassification
from tests.tiny import tiny_checkpoint

TASK = SequenceClassification(labels=["delivery", "returns", "advice"])
ROWS = [{"label": "returns"}, {"label": "delivery"}, {"label": "returns"}]
LOGITS = np.log(np.array([[1.0, 2.0, 1.0], [4.0, 4.0, 2.0], [3.0, 1.0, 0.5]], np.float32))


def answers() -> list[Any]:
    """returns (right), delivery (right, before an equal score), delivery (wrong)."""
    nothing: Any = None
    return TASK.decode({"logits": LOGITS}, nothing, ROWS, nothing)


def test_the_task_is_found_by_its_name() -> None:
    assert task_class("sequence_classification") is SequenceClassification
    assert [task_class(name).model_fields["name"].default for name in TASKS] == list(TASKS)


@pytest.mark.parametrize(("name", "hint"), [("sequence_clasification", "did you mean 'sequence_classification'"), ("poetry", "one of sequence_classification")])
def test_an_unknown_task_is_refused_with_the_known_ones(name: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        task_class(name)


def test_a_saved_task_is_loaded_as_it_was(tmp_path: Path) -> None:
    task = SequenceClassification(labels=["zürich", "bern"], pair=True)
    save_task(task, tmp_path)
    assert load_task(tmp_path) == task


def test_a_folder_without_a_task_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"the settings of a task in .*task\.json"):
        load_task(tmp_path)


def test_columns_are_those_of_input_and_target() -> None:
    assert SequenceClassification().columns == ("text", "label")
    assert SequenceClassification(pair=True).columns == ("text", "text_pair", "label")


def test_label_names_are_those_of_the_training_rows_sorted() -> None:
    assert SequenceClassification().fit([{"label": "b"}, {"label": "a"}, {"label": "b"}]).labels == ["a", "b"]


def test_listed_labels_keep_their_order() -> None:
    assert TASK.fit([{"label": name} for name in ("advice", "delivery", "returns")]).labels == ["delivery", "returns", "advice"]


@pytest.mark.parametrize(("rows", "found"), [([], "no rows"), ([{"label": "a"}], "only 'a'")])
def test_fewer_than_two_labels_are_refused(rows: list[Any], found: str) -> None:
    with pytest.raises(DataError, match=rf"(?s)at least two labels.*{found}"):
        SequenceClassification().fit(rows)


def test_a_listed_label_without_training_rows_is_refused() -> None:
    with pytest.raises(DataError, match="none for delivery, advice"):
        TASK.fit([{"label": "returns"}, {"label": "other"}])


@pytest.mark.parametrize("labels", [["one"], [], ["a", "b", "a"], ["a", " "]])
def test_labels_that_no_model_could_tell_apart_are_refused(labels: list[str]) -> None:
    with pytest.raises(ValidationError, match="labels"):
        SequenceClassification(labels=labels)


def test_targets_are_positions_in_the_order_of_the_labels() -> None:
    assert TASK.targets(ROWS).tolist() == [1, 0, 1]
    assert TASK.targets([]).tolist() == []


def test_an_unknown_label_is_no_target() -> None:
    with pytest.raises(DataError, match=r"(?s)delivery, returns, advice.*'billing' \(2\), 'zzz' \(1\)"):
        TASK.targets([*ROWS, {"label": "billing"}, {"label": "zzz"}, {"label": "billing"}])


def test_the_model_is_told_the_label_names() -> None:
    assert TASK.model_kwargs() == {
        "id2label": {0: "delivery", 1: "returns", 2: "advice"},
        "label2id": {"delivery": 0, "returns": 1, "advice": 2},
    }


def test_logits_are_decoded_to_the_likeliest_label_the_first_of_equals() -> None:
    assert [a.model_dump() for a in answers()] == [
        {"label": "returns", "score": pytest.approx(0.5), "scores": pytest.approx({"delivery": 0.25, "returns": 0.5, "advice": 0.25})},
        {"label": "delivery", "score": pytest.approx(0.4), "scores": pytest.approx({"delivery": 0.4, "returns": 0.4, "advice": 0.2})},
        {"label": "delivery", "score": pytest.approx(2 / 3), "scores": pytest.approx({"delivery": 2 / 3, "returns": 2 / 9, "advice": 1 / 9})},
    ]


def test_large_logits_do_not_overflow() -> None:
    nothing: Any = None
    (answer,) = TASK.decode({"logits": np.array([[1e4, -1e4, 0]], np.float32)}, nothing, ROWS[:1], nothing)
    assert answer.model_dump()["scores"] == {"delivery": 1.0, "returns": 0.0, "advice": 0.0}


def test_answers_fit_the_schema_that_names_the_labels() -> None:
    for answer in answers():
        TASK.Output.model_validate(answer.model_dump())
    with pytest.raises(ValidationError, match="'delivery', 'returns' or 'advice'"):
        TASK.Output.model_validate({"label": "billing", "score": 0.5, "scores": {}})


def test_scores_are_those_of_the_three_rows() -> None:
    assert TASK.score(answers(), ROWS) == pytest.approx(
        {
            "accuracy": 2 / 3,
            "macro_f1": 2 / 3,  # both labels that occur: one hit each; precision 1/2 and 1, recall 1 and 1/2
            "mcc": 0.5,
            "loss": -(np.log(0.5) + np.log(0.4) + np.log(2 / 9)) / 3,
        }
    )
    assert TASK.row_scores(answers(), ROWS).tolist() == [1, 1, 0]


def calibrated(temperature: float | None) -> SequenceClassification:
    return SequenceClassification(labels=TASK.labels, temperature=temperature)


def test_a_temperature_divides_the_logits() -> None:
    nothing: Any = None
    (answer,) = calibrated(2.0).decode({"logits": 2 * LOGITS[:1]}, nothing, ROWS[:1], nothing)
    assert answer.model_dump() == answers()[0].model_dump()


@pytest.mark.parametrize("temperature", [0.05, 0.5, 3.0, 20.0])
def test_a_temperature_changes_no_label(temperature: float) -> None:
    nothing: Any = None
    logits = np.random.default_rng(0).normal(0, 3, (500, 3)).astype(np.float32)
    task = calibrated(temperature)
    ours: Any = task.decode({"logits": logits}, nothing, [], nothing)
    raw: Any = task.raw.decode({"logits": logits}, nothing, [], nothing)
    assert [a.label for a in ours] == [a.label for a in raw]
    assert all(a.score == max(a.scores.values()) == a.scores[a.label] for a in ours)


def test_uncalibrated_answers_are_those_of_the_raw_task() -> None:
    nothing: Any = None
    task = calibrated(0.5)
    found: Any = task.uncalibrated(task.decode({"logits": LOGITS}, nothing, ROWS, nothing))
    assert [a.model_dump() for a in found] == [{**a.model_dump(), "score": pytest.approx(a.score), "scores": pytest.approx(a.scores)} for a in answers()]
    assert task.raw == TASK


def test_the_temperature_is_fitted_on_answers_and_kept_in_task_json(tmp_path: Path) -> None:
    # 40 rows with odds of 9 to 1 for delivery, of which 30 are right: odds of nearly 3
    nothing: Any = None
    task = SequenceClassification(labels=["delivery", "returns"])
    rows = [{"label": "delivery"}] * 30 + [{"label": "returns"}] * 10
    given = task.decode({"logits": np.tile(np.log([[9.0, 1.0]]), (40, 1))}, nothing, rows, nothing)
    fitted = task.calibrated(given, rows)
    share = 0.75 * 41 / 42 + 0.25 * 1 / 42
    assert fitted.temperature == pytest.approx(np.log(9) / np.log(share / (1 - share)), abs=1e-4)
    assert fitted.fitted == {"temperature": fitted.temperature}
    save_task(fitted, tmp_path)
    assert load_task(tmp_path) == fitted


def test_a_temperature_that_is_set_is_not_fitted_again() -> None:
    assert calibrated(1.0).calibrated(answers() * 10, ROWS * 10).temperature == 1.0
    assert TASK.calibrated(answers(), ROWS).temperature == 1.0  # three rows are too few
    assert TASK.fitted == {"temperature": 1.0}


@pytest.mark.parametrize("temperature", [0, 0.01, 21, -1, float("nan")])
def test_temperatures_out_of_bounds_are_refused(temperature: float) -> None:
    with pytest.raises(ValidationError, match="temperature"):
        calibrated(temperature)


def test_confidences_are_the_scores_of_the_answers() -> None:
    assert TASK.confidences(answers()) == pytest.approx([0.5, 0.4, 2 / 3])


def test_the_confusion_has_actual_labels_in_its_rows() -> None:
    assert TASK.confusion(answers(), ROWS).tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 0]]
    assert TASK.per_label(answers(), ROWS)["returns"] == {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "rows": 2}


def test_answers_of_another_number_than_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        TASK.row_scores(answers(), ROWS[:2])


@pytest.mark.parametrize("pair", [False, True])
def test_toy_rows_are_labelled_rows_of_the_task(pair: bool) -> None:
    task = SequenceClassification(pair=pair)
    fitted = task.fit(task.toy)
    assert [tuple(row) for row in fitted.toy] == [fitted.columns] * 4
    assert sorted(set(fitted.targets(fitted.toy).tolist())) == [0, 1]
    for row in fitted.toy:
        fitted.Input.model_validate({name: row[name] for name in fitted.Input.model_fields})


def test_inputs_are_texts_and_nothing_else() -> None:
    with pytest.raises(ValidationError, match="valid string"):
        TASK.Input.model_validate({"text": 3})
    with pytest.raises(ValidationError, match="Extra inputs"):
        TASK.Input.model_validate({"text": "a", "texts": "b"})
    with pytest.raises(ValidationError, match="text_pair"):
        SequenceClassification(pair=True).Input.model_validate({"text": "a"})


def test_a_pair_is_encoded_as_one_feature_and_collated_with_its_types(tmp_path: Path) -> None:
    encoder = checkpoint_encoder(tiny_checkpoint(tmp_path), 16)
    a, b, cls, sep = (encoder.tokenizer.token_to_id(t) for t in ("a", "b", "[CLS]", "[SEP]"))
    task = SequenceClassification(labels=["x", "y"], pair=True)
    features = task.encode([{"text": "a", "text_pair": "b b"}, {"text": "a", "text_pair": "b"}], encoder)
    batch = task.collator(encoder)(features, np.array([0, 1]))
    assert batch["input_ids"].tolist() == [[cls, a, sep, b, b, sep], [cls, a, sep, b, sep, 0]]
    assert batch["token_type_ids"].tolist() == [[0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 0]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0]]

"""Metrics and details of answers that are known beforehand."""

from typing import Any

import numpy as np
import pytest

from hugline.evaluation.behaviour import Outcome
from hugline.evaluation.evaluate import evaluate, examine, make_details, summary_lines
from hugline.evaluation.evaluated import Evaluated
from hugline.evaluation.tables import plot_tables, prediction_table, tracked_tables
from hugline.params import EvaluateParams
from hugline.tasks.sequence_classification import SequenceClassification

TASK = SequenceClassification(labels=["returns", "delivery"], temperature=2.0)
SETTINGS = EvaluateParams(resamples=200, sure=0.75, slices=["contains: not"])
OUTCOMES = [Outcome("typos", "invariance", 4, 3, 0.75, None, []), Outcome("names", "invariance", 0, 0, None, "there is no text that it alters", [])]
NOTHING: Any = None


def rows(labels: str, start: int) -> list[dict[str, Any]]:
    names = {"r": "returns", "d": "delivery"}
    return [{"row": start + i, "text": f"my {names[x]} {'not ' * (i % 2)}{i}", "label": names[x], "channel": "chat"} for i, x in enumerate(labels)]


def answers(probabilities: list[float]) -> list[Any]:
    """Answers whose probability of `returns`, before the temperature's division, has these odds squared."""
    odds = np.array([[p, 1 - p] for p in probabilities])
    found: list[Any] = TASK.decode({"logits": 2 * np.log(odds)}, NOTHING, NOTHING, NOTHING)
    return found


ROWS = {"train": rows("rrrddr", 1), "validation": rows("rddr", 7), "test": rows("rrddrd", 11)}
ANSWERS = {"validation": answers([0.9, 0.8, 0.3, 0.6]), "test": answers([0.9, 0.7, 0.7, 0.2, 0.9, 0.4])}


def vectors(split: str, positions: np.ndarray) -> np.ndarray:
    return np.array([[1, 0] if ROWS[split][i]["label"] == "returns" else [0, 1] for i in positions], np.float32)


EVALUATED = Evaluated(TASK, lambda given: answers([0.5] * len(given)), ANSWERS, ROWS, vectors, vectors, [], 1)


@pytest.fixture(scope="module")
def metrics() -> dict[str, Any]:
    return evaluate(EVALUATED, OUTCOMES, SETTINGS, seed=3)


@pytest.fixture(scope="module")
def details() -> dict[str, Any]:
    return make_details(EVALUATED, {"all but one": np.arange(6) > 0, "one": np.arange(6) == 0}, OUTCOMES, SETTINGS)


def test_metrics_are_those_of_the_test_rows_in_this_order(metrics: dict[str, Any]) -> None:
    names = ["rows", "monitor", "accuracy", "macro_f1", "mcc", "loss", "ece", "ece_uncalibrated", "temperature", "abstain", "behaviour", "baselines"]
    assert list(metrics) == names
    assert (metrics["rows"], metrics["monitor"], metrics["accuracy"], metrics["temperature"]) == (6, "macro_f1", pytest.approx(5 / 6), 2.0)


def test_the_calibration_error_is_that_of_the_temperature_and_without_it(metrics: dict[str, Any]) -> None:
    # confidences 0.9 0.9 | 0.7 0.7 | 0.8 | 0.6 and one of the two 0.7 wrong
    assert metrics["ece"] == pytest.approx((2 * 0.1 + 2 * 0.2 + 0.2 + 0.4) / 6)
    # without it the odds are squared: 81:1 twice, 49:9 twice, 16:1, 36:16
    assert metrics["ece_uncalibrated"] == pytest.approx((abs(3 - 2 * 81 / 82 - 16 / 17) + 2 * (49 / 58 - 0.5) + 1 - 36 / 52) / 6)


def test_the_abstain_threshold_is_validations_and_what_it_gives_is_tests(metrics: dict[str, Any]) -> None:
    # validation by confidence: 0.9 right, 0.8 wrong, 0.7 right, 0.6 right: 3 of 4 are 0.75
    assert metrics["abstain"] == {"threshold": 0.0, "coverage": 1.0, "accuracy": pytest.approx(5 / 6)}
    surer = evaluate(EVALUATED, [], SETTINGS.model_copy(update={"sure": 0.9}), seed=3)["abstain"]
    assert surer == {"threshold": pytest.approx(0.9), "coverage": pytest.approx(2 / 6), "accuracy": 1.0}


def test_behaviour_has_the_rates_of_the_tests_that_ran(metrics: dict[str, Any]) -> None:
    assert metrics["behaviour"] == {"typos": 0.75}


def test_every_baseline_stands_beside_the_model_with_the_gain_over_it(metrics: dict[str, Any]) -> None:
    found = metrics["baselines"]
    assert list(found) == ["majority", "tfidf", "probe"]
    assert all(list(scores) == ["accuracy", "macro_f1", "mcc", "loss", "gain"] for scores in found.values())
    assert (found["majority"]["accuracy"], found["probe"]["accuracy"]) == (0.5, 1.0)
    assert found["majority"]["gain"]["mean"] == pytest.approx(1 / 3)
    assert found["probe"]["gain"]["low"] < found["probe"]["gain"]["mean"] == pytest.approx(-1 / 6)


def test_baselines_are_decoded_without_the_models_temperature(metrics: dict[str, Any]) -> None:
    # 4 of 6 training rows are returns, 3 of 6 test rows
    assert metrics["baselines"]["majority"]["loss"] == pytest.approx(-(np.log(4 / 6) + np.log(2 / 6)) / 2)


def test_details_are_what_the_report_shows(details: dict[str, Any]) -> None:
    assert details["labels"] == ["returns", "delivery"]
    assert details["confusion"] == [[3, 0], [1, 2]]
    assert details["per_label"]["delivery"]["recall"] == pytest.approx(2 / 3)
    assert details["cut_rows"] == 1
    assert [line["rows"] for line in details["reliability"]] == [1, 2, 1, 2]
    assert [point["coverage"] for point in details["abstain"]] == pytest.approx([1.0, 5 / 6, 3 / 6, 2 / 6])
    assert ([line["slice"] for line in details["slices"]], details["slices_left_out"]) == (["all but one"], 1)


def test_behaviour_is_detailed_without_the_texts_that_failed(details: dict[str, Any]) -> None:
    assert details["behaviour"] == [
        {"test": "typos", "kind": "invariance", "cases": 4, "passed": 3, "rate": 0.75, "skipped": None},
        {"test": "names", "kind": "invariance", "cases": 0, "passed": 0, "rate": None, "skipped": "there is no text that it alters"},
    ]


def test_examine_brings_metrics_details_tables_and_examples(metrics: dict[str, Any]) -> None:
    found = examine(EVALUATED, [], SETTINGS, seed=3)
    assert found.metrics == metrics | {"behaviour": {}}
    assert (found.details["slices"], found.details["slices_left_out"]) == ([], 3)  # `contains: not` and two lengths, of three rows each
    assert found.tables == plot_tables(found.metrics, found.details, ROWS["test"], ANSWERS["test"])
    assert [(item["row"], item["label"], item["predicted"]) for item in found.examples["errors"]] == [(13, "delivery", "returns")]


def test_the_log_tells_the_metrics_in_lines() -> None:
    gain = {"mean": 0.25, "low": -0.125, "high": 0.5}
    metrics = {"rows": 6, "monitor": "macro_f1", "macro_f1": 0.5, "accuracy": 0.75, "ece": 0.0625, "ece_uncalibrated": 0.125}
    assert list(summary_lines({**metrics, "baselines": {"majority": {"accuracy": 0.5, "gain": gain}}})) == [
        "6 test rows, macro_f1 0.5000, accuracy 0.7500",
        "majority accuracy 0.5000; gain +0.2500 [-0.1250, +0.5000]",
        "calibration error 0.0625, 0.1250 before its temperature",
    ]


def test_plots_are_tables_with_the_figures_of_the_report(metrics: dict[str, Any], details: dict[str, Any]) -> None:
    found = {name: table.csv().splitlines() for name, table in plot_tables(metrics, details, ROWS["test"], ANSWERS["test"]).items()}
    assert list(found) == ["labels", "confusion", "gains", "reliability", "abstain", "slices", "behaviour"]
    assert found["labels"][0] == "label,precision,recall,f1,rows" and found["labels"][1].startswith("returns,0.75,1.0,0.857142857")
    assert found["confusion"][:2] == ["actual,predicted", "returns,returns"] and found["confusion"][3] == "delivery,returns"
    assert found["gains"][1].startswith("majority,33.33")
    assert found["reliability"][0] == "low,high,rows,confidence,accuracy" and found["reliability"][1].startswith("0.5,0.6,1,0.6,1.0")
    assert found["abstain"][0] == "threshold,coverage,accuracy" and len(found["abstain"]) == 5
    assert found["slices"][0] == "slice,rows,accuracy,low,high,gap" and found["slices"][1].startswith("all but one,5,0.8,")
    assert found["behaviour"] == ["test,kind,cases,passed,rate", "typos,invariance,4,3,0.75", "names,invariance,0,0,"]


def test_confusions_are_counted_where_they_are_tracked(metrics: dict[str, Any], details: dict[str, Any]) -> None:
    tables = plot_tables(metrics, details, ROWS["test"], ANSWERS["test"])
    tracked = tracked_tables(tables)
    assert tracked["confusion"].columns == ("actual", "predicted", "rows")
    assert tracked["confusion"].rows == [("delivery", "delivery", 2), ("delivery", "returns", 1), ("returns", "returns", 3)]
    assert {name: table for name, table in tracked.items() if name != "confusion"} == {name: t for name, t in tables.items() if name != "confusion"}


def test_predictions_hold_numbers_and_labels_and_no_text() -> None:
    table = prediction_table(TASK, ROWS["test"], ANSWERS["test"])
    assert table.schema.metadata == {b"labels": b'["returns", "delivery"]'}
    assert [str(field.type) for field in table.schema] == ["int64", "string", "string", "double", "list<item: double>"]
    line = {"row": 13, "label": "delivery", "predicted": "returns", "score": pytest.approx(0.7), "scores": pytest.approx([0.7, 0.3])}
    assert table.slice(2, 1).to_pylist() == [line]

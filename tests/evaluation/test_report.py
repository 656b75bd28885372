"""The report: what it says, that it is one safe file, and that it can be read."""

import copy
import re
from typing import Any

import numpy as np
import pytest

from hugline.core.metrics import classification_scores, label_report
from hugline.evaluation.report import render_examples, render_report
from hugline.evaluation.report.calibration import temperature_sentence
from hugline.evaluation.report.examples import pieces
from hugline.evaluation.report.findings import abstain_sentence, comparisons, headline, reasons_to_weigh
from hugline.evaluation.report.training import best_epoch
from hugline.evaluation.report.words import points, verdict
from hugline.params import parse_params
from tests.evaluation.pages import Tags, refuses_other_hosts, words

Inputs = dict[str, Any]
SECRET = "my card is 4111 1111"


def inputs(labels: list[str], confusion: list[list[int]], **gains: dict[str, float]) -> Inputs:
    """What the evaluate stage passes for a model with this confusion matrix."""
    counts = np.array(confusion)
    scores = {**classification_scores(counts), "loss": 0.5}
    baselines = {name: {"accuracy": 0.25, "macro_f1": 0.2, "mcc": 0.1, "loss": 2.0, "gain": gain} for name, gain in gains.items()}
    return {
        "params": parse_params({}).model_dump(mode="json"),
        "metrics": {"rows": int(counts.sum()), "monitor": "macro_f1", **scores, "baselines": baselines},
        "details": {"labels": labels, "per_label": label_report(counts, labels), "confusion": confusion, "cut_rows": 1},
        "epochs": [
            {"epoch": "1", "train_loss": "2.0", "macro_f1": "0.5", "validation_loss": "1.5"},
            {"epoch": "2", "train_loss": "1.0", "macro_f1": "0.7", "validation_loss": "1.0"},
            {"epoch": "3", "train_loss": "0.5", "macro_f1": "0.6", "validation_loss": "1.1"},
        ],
    }


def example(row: int, text: str | None, **changes: Any) -> Inputs:
    near = [{"row": 7, "split": "train", "label": "returns", "similarity": 0.913, "text": text}]
    weights = [(word, weight) for word, weight in zip(text.split(), (0.4, -0.2, 0.1, 0.0, 0.0), strict=False)] if text else None
    found = {"row": row, "split": "test", "label": "orders", "predicted": "returns", "score": 0.97, "text": text, "words": weights, "neighbours": near}
    return found | changes


def full(bare: Inputs, text: str | None = None) -> Inputs:
    """With every part that a run can have."""
    found = copy.deepcopy(bare)
    abstain = {"threshold": 0.74, "coverage": 0.62, "accuracy": 0.91}
    found["metrics"] |= {"ece": 0.031, "ece_uncalibrated": 0.094, "temperature": 1.42, "abstain": abstain, "behaviour": {"typos": 0.75}}
    found["details"] |= {
        "reliability": [
            {"low": 0.4, "high": 0.5, "rows": 5, "confidence": 0.45, "accuracy": 0.2},
            {"low": 0.9, "high": 1.0, "rows": 15, "confidence": 0.95, "accuracy": 0.9},
        ],
        "abstain": [{"threshold": 0.4, "coverage": 1.0, "accuracy": 0.5}, {"threshold": 0.9, "coverage": 0.5, "accuracy": 0.95}],
        "slices": [
            {"slice": "channel = email", "rows": 8, "accuracy": 0.25, "low": 0.1, "high": 0.4, "gap": -0.25},
            {"slice": "len > 60", "rows": 12, "accuracy": 0.75, "low": 0.45, "high": 0.9, "gap": 0.25},
        ],
        "behaviour": [
            {"test": "casing", "kind": "invariance", "cases": 8, "passed": 8, "rate": 1.0, "skipped": None},
            {"test": "typos", "kind": "direction", "cases": 4, "passed": 3, "rate": 0.75, "skipped": None},
            {"test": "refunds", "kind": "minimum_function", "cases": 0, "passed": 0, "rate": None, "skipped": "the model has no label refunds"},
        ],
        "data": DATA,
        "examples": {
            "errors": [example(3, text)],
            "suspects": [example(9, text, split="train", score=0.04, words=None)],
            "leaks": [example(5, text, split="validation", predicted=None, score=0.9, words=None)],
            "label_errors": {"rows": 40, "suspects": 1, "share": 0.025, "accuracy": 0.8},
        },
    }
    return found


DATA: Inputs = {
    "rows_in": 63,
    "train": 30,
    "validation": 10,
    "test": 20,
    "set_aside": 3,
    "copies": 2,
    "conflicts": 1,
    "near_duplicates": 4,
    "leaks": 1,
    "source": {"kind": "csv", "encoding": "utf-8", "delimiter": ";", "files": 1, "recognized": True},
    "labels": [{"label": "orders", "train": 20, "validation": 5, "test": 15}, {"label": "returns", "train": 10, "validation": 5, "test": 5}],
    "lengths": [{"split": "train", "rows": 30, "shortest": 4, "median": 30.5, "p95": 80, "longest": 1234}],
    "columns": [{"column": "channel", "values": 3}, {"column": "customer", "values": 1000}],
    "reasons": [{"reason": "copy", "rows": 2}, {"reason": "empty", "rows": 1}],
    "set_aside_rows": [{"row": 11, "where": "messages.csv", "reason": "copy of row 4"}],
    "conflict_rows": [{"row": 12, "label": "orders", "other_row": 13, "other_label": "returns"}],
    "near_rows": [{"row": 14, "split": "test", "near_row": 15, "near_split": "train", "similarity": 0.93}],
    "warnings": ["The label returns has 10 rows."],
}


@pytest.fixture
def three() -> Inputs:
    confusion = [[5, 0, 1], [7, 3, 0], [0, 2, 2]]
    return inputs(["orders", "delivery", "returns"], confusion, tfidf={"mean": 0.25, "low": 0.1, "high": 0.4}, majority={"mean": 0.1, "low": -0.1, "high": 0.3})


def test_headline_counts_come_from_the_metrics(three: Inputs) -> None:
    assert headline({"rows": 1297, "accuracy": 0.7171}) == "On 1,297 test rows the model is right in 72 of 100."
    three["metrics"]["rows"], three["metrics"]["accuracy"] = 8, 0.125
    assert "On 8 test rows the model is right in 12 of 100." in words(render_report(**three))


def test_headline_of_one_row_is_singular() -> None:
    assert headline({"rows": 1, "accuracy": 1.0}) == "On 1 test row the model is right in 100 of 100."


@pytest.mark.parametrize(("share", "said"), [(0.9999, "more than 99"), (0.0001, "fewer than 1"), (0.0, "0"), (1.0, "100")])
def test_headline_says_all_or_none_only_of_all_or_none(share: float, said: str) -> None:
    assert headline({"rows": 2, "accuracy": share}) == f"On 2 test rows the model is right in {said} of 100."


@pytest.mark.parametrize(
    ("low", "mean", "high", "said"),
    [
        (0.1, 0.2, 0.3, "20.0 more of 100 rows right; the 90% interval, +10.0 to +30.0, excludes zero: the model is better."),
        (-0.3, -0.2, -0.1, "20.0 fewer of 100 rows right; the 90% interval, −30.0 to −10.0, excludes zero: the model is worse."),
        (0.0, 0.2, 0.3, "20.0 more of 100 rows right, but the 90% interval, 0 to +30.0, includes zero: these rows do not settle which of the two is better."),
        (0.0, 0.0, 0.0, "as many rows right, but the 90% interval, 0 to 0, includes zero: these rows do not settle which of the two is better."),
    ],
)
def test_verdict_tells_whether_the_interval_excludes_zero(low: float, mean: float, high: float, said: str) -> None:
    assert verdict({"low": low, "mean": mean, "high": high}, "90%") == said


def test_confidence_comes_from_the_settings(three: Inputs) -> None:
    three["params"]["evaluate"]["confidence"] = 0.9
    page = words(render_report(**three))
    assert "the 90% interval, +10.0 to +40.0, excludes zero" in page
    assert "95%" not in page


def test_a_small_gain_is_not_rounded_to_zero() -> None:
    assert points({"mean": 0.0003, "low": 0.0001, "high": 0.0005}) == {"mean": "+0.03", "low": "+0.01", "high": "+0.05"}


def test_the_most_frequent_confusion_is_named_first(three: Inputs) -> None:
    assert "Most frequent confusions delivery taken for orders: 7 of 10 rows" in words(render_report(**three))


def test_a_model_without_errors_says_so() -> None:
    assert "No test row was taken for another label." in render_report(**inputs(["a", "b"], [[2, 0], [0, 3]]))


def test_markup_in_a_label_is_escaped(three: Inputs) -> None:
    name = "<script>alert('x')</script>\" onload=\"y"
    bad = inputs([name, "b"], [[1, 2], [3, 4]], **{"<img src=x>": {"mean": 0.1, "low": 0.0, "high": 0.2}})
    bad["params"]["model"]["checkpoint"] = "</table><iframe>"
    page = render_report(**bad)
    assert "&lt;script&gt;" in page
    assert {tag for tag, _ in Tags(page).found} - {"wbr"} == {tag for tag, _ in Tags(render_report(**three)).found}
    assert all("onload" not in attributes for _, attributes in Tags(page).found)


def test_the_same_inputs_give_the_same_bytes(three: Inputs) -> None:
    other = copy.deepcopy(three)
    other["metrics"]["baselines"] = dict(reversed(other["metrics"]["baselines"].items()))
    before = copy.deepcopy(three)
    assert render_report(**three) == render_report(**other)
    assert three == before


@pytest.mark.parametrize("text", [None, "where is my parcel now"])
def test_nothing_refers_to_another_host_or_file(three: Inputs, text: str | None) -> None:
    assert refuses_other_hosts(render_report(**three))
    everything = full(three, text)
    assert refuses_other_hosts(render_report(**everything))
    assert refuses_other_hosts(render_examples(everything["details"], everything["params"]))


def test_every_link_leads_to_a_section_of_the_page(three: Inputs) -> None:
    for page in (render_report(**three), render_report(**full(three))):
        tags = Tags(page)
        links = [str(attributes["href"]) for tag, attributes in tags.found if tag == "a"]
        sections = [attributes["id"] for tag, attributes in tags.found if tag == "h2"]
        assert links == [f"#{section}" for section in sections]


def test_a_local_checkpoint_shows_only_its_folder(three: Inputs) -> None:
    three["params"]["model"] |= {"checkpoint": "/home/someone/secret/my-bert", "revision": None}
    page = render_report(**three)
    assert "my-bert (a local folder)" in page
    assert "someone" not in page


@pytest.mark.parametrize("num_labels", [2, 20, 77])
def test_any_number_of_labels_renders(num_labels: int) -> None:
    labels = [f"label {i}" for i in range(num_labels)]
    confusion = [[9 if i == j else int(j == (i + 1) % num_labels) * (1 + i) for j in range(num_labels)] for i in range(num_labels)]
    page = render_report(**inputs(labels, confusion))
    tags = Tags(page)
    assert tags.open == []
    assert len(re.findall(r'<td class="[rwz]\d?">', page)) == min(num_labels, 20) ** 2
    assert page.count('<rect class="fill strong"') == num_labels
    assert ("The 20 of 77 labels in the most frequent confusions;" in page) == (num_labels == 77)


def test_a_label_without_test_rows_is_neither_scored_nor_the_weakest() -> None:
    page = words(render_report(**inputs(["a", "b", "none"], [[1, 2, 0], [0, 3, 0], [0, 0, 0]])))
    assert "none no test rows 0" in page
    assert "Weakest labelaF1 0.500 on 3 test rows" in page


def test_the_best_epoch_has_the_highest_metric_then_the_lowest_loss(three: Inputs) -> None:
    tied = [{"m": "0.7", "validation_loss": "1.0"}, {"m": "0.7", "validation_loss": "0.9"}, {"m": "0.6", "validation_loss": "0.1"}]
    assert best_epoch("m", tied) == 1
    page = render_report(**three)
    assert "The weights of epoch 2 were kept: the best Macro F1" in page
    assert page.count("best: epoch 2</text>") == 2


@pytest.mark.parametrize("epochs", [1, 100])
def test_any_number_of_epochs_renders(three: Inputs, epochs: int) -> None:
    three["epochs"] = [three["epochs"][0] | {"epoch": str(i + 1)} for i in range(epochs)]
    assert "best: epoch 1</text>" in render_report(**three)


def test_rows_cut_are_told(three: Inputs) -> None:
    assert "1 of 20 test rows is longer than the 128 tokens that the model reads, and cut there." in render_report(**three)
    three["details"]["cut_rows"] = 0
    assert "No test row is longer than the 128 tokens that the model reads." in render_report(**three)


def test_pictures_and_tables_have_names(three: Inputs) -> None:
    tags = Tags(render_report(**three))
    pictures = [attributes for tag, attributes in tags.found if tag == "svg" and attributes.get("aria-hidden") != "true"]
    assert len(pictures) == 4
    assert all(picture["role"] == "img" and picture["aria-label"] for picture in pictures)
    assert all("scope" in attributes for tag, attributes in tags.found if tag == "th")
    names = [tag for tag, _ in tags.found]
    assert names.count("caption") == names.count("table") == 5
    assert [tag for tag in names if tag in {"h1", "h2", "h3"}] == ["h1", "h2", "h2", "h2", "h3", "h2", "h2"]


def test_a_full_page_has_named_pictures_captions_and_closed_tags(three: Inputs) -> None:
    tags = Tags(render_report(**full(three, "where is my parcel now")))
    pictures = [attributes for tag, attributes in tags.found if tag == "svg" and attributes.get("aria-hidden") != "true"]
    assert len(pictures) == 4 + 2 + 2 + 1  # gains and curves, slices, reliability and its rows, abstaining
    assert all(picture["role"] == "img" and picture["aria-label"] for picture in pictures)
    names = [tag for tag, _ in tags.found]
    assert names.count("caption") == names.count("table") == 5 + 1 + 2 + 6  # behaviour; bins and curve; of the data
    assert tags.open == []


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (
            {"mean": 0.26, "low": 0.2, "high": 0.3},
            "The model beats TF-IDF with logistic regression (right in 25 of 100) by 26.0 points (95% interval +20.0 to +30.0).",
        ),
        (
            {"mean": 0.005, "low": -0.02, "high": 0.03},
            "TF-IDF with logistic regression (right in 25 of 100) is as good, as far as these rows tell: +0.5 points, "
            "and the 95% interval −2.0 to +3.0 includes zero.",
        ),
        (
            {"mean": -0.1, "low": -0.2, "high": -0.05},
            "TF-IDF with logistic regression (right in 25 of 100) is better: −10.0 points for this model (95% interval −20.0 to −5.0).",
        ),
    ],
)
def test_a_baseline_is_beaten_only_where_its_interval_lies_above_zero(gain: dict[str, float], said: str) -> None:
    assert list(comparisons({"baselines": {"tfidf": {"accuracy": 0.25, "gain": gain}}}, "95%")) == [said]


def test_the_probe_is_told_truthfully_on_the_first_screen(three: Inputs) -> None:
    gains = {"probe": {"mean": 0.005, "low": -0.02, "high": 0.03}, "majority": {"mean": 0.4, "low": 0.3, "high": 0.5}}
    page = words(render_report(**inputs(["a", "b"], [[8, 2], [2, 8]], **gains)))
    assert "A linear probe on the frozen checkpoint (right in 25 of 100) is as good, as far as these rows tell: +0.5 points" in page
    assert "To weigh: it is not clearly better than a linear probe on the frozen checkpoint." in page


def test_what_speaks_against_a_release_is_named(three: Inputs) -> None:
    found = full(three)
    assert list(reasons_to_weigh(found["metrics"], found["details"])) == [
        "it is not clearly better than always answering the commonest label",
        "1 of 2 behaviour tests fails in some of the cases",
        "it is clearly worse than overall on 1 slice (channel = email)",
        "1 validation or test row has a near-duplicate in training, so the figures may flatter",
    ]
    found["metrics"]["baselines"]["majority"]["gain"]["high"] = -0.05
    assert next(reasons_to_weigh(found["metrics"], found["details"])) == "it is worse than always answering the commonest label"
    found["metrics"]["baselines"] = {}
    assert list(reasons_to_weigh(found["metrics"], three["details"])) == []
    assert "Nothing on this page speaks against it. The verdict follows in reports/gate.json" in words(render_report(**inputs(["a", "b"], [[2, 0], [0, 3]])))


def test_abstaining_is_said_in_words() -> None:
    said = "If the service answers only when it is at least 74% sure, it answers 62 of 100 rows and is right in 91 of 100 of these."
    assert abstain_sentence({"threshold": 0.74, "coverage": 0.62, "accuracy": 0.91}) == said
    assert "need not abstain" in abstain_sentence({"threshold": 0.0, "coverage": 1.0, "accuracy": 0.95})
    assert "abstaining does not help" in abstain_sentence({"threshold": None, "coverage": 0.0, "accuracy": None})
    assert abstain_sentence({"threshold": 0.99, "coverage": 0.0, "accuracy": None}).endswith("it answers 0 of 100 rows.")


@pytest.mark.parametrize(("temperature", "said"), [(1.42, "less sure of them"), (0.7, "surer of them"), (1.0, "as sure of them as it was")])
def test_the_temperature_is_explained(temperature: float, said: str) -> None:
    assert said in temperature_sentence(temperature, None) and "fitted on the validation rows" in temperature_sentence(temperature, None)
    assert "set in params.yaml" in temperature_sentence(temperature, temperature)


def test_calibration_names_the_error_before_and_after_and_the_worst_bin(three: Inputs) -> None:
    page = words(render_report(**full(three)))
    assert "lie 3.1 points apart on average (expected calibration error), down from 9.4 before the temperature." in page
    assert "Where it is 45% sure on average (5 rows), it is right in 20 of 100." in page


def test_slices_stand_against_the_accuracy_of_all_rows(three: Inputs) -> None:
    page = render_report(**full(three))
    assert "against 50.0% on all of them (the upright line). 1 of 2 is worse beyond chance." in words(page)
    assert "too few rows" not in page and "2 more have too few rows to say anything." in render_report(**left_out(three))
    assert page.index('class="gain worse"') < page.index('class="gain level"')


def left_out(bare: Inputs) -> Inputs:
    found = full(bare)
    found["details"]["slices_left_out"] = 2
    return found


def test_behaviour_tests_come_worst_first_and_skipped_ones_with_their_reason(three: Inputs) -> None:
    page = words(render_report(**full(three)))
    assert "1 of 2 tests passes in every case." in page
    assert page.index("typosdirection") < page.index("casinginvariance")
    assert "1 skipped refunds: the model has no label refunds." in page


def test_rows_in_are_rows_out_and_rows_set_aside(three: Inputs) -> None:
    page = words(render_report(**full(three)))
    assert "63 rows came in: 30 to learn from, 10 to validation and 20 to test; 3 were set aside." in page
    assert "Read from 1 CSV file, encoding utf-8, separated by semicolons (recognized, not set)." in page
    for said in ("11messages.csvcopy of row 4", "12orders13returns", "14test15train0.93", "customer (1,000 or more values)", "The label returns has 10 rows."):
        assert said in page, said


def test_texts_stand_on_the_page_only_where_they_are_given(three: Inputs) -> None:
    with_texts, without = render_report(**full(three, SECRET)), render_report(**full(three))
    assert "my" in words(with_texts) and SECRET in words(with_texts)
    assert "4111" not in without
    assert "No row's text is on this page." in words(without) and "No row's text is on this page." not in words(with_texts)
    for said in (
        "orders taken for returns",
        "Row 3 test, 97% sure",
        "0.91 like training row 7, returns",
        "Row 9 train, its label has 4%",
        "Row 5 validation, similarity 0.90",
    ):
        assert said in words(without), said
    assert "1 label of 40 looks wrong to them; they are right themselves in 80 of 100 rows." in words(without)


def test_words_are_coloured_by_their_weight_and_the_text_stays_as_it_is() -> None:
    text = "where is  my\nparcel 我的"
    found = list(pieces(text, [("where", -0.1), ("is", 0.01), ("my\nparcel", 0.4), ("我", 0.2), ("的", 0.0)]))
    assert "".join(part for part, _ in found) == text
    assert [(part, tone) for part, tone in found if tone] == [("where", "w1"), ("my\nparcel", "r4"), ("我", "r2")]


def test_the_page_of_examples_says_that_it_must_stay_here(three: Inputs) -> None:
    found = full(three, SECRET)
    page = render_examples(found["details"], found["params"])
    assert "<title>Local: holds texts of rows and must not leave this machine</title>" in page
    assert "it must not leave this machine" in words(page) and SECRET in words(page)
    assert render_examples(found["details"], found["params"]) == page
    assert "No examples were looked for." in words(render_examples(three["details"], three["params"]))


def test_a_part_that_is_missing_is_named_and_its_section_left_out(three: Inputs) -> None:
    for part, section, line in (
        ("data", "data", "the data (no reports/data.json was given)"),
        ("reliability", "calibration", "calibration (it was not measured)"),
        ("abstain", "abstain", "abstaining (no curve was measured)"),
        ("slices", "slices", "slices (none were looked at)"),
        ("behaviour", "behaviour", "behaviour tests (none were run)"),
        ("examples", "examples", "examples (none were looked for)"),
    ):
        found = full(three)
        assert "Not on this page" not in render_report(**found) and f'id="{section}"' in render_report(**found)
        found["details"][part] = None
        page = render_report(**found)
        assert f"Not on this page: {line}." in page and f'id="{section}"' not in page


def test_markup_in_any_part_is_escaped(three: Inputs) -> None:
    bad = "<script>alert(1)</script>"

    def spoil(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: spoil(part) for key, part in value.items()}
        if isinstance(value, list):
            return [spoil(part) for part in value]
        return bad if isinstance(value, str) else value

    found = full(three, "where")
    kinds = [test["kind"] for test in found["details"]["behaviour"]]
    for part in ("slices", "behaviour", "data", "examples"):
        found["details"][part] = spoil(found["details"][part])
    for test, kind in zip(found["details"]["behaviour"], kinds, strict=True):
        test["kind"] = kind
    for item in found["details"]["examples"]["errors"]:
        item["words"] = [(bad, 1.0)]
    for page in (render_report(**found), render_examples(found["details"], found["params"])):
        assert "<script" not in page and "&lt;script&gt;" in page
        assert Tags(page).open == []

"""The report: what it says, that it is one safe file, and that it can be read."""

import copy
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from hugline.core.metrics import classification_scores, label_report
from hugline.evaluation.report import best_epoch, headline, points, render_report, verdict
from hugline.params import parse_params

Inputs = dict[str, Any]
VOID = {"meta", "br", "hr"}


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


@pytest.fixture
def three() -> Inputs:
    confusion = [[5, 0, 1], [7, 3, 0], [0, 2, 2]]
    return inputs(["orders", "delivery", "returns"], confusion, tfidf={"mean": 0.25, "low": 0.1, "high": 0.4}, majority={"mean": 0.1, "low": -0.1, "high": 0.3})


def words(page: str) -> str:
    """The page's text, without tags, one space between words."""
    return re.sub(r"\s+", " ", "".join(Tags(page).texts))


class Tags(HTMLParser):
    """Every start tag with its attributes, every text, and what is left open; each end tag must close the last one opened."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.open += [tag] * (tag not in VOID)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_headline_counts_come_from_the_metrics(three: Inputs) -> None:
    metrics = three["metrics"] | {"rows": 1297, "accuracy": 0.7171}
    metrics["baselines"] = {"majority": {"accuracy": 0.09}, "tfidf": {"accuracy": 0.51}}
    wanted = "On 1,297 test rows the model is right in 72 of 100; TF-IDF with logistic regression in 51, always answering the commonest label in 9."
    assert headline(metrics) == wanted
    three["metrics"]["rows"], three["metrics"]["accuracy"] = 8, 0.125
    assert "On 8 test rows the model is right in 12 of 100;" in words(render_report(**three))


def test_headline_without_baselines_ends_after_the_model() -> None:
    assert headline({"rows": 1, "accuracy": 1.0, "baselines": {}}) == "On 1 test row the model is right in 100 of 100."


@pytest.mark.parametrize(("share", "said"), [(0.9999, "more than 99"), (0.0001, "fewer than 1"), (0.0, "0"), (1.0, "100")])
def test_headline_says_all_or_none_only_of_all_or_none(share: float, said: str) -> None:
    assert headline({"rows": 2, "accuracy": share, "baselines": {}}) == f"On 2 test rows the model is right in {said} of 100."


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
    assert {tag for tag, _ in Tags(page).found} == {tag for tag, _ in Tags(render_report(**three)).found}
    assert all("onload" not in attributes for _, attributes in Tags(page).found)


def test_the_same_inputs_give_the_same_bytes(three: Inputs) -> None:
    other = copy.deepcopy(three)
    other["metrics"]["baselines"] = dict(reversed(other["metrics"]["baselines"].items()))
    before = copy.deepcopy(three)
    assert render_report(**three) == render_report(**other)
    assert three == before


def test_nothing_refers_to_another_host_or_file(three: Inputs) -> None:
    page = render_report(**three)
    assert not re.search(r"://|url\(|@import|javascript:", page)
    names = {name for _, attributes in Tags(page).found for name in attributes}
    assert not names & {"src", "href", "srcset", "data", "action", "style"}
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in Tags(page).found}
    assert "default-src 'none'" in page


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

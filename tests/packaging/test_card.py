"""The model card says what the metrics say, and nothing of the rows."""

from typing import Any

import pytest
from ruamel.yaml import YAML

from hugline.packaging.card import model_card
from hugline.params import Params
from hugline.tasks.sequence_classification import SequenceClassification

TASK = SequenceClassification(labels=["delivery", "returns"])
GATE: dict[str, Any] = {"approved": True, "reasons": [], "rules": []}
CHECKPOINT = {"id": "sentence-transformers/all-MiniLM-L6-v2", "revision": "1" * 40, "licence": "Apache-2.0", "authors": "somebody"}
METRICS: dict[str, Any] = {
    "rows": 40,
    "accuracy": 0.9,
    "macro_f1": 0.8,
    "mcc": 0.7,
    "ece": 0.0123,
    "temperature": 1.25,
    "abstain": {"threshold": 0.75, "coverage": 0.5, "accuracy": 0.95},
    "baselines": {"majority": {"accuracy": 0.5, "macro_f1": 0.25}},
}


def card(metrics: dict[str, Any] = METRICS, gate: dict[str, Any] = GATE) -> str:
    return model_card(TASK, metrics, gate, CHECKPOINT, Params().model_dump(mode="json"))


def test_the_head_is_the_metadata_that_the_hub_reads() -> None:
    head = YAML(typ="safe").load(card().split("---\n")[1])
    assert (head["license"], head["base_model"]) == ("apache-2.0", CHECKPOINT["id"])
    assert head["model-index"][0]["results"][0]["metrics"][0] == {"type": "accuracy", "value": 0.9}


def test_the_body_stands_the_model_beside_the_baselines() -> None:
    said = card()
    assert "# Approved: sequence classification, 2 labels" in said and "Labels: delivery, returns." in said
    assert "| this model | 0.9000 | 0.8000 |\n| majority | 0.5000 | 0.2500 |" in said


def test_it_says_how_far_scores_can_be_believed() -> None:
    said = card()
    assert "a temperature of 1.25, fitted on validation: expected calibration error 0.012." in said
    assert "From a score of 0.750 on it answers 50.0% of the rows, with an accuracy of 0.9500." in said
    never = card(METRICS | {"abstain": {"threshold": None, "coverage": 0.0, "accuracy": None}})
    assert "At no score were its answers on validation as accurate as evaluate.sure asks." in never and "From a score" not in never


@pytest.mark.parametrize("reasons", [["too weak"], ["too weak", "not above tfidf"]])
def test_a_model_that_is_not_approved_says_so_first_and_why(reasons: list[str]) -> None:
    said = card(gate={"approved": False, "reasons": reasons, "rules": []})
    assert "# Not approved: sequence" in said and all(f"Not approved: {reason}." in said for reason in reasons)
    assert "Every gate passed" not in said

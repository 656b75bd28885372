"""The gate: at least the floor, and clearly better than every baseline."""

from typing import Any

import pytest

from hugline.packaging.gates import Rule, judge, verdict
from hugline.params import GateParams

SETTINGS = GateParams(floor=0.6, margin=0.0)


def metrics(value: float = 0.8, **lows: float) -> dict[str, Any]:
    """Test metrics with the lower end of the gain over each baseline."""
    baselines = {name: {"accuracy": 0.5, "gain": {"mean": low + 0.1, "low": low, "high": low + 0.2}} for name, low in lows.items()}
    return {"monitor": "macro_f1", "macro_f1": value, "accuracy": 0.1, "baselines": baselines}


def test_a_model_that_passes_every_rule_is_approved_without_reasons() -> None:
    assert verdict(judge(metrics(0.8, majority=0.3, tfidf=0.01), SETTINGS)) == {
        "approved": True,
        "reasons": [],
        "rules": [
            {"rule": "test macro_f1 at least the floor", "value": 0.8, "threshold": 0.6, "passed": True},
            {"rule": "lower end of the gain over majority above the margin", "value": 0.3, "threshold": 0.0, "passed": True},
            {"rule": "lower end of the gain over tfidf above the margin", "value": 0.01, "threshold": 0.0, "passed": True},
        ],
    }


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (metrics(0.59, majority=0.3, tfidf=0.01), "test macro_f1 at least the floor: found 0.5900, threshold 0.6000"),
        (metrics(0.8, majority=0.3, tfidf=-0.01), "lower end of the gain over tfidf above the margin: found -0.0100, threshold 0.0000"),
    ],
)
def test_one_failed_rule_is_enough_and_is_the_reason(found: dict[str, Any], reason: str) -> None:
    judged = verdict(judge(found, SETTINGS))
    assert (judged["approved"], judged["reasons"]) == (False, [reason])


def test_every_failed_rule_is_a_reason() -> None:
    assert len(verdict(judge(metrics(0.1, majority=-0.1, tfidf=-0.1), SETTINGS))["reasons"]) == 3


def test_the_floor_itself_passes_and_a_gain_of_just_the_margin_does_not() -> None:
    assert [rule.passed for rule in judge(metrics(0.6, majority=0.0), SETTINGS)] == [True, False]
    assert [rule.passed for rule in judge(metrics(1.0, majority=0.06), GateParams(floor=1.0, margin=0.05))] == [True, True]


def test_no_number_passes_no_rule() -> None:
    assert [rule.passed for rule in judge(metrics(float("nan"), majority=float("nan")), SETTINGS)] == [False, False]


def test_a_rule_reads_as_a_sentence() -> None:
    assert str(Rule("test macro_f1 at least the floor", 0.5, 0.6, False)) == "test macro_f1 at least the floor: found 0.5000, threshold 0.6000"

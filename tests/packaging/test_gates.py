"""The gate: at least the floor, clearly better than the baselines that are named, and behaviour tests passed."""

from typing import Any

import pytest

from hugline.packaging.gates import Rule, judge, verdict
from hugline.params import GateParams

SETTINGS = GateParams(floor=0.6, over=["majority", "tfidf"], margin=0.0)


def metrics(value: float = 0.8, **lows: float) -> dict[str, Any]:
    """Test metrics with the lower end of the gain over each baseline."""
    baselines = {name: {"accuracy": 0.5, "gain": {"mean": low + 0.1, "low": low, "high": low + 0.2}} for name, low in lows.items()}
    return {"monitor": "macro_f1", "macro_f1": value, "accuracy": 0.1, "behaviour": {}, "baselines": baselines}


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
    assert [rule.passed for rule in judge(metrics(0.6, majority=0.0), GateParams(floor=0.6, over=["majority"]))] == [True, False]
    assert [rule.passed for rule in judge(metrics(1.0, majority=0.06), GateParams(floor=1.0, over=["majority"], margin=0.05))] == [True, True]


def test_no_number_passes_no_rule() -> None:
    assert [rule.passed for rule in judge(metrics(float("nan"), majority=float("nan")), GateParams(over=["majority"]))] == [False, False]


def test_only_the_baselines_that_are_named_must_be_beaten() -> None:
    found = metrics(0.8, majority=0.3, tfidf=0.1, probe=-0.1)
    assert verdict(judge(found, SETTINGS))["approved"]
    assert verdict(judge(found, GateParams(over=[])))["rules"] == [{"rule": "test macro_f1 at least the floor", "value": 0.8, "threshold": 0.6, "passed": True}]
    assert verdict(judge(found, GateParams(over=["probe"])))["reasons"] == [
        "lower end of the gain over probe above the margin: found -0.1000, threshold 0.0000"
    ]


def test_every_behaviour_test_must_pass_in_the_share_that_is_set() -> None:
    found = metrics(0.8) | {"behaviour": {"typos": 0.9, "upper case": 1.0}}
    settings = GateParams(over=[], behaviour=0.95)
    assert verdict(judge(found, settings))["reasons"] == ["behaviour typos passed at least: found 0.9000, threshold 0.9500"]
    assert [rule.passed for rule in judge(found, settings)] == [True, False, True]
    assert verdict(judge(found, settings.model_copy(update={"behaviour": 0.9})))["approved"]


def test_a_rule_reads_as_a_sentence() -> None:
    assert str(Rule("test macro_f1 at least the floor", 0.5, 0.6, False)) == "test macro_f1 at least the floor: found 0.5000, threshold 0.6000"

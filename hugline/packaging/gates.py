"""Whether a model may be released: rules from params.yaml against test metrics."""

from dataclasses import asdict, dataclass
from typing import Any

from hugline.params import GateParams


@dataclass(frozen=True)
class Rule:
    """One rule, the value it looked at, and its verdict."""

    rule: str
    value: float
    threshold: float
    passed: bool

    def __str__(self) -> str:
        return f"{self.rule}: found {self.value:.4f}, threshold {self.threshold:.4f}"


def judge(metrics: dict[str, Any], settings: GateParams) -> list[Rule]:
    """Every rule against the test metrics: at least the floor, and over each baseline a paired interval that lies above the margin."""
    monitored = metrics["monitor"]
    floor = Rule(f"test {monitored} at least the floor", metrics[monitored], settings.floor, metrics[monitored] >= settings.floor)
    gains = [
        Rule(f"lower end of the gain over {name} above the margin", found["gain"]["low"], settings.margin, found["gain"]["low"] > settings.margin)
        for name, found in metrics["baselines"].items()
    ]
    return [floor, *gains]


def verdict(rules: list[Rule]) -> dict[str, Any]:
    """What reports/gate.json says."""
    return {
        "approved": all(rule.passed for rule in rules),
        "reasons": [str(rule) for rule in rules if not rule.passed],
        "rules": [asdict(rule) for rule in rules],
    }

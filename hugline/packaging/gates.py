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
    """Every rule against the test metrics.

    At least the floor; over each baseline of `gate.over` a paired interval that lies above the margin; at least
    `gate.behaviour` in each behaviour test that ran.
    """
    monitored = metrics["monitor"]
    floor = Rule(f"test {monitored} at least the floor", metrics[monitored], settings.floor, metrics[monitored] >= settings.floor)
    lows = {name: metrics["baselines"][name]["gain"]["low"] for name in settings.over}
    gains = [Rule(f"lower end of the gain over {name} above the margin", low, settings.margin, low > settings.margin) for name, low in lows.items()]
    rates = metrics["behaviour"].items()
    behaviour = [Rule(f"behaviour {name} passed at least", rate, settings.behaviour, rate >= settings.behaviour) for name, rate in rates]
    return [floor, *gains, *behaviour]


def verdict(rules: list[Rule]) -> dict[str, Any]:
    """What reports/gate.json says."""
    return {
        "approved": all(rule.passed for rule in rules),
        "reasons": [str(rule) for rule in rules if not rule.passed],
        "rules": [asdict(rule) for rule in rules],
    }

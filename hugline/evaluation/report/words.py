"""How numbers are said: shares as counts of 100, gains in points, verdicts in words."""

import math
from collections.abc import Mapping
from typing import Any

SIGNS = "+\N{MINUS SIGN}"
BASELINES = {
    "majority": "always answering the commonest label",
    "tfidf": "TF-IDF with logistic regression",
    "probe": "a linear probe on the frozen checkpoint",
}
METRICS = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro F1",
    "mcc": "Matthews correlation",
    "loss": "Log loss",
    "ece": "Calibration error",
    "ece_uncalibrated": "Calibration error before its temperature",
}


def metric_name(name: str) -> str:
    """A metric as a person says it."""
    return METRICS.get(name, name.replace("_", " ").capitalize())


def called(baseline: str) -> str:
    """A baseline as a person says it."""
    return BASELINES.get(baseline, baseline.replace("_", " "))


def in_hundred(share: float) -> str:
    """A share as a count of 100 that says neither none nor all where it is neither."""
    shown = f"{100 * share:.0f}"
    if shown == "100" and share < 1:
        return "more than 99"
    return "fewer than 1" if shown == "0" and share > 0 else shown


def percent(share: float, decimals: int = 0) -> str:
    """A share in percent."""
    return f"{100 * share:.{decimals}f}%"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: 1 row, 1,080 rows."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def signed(value: float, decimals: int) -> str:
    """A difference with its sign and a real minus; 0 without a sign."""
    shown = f"{value:+.{decimals}f}"
    return "0" if not float(shown) else shown.replace("-", "\N{MINUS SIGN}")


def points(gain: Mapping[str, float]) -> dict[str, str]:
    """A gain and its ends in points, signed, all with the decimals (one to three) that keep the smallest apart from zero."""
    values = {key: 100 * gain[key] for key in ("mean", "low", "high")}
    smallest = min((abs(value) for value in values.values() if value), default=1.0)
    decimals = min(max(1, math.ceil(-math.log10(smallest))), 3)
    return {key: signed(value, decimals) for key, value in values.items()}


def verdict(gain: Mapping[str, float], confidence: str) -> str:
    """What an interval says about the model and a baseline, in words."""
    said = points(gain)
    interval = f"the {confidence} interval, {said['low']} to {said['high']},"
    gained = f"{said['mean'].lstrip(SIGNS)} {'more' if gain['mean'] > 0 else 'fewer'} of 100 rows right" if gain["mean"] else "as many rows right"
    if gain["low"] <= 0 <= gain["high"]:
        return f"{gained}, but {interval} includes zero: these rows do not settle which of the two is better."
    return f"{gained}; {interval} excludes zero: the model is {'better' if gain['low'] > 0 else 'worse'}."


def sentence(words: str) -> str:
    """The words with a capital at the start, the rest as it is."""
    return words[:1].upper() + words[1:]


def listed(parts: list[str]) -> str:
    """Parts as a list in a sentence: a, b and c."""
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def strongest_first(metrics: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The baselines by falling accuracy, then by name."""
    return sorted(metrics["baselines"].items(), key=lambda item: (-item[1]["accuracy"], item[0]))

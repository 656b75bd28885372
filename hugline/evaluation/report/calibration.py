"""How far the model's confidence can be believed, and what abstaining gains."""

from collections.abc import Mapping
from typing import Any

from hugline.evaluation.curves import abstain_chart, confidence_strip, reliability_chart
from hugline.evaluation.report.findings import abstain_sentence
from hugline.evaluation.report.words import in_hundred, percent

Tree = Mapping[str, Any]


def calibration_section(metrics: Tree, details: Tree, given: float | None) -> dict[str, Any]:
    """Sentences, the reliability plot and the numbers behind it; `given` is a temperature that params.yaml fixes."""
    bins = details["reliability"]
    worst = max(bins, key=lambda bin: abs(bin["accuracy"] - bin["confidence"]) * bin["rows"])
    sure = f"{percent(worst['confidence'])} sure on average ({worst['rows']:,} rows)"
    return {
        "error": _error(metrics),
        "temperature": temperature_sentence(metrics["temperature"], given),
        "example": f"Where it is {sure}, it is right in {in_hundred(worst['accuracy'])} of 100.",
        "plot": reliability_chart(bins, f"Accuracy by confidence; expected calibration error {100 * metrics['ece']:.1f} points"),
        "strip": confidence_strip(bins, "Rows by confidence"),
        "bins": bins,
    }


def temperature_sentence(temperature: float, given: float | None) -> str:
    """What the temperature does, in words."""
    how = "less sure of them" if temperature > 1.005 else "surer of them" if temperature < 0.995 else "as sure of them as it was"
    origin = "It was fitted on the validation rows." if given is None else "It is set in params.yaml (task.temperature)."
    said = f"The temperature is {temperature:.3g}: the model's raw scores are divided by it"
    return f"{said}, which leaves every answer as it is and makes the model {how}. {origin}"


def _error(metrics: Tree) -> str:
    after, before = 100 * metrics["ece"], 100 * metrics["ece_uncalibrated"]
    way = "unchanged by" if f"{after:.1f}" == f"{before:.1f}" else f"{'down' if after < before else 'up'} from {before:.1f} before"
    return f"Confidence and accuracy lie {after:.1f} points apart on average (expected calibration error), {way} the temperature."


def abstain_section(metrics: Tree, details: Tree, sure: float) -> dict[str, Any]:
    """The curve of coverage against accuracy, the chosen threshold, and what it means."""
    chosen = metrics["abstain"] if metrics["abstain"]["accuracy"] is not None else None
    said = abstain_sentence(metrics["abstain"])
    return {
        "sentence": said,
        "rule": f"The threshold is the lowest from which at least {percent(sure)} of the validation answers that stay are right (evaluate.sure).",
        "plot": abstain_chart(details["abstain"], chosen, f"Accuracy of the answers that stay, by their share of the rows. {said}"),
        "points": details["abstain"],
    }

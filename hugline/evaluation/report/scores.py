"""The model beside its baselines: key figures, gains with their intervals, every metric."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hugline.evaluation.charts import gain_ticks, whisker
from hugline.evaluation.report.words import called, metric_name, points, strongest_first, verdict

Tree = Mapping[str, Any]


def gain_lines(metrics: Tree, confidence: str) -> list[dict[str, Any]]:
    """A line for each baseline, the strongest first: the gain in points, in words, and as a picture."""
    found = strongest_first(metrics)
    marks = gain_ticks([scores["gain"] for _, scores in found])
    lines = []
    for name, scores in found:
        gain, words = scores["gain"], verdict(scores["gain"], confidence)
        picture = whisker(gain, marks, f"Gain over {called(name)}: {words}")
        lines.append({"name": called(name), "words": words, "picture": picture, "confidence": confidence} | points(gain))
    return lines


def key_figures(metrics: Tree, details: Tree, gains: Sequence[Tree]) -> Iterator[tuple[str, str, str]]:
    """A name, a value, and what it means."""
    yield "Accuracy", f"{100 * metrics['accuracy']:.1f}%", f"{round(metrics['accuracy'] * metrics['rows']):,} of {metrics['rows']:,} test rows are right"
    if metrics["monitor"] != "accuracy":
        yield metric_name(metrics["monitor"]), f"{metrics[metrics['monitor']]:.3f}", "the metric that chose the best epoch"
    for best in gains[:1]:
        yield "Gain over the best baseline", f"{best['mean']} points", f"{best['low']} to {best['high']} ({best['confidence']}), over {best['name']}"
    for name in [name for name in weakest_labels(details) if details["per_label"][name]["f1"] < 1][:1]:
        yield "Weakest label", name, f"F1 {details['per_label'][name]['f1']:.3f} on {details['per_label'][name]['rows']:,} test rows"


def weakest_labels(details: Tree) -> list[str]:
    """The labels that have test rows, by rising F1."""
    tested = [name for name in details["labels"] if details["per_label"][name]["rows"]]
    return sorted(tested, key=lambda name: details["per_label"][name]["f1"])


def metric_table(metrics: Tree) -> dict[str, Any]:
    """Every metric that the model and all its baselines have."""
    baselines = strongest_first(metrics)
    names = [name for name, value in metrics.items() if isinstance(value, float) and all(name in found for _, found in baselines)]
    models = [("this model", metrics), *((called(name), found) for name, found in baselines)]
    return {"names": names, "models": [(who, [found[name] for name in names]) for who, found in models]}

"""Where the model is better or worse: slices of the test rows, and tests of its behaviour."""

from collections.abc import Mapping, Sequence
from typing import Any

from hugline.evaluation.charts import share_axis, share_ticks, whisker
from hugline.evaluation.report.words import count, percent, signed

KINDS = {
    "minimum_function": "the answer must be right",
    "invariance": "the answer must not change",
    "direction": "the answer must move the right way",
}

Tree = Mapping[str, Any]


def slices_section(metrics: Tree, details: Tree, confidence: str) -> dict[str, Any]:
    """A line for each slice, worst first, with its interval against the overall accuracy."""
    overall, slices = metrics["accuracy"], details["slices"]
    marks = share_ticks([overall, *(found[end] for found in slices for end in ("low", "high"))])
    return {
        "overall": percent(overall, 1),
        "confidence": confidence,
        "lines": [_slice(found, marks, overall) for found in slices],
        "axis": share_axis(marks),
        "left_out": details.get("slices_left_out", 0),
        "worse": sum(found["high"] < overall for found in slices),
    }


def _slice(found: Tree, marks: Sequence[float], overall: float) -> dict[str, Any]:
    interval = {"low": found["low"], "mean": found["accuracy"], "high": found["high"]}
    how = "worse" if found["high"] < overall else "better" if found["low"] > overall else "level"
    title = f"{found['slice']}: {percent(found['accuracy'], 1)} right, interval {percent(found['low'], 1)} to {percent(found['high'], 1)}"
    return {
        "name": found["slice"],
        "rows": count(found["rows"], "row"),
        "accuracy": percent(found["accuracy"], 1),
        "gap": signed(100 * found["gap"], 1),
        "how": how,
        "picture": whisker(interval, marks, title, overall),
    }


def behaviour_section(outcomes: Sequence[Tree]) -> dict[str, Any]:
    """A line for each test, the failing ones first, and which ones were skipped."""
    tried = sorted((outcome for outcome in outcomes if outcome["cases"]), key=lambda outcome: outcome["rate"])
    clean = sum(outcome["passed"] == outcome["cases"] for outcome in tried)
    return {
        "sentence": f"{clean:,} of {count(len(tried), 'test')} {'passes' if clean == 1 else 'pass'} in every case.",
        "tests": [{**outcome, "kind": outcome["kind"].replace("_", " "), "means": KINDS[outcome["kind"]]} for outcome in tried],
        "skipped": [outcome for outcome in outcomes if not outcome["cases"]],
    }

"""Two versions compared, as a comment for a pull request and as a page."""

from collections.abc import Iterator, Sequence
from typing import Any

from hugline.evaluation.charts import gain_axis, gain_ticks, whisker
from hugline.evaluation.comparison import Change, Comparison, SharedRows
from hugline.evaluation.report.templates import render
from hugline.evaluation.report.words import BASELINES, METRICS, count, points, signed

LOWER_IS_BETTER = ("loss", "ece", "ece_uncalibrated")
SHOWN = 20  # lines of a table, or row numbers of a list, in the open
NAMES = METRICS | {f"gain_over_{name}": f"Gain over {words}" for name, words in BASELINES.items()}
NAMES |= {"abstain_coverage": "Share answered, if it abstains", "abstain_accuracy": "Accuracy of these answers"}
COUNTS = {"rows_in": "Rows that came in", "set_aside": "Rows set aside", "near_duplicates": "Near-duplicates", "train": "Training rows"}
COUNTS |= {"validation": "Validation rows", "test": "Test rows"}


def render_markdown(comparison: Comparison, notes: Sequence[str]) -> str:
    """GitHub's Markdown; the first line is the verdict. `notes` say what could not be compared."""
    return render("comparison.md.jinja", _values(comparison, notes))


def render_comparison(comparison: Comparison, notes: Sequence[str]) -> str:
    """The same as one self-contained page."""
    gain = comparison.shared.gain.as_dict() if comparison.shared and comparison.shared.gain else None
    marks = gain_ticks([gain] if gain else [])
    picture = whisker(gain, marks, "Gain in accuracy on the shared rows") if gain else None
    return render("comparison.html.jinja", _values(comparison, notes) | {"picture": picture, "axis": gain_axis(marks), "gain": points(gain) if gain else None})


def verdict_words(comparison: Comparison) -> tuple[str, str]:
    """The verdict in few words, and what it rests on."""
    before, shared = comparison.before.name, comparison.shared
    if not shared or not shared.gain:
        difference = signed(100 * (comparison.after.metrics["accuracy"] - comparison.before.metrics["accuracy"]), 1)
        why = "no test row is in both" if shared else "without the answers row by row, chance can't be told from change"
        return f"Not settled against {before}", f"accuracy {difference} points, but {why}" if difference != "0" else f"the same accuracy, but {why}"
    said = points(shared.gain.as_dict())
    if not shared.mended and not shared.broken:
        return f"As good as {before}", f"{count(shared.rows, 'shared test row')}, each right or wrong as before"
    rests = f"{said['mean']} points of accuracy, {100 * comparison.confidence:g}% interval {said['low']} to {said['high']}"
    if shared.gain.low > 0:
        return f"Better than {before}", rests
    return (f"Worse than {before}", rests) if shared.gain.high < 0 else (f"Not clearly different from {before}", f"{rests}, which includes zero")


def gate_words(comparison: Comparison) -> str:
    """Whether the gate approves, and whether it did."""
    after, before = comparison.after.gate, comparison.before.gate
    if after is None:
        return "The gate has not ruled."
    now = "Approved" if after["approved"] else "Not approved"
    was = (
        "" if before is None else "as before" if before["approved"] == after["approved"] else "approved before" if before["approved"] else "not approved before"
    )
    return f"{now}, {was}." if was else f"{now}."


def shared_words(shared: SharedRows) -> str:
    """Which test rows were compared."""
    apart = [f"{count(number, 'row')} only {where}" for number, where in ((shared.only_before, "before"), (shared.only_after, "after")) if number]
    apart += [f"{count(shared.relabelled, 'row')} with another actual label"] * bool(shared.relabelled)
    return f"{count(shared.rows, 'test row')} in both versions{'; left out: ' + ', '.join(apart) if apart else ''}."


def _values(comparison: Comparison, notes: Sequence[str]) -> dict[str, Any]:
    short, rests = verdict_words(comparison)
    gate = comparison.after.gate
    by_size = [sorted(changes, key=lambda change: -abs(change.difference or 0.0)) for changes in (comparison.labels, comparison.slices, comparison.behaviour)]
    return {
        "short": short,
        "rests": rests,
        "gate": gate_words(comparison),
        "reasons": gate["reasons"] if gate else [],
        "before": comparison.before.name,
        "after": comparison.after.name,
        "shared": comparison.shared,
        "shared_words": shared_words(comparison.shared) if comparison.shared else None,
        "tables": [table for table in _tables(comparison, by_size) if table["lines"]],
        "params": comparison.params,
        "notes": notes,
        "shown": SHOWN,
    }


def _tables(comparison: Comparison, by_size: Sequence[Sequence[Change]]) -> Iterator[dict[str, Any]]:
    labels, slices, behaviour = by_size
    yield {"title": "Metrics", "of": "Metric", "lines": [_line(change, 4, _better(change), NAMES) for change in comparison.metrics]}
    yield {"title": "F1 of each label", "of": "Label", "lines": [_line(change, 3, _better(change), {}) for change in labels]}
    yield {"title": "Accuracy of each slice", "of": "Slice", "lines": [_line(change, 3, _better(change), {}) for change in slices]}
    yield {"title": "Behaviour tests, share passed", "of": "Test", "lines": [_line(change, 3, _better(change), {}) for change in behaviour]}
    yield {"title": "Data", "of": "Count", "lines": [_line(change, 0, "", COUNTS) for change in comparison.counts]}
    yield {"title": "Rows of each label", "of": "Label", "lines": [_line(change, 0, "", {}) for change in comparison.label_rows]}


def _better(change: Change) -> str:
    """Better or worse, where the difference shows; baselines' gains and coverage count as more is better."""
    if change.difference is None or abs(change.difference) < 0.00005:
        return ""
    return "better" if (change.difference > 0) != (change.name in LOWER_IS_BETTER) else "worse"


def _line(change: Change, decimals: int, how: str, names: dict[str, str]) -> dict[str, str]:
    before, after = ("absent" if value is None else f"{value:,.{decimals}f}" for value in (change.before, change.after))
    difference = "" if change.difference is None else signed(change.difference, decimals)
    return {
        "name": names.get(change.name, change.name.replace("_", " ") if names else change.name),
        "before": before,
        "after": after,
        "difference": difference,
        "how": how,
    }

"""Two versions of the results side by side: what changed, and whether the test rows tell it from chance."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hugline.evaluation.compare import Interval, paired_bootstrap
from hugline.params import EvaluateParams

COUNTS = ("rows_in", "train", "validation", "test", "set_aside", "copies", "conflicts", "near_duplicates", "leaks")  # of reports/data.json

Tree = Mapping[str, Any]


@dataclass(frozen=True)
class Prediction:
    """A test row's actual and predicted label."""

    label: str
    predicted: str


@dataclass(frozen=True)
class Results:
    """What one version measured; None where it has no such file.

    `metrics`, `gate` and `data` are the JSON files of reports/, `params` the tree of params.yaml, `labels`, `slices` and
    `behaviour` the lines of the tables in reports/plots/, `predictions` those of the test rows by row number.
    """

    name: str
    metrics: Tree
    gate: Tree | None = None
    data: Tree | None = None
    params: Tree | None = None
    labels: Sequence[Mapping[str, str]] | None = None
    slices: Sequence[Mapping[str, str]] | None = None
    behaviour: Sequence[Mapping[str, str]] | None = None
    predictions: Mapping[int, Prediction] | None = None


@dataclass(frozen=True)
class Change:
    """A number in both versions; None where one lacks it."""

    name: str
    before: float | None
    after: float | None

    @property
    def difference(self) -> float | None:
        """After less before, where both are known."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True)
class SharedRows:
    """The test rows that both versions have, under the same number and the same actual label."""

    rows: int
    only_before: int
    only_after: int
    relabelled: int  # the same number, another actual label: compared neither
    gain: Interval | None  # of accuracy, as a share; None without shared rows
    mended: list[int]  # rows wrong before and right after
    broken: list[int]  # rows right before and wrong after


@dataclass(frozen=True)
class Comparison:
    """Everything that differs, and what could not be compared."""

    before: Results
    after: Results
    confidence: float
    shared: SharedRows | None
    metrics: list[Change]
    labels: list[Change]  # F1
    slices: list[Change]  # accuracy
    behaviour: list[Change]  # share of the cases passed
    counts: list[Change]  # rows
    label_rows: list[Change]
    params: list[tuple[str, str | None, str | None]] | None


def compare_results(before: Results, after: Results, settings: EvaluateParams, seed: int) -> Comparison:
    """What changed from one version to another; numbers that neither has are left out."""
    return Comparison(
        before,
        after,
        settings.confidence,
        shared_rows(before.predictions, after.predictions, settings, seed) if before.predictions is not None and after.predictions is not None else None,
        _changes(_metrics(before.metrics), _metrics(after.metrics)),
        _changes(_column(before.labels, "label", "f1"), _column(after.labels, "label", "f1")),
        _changes(_column(before.slices, "slice", "accuracy"), _column(after.slices, "slice", "accuracy")),
        _changes(_column(before.behaviour, "test", "rate"), _column(after.behaviour, "test", "rate")),
        [change for change in _changes(_counts(before.data), _counts(after.data)) if change.difference != 0],
        [change for change in _changes(_label_rows(before.data), _label_rows(after.data)) if change.difference != 0],
        list(changed_params(before.params, after.params)) if before.params is not None and after.params is not None else None,
    )


def shared_rows(before: Mapping[int, Prediction], after: Mapping[int, Prediction], settings: EvaluateParams, seed: int) -> SharedRows:
    """Match the rows, and resample them, each with both its answers."""
    both = sorted(before.keys() & after.keys())
    rows = [row for row in both if before[row].label == after[row].label]
    right_before = np.array([before[row].predicted == before[row].label for row in rows], np.float64)
    right_after = np.array([after[row].predicted == after[row].label for row in rows], np.float64)
    gain = paired_bootstrap(right_after, right_before, settings.confidence, settings.resamples, seed) if rows else None
    mended = [row for row, was, now in zip(rows, right_before, right_after, strict=True) if now > was]
    broken = [row for row, was, now in zip(rows, right_before, right_after, strict=True) if now < was]
    return SharedRows(len(rows), len(before) - len(both), len(after) - len(both), len(both) - len(rows), gain, mended, broken)


def changed_params(before: Tree, after: Tree) -> Iterator[tuple[str, str | None, str | None]]:
    """Settings that differ, by their dotted key, with both values as JSON; None where one tree lacks the key."""
    old, new = dict(_flat(before)), dict(_flat(after))
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            yield key, old.get(key), new.get(key)


def _flat(tree: Tree, prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", json.dumps(value, ensure_ascii=False, default=str)


def _changes(before: Mapping[str, float], after: Mapping[str, float]) -> list[Change]:
    """In the order of the newer version, then what only the older has."""
    return [Change(name, before.get(name), after.get(name)) for name in dict.fromkeys([*after, *before])]


def _metrics(metrics: Tree) -> dict[str, float]:
    """The model's own metrics, how well it abstains, and its gains."""
    found = {name: value for name, value in metrics.items() if isinstance(value, float) and name != "temperature"}
    abstain = metrics.get("abstain") or {}
    found |= {f"abstain_{name}": abstain[name] for name in ("coverage", "accuracy") if abstain.get(name) is not None}
    return found | {f"gain_over_{name}": scores["gain"]["mean"] for name, scores in (metrics.get("baselines") or {}).items()}


def _column(lines: Iterable[Mapping[str, str]] | None, name: str, value: str) -> dict[str, float]:
    return {line[name]: float(line[value]) for line in lines or [] if line[value]}


def _counts(data: Tree | None) -> dict[str, float]:
    return {name: data[name] for name in COUNTS if name in data} if data else {}


def _label_rows(data: Tree | None) -> dict[str, float]:
    return {label["label"]: label["train"] + label["validation"] + label["test"] for label in data["labels"]} if data else {}

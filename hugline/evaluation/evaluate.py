"""The test rows, once: metrics of the model and of its baselines, the paired gain over each, and what the report details."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hugline.core.task import Task
from hugline.evaluation.baselines import BASELINES, Evidence
from hugline.evaluation.behaviour import BehaviourTest, Outcome, run_tests
from hugline.evaluation.calibration import Floats, abstain_at, abstain_curve, abstain_threshold, ece, reliability
from hugline.evaluation.compare import paired_bootstrap
from hugline.evaluation.evaluated import Evaluated
from hugline.evaluation.examples import Examples, find_examples
from hugline.evaluation.slices import Masks, find_slices, shown_slices, slice_report
from hugline.evaluation.tables import Table, plot_tables
from hugline.params import EvaluateParams


@dataclass(frozen=True)
class Findings:
    """All that is said of a model."""

    metrics: dict[str, Any]  # reports/metrics.json
    details: dict[str, Any]  # what the report shows beyond them; no row's text
    tables: dict[str, Table]  # reports/plots, by name
    examples: Examples  # with texts


def examine(evaluated: Evaluated, tests: Sequence[BehaviourTest], settings: EvaluateParams, seed: int) -> Findings:
    """Everything about a model's answers; raises ParamsError for a slice that does not fit the rows."""
    rows = evaluated.rows["test"]
    slices = find_slices(evaluated.task, rows, settings.slices)
    outcomes = run_tests(tests, evaluated.task, lambda texts: list(evaluated.classify(texts)), rows, seed)
    metrics, details = evaluate(evaluated, outcomes, settings, seed), make_details(evaluated, slices, outcomes, settings)
    tables = plot_tables(metrics, details, rows, evaluated.answers["test"])
    return Findings(metrics, details, tables, find_examples(evaluated, settings.examples, seed))


def evaluate(evaluated: Evaluated, outcomes: Sequence[Outcome], settings: EvaluateParams, seed: int) -> dict[str, Any]:
    """What reports/metrics.json says; the test rows decide nothing, the abstain threshold comes from validation.

    The gain over a baseline is the mean difference of the task's row scores (for classification: accuracy).
    """
    task, rows, answers = evaluated.task, evaluated.rows["test"], evaluated.answers["test"]
    (sure, right), (validation_sure, validation_right) = (_judged(evaluated, split) for split in ("test", "validation"))
    evidence = Evidence(evaluated.rows["train"], rows, evaluated.frozen, seed)
    return {
        "rows": len(rows),
        "monitor": task.monitor,
        **task.score(answers, rows),
        "ece": ece(sure, right),
        "ece_uncalibrated": ece(task.confidences(task.uncalibrated(answers)), right),
        **task.fitted,
        "abstain": abstain_at(sure, right, abstain_threshold(validation_sure, validation_right, settings.sure)),
        "behaviour": {outcome.test: outcome.rate for outcome in outcomes if outcome.rate is not None},
        "baselines": {name: _beside(name, task.raw, evidence, right, settings) for name in task.baselines},
    }


def _judged(evaluated: Evaluated, split: str) -> tuple[Floats, Floats]:
    """How sure each answer is, and how good: for classification 1 where it is right, else 0."""
    task, answers = evaluated.task, evaluated.answers[split]
    return task.confidences(answers), task.row_scores(answers, evaluated.rows[split])


def _beside(name: str, task: Task, evidence: Evidence, ours: Floats, settings: EvaluateParams) -> dict[str, Any]:
    """A baseline's own metrics, and the gain over it."""
    answers = task.decode(BASELINES[name](task, evidence), NO_FEATURES, evidence.rows, NO_ENCODER)
    gain = paired_bootstrap(ours, task.row_scores(answers, evidence.rows), settings.confidence, settings.resamples, evidence.seed)
    return {**task.score(answers, evidence.rows), "gain": gain.as_dict()}


def make_details(evaluated: Any, slices: Masks, outcomes: Sequence[Outcome], settings: EvaluateParams) -> dict[str, Any]:
    """What the report shows of the test rows beyond the metrics; no row's text."""
    task, answers, rows = evaluated.task, evaluated.answers["test"], evaluated.rows["test"]
    sure, right = _judged(evaluated, "test")
    return {
        "labels": task.labels,
        "per_label": task.per_label(answers, rows),
        "confusion": task.confusion(answers, rows).tolist(),
        "cut_rows": evaluated.cut_rows,
        "reliability": reliability(sure, right),
        "abstain": abstain_curve(sure, right),
        "slices": slice_report(slices, right, settings.confidence),
        "slices_left_out": len(slices) - len(shown_slices(slices)),
        "behaviour": [{name: value for name, value in asdict(outcome).items() if name != "failures"} for outcome in outcomes],
    }


def summary_lines(metrics: Mapping[str, Any]) -> Iterator[str]:
    """What a log says of the metrics, a line each."""
    monitor = metrics["monitor"]
    yield f"{metrics['rows']} test rows, {monitor} {metrics[monitor]:.4f}, accuracy {metrics['accuracy']:.4f}"
    for name, found in metrics["baselines"].items():
        gain = found["gain"]
        yield f"{name} accuracy {found['accuracy']:.4f}; gain {gain['mean']:+.4f} [{gain['low']:+.4f}, {gain['high']:+.4f}]"
    yield f"calibration error {metrics['ece']:.4f}, {metrics['ece_uncalibrated']:.4f} before its temperature"


NO_FEATURES: Any = None  # baselines see no tokens
NO_ENCODER: Any = None

"""The test rows, once: metrics of the model and of its baselines, and the paired gain over each."""

from collections.abc import Sequence
from typing import Any

from hugline.core.task import Answer, Row, Task
from hugline.evaluation.baselines import BASELINES
from hugline.evaluation.compare import paired_bootstrap
from hugline.params import EvaluateParams


def evaluate(task: Task, answers: Sequence[Answer], rows: Sequence[Row], train: Sequence[Row], settings: EvaluateParams, seed: int) -> dict[str, Any]:
    """What reports/metrics.json says: the model's metrics, and beside each baseline's the gain with its interval.

    The gain is the mean difference of the task's row scores (for classification: accuracy).
    """
    found: dict[str, Any] = {"rows": len(rows), "monitor": task.monitor, **task.score(answers, rows), "baselines": {}}
    ours = task.row_scores(answers, rows)
    for name in task.baselines:
        outputs = BASELINES[name](task, train, rows)
        theirs = task.decode(outputs, NO_FEATURES, rows, NO_ENCODER)
        gain = paired_bootstrap(ours, task.row_scores(theirs, rows), settings.confidence, settings.resamples, seed)
        found["baselines"][name] = {**task.score(theirs, rows), "gain": gain.as_dict()}
    return found


NO_FEATURES: Any = None  # baselines see no tokens
NO_ENCODER: Any = None

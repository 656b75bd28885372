"""Stage 4: models/finetuned on the test rows, once -> metrics beside baselines, plots, the report."""

import csv
import io
import logging
from pathlib import Path
from typing import Any

from hugline.core.predictor import predict_features
from hugline.core.rows import read_features, read_rows
from hugline.core.store import load_predictor
from hugline.evaluation.evaluate import evaluate
from hugline.evaluation.report import render_report
from hugline.params import load_params
from hugline.show import progress
from hugline.tracking import Tracker
from stages import main, write_json, write_text

log = logging.getLogger("stages.evaluate")

LABEL_COLUMNS = ("precision", "recall", "f1", "rows")


def run(
    finetuned: Path, ingested: Path, tokenized: Path, history: Path, metrics_file: Path, labels_file: Path, confusion_file: Path, report_file: Path
) -> None:
    """Predict the test rows and say how good the answers are."""
    import torch

    params = load_params()
    torch.set_num_threads(params.finetune.threads)
    predictor = load_predictor(finetuned, backend="torch")
    task: Any = predictor.task
    train, rows = read_rows(ingested, "train"), read_rows(ingested, "test")
    features = read_features(tokenized / "test.arrow")
    with progress("evaluate", len(features)) as bar:
        answers: list[Any] = predict_features(task, predictor.backend, predictor.encoder, features, rows, bar.update)
    metrics = evaluate(task, answers, rows, train, params.evaluate, params.seed)
    details = {
        "labels": task.labels,
        "per_label": task.per_label(answers, rows),
        "confusion": task.confusion(answers, rows).tolist(),
        "cut_rows": int((features.cut > 0).sum()),
    }
    with Tracker(params.tracking, "evaluate", params.model_dump(mode="json")) as tracker:
        tracker.summary(metrics)
    write_json(metrics_file, metrics)
    write_text(labels_file, _table(("label", *LABEL_COLUMNS), [(name, *map(found.get, LABEL_COLUMNS)) for name, found in details["per_label"].items()]))
    write_text(confusion_file, _table(("actual", "predicted"), [(row["label"], a.label) for row, a in zip(rows, answers, strict=True)]))
    epochs = list(csv.DictReader(history.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
    settings = params.model_dump(mode="json", include={"seed", "task", "data", "model", "finetune", "evaluate"})  # what dvc.yaml declares for this stage
    write_text(report_file, render_report(settings, metrics, details, epochs))
    log.info("evaluate: %d test rows, %s %.4f, accuracy %.4f", len(rows), task.monitor, metrics[task.monitor], metrics["accuracy"])
    for name, found in metrics["baselines"].items():
        gain = found["gain"]
        log.info("evaluate: %s accuracy %.4f; gain %+.4f [%+.4f, %+.4f]", name, found["accuracy"], gain["mean"], gain["low"], gain["high"])


def _table(header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


if __name__ == "__main__":
    main(run, "FINETUNED", "INGESTED", "TOKENIZED", "HISTORY", "METRICS", "LABELS", "CONFUSION", "REPORT")

"""Stage 4: models/finetuned on the test rows, once -> metrics beside baselines, plots, answers, the report and its examples."""

import csv
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyarrow.parquet import read_table, write_table

from hugline.core.checkpoint import find_checkpoint
from hugline.core.features import Features
from hugline.core.predictor import predict_features
from hugline.core.rows import SPLITS, read_features, read_rows
from hugline.core.store import load_model, load_predictor
from hugline.evaluation.behaviour import load_tests
from hugline.evaluation.evaluate import examine
from hugline.evaluation.examples import Evaluated, without_texts
from hugline.evaluation.report import render_examples, render_report
from hugline.evaluation.tables import plot_tables, prediction_table, tracked_tables
from hugline.evaluation.vectors import Vectorizer, frozen_model
from hugline.params import Params, load_params
from hugline.show import progress
from hugline.tracking import Tracker
from stages import main, whole, write_json, write_text

log = logging.getLogger("stages.evaluate")


def run(
    finetuned: Path,
    ingested: Path,
    tokenized: Path,
    history: Path,
    data: Path,
    behaviour: Path,
    metrics_file: Path,
    plots: Path,
    predictions: Path,
    report: Path,
    examples: Path,
) -> None:
    """Predict the test rows and say how good the answers are."""
    import torch

    params = load_params()
    torch.set_num_threads(params.finetune.threads)
    tests = load_tests(behaviour)
    features = {split: read_features(tokenized / f"{split}.arrow") for split in SPLITS}
    evaluated = _answered(params, finetuned, ingested, features)
    log.info("evaluate: %d test rows answered; now baselines, %d behaviour tests and examples", len(features["test"]), len(tests))
    found = examine(evaluated, tests, features["test"], params.evaluate, params.seed)
    rows, answers, metrics = evaluated.rows["test"], evaluated.answers["test"], found.metrics
    tables = plot_tables(metrics, found.details, rows, answers)
    with Tracker(params.tracking, "evaluate", params.model_dump(mode="json")) as tracker:
        tracker.summary(metrics)
        for name, table in tracked_tables(tables).items():
            tracker.table(name, table.columns, table.rows)
    write_json(metrics_file, metrics)
    with whole(plots) as folder:
        for name, table in tables.items():
            write_text(folder / f"{name}.csv", table.csv())
    temporary = predictions.with_name(f".{predictions.name}.partial")
    write_table(prediction_table(evaluated.task, rows, answers), temporary)
    temporary.rename(predictions)
    epochs = list(csv.DictReader(history.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
    details = found.details | {"data": json.loads(data.read_text(encoding="utf-8"))}
    settings = params.model_dump(mode="json", include={"seed", "task", "data", "model", "finetune", "evaluate"})  # what dvc.yaml declares for this stage
    shown = found.examples if params.shows_texts else without_texts(found.examples)
    write_text(report, render_report(settings, metrics, details | {"examples": shown}, epochs))
    write_text(examples, render_examples(details | {"examples": found.examples}, settings))
    _tell(evaluated.task.monitor, metrics)


def _answered(params: Params, finetuned: Path, ingested: Path, features: Mapping[str, Features]) -> Evaluated:
    """The model's answers to validation and test rows, beside all that is known of them."""
    checkpoint = find_checkpoint(params.model.checkpoint, params.model.revision)
    predictor = load_predictor(finetuned, backend="torch")
    task, encoder = predictor.task, predictor.encoder
    rows = {split: read_rows(ingested, split) for split in SPLITS}
    with progress("evaluate", len(features["validation"]) + len(features["test"])) as bar:
        answers = {split: predict_features(task, predictor.backend, encoder, features[split], rows[split], bar.update) for split in ("validation", "test")}
    frozen, tuned = Vectorizer(lambda: frozen_model(checkpoint), encoder, features), Vectorizer(lambda: load_model(finetuned), encoder, features)
    return Evaluated(task, predictor.predict, answers, rows, frozen, tuned, read_table(ingested / "near.parquet").to_pylist())


def _tell(monitor: str, metrics: dict[str, Any]) -> None:
    log.info("evaluate: %d test rows, %s %.4f, accuracy %.4f", metrics["rows"], monitor, metrics[monitor], metrics["accuracy"])
    for name, found in metrics["baselines"].items():
        gain = found["gain"]
        log.info("evaluate: %s accuracy %.4f; gain %+.4f [%+.4f, %+.4f]", name, found["accuracy"], gain["mean"], gain["low"], gain["high"])
    log.info("evaluate: calibration error %.4f, %.4f before its temperature", metrics["ece"], metrics["ece_uncalibrated"])


if __name__ == "__main__":
    names = ("FINETUNED", "INGESTED", "TOKENIZED", "HISTORY", "DATA", "BEHAVIOUR", "METRICS", "PLOTS", "PREDICTIONS", "REPORT", "EXAMPLES")
    main(run, *names)

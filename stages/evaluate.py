"""Stage 4: models/finetuned on the test rows, once -> metrics beside baselines, plots, answers, the report and its examples."""

import csv
import json
import logging
from pathlib import Path

from pyarrow.parquet import read_table, write_table

from hugline.core.checkpoint import find_checkpoint
from hugline.core.rows import SPLITS, read_features, read_rows
from hugline.core.store import load_model, load_predictor
from hugline.evaluation.behaviour import load_tests
from hugline.evaluation.evaluate import examine, summary_lines
from hugline.evaluation.evaluated import ANSWERED, Evaluated, answer_splits
from hugline.evaluation.examples import without_texts
from hugline.evaluation.report import render_examples, render_report
from hugline.evaluation.tables import prediction_table, tracked_tables
from hugline.evaluation.vectors import frozen_model
from hugline.params import ModelParams, load_params
from hugline.show import progress
from hugline.tracking import Tracker
from stages import main, whole, whole_file, write_json, write_text

log = logging.getLogger("stages.evaluate")


def run(
    finetuned: Path,
    ingested: Path,
    tokenized: Path,
    history: Path,
    data: Path,
    behaviour: Path,
    metrics: Path,
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
    evaluated = _answered(finetuned, ingested, tokenized, params.model)
    log.info("evaluate: %d test rows answered; now baselines, %d behaviour tests and examples", len(evaluated.rows["test"]), len(tests))
    found = examine(evaluated, tests, params.evaluate, params.seed)
    with Tracker(params.tracking, "evaluate", params.model_dump(mode="json")) as tracker:
        tracker.summary(found.metrics)
        for name, table in tracked_tables(found.tables).items():
            tracker.table(name, table.columns, table.rows)
    write_json(metrics, found.metrics)
    with whole(plots) as folder:
        for name, table in found.tables.items():
            write_text(folder / f"{name}.csv", table.csv())
    with whole_file(predictions) as file:
        write_table(prediction_table(evaluated.task, evaluated.rows["test"], evaluated.answers["test"]), file)
    details = found.details | {"data": json.loads(data.read_text(encoding="utf-8"))}
    epochs = list(csv.DictReader(history.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
    settings = params.model_dump(mode="json", include={"seed", "task", "data", "model", "finetune", "evaluate"})  # what dvc.yaml declares for this stage
    shown = found.examples if params.shows_texts else without_texts(found.examples)
    write_text(report, render_report(settings, found.metrics, details | {"examples": shown}, epochs))
    write_text(examples, render_examples(details | {"examples": found.examples}, settings))
    for line in summary_lines(found.metrics):
        log.info("evaluate: %s", line)


def _answered(finetuned: Path, ingested: Path, tokenized: Path, model: ModelParams) -> Evaluated:
    """The model's answers to validation and test rows, beside all that is known of them."""
    checkpoint = find_checkpoint(model.checkpoint, model.revision)
    predictor = load_predictor(finetuned, backend="torch")
    rows = {split: read_rows(ingested, split) for split in SPLITS}
    features = {split: read_features(tokenized / f"{split}.arrow") for split in SPLITS}
    near = read_table(ingested / "near.parquet").to_pylist()
    with progress("evaluate", sum(len(features[split]) for split in ANSWERED)) as bar:
        return answer_splits(predictor, rows, features, near, lambda: frozen_model(checkpoint), lambda: load_model(finetuned), bar.update)


if __name__ == "__main__":
    names = ("FINETUNED", "INGESTED", "TOKENIZED", "HISTORY", "DATA", "BEHAVIOUR", "METRICS", "PLOTS", "PREDICTIONS", "REPORT", "EXAMPLES")
    main(run, *names)

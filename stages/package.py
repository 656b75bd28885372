"""Stage 5: models/finetuned -> models/package, exported, explained, and stamped approved or not; exits 0 either way."""

import json
import logging
import shutil
from pathlib import Path
from typing import Any

from hugline.core.rows import read_rows
from hugline.core.store import ONNX, load_model, load_predictor, write_manifest
from hugline.packaging.card import model_card
from hugline.packaging.gates import judge, verdict
from hugline.packaging.golden import answer_golden, choose_golden
from hugline.packaging.lineage import lineage
from hugline.packaging.onnx_export import export_onnx
from hugline.params import load_params
from stages import main, whole, write_json, write_text

log = logging.getLogger("stages.package")


def run(finetuned: Path, ingested: Path, metrics_file: Path, validation_file: Path, package: Path, gate_file: Path) -> None:
    """Judge the model, export it, and write down what it is."""
    params = load_params()
    settings = params.model_dump(mode="json")
    metrics, validation, checkpoint = (_read(file) for file in (metrics_file, validation_file, finetuned / "checkpoint.json"))
    gate = verdict(judge(metrics, params.gate))
    log.info("package: exporting to ONNX")
    with whole(package) as folder:
        shutil.copytree(finetuned, folder, dirs_exist_ok=True)
        reference = load_predictor(finetuned, backend="torch")
        export_onnx(reference.task, reference.encoder, load_model(finetuned), folder / ONNX)
        rows = choose_golden(read_rows(ingested, "validation"), reference.task.toy, params.shows_texts, params.privacy.golden)
        golden = answer_golden(load_predictor(folder, backend="onnx"), reference, rows)
        dependencies = {"finetuned": finetuned, "ingested": ingested, "metrics": metrics_file, "validation": validation_file}
        write_json(folder / "golden.json", golden)
        write_json(folder / "gate.json", gate)
        write_json(folder / "metrics.json", metrics)
        write_json(folder / "lineage.json", lineage(dependencies, settings, checkpoint, validation["resolved"]))
        write_text(folder / "README.md", model_card(reference.task, metrics, gate, checkpoint, settings))
        write_manifest(folder)
    write_json(gate_file, gate)
    log.info("package: %s; %d golden rows", "approved" if gate["approved"] else "not approved: " + "; ".join(gate["reasons"]), len(golden))


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    main(run, "FINETUNED", "INGESTED", "METRICS", "VALIDATION", "PACKAGE", "GATE")

"""The model card: what the model is for, how good it is, where it comes from."""

from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.compat import StringIO


def model_card(task: Any, metrics: Mapping[str, Any], gate: Mapping[str, Any], checkpoint: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """README.md of the package, with the metadata that the hub reads at its head."""
    header = {
        "license": str(checkpoint.get("licence") or "other").lower(),
        "base_model": checkpoint["id"],
        "library_name": "transformers",
        "pipeline_tag": "text-classification",
        "tags": ["hugline", "fastai", "onnx"],
        "model-index": [
            {
                "name": "hugline",
                "results": [
                    {
                        "task": {"type": "text-classification"},
                        "dataset": {"name": "test split", "type": "local"},
                        "metrics": [{"type": name, "value": round(metrics[name], 4)} for name in ("accuracy", "macro_f1", "mcc")],
                    }
                ],
            }
        ],
    }
    yaml, out = YAML(), StringIO()
    yaml.dump(header, out)
    return f"---\n{out.getvalue()}---\n\n" + "\n".join(_body(task, metrics, gate, checkpoint, settings)) + "\n"


def _body(task: Any, metrics: Mapping[str, Any], gate: Mapping[str, Any], checkpoint: Mapping[str, Any], settings: Mapping[str, Any]) -> list[str]:
    finetune = settings["finetune"]
    rows = [f"| {name} | {found['accuracy']:.4f} | {found['macro_f1']:.4f} |" for name, found in metrics["baselines"].items()]
    at = f" at revision {checkpoint['revision']}" if checkpoint["revision"] else ""
    return [
        f"# {'Approved' if gate['approved'] else 'Not approved'}: {task.name.replace('_', ' ')}, {len(task.labels)} labels",
        "",
        f"Labels: {', '.join(task.labels)}.",
        f"Input: {' and '.join(task.Input.model_fields)}; longer texts than {settings['model']['max_length']} tokens are cut.",
        "",
        f"## On {metrics['rows']} test rows",
        "",
        "| | accuracy | macro F1 |",
        "|---|---|---|",
        f"| this model | {metrics['accuracy']:.4f} | {metrics['macro_f1']:.4f} |",
        *rows,
        "",
        *_scores(metrics),
        *([f"Not approved: {reason}." for reason in gate["reasons"]] or ["Every gate passed (gate.json)."]),
        "",
        "## Origin",
        "",
        f"Fine-tuned from {checkpoint['id']}{at}, by {checkpoint.get('authors') or 'its authors'},",
        f"licence {checkpoint.get('licence') or 'as its authors say'}; {finetune['epochs']} epochs, learning rate {finetune['lr']:g}, seed {settings['seed']}.",
        "Hashes of data, settings and versions are in lineage.json.",
    ]


def _scores(metrics: Mapping[str, Any]) -> list[str]:
    """How far a score can be believed, and from which score on an answer counts as sure."""
    sure, wrong = metrics["abstain"], metrics["ece"]
    lines = [f"Scores are calibrated by a temperature of {metrics['temperature']:g}, fitted on validation: expected calibration error {wrong:.3f}."]
    if sure["threshold"] is None:
        return [*lines, "At no score were its answers on validation as accurate as evaluate.sure asks.", ""]
    return [
        *lines,
        f"From a score of {sure['threshold']:.3f} on it answers {sure['coverage']:.1%} of the rows, with an accuracy of {sure['accuracy']:.4f}.",
        "",
    ]

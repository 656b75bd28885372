"""How the training went: its curves and its settings."""

import operator
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from pathlib import PurePosixPath
from typing import Any

from hugline.evaluation.charts import line_chart, number
from hugline.evaluation.report.words import metric_name

SETTINGS = {
    "task.name": "Task",
    "model.checkpoint": "Checkpoint",
    "model.revision": "Revision of the checkpoint",
    "model.max_length": "Longest row, in tokens",
    "data.hub": "Data set on the hub",
    "data.revision": "Revision of the data set",
    "finetune.share": "Share of the training rows learned",
    "finetune.epochs": "Epochs",
    "finetune.batch_size": "Batch size, in rows",
    "finetune.lr": "Learning rate, at its peak",
    "finetune.warmup": "Warmup, share of the steps",
    "finetune.weight_decay": "Weight decay",
    "finetune.freeze_embeddings": "Word embeddings stay as pretrained",
    "finetune.optimizer": "Optimizer",
    "finetune.precision": "Precision",
    "seed": "Seed",
    "evaluate.confidence": "Confidence of the intervals",
    "evaluate.resamples": "Resamples of the bootstrap",
    "evaluate.sure": "Accuracy that counts as sure",
}

Tree = Mapping[str, Any]


def best_epoch(monitor: str, epochs: Sequence[Mapping[str, str]]) -> int:
    """Position of the epoch whose weights were kept: the highest monitored metric, then the lowest validation loss."""
    return max(range(len(epochs)), key=lambda i: (float(epochs[i][monitor]), -float(epochs[i].get("validation_loss", 0))))


def training_section(monitor: str, epochs: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Two pictures, of the losses and of the monitored metric, and the numbers behind them."""
    best, numbers = best_epoch(monitor, epochs), [float(epoch["epoch"]) for epoch in epochs]
    columns = {name: [float(epoch[name]) for epoch in epochs] for name in epochs[0] if name != "epoch"}
    losses = {name.removesuffix("_loss"): columns[name] for name in ("train_loss", "validation_loss") if name in columns}
    ends = "; ".join(f"{name} from {values[0]:.3g} to {values[-1]:.3g}" for name, values in losses.items())
    score = f"{metric_name(monitor)} on validation by epoch; the best is {columns[monitor][best]:.3g}, in epoch {number(numbers[best])}"
    return {
        "best": best,
        "monitor": monitor,
        "losses": line_chart(f"Loss by epoch: {ends}", numbers, losses, best),
        "metric": line_chart(score, numbers, {"metric": columns[monitor]}, best),
        "names": list(columns),
        "lines": [(number(epoch), [columns[name][i] for name in columns]) for i, epoch in enumerate(numbers)],
    }


def settings_table(params: Tree) -> Iterator[tuple[str, str, str]]:
    """A name in words, the value, and the key in params.yaml; of a local checkpoint only the folder's name."""
    for key, words in SETTINGS.items():
        value: Any = reduce(operator.getitem, key.split("."), params)
        if key == "model.checkpoint" and not params["model"]["revision"]:
            value = f"{PurePosixPath(str(value).replace(chr(92), '/')).name} (a local folder)"
        if value is not None:
            yield words, _said(value), key


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)

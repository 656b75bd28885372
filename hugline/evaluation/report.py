"""The report a person opens: one self-contained page."""

import math
import operator
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hugline.evaluation.charts import gain_axis, gain_ticks, line_chart, number, whisker
from hugline.evaluation.confusions import confusions, heat_map

NAMED = 8  # confusions told in words, at most
BASELINES = {"majority": "always answering the commonest label", "tfidf": "TF-IDF with logistic regression"}
METRICS = {"accuracy": "Accuracy", "macro_f1": "Macro F1", "mcc": "Matthews correlation", "loss": "Log loss"}
SETTINGS = {
    "task.name": "Task",
    "model.checkpoint": "Checkpoint",
    "model.revision": "Revision of the checkpoint",
    "model.max_length": "Longest row, in tokens",
    "data.hub": "Data set on the hub",
    "data.revision": "Revision of the data set",
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
}

Tree = Mapping[str, Any]


def render_report(params: dict[str, Any], metrics: dict[str, Any], details: dict[str, Any], epochs: list[dict[str, str]]) -> str:
    """A page of HTML with its styles and pictures inside, the same bytes for the same inputs, and no row's text.

    `params` is the whole tree of params.yaml, `metrics` and `details` are what the evaluate stage writes,
    `epochs` the lines of history.tsv. Whatever comes from them is escaped by the template.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["metric"] = metric_name
    gains = list(_gains(metrics, f"{100 * params['evaluate']['confidence']:g}%"))
    return environment.get_template("report.html.jinja").render(
        headline=headline(metrics),
        figures=list(_figures(metrics, details, gains)),
        gains=gains,
        axis=gain_axis(gain_ticks([gain["gain"] for gain in gains])),
        resamples=params["evaluate"]["resamples"],
        scores=_scores(metrics, gains),
        labels=[{"name": name, **details["per_label"][name]} for name in details["labels"]],
        confusion=heat_map(details["labels"], details["confusion"]),
        confusions=confusions(details["labels"], details["confusion"]),
        named=NAMED,
        training=_training(metrics["monitor"], epochs) if epochs else None,
        settings=list(_settings(params)),
        cut_rows=details["cut_rows"],
        max_length=params["model"]["max_length"],
        rows=metrics["rows"],
    )


def headline(metrics: Tree) -> str:
    """The result in one sentence, the strongest baseline first."""
    rows = metrics["rows"]
    others = [f"{_called(name)} in {_in_hundred(found['accuracy'])}" for name, found in _strongest_first(metrics)]
    ours = f"On {rows:,} test {'row' if rows == 1 else 'rows'} the model is right in {_in_hundred(metrics['accuracy'])} of 100"
    return "; ".join([ours, *([", ".join(others)] if others else [])]) + "."


def verdict(gain: Mapping[str, float], confidence: str) -> str:
    """What an interval says about the model and a baseline, in words."""
    said = points(gain)
    interval = f"the {confidence} interval, {said['low']} to {said['high']},"
    gained = f"{said['mean'][1:]} {'more' if gain['mean'] > 0 else 'fewer'} of 100 rows right" if gain["mean"] else "as many rows right"
    if gain["low"] <= 0 <= gain["high"]:
        return f"{gained}, but {interval} includes zero: these rows do not settle which of the two is better."
    return f"{gained}; {interval} excludes zero: the model is {'better' if gain['low'] > 0 else 'worse'}."


def points(gain: Mapping[str, float]) -> dict[str, str]:
    """A gain and its ends in points, signed, all with the decimals (one to three) that keep the smallest apart from zero."""
    values = {key: 100 * gain[key] for key in ("mean", "low", "high")}
    smallest = min((abs(value) for value in values.values() if value), default=1.0)
    decimals = min(max(1, math.ceil(-math.log10(smallest))), 3)
    return {key: f"{value:+.{decimals}f}".replace("-", "\N{MINUS SIGN}") if value else "0" for key, value in values.items()}


def metric_name(name: str) -> str:
    """A metric as a person says it."""
    return METRICS.get(name, name.replace("_", " ").capitalize())


def best_epoch(monitor: str, epochs: Sequence[Mapping[str, str]]) -> int:
    """Position of the epoch whose weights were kept: the highest monitored metric, then the lowest validation loss."""
    return max(range(len(epochs)), key=lambda i: (float(epochs[i][monitor]), -float(epochs[i].get("validation_loss", 0))))


def _called(name: str) -> str:
    return BASELINES.get(name, name.replace("_", " "))


def _in_hundred(share: float) -> str:
    """A share as a count of 100 that says neither none nor all where it is neither."""
    shown = f"{100 * share:.0f}"
    if shown == "100" and share < 1:
        return "more than 99"
    return "fewer than 1" if shown == "0" and share > 0 else shown


def _strongest_first(metrics: Tree) -> list[tuple[str, Any]]:
    return sorted(metrics["baselines"].items(), key=lambda item: (-item[1]["accuracy"], item[0]))


def _gains(metrics: Tree, confidence: str) -> Iterator[dict[str, Any]]:
    found = _strongest_first(metrics)
    marks = gain_ticks([scores["gain"] for _, scores in found])
    for name, scores in found:
        gain, words = scores["gain"], verdict(scores["gain"], confidence)
        picture = whisker(gain, marks, f"Gain over {_called(name)}: {words}")
        yield {"name": _called(name), "gain": gain, "words": words, "picture": picture, "confidence": confidence} | points(gain)


def _figures(metrics: Tree, details: Tree, gains: Sequence[Tree]) -> Iterator[tuple[str, str, str]]:
    """The key figures: a name, a value, and what it means."""
    yield "Accuracy", f"{100 * metrics['accuracy']:.1f}%", f"{round(metrics['accuracy'] * metrics['rows']):,} of {metrics['rows']:,} test rows are right"
    if metrics["monitor"] != "accuracy":
        yield metric_name(metrics["monitor"]), f"{metrics[metrics['monitor']]:.3f}", "the metric that chose the best epoch"
    for best in gains[:1]:
        yield "Gain over baseline", f"{best['mean']} points", f"{best['low']} to {best['high']} ({best['confidence']}), over {best['name']}"
    tested = [name for name in details["labels"] if details["per_label"][name]["rows"]]
    for name in sorted(tested, key=lambda name: details["per_label"][name]["f1"])[:1]:
        yield "Weakest label", name, f"F1 {details['per_label'][name]['f1']:.3f} on {details['per_label'][name]['rows']:,} test rows"


def _scores(metrics: Tree, gains: Sequence[Tree]) -> dict[str, Any]:
    """Every metric of the model and its baselines."""
    names = [name for name, value in metrics.items() if isinstance(value, float)]
    models = [("this model", metrics), *((_called(name), found) for name, found in _strongest_first(metrics))]
    return {"names": names, "models": [(called, [found[name] for name in names]) for called, found in models]}


def _training(monitor: str, epochs: Sequence[Mapping[str, str]]) -> dict[str, Any]:
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


def _settings(params: Tree) -> Iterator[tuple[str, str, str]]:
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

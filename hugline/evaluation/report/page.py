"""The report of a model, and the local page of its examples, put together."""

from collections.abc import Mapping
from typing import Any

from hugline.evaluation.charts import gain_axis, gain_ticks
from hugline.evaluation.confusions import confusions, heat_map
from hugline.evaluation.report.calibration import abstain_section, calibration_section
from hugline.evaluation.report.examples import example_groups, has_texts
from hugline.evaluation.report.findings import findings, headline
from hugline.evaluation.report.quality import behaviour_section, slices_section
from hugline.evaluation.report.rows import data_section
from hugline.evaluation.report.scores import gain_lines, key_figures, metric_table
from hugline.evaluation.report.templates import render
from hugline.evaluation.report.training import settings_table, training_section

NAMED = 8  # confusions told in words, at most
MISSING = {
    "data": "the data (no reports/data.json was given)",
    "reliability": "calibration (it was not measured)",
    "abstain": "abstaining (no curve was measured)",
    "slices": "slices (none were looked at)",
    "behaviour": "behaviour tests (none were run)",
    "examples": "examples (none were looked for)",
}

Tree = Mapping[str, Any]


def render_report(params: dict[str, Any], metrics: dict[str, Any], details: dict[str, Any], epochs: list[dict[str, str]]) -> str:
    """A page of HTML with its styles and pictures inside, the same bytes for the same inputs.

    `params` is the whole tree of params.yaml, `metrics` and `details` are what the evaluate stage writes,
    `epochs` the lines of history.tsv. Whatever comes from them is escaped by the template. It holds rows' texts
    only where `details["examples"]` has them. A part of `details` that is absent or empty is named at the page's end.
    """
    confidence = f"{100 * params['evaluate']['confidence']:g}%"
    gains = gain_lines(metrics, confidence)
    values = {
        "headline": headline(metrics),
        "findings": list(findings(metrics, details, confidence)),
        "figures": list(key_figures(metrics, details, gains)),
        "gains": gains,
        "axis": gain_axis(gain_ticks([found["gain"] for found in metrics["baselines"].values()])),
        "resamples": params["evaluate"]["resamples"],
        "scores": metric_table(metrics),
        "labels": [{"name": name, **details["per_label"][name]} for name in details["labels"]],
        "confusion": heat_map(details["labels"], details["confusion"]),
        "confusions": confusions(details["labels"], details["confusion"]),
        "named": NAMED,
        "training": training_section(metrics["monitor"], epochs) if epochs else None,
        "settings": list(settings_table(params)),
        "cut_rows": details["cut_rows"],
        "max_length": params["model"]["max_length"],
        "rows": metrics["rows"],
        "missing": [words for name, words in MISSING.items() if not details.get(name)],
    }
    return render("report.html.jinja", values | _sections(params, metrics, details, confidence))


def render_examples(details: dict[str, Any], params: dict[str, Any]) -> str:
    """The page of examples with their texts: for this machine only, and its title says so."""
    groups = example_groups(details["examples"]) if details.get("examples") else []
    checkpoint = params["model"]["checkpoint"] if params["model"]["revision"] else "a local checkpoint"
    values = {"groups": groups, "texts": has_texts(groups), "checkpoint": checkpoint, "limit": params["evaluate"]["examples"]}
    return render("examples.html.jinja", values)


def _sections(params: Tree, metrics: Tree, details: Tree, confidence: str) -> dict[str, Any]:
    """The sections that a run may lack, None where it does."""
    found = {name: details.get(name) for name in MISSING}
    groups = example_groups(found["examples"]) if found["examples"] else []
    return {
        "data": data_section(found["data"]) if found["data"] else None,
        "calibration": calibration_section(metrics, details, params["task"].get("temperature")) if found["reliability"] else None,
        "abstain": abstain_section(metrics, details, params["evaluate"]["sure"]) if found["abstain"] else None,
        "slices": slices_section(metrics, details, confidence) if found["slices"] else None,
        "behaviour": behaviour_section(found["behaviour"]) if found["behaviour"] else None,
        "examples": groups,
        "texts": has_texts(groups),
    }

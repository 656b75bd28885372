"""What a run found, as Prefect artifacts: the figures of the reports, where the run's page shows them."""

import csv
import json
from collections.abc import Callable, Iterable
from typing import Any

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

TABLES = {  # the files of reports/plots with one line a thing; confusion.csv has one a row
    "labels": "Test precision, recall and F1 of each label",
    "slices": "Test accuracy of each slice, the worst first",
    "behaviour": "Share of the cases passed in each behaviour test",
    "reliability": "Accuracy by confidence, on test",
    "abstain": "Accuracy of the answers that stay, by the threshold of confidence",
}


def publish(read: Callable[[str], str], report: str | None) -> None:
    """Make the artifacts of a run; `read` gives a report file's text by its path, `report` is the page's address."""
    metrics, gate, data = (json.loads(read(f"reports/{name}.json")) for name in ("metrics", "gate", "data"))
    described = "Test metrics beside the baselines; gain: mean [interval] of this model over each"
    create_table_artifact(key="metrics", table=list(_models(metrics)), description=described)
    create_markdown_artifact(key="gate", markdown=_gate(gate))
    create_markdown_artifact(key="data", markdown=_data(data))
    for name, said in TABLES.items():
        create_table_artifact(key=name, table=list(csv.DictReader(read(f"reports/plots/{name}.csv").splitlines())), description=said)
    if report:
        create_link_artifact(key="report", link=report, description="The report, on the machine that ran the flow")


def _models(metrics: dict[str, Any]) -> Iterable[dict[str, Any]]:
    monitor = metrics["monitor"]
    yield {"model": "this model", "accuracy": metrics["accuracy"], monitor: metrics[monitor], "gain": ""}
    for name, found in metrics["baselines"].items():
        gain = found["gain"]
        interval = f"{gain['mean']:+.4f} [{gain['low']:+.4f}, {gain['high']:+.4f}]"
        yield {"model": name, "accuracy": found["accuracy"], monitor: found[monitor], "gain": interval}


def _gate(gate: dict[str, Any]) -> str:
    verdicts = "\n".join(f"| {r['rule']} | {r['value']:.4f} | {r['threshold']:.4f} | {'passed' if r['passed'] else '**failed**'} |" for r in gate["rules"])
    return f"# {'Approved' if gate['approved'] else 'Not approved'}\n\n| rule | value | threshold | |\n|---|---|---|---|\n{verdicts}\n"


def _data(data: dict[str, Any]) -> str:
    names = ("rows_in", "train", "validation", "test", "set_aside", "copies", "conflicts", "near_duplicates", "leaks")
    counts = "\n".join(f"| {name.replace('_', ' ')} | {data[name]:,} |" for name in names)
    warnings = "\n".join(f"- {line}" for line in data["warnings"]) or "No warnings."
    return f"# Data\n\n| | rows |\n|---|---|\n{counts}\n\n{warnings}\n"

"""The data section: what came in, what was learned from, what was set aside and what looks suspicious; row numbers, no texts."""

from collections.abc import Iterator, Mapping
from typing import Any

from hugline.core.rows import SPLITS
from hugline.evaluation.report.words import count, listed

KINDS = {"csv": "CSV", "tsv": "TSV", "jsonl": "JSON Lines", "parquet": "Parquet", "excel": "Excel", "texts": "folders of text files", "hub": "a hub data set"}

Tree = Mapping[str, Any]


def data_section(data: Tree) -> dict[str, Any]:
    """What the template shows of reports/data.json."""
    largest = max((sum(label[split] for split in SPLITS) for label in data["labels"]), default=1)
    total = max(1, sum(data[split] for split in SPLITS))
    return {
        "flow": _flow(data),
        "source": _source(data["source"]) if data.get("source") else None,
        "checks": list(_checks(data)),
        "warnings": data.get("warnings") or [],
        "splits": [(split, data[split], 100 * data[split] / total) for split in SPLITS],
        "labels": [_bars(label, largest) for label in data["labels"]],
        "lengths": data.get("lengths") or [],
        "columns": data.get("columns") or [],
        "reasons": data.get("reasons") or [],
        "set_aside_rows": data.get("set_aside_rows") or [],
        "conflict_rows": data.get("conflict_rows") or [],
        "near_rows": data.get("near_rows") or [],
    }


def _flow(data: Tree) -> str:
    parts = listed([f"{data[split]:,} to {'learn from' if split == 'train' else split}" for split in SPLITS])
    aside = f"{count(data['set_aside'], 'was', 'were')} set aside" if data["set_aside"] else "none was set aside"
    return f"{count(data['rows_in'], 'row')} came in: {parts}; {aside}."


def _source(source: Tree) -> str:
    """Where the rows were read, and how the bytes were understood."""
    kind = KINDS.get(source["kind"], source["kind"])
    said = f"Read from {kind}" if source["kind"] in {"texts", "hub"} else f"Read from {count(source['files'], f'{kind} file')}"
    how = [f"encoding {source['encoding']}"] * bool(source["encoding"]) + [f"separated by {_shown(source['delimiter'])}"] * bool(source["delimiter"])
    return f"{', '.join([said, *how])}{' (recognized, not set)' if source['recognized'] and how else ''}."


def _shown(delimiter: str) -> str:
    return {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "upright bars", " ": "spaces"}.get(delimiter, f"“{delimiter}”")


def _checks(data: Tree) -> Iterator[tuple[str, int, str]]:
    """What was looked for in the rows, how many were found, and what it means."""
    said = {
        "copies": ("Copies", "rows whose text and label occur before; set aside"),
        "conflicts": ("Conflicts", "rows whose text also stands with another label"),
        "near_duplicates": ("Near-duplicates", "pairs of rows with almost the same text"),
        "leaks": ("Leaks", "validation or test rows with a near-duplicate in training: their answers may be remembered"),
    }
    for key, (name, words) in said.items():
        if data.get(key) is not None:
            yield name, data[key], words


def _bars(label: Tree, largest: int) -> dict[str, Any]:
    """The counts of a label, and where its three bars start and how long they are, in percent."""
    bars, start = [], 0.0
    for split in SPLITS:
        width = 100 * label[split] / max(largest, 1)
        bars.append((split, start, width))
        start += width
    return {**label, "bars": bars, "total": sum(label[split] for split in SPLITS)}

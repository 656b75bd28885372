"""Source rows to the task's rows: renamed, checked, split, counted; nothing is lost without a line."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hugline.core.rows import SPLITS, RowWriter, read_rows
from hugline.core.task import Task
from hugline.data.sources import Raw, Source
from hugline.data.splits import split_of
from hugline.errors import DataError

SHOWN_FAULTS = 100  # rows set aside that the report names; the rest is counted


@dataclass
class Ingested:
    """What ingest did: rows in = rows out + rows set aside."""

    task: Task
    rows_in: int = 0
    rows_out: dict[str, int] = field(default_factory=dict)
    labels: dict[str, dict[str, int]] = field(default_factory=dict)  # split -> label -> rows
    aside: list[dict[str, Any]] = field(default_factory=list)  # row, where, reason; no text
    reasons: Counter[str] = field(default_factory=Counter)

    def report(self) -> dict[str, Any]:
        """What reports/data.json says: numbers that DVC shows as metrics, then lists; no row's text in it."""
        names = sorted({name for counts in self.labels.values() for name in counts})
        return {
            "rows_in": self.rows_in,
            **self.rows_out,
            "set_aside": sum(self.reasons.values()),
            "labels": [{"label": name} | {split: counts.get(name, 0) for split, counts in self.labels.items()} for name in names],
            "reasons": [{"reason": reason, "rows": count} for reason, count in sorted(self.reasons.items())],
            "set_aside_rows": self.aside[:SHOWN_FAULTS],
        }


def column_map(task: Task, columns: dict[str, str], keep: list[str], source: Source) -> dict[str, str]:
    """Every column to carry along: the task's name -> the source's; raises DataError for one that is not there."""
    wanted = {name: columns.get(name, name) for name in task.columns} | {name: name for name in keep}
    if missing := {name: theirs for name, theirs in wanted.items() if theirs not in source.columns}:
        asked = ", ".join(f"{theirs!r}" + (f" (for `{name}`)" if name != theirs else "") for name, theirs in missing.items())
        raise DataError(f"the column {asked}", f"columns {', '.join(source.columns)}", "name yours in data.columns and data.keep")
    return wanted


def ingest(source: Source, task: Task, columns: dict[str, str], shares: tuple[float, float], max_bad: float, seed: int, folder: Path) -> Ingested:
    """Write one Parquet file a split into `folder`; raises DataError where the rows can't be used.

    `columns` maps the task's names to the source's, `shares` are those of validation and test where the source
    lacks them. A source that has some splits keeps its own; what it lacks is cut from train by hash.
    """
    done = Ingested(task)
    fields = {"row": "int64"} | dict.fromkeys(columns, "string")
    counts: dict[str, Counter[str]] = {split: Counter() for split in SPLITS}
    with ExitStack() as stack:
        writers = {split: stack.enter_context(RowWriter(folder / f"{split}.parquet", fields)) for split in SPLITS}
        for raw, row in _checked(source, task, columns, done):
            split = _split(raw, row, task, source.splits, shares, seed)
            writers[split].add(row)
            counts[split][str(row.get("label", ""))] += 1
    done.rows_out = {split: writers[split].count for split in SPLITS}
    done.labels = {split: dict(sorted(counts[split].items())) for split in SPLITS}
    _refuse_too_many(done, max_bad)
    _refuse_empty(done)
    done.task = _fitted(task, folder, source.label_names.get(columns.get("label", ""), []))
    return done


def _checked(source: Source, task: Task, columns: dict[str, str], done: Ingested) -> Iterator[tuple[Raw, dict[str, Any]]]:
    """The rows that can be used, under the task's names; the others are noted in `done`."""
    allowed = getattr(task, "labels", None)
    for raw in source.rows():
        done.rows_in += 1
        values = {name: _plain((raw.values or {}).get(theirs)) for name, theirs in columns.items()}
        reason = raw.fault or _fault(values, task, allowed)
        if reason:
            done.reasons[reason.partition(":")[0]] += 1
            if len(done.aside) < SHOWN_FAULTS:
                done.aside.append({"row": raw.number, "where": raw.where, "reason": reason})
        else:
            yield raw, {"row": raw.number} | {k: v if v is None or isinstance(v, str) else str(v) for k, v in values.items()}


def _plain(value: Any) -> Any:
    """A whole number as its digits: a column of class ids in Parquet then reads as the same column of a CSV."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _fault(values: dict[str, Any], task: Task, allowed: list[str] | None) -> str:
    """Why a row can't be used, in words that hold none of its text; empty where it can."""
    for name, value in values.items():
        if name in task.columns and (value is None or (isinstance(value, str) and not value.strip())):
            return f"empty {name}"
        if isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in value):
            return f"invalid UTF-8 in {name}"
    try:
        task.Input.model_validate({name: values[name] for name in task.Input.model_fields})
        task.Target.model_validate({name: values[name] for name in task.Target.model_fields})
    except ValidationError as error:
        return f"wrong type in {'.'.join(map(str, error.errors()[0]['loc']))}: {error.errors()[0]['msg']}"
    if allowed and values["label"] not in allowed:
        return "label not in task.labels"
    return ""


def _split(raw: Raw, row: dict[str, Any], task: Task, given: tuple[str, ...], shares: tuple[float, float], seed: int) -> str:
    if raw.split and raw.split != "train":
        return raw.split
    validation = 0.0 if "validation" in given else shares[0]
    test = 0.0 if "test" in given else shares[1]
    return split_of("\x1f".join(row[name] for name in task.Input.model_fields), seed, validation, test)


def _refuse_too_many(done: Ingested, max_bad: float) -> None:
    bad = sum(done.reasons.values())
    if done.rows_in and bad > max_bad * done.rows_in:
        reasons = ", ".join(f"{reason} ({n})" for reason, n in done.reasons.most_common(5))
        first = "; ".join(f"{a['where']}: {a['reason']}" for a in done.aside[:5])
        raise DataError(
            f"at most {max_bad:.1%} of the rows unusable (data.max_bad)",
            f"{bad} of {done.rows_in}: {reasons}; first: {first}",
            "mend these rows, correct data.columns, or raise data.max_bad",
        )


def _refuse_empty(done: Ingested) -> None:
    if empty := [split for split, n in done.rows_out.items() if not n]:
        counts = ", ".join(f"{split} {n}" for split, n in done.rows_out.items())
        raise DataError(
            f"rows in every split: {', '.join(SPLITS)}", f"none in {', '.join(empty)} ({counts})", "add rows, or raise data.validation or data.test"
        )


def _fitted(task: Task, folder: Path, names: list[str]) -> Task:
    """The task with what the training rows tell; a label that they lack must not appear in the other splits."""
    fitted = task.fit(read_rows(folder, "train"), names)
    for split in SPLITS[1:]:
        fitted.targets(read_rows(folder, split))
    return fitted

"""Source rows to the task's rows: mapped, checked, split, searched for copies, counted; nothing is lost without a line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hugline.core.rows import SPLITS, read_blocks
from hugline.core.task import Task
from hugline.data.copies import Copies, find_copies
from hugline.data.limits import refuse_bad, refuse_conflicts, refuse_copies, refuse_empty, refuse_leaks
from hugline.data.near import find_near
from hugline.data.notices import notices
from hugline.data.outputs import UNSEEN_REASON, write_rows
from hugline.data.placing import Torn, count_fate, count_labels, count_splits, place_rows, set_unseen_aside
from hugline.data.prepare import Prepare, prepared_columns
from hugline.data.reading import Reader, Seen
from hugline.data.roles import Columns, choose_columns
from hugline.data.sources import Source
from hugline.data.spool import UNSEEN, Spool, SpoolWriter
from hugline.data.summary import Found, conflict_rows, describe, describe_lengths
from hugline.params import DataParams


@dataclass(frozen=True)
class Ingested:
    """The task completed by the training rows, and what reports/data.json says."""

    task: Task
    report: dict[str, Any]


def ingest(
    source: Source,
    task: Task,
    settings: DataParams,
    seed: int,
    folder: Path,
    prepare: Prepare = lambda row: row,
    heard: Callable[[int], object] = lambda rows: None,
) -> Ingested:
    """Write into `folder` one Parquet file a split, aside.parquet and near.parquet; raises DataError where the rows can't be used.

    Every row is read, prepared and checked once, into a temporary file in `folder`; all else is told from that, so that
    memory does not grow with the rows. `heard` is told of rows as they are read.
    """
    columns = choose_columns(task, settings, prepared_columns(source, prepare), source.splits)
    with TemporaryDirectory(dir=folder, prefix=".spool-") as temporary:
        with SpoolWriter(Path(temporary), columns.names) as writer:
            seen = Reader(source, task, columns, settings, seed, prepare).read(writer, heard)
        with Spool(Path(temporary)) as spool:
            torn, copies, unseen = _examine(spool, columns, seen, source.splits, settings)
            written = write_rows(spool, columns, folder)
            refuse_empty(written.rows, settings)
            fitted = _fitted(task, folder, source.label_names.get(columns.task.get("label", ""), []))
            near = find_near(spool, settings.near, len(task.Input.model_fields), folder / "near.parquet")
            refuse_leaks(near, written.rows["validation"] + written.rows["test"], settings.max_leaks)
            conflicts = conflict_rows(spool, copies.pairs, seen.labels)
            found = Found(columns, seen, torn, copies, conflicts, unseen, written, count_labels(spool, len(seen.labels)), near)
            return Ingested(fitted, describe(found, source.info, describe_lengths(spool), notices(found, settings, source.info)))


def _examine(spool: Spool, columns: Columns, seen: Seen, given: Sequence[str], settings: DataParams) -> tuple[Torn, Copies, list[str]]:
    """Put every row into its split or aside: groups in several splits, copies, labels that training lacks. Raises DataError above a limit."""
    refuse_bad(spool, seen.reasons, settings.max_bad)
    torn = place_rows(spool, columns, seen, given, settings.validation, settings.test)
    copies = find_copies(spool)
    refuse_copies(spool, copies.copies, settings.max_copies)
    refuse_conflicts(spool, copies, settings.max_conflicts)
    refuse_empty(count_splits(spool), settings)
    unseen = set_unseen_aside(spool, len(seen.labels))
    seen.reasons.update({UNSEEN_REASON: count} if (count := count_fate(spool, UNSEEN)) else {})
    refuse_bad(spool, seen.reasons, settings.max_bad)
    return torn, copies, sorted(name for name, number in seen.labels.items() if unseen[number])


def _fitted(task: Task, folder: Path, names: list[str]) -> Task:
    """The task with what the training rows tell; a target that it can't know must not be in the other splits."""
    fitted = task.fit(_rows(task, folder, "train"), names)
    for split in SPLITS[1:]:
        for block in read_blocks(folder, split, task.columns):
            fitted.targets(block)
    return fitted


def _rows(task: Task, folder: Path, split: str) -> Any:
    """A split's rows one by one, with the task's columns only."""
    return (row for block in read_blocks(folder, split, task.columns) for row in block)

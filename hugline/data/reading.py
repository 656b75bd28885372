"""The first pass of ingest: every source row, prepared and checked, into the spool."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from hugline.core.rows import SPLITS
from hugline.core.task import Task
from hugline.data.checks import RowCheck, plain
from hugline.data.prepare import Prepare, prepare_row
from hugline.data.roles import IS_VALID, Columns
from hugline.data.sources import Raw, Source
from hugline.data.splits import BOOLEANS, UNSPLIT, digest_of, moment_of, place_of, word_code
from hugline.data.spool import FAULTY, Key, SpoolWriter
from hugline.errors import DataError
from hugline.params import DataParams

MAX_LABELS = 10_000  # names that are counted one by one
MAX_VALUES = 1000  # different values of a kept column that are counted
NAMED = 5  # rows that a message names


@dataclass
class Seen:
    """What the rows say together, learned while they are read."""

    rows: int = 0
    reasons: Counter[str] = field(default_factory=Counter)  # kind of fault -> rows
    labels: dict[str, int] = field(default_factory=dict)  # name -> number, in the order of appearance
    label_changes: int = 0  # neighbours with different labels
    values: dict[str, set[int]] = field(default_factory=dict)  # kept column -> hashes of its values, MAX_VALUES at most
    codes: set[int] = field(default_factory=set)  # of the splits that rows are given
    no_boolean: list[int] = field(default_factory=list)  # first rows whose is_valid is none
    ungrouped: int = 0  # rows without a value in data.group_by
    dates: Counter[bool] = field(default_factory=Counter)  # True: numbers, False: ISO dates


def kind_of(reason: str) -> str:
    """Why a row is set aside, without what differs from row to row: what rows are counted by."""
    return "copy" if reason.startswith("copy of row ") else reason.partition(":")[0]


def cell(values: dict[str, Any], name: str) -> Any:
    """One value as CSV would have it; None for a number that is too long to write out."""
    try:
        return plain(values.get(name))
    except ValueError:
        return None


class Reader:
    """Reads a source once, row by row."""

    def __init__(self, source: Source, task: Task, columns: Columns, settings: DataParams, seed: int, prepare: Prepare) -> None:
        self._source, self._columns, self._settings, self._seed, self._prepare = source, columns, settings, seed, prepare
        self._check = RowCheck(task, columns, settings.max_chars)
        self._inputs, self._width = len(task.Input.model_fields), len(task.columns)
        self._label = task.columns.index("label") if "label" in task.columns else None
        self._last = -1
        self.seen = Seen(values={name: set() for name in columns.kept})

    def read(self, spool: SpoolWriter, heard: Callable[[int], object]) -> Seen:
        """Write every row to the spool, with its key or its fault."""
        for raw in islice(self._source.rows(), self._settings.limit):
            fault, row, key = self._row(raw)
            if fault:
                self.seen.reasons[kind_of(fault)] += 1
            spool.add(raw.where, fault, row, Key(number=raw.number, fate=FAULTY) if key is None else key)
            self.seen.rows += 1
            heard(1)
        return self.seen

    def _row(self, raw: Raw) -> tuple[str, list[str | None], Key | None]:
        if raw.fault or raw.values is None:
            return raw.fault or "unreadable", [], None
        values = prepare_row(self._prepare, raw)
        if values is None:
            return "prepare gave none", [], None
        fault, row = self._check(values)
        if fault:
            return fault, [], None
        fault, split, time, group = self._rules(values, raw)
        if fault:
            return fault, [], None
        return "", row, self._key(raw.number, row, split, time, group)

    def _rules(self, values: dict[str, Any], raw: Raw) -> tuple[str, int, float, str]:
        """What the columns that split the rows say: a fault or none, the split's code, the moment, the group."""
        columns, split, time, group = self._columns, UNSPLIT, 0.0, ""
        if raw.split:
            split = SPLITS.index(raw.split)
        elif columns.split_by:
            split = word_code(cell(values, columns.split_by))
            if split == UNSPLIT:
                return f"no split's name in {columns.split_by}", split, time, group
        elif columns.is_valid:
            split = word_code(cell(values, IS_VALID), BOOLEANS)
            if split == UNSPLIT and len(self.seen.no_boolean) < NAMED:
                self.seen.no_boolean.append(raw.number)
        if columns.time:
            moment = moment_of(cell(values, columns.time))
            if moment is None:
                return f"no date in {columns.time}", split, time, group
            time, number = moment
            self.seen.dates[number] += 1
        if columns.group_by:
            found = cell(values, columns.group_by)
            group = "" if found is None else str(found).strip()
            self.seen.ungrouped += not group
        self.seen.codes.add(split)
        return "", split, time, group

    def _key(self, number: int, row: list[str | None], split: int, time: float, group: str) -> Key:
        texts = [str(text) for text in row[: self._inputs]]
        # no text holds a NUL, so that no two different rows join to one string
        digest = digest_of("\0".join(text.strip() for text in texts), self._seed)
        target = digest_of("\0".join(map(str, row[self._inputs : self._width])), self._seed)
        ours = digest_of(group, self._seed) if group else b""
        for name, value in zip(self._columns.kept, row[self._width :], strict=True):
            found = self.seen.values[name]
            if value is not None and len(found) < MAX_VALUES:
                found.add(hash(value))
        return Key(
            text=digest[8:24],
            target=target[:8],
            group=ours[8:16],
            place=place_of(ours or digest),
            time=time,
            number=number,
            length=sum(map(len, texts)),
            label=self._label_of(row),
            split=split,
        )

    def _label_of(self, row: list[str | None]) -> int:
        if self._label is None:
            return -1
        labels, name = self.seen.labels, str(row[self._label])
        label = labels.setdefault(name, len(labels))
        if len(labels) > MAX_LABELS:
            found = f"over {MAX_LABELS} different ones in the column {self._columns.task['label']!r}"
            raise DataError("a column of labels", found, "name the column of the labels in data.columns.label")
        self.seen.label_changes += label != self._last
        self._last = label
        return label

"""Whether one row can be used: its values as text, or the reason why not, in words that hold none of its text."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from hugline.core.task import Task
from hugline.data.roles import Columns

EXACT_FLOAT = 2**53  # up to here a float holds every whole number

Checked = tuple[str, list[str | None]]  # why a row is set aside, empty where it is not; its values, in the order of Columns.names


class RowCheck:
    """Checks one row after another; a row's values come out as text, in the order of `columns.names`."""

    def __init__(self, task: Task, columns: Columns, max_chars: int) -> None:
        self._names = columns.names
        self._task = tuple(columns.task.items())
        self._kept = columns.kept
        self._max_chars = max_chars
        self._models = [(model, tuple(model.model_fields)) for model in (task.Input, task.Target)]
        self._labels = frozenset(getattr(task, "labels", None) or ())

    def __call__(self, values: Mapping[str, Any]) -> Checked:
        """The row's values, or why it can't be used."""
        try:
            ours = {name: plain(values.get(theirs)) for name, theirs in self._task}
        except ValueError:  # python refuses to write out whole numbers of over 4,300 digits
            return "wrong type: a number with thousands of digits", []
        if fault := self._fault(ours):
            return fault, []
        row: list[str | None] = [value if isinstance(value, str) else str(value) for value in ours.values()]
        try:
            row += [as_text(values.get(name)) for name in self._kept]
        except (ValueError, TypeError, RecursionError) as error:
            return f"wrong type in a kept column: {type(error).__name__}", []
        return ("", row) if _is_unicode(row) else (f"invalid UTF-8 in {self._first_broken(row)}", [])

    def _fault(self, ours: dict[str, Any]) -> str:
        for name, value in ours.items():
            if value is None:
                return f"empty {name}"
            if isinstance(value, str):
                if len(value) > self._max_chars:
                    return f"over-long {name}: {len(value)} characters"
                if not value.strip():
                    return f"empty {name}"
                if "\0" in value:  # no writing has it: binary data, or UTF-16 read as something else
                    return f"NUL character in {name}"
        try:
            for model, fields in self._models:
                model.model_validate({name: ours[name] for name in fields})
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            return f"wrong type in {'.'.join(map(str, first['loc']))}: {first['msg']}"
        return "label not in task.labels" if self._labels and ours["label"] not in self._labels else ""

    def _first_broken(self, row: list[str | None]) -> str:
        return next(name for name, value in zip(self._names, row, strict=True) if not _is_unicode([value]))


def _is_unicode(values: list[str | None]) -> bool:
    """Whether no value has a lone surrogate: a byte that is no UTF-8, or half a character of JSON."""
    try:
        "".join(filter(None, values)).encode()
    except UnicodeEncodeError:
        return False
    return True


def plain(value: Any) -> Any:
    """A cell as CSV would have it: whole numbers and booleans as text, NaN as nothing; other types as they are.

    Class ids in Parquet then read as in a CSV, also where one missing value has made floats of them.
    Raises ValueError for a whole number that is too long to write out.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if value != value:
            return None
        return str(int(value)) if abs(value) <= EXACT_FLOAT and value.is_integer() else value
    return value


def as_text(value: Any) -> str | None:
    """A kept column's cell as text: nested values as JSON, bytes by their number. Raises for what can't be written out."""
    value = plain(value)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return f"{len(value)} bytes"
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)

"""Arrow batches as rows of plain values; a value that Python can't hold spoils its row only."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from hugline.data.parts import plain

BATCH_ROWS = 1000  # held at a time
_UNREADABLE = object()


def batch_rows(batch: Any, columns: tuple[str, ...]) -> Iterator[tuple[dict[str, Any] | None, str]]:
    """The rows of a record batch or table: values by column, or None and a fault."""
    values = [_values(column) for column in batch.columns]
    for row in zip(*values, strict=True):
        bad = [name for name, value in zip(columns, row, strict=True) if value is _UNREADABLE]
        yield (None, f"unreadable value in {bad[0]}") if bad else (dict(zip(columns, row, strict=True)), "")


def _values(column: Any) -> list[Any]:
    try:
        return [plain(value) for value in column.to_pylist()]
    except (ValueError, OverflowError):  # text that is no UTF-8, a time beyond Python's
        return [_value(scalar) for scalar in column]


def _value(scalar: Any) -> Any:
    try:
        return plain(scalar.as_py())
    except UnicodeDecodeError:
        return scalar.as_buffer().to_pybytes().decode("utf-8", "surrogateescape") if hasattr(scalar, "as_buffer") else _UNREADABLE
    except (ValueError, OverflowError):
        return _UNREADABLE


def class_names(metadata: Mapping[bytes, bytes] | None) -> dict[str, list[str]]:
    """Names of class ids by column, where the `datasets` library has written them into a file's schema."""
    try:
        features = json.loads((metadata or {}).get(b"huggingface", b"{}"))["info"]["features"]
        return {name: [str(n) for n in f["names"]] for name, f in features.items() if isinstance(f, dict) and f.get("_type") == "ClassLabel"}
    except (ValueError, KeyError, TypeError, AttributeError):  # written by others, or not at all
        return {}

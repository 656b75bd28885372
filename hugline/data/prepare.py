"""The user's own function on every source row, before anything else sees it."""

import traceback
from collections.abc import Callable
from itertools import islice
from typing import Any

from hugline.data.sources import Raw, Source
from hugline.errors import DataError, UserError

Prepare = Callable[[dict[str, Any]], dict[str, Any] | None]

LOOK_ROWS = 100  # rows that are prepared beforehand, to see which columns come of it
TELLING = (TypeError, AttributeError, NameError)  # python's own messages of these name types and names, no values


def prepare_row(prepare: Prepare, raw: Raw) -> dict[str, Any] | None:
    """A readable row's columns after `prepare`; None sets it aside. Raises DataError that names the row and the line of code."""
    assert raw.values is not None
    try:
        prepared = prepare(raw.values)
    except UserError:
        raise
    except Exception as error:  # whatever the user's own code raises
        remedy = "correct prepare, or let it return None for such a row, which sets the row aside"
        raise DataError("prepare to take every row", f"{_told(error)}, at row {raw.number} ({raw.where})", remedy) from error
    if prepared is not None and not isinstance(prepared, dict):
        found = f"a {type(prepared).__name__} for row {raw.number} ({raw.where})"
        raise DataError("a dict of columns, or None, from prepare", found, "end prepare with `return row`")
    return prepared


def prepared_columns(source: Source, prepare: Prepare) -> tuple[str, ...]:
    """The source's columns, without those that `prepare` drops and with those that it makes, by a look at the first rows."""
    columns = dict.fromkeys(source.columns)
    dropped, made = set(columns), dict[str, None]()
    for raw in islice(source.rows(), LOOK_ROWS):
        if raw.values is None or raw.fault:
            continue
        before = set(raw.values)
        after = prepare_row(prepare, raw)
        if after is not None:
            dropped &= before - set(after)
            made |= dict.fromkeys(after)
    if not made:  # no row came through: nothing was learned
        return source.columns
    return tuple(name for name in columns | made if name not in dropped)


def _told(error: Exception) -> str:
    """The kind of an error and the hook's own line; its message only where no text of a row can be in it."""
    frames = traceback.extract_tb(error.__traceback__)
    hook = frames[1] if len(frames) > 1 else frames[0]  # the first frame is ours
    line = [frame for frame in frames if frame.filename == hook.filename][-1]
    said = str(error)
    safe = isinstance(error, TELLING) or (isinstance(error, KeyError) and said in (line.line or "").replace('"', "'"))
    name = line.filename.replace("\\", "/").split("/")[-1]
    return f"{type(error).__name__}{f': {said}' if safe else ''} in {name}, line {line.lineno}: {line.line}"

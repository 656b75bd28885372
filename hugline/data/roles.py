"""Which of the source's columns are used, and for what."""

from collections.abc import Sequence
from dataclasses import dataclass

from hugline.core.task import Task
from hugline.errors import DataError
from hugline.params import DataParams

ROW = "row"  # the column that every ingested row has: its number in the source
NAME_CHARS = 40  # longer ones are no names of columns
IS_VALID = "is_valid"  # fastai's name of a column that says which rows are validation


@dataclass(frozen=True)
class Columns:
    """The source's columns by their use."""

    task: dict[str, str]  # task column -> source column
    kept: tuple[str, ...]  # carried along under their own names
    left_out: tuple[str, ...] = ()  # would be kept, but for their names
    split_by: str | None = None
    group_by: str | None = None
    time: str | None = None
    is_valid: bool = False  # whether a column is_valid splits the rows, if all its values are booleans

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of an ingested row, but for its number."""
        return (*self.task, *self.kept)


def choose_columns(task: Task, settings: DataParams, names: Sequence[str], given: Sequence[str] = ()) -> Columns:
    """Every column's use; raises DataError for one that is not there, and for split rules that exclude each other.

    `names` are the source's columns, `given` the splits that its files have by themselves.
    """
    _refuse_two_rules(settings, given)
    ours = {name: settings.columns.get(name, name) for name in task.columns}
    rules = {"split_by": settings.split_by, "group_by": settings.group_by, "time": settings.time}
    wanted = [(theirs, f"`{name}`" if name != theirs else "") for name, theirs in ours.items()]
    wanted += [(name, "") for name in settings.keep or ()]
    wanted += [(name, f"data.{rule}") for rule, name in rules.items() if name]
    _refuse_missing(wanted, names)
    others = [name for name in names if name not in ours.values()] if settings.keep is None else settings.keep
    reserved = {*task.columns, ROW}
    kept, left_out = (tuple(name for name in others if (name in reserved) == out) for out in (False, True))
    is_valid = IS_VALID in names and not settings.split_by and not settings.time and not given
    return Columns(ours, kept, left_out, **rules, is_valid=is_valid)


def _refuse_missing(wanted: list[tuple[str, str]], names: Sequence[str]) -> None:
    missing = [f"{name!r}" + (f" (for {use})" if use else "") for name, use in wanted if name not in names]
    if missing:
        noun = "column" if len(missing) == 1 else "columns"
        raise DataError(f"the {noun} {', '.join(missing)}", f"columns {told(names)}", "name yours in data.columns, keep, split_by, group_by or time")


def _refuse_two_rules(settings: DataParams, given: Sequence[str]) -> None:
    """One thing at most says which split a row belongs to; a group only says which rows stay together."""
    said = [f"data.{name}: {value}" for name, value in (("split_by", settings.split_by), ("time", settings.time)) if value]
    if given:
        said.append(f"files named after the splits {', '.join(given)}")
    if len(said) > 1:
        raise DataError("one rule that splits the rows", " beside ".join(said), "set all but one of them to null, or name one file in data.path")
    if settings.time and settings.group_by:
        found = f"data.time: {settings.time} beside data.group_by: {settings.group_by}"
        raise DataError("rows split by time, or by a hash of their groups", found, "set one of them to null: a group's rows are of different ages")


def told(names: Sequence[str]) -> str:
    """Column names for a message; what reads like a text is told by its length, since a file without a header has a row in its place."""
    return ", ".join(name if len(name) <= NAME_CHARS and "@" not in name else f"(a name of {len(name)} characters)" for name in names)

"""The small language that names parts of the rows: by length, by a word, by a column's value."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hugline.core.task import Row, Task

FORMS = "`len > 64`, `contains: word`, `column = value` or `column != value`"
COMPARE: dict[str, Callable[[int, int], bool]] = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt, "=": operator.eq}
LENGTH = re.compile(r"len\s*(<=|>=|<|>|=)\s*(\d+)")
CONTAINS = re.compile(r"contains\s*:\s*(\S.*)")
EMPTY = "(empty)"  # what a missing value is called
COLUMN = re.compile(r"([^=!<>:]*[^=!<>:\s])\s*(!?=)\s*([^=<>\s].*)")


@dataclass(frozen=True)
class Slice:
    """One expression: words counted ("len"), a word found ("contains"), or a column compared."""

    text: str  # as it was given
    column: str | None  # None: of the input texts
    sign: str  # "<=", ">=", "<", ">", "=", "!=" or "contains"
    value: str

    def holds(self, task: Task, row: Row) -> bool:
        """Whether a row belongs to the slice; the row has the column."""
        if self.column is not None:
            return (value_of(row, self.column) == self.value) == (self.sign == "=")
        if self.sign == "contains":
            return any(_word(self.value).search(text) for text in input_texts(task, row))
        return COMPARE[self.sign](count_words(task, row), int(self.value))


def parse_slice(text: str) -> Slice:
    """An expression of `evaluate.slices`; raises ValueError with the accepted forms.

    Lengths are in words of all input texts; a word is found whole, in upper or lower case; a value stands
    without quotes, as it is in the column, and a missing one is `(empty)`.
    """
    given = text.strip()
    if match := LENGTH.fullmatch(given):
        return Slice(given, None, match[1], match[2])
    if match := CONTAINS.fullmatch(given):
        return Slice(given, None, "contains", match[1])
    if match := COLUMN.fullmatch(given):
        return Slice(given, match[1], match[2], match[3])
    raise ValueError(FORMS)


def _word(value: str) -> re.Pattern[str]:
    """Finds a word whole: no letter or digit goes on before or after it; a mark such as `?` is found anywhere."""
    before, after = (r"(?<!\w)" if re.match(r"\w", value) else "", r"(?!\w)" if re.search(r"\w$", value) else "")
    return re.compile(f"{before}{re.escape(value)}{after}", re.IGNORECASE)


def value_of(row: Row, column: str) -> str:
    """A column's value as text."""
    return EMPTY if row[column] is None or row[column] == "" else str(row[column])


def input_texts(task: Task, row: Row) -> Sequence[str]:
    """The texts that a row gives to the model."""
    return [str(row[name]) for name in task.Input.model_fields]


def count_words(task: Task, row: Row) -> int:
    """Words of all input texts of a row, divided by white space."""
    return sum(len(text.split()) for text in input_texts(task, row))

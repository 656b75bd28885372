"""What the columns of a source hold, and which of them are the texts and the labels."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hugline.data.checks import plain
from hugline.data.sources import Raw

MOST_VALUES = 1000  # distinct values that are counted; a label with more is none
TEXT_NAMES = re.compile(r"text|message|body|content|comment|review|question|query|utterance|sentence|tweet|description|ticket", re.IGNORECASE)
LABEL_NAMES = re.compile(r"label|categor|class|intent|team|topic|tag|target|sentiment|department|queue|stars|rating", re.IGNORECASE)
DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}( \d{1,2}:\d{2}.*)?")


@dataclass
class Column:
    """What one column holds."""

    name: str
    rows: int = 0
    filled: int = 0
    numbers: int = 0
    fractions: int = 0  # numbers that are not whole
    dates: int = 0
    words: int = 0  # of all values together
    values: set[int] = field(default_factory=set, repr=False)  # hashes, at most MOST_VALUES + 1 of them

    def add(self, value: Any) -> None:
        """One more row's value."""
        text = as_name(value)
        self.rows += 1
        if not text.strip():
            return
        self.filled += 1
        self.words += len(text.split())
        self.dates += DATE.fullmatch(text.strip()) is not None
        number = _number(text)
        self.numbers += number is not None
        self.fractions += number is not None and number != int(number)
        if len(self.values) <= MOST_VALUES:
            self.values.add(hash(text))

    @property
    def mean_words(self) -> float:
        """Words of a value, on average."""
        return self.words / self.filled if self.filled else 0.0

    @property
    def is_fractions(self) -> bool:
        """Whether it holds numbers, some of them not whole: something to predict by regression."""
        return self.filled > 0 and self.numbers == self.filled and self.fractions > 0

    @property
    def facts(self) -> tuple[str, str]:
        """How many values, and of what kind."""
        count = len(self.values)
        many = (
            f"over {MOST_VALUES:,}"
            if count > MOST_VALUES
            else "all different"
            if count == self.filled > 1
            else f"{count:,} {'value' if count == 1 else 'values'}"
        )
        kind = self._kind()
        return many, kind if self.filled in (0, self.rows) else f"{kind}, {1 - self.filled / self.rows:.1%} empty"

    def _kind(self) -> str:
        if not self.filled:
            return "empty"
        for count, kind in ((self.numbers, "numbers" if self.fractions else "whole numbers"), (self.dates, "dates")):
            if count >= 0.99 * self.filled:
                return kind
        return f"{self.mean_words:.0f} {'word' if round(self.mean_words) == 1 else 'words'} each"


def look_at_columns(rows: Iterable[Raw], names: Sequence[str]) -> list[Column]:
    """What each column holds; unreadable rows are left out."""
    columns = [Column(name) for name in names]
    for raw in rows:
        if raw.values is not None:
            for column in columns:
                column.add(raw.values.get(column.name))
    return columns


def guess_text(columns: Sequence[Column]) -> str | None:
    """The column that most likely holds the texts: the one with the longest values; a telling name counts double."""
    worded = [c for c in columns if c.numbers + c.dates < c.filled and len(c.values) > 1]
    best = max(worded, key=lambda c: c.mean_words * (2 if TEXT_NAMES.search(c.name) else 1), default=None)
    return best.name if best else None


def guess_label(columns: Sequence[Column], text: str | None) -> str | None:
    """The column that most likely holds the labels: few values, a telling name, words before numbers."""
    few = [c for c in columns if c.name != text and 2 <= len(c.values) <= min(MOST_VALUES, c.filled / 2) and not c.is_fractions and c.dates < c.filled]
    best = min(few, key=lambda c: (not LABEL_NAMES.search(c.name), c.numbers == c.filled, c.mean_words > 4, len(c.values)), default=None)
    return best.name if best else None


def as_name(value: Any) -> str:
    """A cell as a name or text, as ingest reads it: whole numbers and booleans written out; empty where there is nothing."""
    value = plain(value)
    return "" if value is None else str(value)


def _number(text: str) -> float | None:
    try:
        number = float(text.replace(",", ".") if DECIMAL_COMMA.fullmatch(text.strip()) else text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def shown(name: str) -> str:
    """A name as one line of a terminal can show it: no line breaks, no control characters."""
    return "".join(c if c.isprintable() else " " for c in name)

"""A first look at rows as texts with a label, before anything is trained: counts, lengths, and what looks wrong."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hugline.data.checks import plain
from hugline.data.guess import MOST_VALUES, as_name
from hugline.data.sources import Raw

SHOWN_ROWS = 5  # row numbers that a finding names
SAMPLE_ROWS = 1000  # drawn at random, for lengths in tokens and for speed
SAMPLE_CHARS = 20_000
LEAK = 0.9  # share of the errors of always saying the commonest label that a leaking column would spare


@dataclass
class Rows:
    """Some rows: how many, and the first of their numbers."""

    count: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, number: int) -> None:
        """One more."""
        self.count += 1
        if len(self.first) < SHOWN_ROWS:
            self.first.append(number)


@dataclass
class Preview:
    """What the rows hold, read as texts with a label."""

    labels: Counter[str] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)  # those that the source names
    words: Counter[int] = field(default_factory=Counter)  # words of a row's texts -> rows
    usable: int = 0
    unreadable: Rows = field(default_factory=Rows)
    empty: Rows = field(default_factory=Rows)
    unlabelled: Rows = field(default_factory=Rows)
    broken: Rows = field(default_factory=Rows)
    long: Rows = field(default_factory=Rows)
    copies: Rows = field(default_factory=Rows)
    conflicts: Rows = field(default_factory=Rows)
    letters: Counter[str] = field(default_factory=Counter)  # beyond ASCII
    named: int = 0  # rows whose text holds their label's name
    leaks: list[tuple[str, float]] = field(default_factory=list)  # column, share of the rows whose label it tells
    sample: list[tuple[str, ...]] = field(default_factory=list, repr=False)

    def words_at(self, share: float) -> int:
        """The number of words that this share of the rows stays within."""
        seen = 0
        for length in sorted(self.words):
            seen += self.words[length]
            if seen >= share * self.usable:
                return length
        return 0

    def share_above(self, words: float) -> float:
        """The share of the rows with more words."""
        return sum(n for length, n in self.words.items() if length > words) / max(1, self.usable)


def look_at_rows(rows: Iterable[Raw], texts: Sequence[str], label: str, others: Sequence[str], max_chars: int) -> Preview:
    """Read the rows as texts with a label: counts, lengths, and what looks wrong.

    Memory: a dictionary of a hash a row, `MOST_VALUES` values of each other column, and a sample of `SAMPLE_ROWS` rows
    with `SAMPLE_CHARS` of each text.
    """
    found, seen, chance = Preview(), _Seen(), random.Random(0)
    tables: dict[str, _Table] = {name: _Table() for name in others}
    for raw in rows:
        if raw.values is None:
            found.unreadable.add(raw.number)
            continue
        cells = [plain(raw.values.get(column)) for column in (*texts, label)]
        if not _usable(found, raw.number, cells, max_chars):
            continue
        *given, name = cells
        found.usable += 1
        found.labels[name] += 1
        found.splits[raw.split or ""] += 1
        found.words[sum(len(text.split()) for text in given)] += 1
        for text in (*given, name):
            if not text.isascii():
                found.letters.update(c for c in text if c > "\x7f")
        found.named += len(name) > 2 and any(name.casefold() in text.casefold() for text in given)
        seen.add(found, raw.number, "\0".join(text.strip() for text in given), name)
        for other, table in tables.items():
            table.add(raw.values.get(other), name)
        _draw(found, given, chance)
    found.leaks = [(other, table.share) for other, table in tables.items() if table.tells(found.labels)]
    return found


def _usable(found: Preview, number: int, cells: list[Any], max_chars: int) -> bool:
    """Whether ingest would take a row's texts and label; if not, it is noted."""
    *given, name = cells
    for wrong, rows in (
        (any(_is_blank(text) for text in given), found.empty),
        (_is_blank(name), found.unlabelled),
        (not all(isinstance(cell, str) and _is_unicode(cell) for cell in cells), found.broken),
        (any(len(text) > max_chars for text in given if isinstance(text, str)), found.long),
    ):
        if wrong:
            rows.add(number)
            return False
    return True


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _is_unicode(text: str) -> bool:
    """Whether it has no lone surrogate: a byte that is none of its encoding, or half a character of JSON."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _draw(found: Preview, given: list[str], chance: random.Random) -> None:
    """Keep a random sample of fixed size (reservoir sampling, algorithm R)."""
    row = tuple(text[:SAMPLE_CHARS] for text in given)
    if len(found.sample) < SAMPLE_ROWS:
        found.sample.append(row)
    elif (place := chance.randrange(found.usable)) < SAMPLE_ROWS:
        found.sample[place] = row


class _Seen:
    """The texts so far, by hash, each with the label that it stood with first."""

    def __init__(self) -> None:
        self._label_of: dict[int, int] = {}
        self._ids: dict[str, int] = {}

    def add(self, found: Preview, number: int, text: str, name: str) -> None:
        """Note a row whose text was seen before: a copy, or a conflict where the label is another."""
        key = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
        label = self._ids.setdefault(name, len(self._ids))
        first = self._label_of.get(key)
        if first is None:
            self._label_of[key] = label
        elif first == label:
            found.copies.add(number)
        else:
            found.conflicts.add(number)


class _Table:
    """How often each value of a column stands with each label; given up where the values are too many."""

    def __init__(self) -> None:
        self._counts: dict[int, Counter[str]] | None = {}
        self._rows = 0

    def add(self, value: Any, label: str) -> None:
        """One more row."""
        if self._counts is None:
            return
        self._rows += 1
        self._counts.setdefault(hash(as_name(value)), Counter())[label] += 1
        if len(self._counts) > MOST_VALUES:
            self._counts = None

    @property
    def share(self) -> float:
        """The share of the rows whose label is the commonest one beside their value."""
        counts = (self._counts or {}).values()
        return sum(max(c.values()) for c in counts) / max(1, self._rows)

    def tells(self, labels: Counter[str]) -> bool:
        """Whether the column gives the label away: few values, and far better than the commonest label alone."""
        if self._counts is None or len(self._counts) > self._rows / 5:
            return False
        commonest = max(labels.values()) / self._rows
        return commonest < 1 and (self.share - commonest) / (1 - commonest) >= LEAK

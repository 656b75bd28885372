"""A change of a text, and what it must do to the answer: leave it, or move a label's probability."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from random import Random
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from hugline.core.task import Row
from hugline.evaluation.behaviour.base import BehaviourTest, Case, Name, Strict, Text, Texts
from hugline.evaluation.behaviour.words import did_you_mean, listed, told
from hugline.evaluation.perturb import CHANGES

SLACK = 1e-6  # of a probability: batches of another shape round otherwise


def _known(change: str) -> str:
    if change not in CHANGES:
        raise ValueError(f"one of {', '.join(CHANGES)}{did_you_mean(change, CHANGES)}")
    return change


class Replacement(Strict):
    """Words to find, whole and in any case, and what to put there."""

    from_: Text = Field(alias="from")
    to: str

    def __call__(self, text: str) -> str:
        """The text with every find replaced."""
        return re.sub(rf"(?<!\w){re.escape(self.from_)}(?!\w)", lambda _: self.to, text, flags=re.IGNORECASE)


class ChangeTest(BehaviourTest):
    """A change of one's own texts or of test rows; what it leaves as it was is no case."""

    change: Annotated[str, AfterValidator(_known)] | None = None
    append: Text | None = None
    prepend: Text | None = None
    replace: Replacement | None = None
    column: Name | None = None  # of a pair, the one to change; None: both
    texts: list[Texts] | None = Field(None, min_length=1)
    rows: int = Field(100, gt=0)  # test rows to try, at most
    where_label: Name | None = None  # rows of this label only

    @model_validator(mode="after")
    def _one_change(self) -> Self:
        found = [name for name in ("change", "append", "prepend", "replace") if getattr(self, name) is not None]
        if len(found) != 1:
            raise ValueError(f"exactly one of change, append, prepend and replace, found {listed(found)}")
        if self.texts and (beside := {"rows", "where_label"} & self.model_fields_set):
            raise ValueError(f"either `texts` or test rows, found `texts` beside {listed(beside)}")
        return self

    @property
    def labels(self) -> set[str]:
        """The label whose rows are wanted."""
        return {self.where_label} if self.where_label else set()

    @property
    def inputs(self) -> Iterator[set[str]]:
        """Those of its texts."""
        yield from map(set, self.texts or ())

    def cases(self, rows: Sequence[Row], columns: Sequence[str], seed: int) -> Iterator[Case]:
        """Texts or rows that the change alters, each before and after it."""
        sources = ((None, number, texts) for number, texts in enumerate(self.texts)) if self.texts else self._drawn(rows, columns, seed)
        changed = (Case(self._changed(texts, f"{seed} {self.name} {key}"), texts, row) for row, key, texts in sources)
        yield from islice((case for case in changed if case.after != case.before), None if self.texts else self.rows)

    def _drawn(self, rows: Sequence[Row], columns: Sequence[str], seed: int) -> Iterator[tuple[int, int, dict[str, str]]]:
        """The rows in a random order, each with its number, twice, and its input."""
        for at in Random(f"{seed} {self.name}").sample(range(len(rows)), len(rows)):
            row = rows[at]
            if self.where_label is None or row["label"] == self.where_label:
                number = int(row.get("row", at + 1))
                yield number, number, {column: row[column] for column in columns}

    def _changed(self, texts: dict[str, str], key: str) -> dict[str, str]:
        return {column: self._edit(text, Random(key)) if self.column in (None, column) else text for column, text in texts.items()}

    def _edit(self, text: str, random: Random) -> str:
        if self.change:
            return CHANGES[self.change](text, random)
        if self.replace:
            return self.replace(text)
        return " ".join(filter(None, (self.prepend, text, self.append)))


class Invariance(ChangeTest):
    """The change must leave the answer as it was."""

    kind: Literal["invariance"]
    within: float | None = Field(None, ge=0, le=1)  # how far the answer's probability may move

    def verdict(self, case: Case, before: Any, after: Any) -> tuple[bool, str, str]:
        """The answer is the one before."""
        moved = abs(after.scores[before.label] - before.score)
        passed = after.label == before.label and (self.within is None or moved <= self.within + SLACK)
        return passed, told(before) + (f" ± {self.within:g}" if self.within is not None else ""), told(after)


class Direction(ChangeTest):
    """The change must move a label's probability up or down, or make that label the answer."""

    kind: Literal["direction"]
    label: Name
    expect: Literal["up", "down", "label"]
    by: float = Field(0.0, ge=-1, le=1)  # points of probability, at least; below 0: how far it may go the other way
    rows: int = Field(50, gt=0)

    @model_validator(mode="after")
    def _by_fits(self) -> Self:
        if self.expect == "label" and self.by:
            raise ValueError("`by` only beside `expect: up` or `expect: down`")
        return self

    @property
    def labels(self) -> set[str]:
        """The label that is watched, too."""
        return {self.label, *super().labels}

    def verdict(self, case: Case, before: Any, after: Any) -> tuple[bool, str, str]:
        """The label has moved, or is the answer."""
        if self.expect == "label":
            return after.label == self.label, self.label, told(after)
        sign, words = (1, "at least") if self.expect == "up" else (-1, "at most")
        was, now = before.scores[self.label], after.scores[self.label]
        return sign * (now - was) >= self.by - SLACK, f"{self.label} {words} {was + sign * self.by:.3f}", f"{self.label} {now:.3f}"

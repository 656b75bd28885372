"""Words that drove an answer: what the probability of its label loses when a word is left out.

Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.2; for words: Li, Monroe
and Jurafsky, "Understanding Neural Networks through Representation Erasure", 2016, arXiv:1612.08220.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hugline.core.task import Row

Classify = Callable[[Sequence[Row]], Sequence[Any]]  # rows -> answers that have `label` and `scores` (label -> probability)
Words = list[tuple[str, float]]  # in the order of the text

VARIANTS = 60  # of a row at most: what an explanation costs, in forward passes
NO_SPACES = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Hiragana, Katakana, Han: a character is a word
WORD = re.compile(rf"[{NO_SPACES}]|[^\s{NO_SPACES}]+")


class Part(NamedTuple):
    """Characters [start, end) of one text of a row."""

    column: str
    start: int
    end: int


def occlude(classify: Classify, row: Row, answer: Any, columns: Sequence[str]) -> Words:
    """The words of a row's texts, each with the probability that the answer's label loses without it.

    A weight above 0 speaks for the answer, one below 0 against it. `answer` is what `classify` gave the whole row,
    `columns` are the task's input texts, in order. Texts of more than 60 words together are left out in chunks of
    consecutive words, all of one length, so that 60 forward passes are enough. Languages that put neither spaces
    nor Han or Kana between words (Thai, Khmer) are not divided.
    """
    return occlude_rows(classify, [row], [answer], columns)[0]


def occlude_rows(classify: Classify, rows: Sequence[Row], answers: Sequence[Any], columns: Sequence[str]) -> list[Words]:
    """`occlude` for many rows, in one call of `classify`; a row without words has no weights."""
    parts = [parts_of(row, columns) for row in rows]
    variants = [without(row, part) for row, found in zip(rows, parts, strict=True) for part in found]
    occluded = iter(classify(variants) if variants else [])
    return [
        [(row[part.column][part.start : part.end], answer.scores[answer.label] - next(occluded).scores[answer.label]) for part in found]
        for row, answer, found in zip(rows, answers, parts, strict=True)
    ]


def parts_of(row: Row, columns: Sequence[str]) -> list[Part]:
    """What is left out of a row, one at a time: words, or chunks of the smallest length that makes at most 60; none spans two texts."""
    words = [[Part(column, *match.span()) for match in WORD.finditer(row[column])] for column in columns]
    size = 1
    while sum(-(-len(found) // size) for found in words) > VARIANTS:
        size += 1
    chunks = [found[i : i + size] for found in words for i in range(0, len(found), size)]
    return [Part(chunk[0].column, chunk[0].start, chunk[-1].end) for chunk in chunks]


def without(row: Row, part: Part) -> dict[str, Any]:
    """A row whose text lacks a part and the space behind it, or before it at the text's end."""
    text = row[part.column]
    before, after = text[: part.start], text[part.end :].lstrip()
    return {**row, part.column: before + after if after else before.rstrip()}

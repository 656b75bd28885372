"""Expressions that name parts of the rows."""

from typing import Any

import pytest

from hugline.core.slices import Slice, count_words, parse_slice
from hugline.tasks.sequence_classification import SequenceClassification

TASK = SequenceClassification(labels=["returns", "delivery"])
PAIRS = SequenceClassification(labels=["returns", "delivery"], pair=True)
ROW = {"row": 3, "text": "I do NOT want it, cannot use it.", "text_pair": "knot", "label": "returns", "channel": "chat app", "agent": None}


def holds(text: str, row: dict[str, Any] = ROW, task: SequenceClassification = TASK) -> bool:
    return parse_slice(text).holds(task, row)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("len > 64", Slice("len > 64", None, ">", "64")),
        (" len<=10 ", Slice("len<=10", None, "<=", "10")),
        ("len = 3", Slice("len = 3", None, "=", "3")),
        ("contains: not", Slice("contains: not", None, "contains", "not")),
        ("contains:in time", Slice("contains:in time", None, "contains", "in time")),
        ("channel = email", Slice("channel = email", "channel", "=", "email")),
        ("sent at != 3 pm, or so", Slice("sent at != 3 pm, or so", "sent at", "!=", "3 pm, or so")),
        ("channel=a=b", Slice("channel=a=b", "channel", "=", "a=b")),
        ("length = 3", Slice("length = 3", "length", "=", "3")),
    ],
)
def test_the_four_forms_are_read(text: str, expected: Slice) -> None:
    assert parse_slice(text) == expected


@pytest.mark.parametrize(
    "text", ["", "len", "len > many", "len => 3", "len > -3", "contains not", "contains:", "channel", "= email", "channel =", "channel == email", "a < b"]
)
def test_anything_else_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(ValueError, match="`len > 64`, `contains: word`, `column = value` or `column != value`"):
        parse_slice(text)


def test_a_length_is_in_words_of_all_input_texts() -> None:
    assert (count_words(TASK, ROW), count_words(PAIRS, ROW)) == (8, 9)
    signs = {"len > 8": False, "len >= 8": True, "len < 8": False, "len <= 8": True, "len = 8": True, "len > 7": True, "len < 9": True}
    assert {text: holds(text) for text in signs} == signs
    assert holds("len > 8", task=PAIRS)


def test_a_word_is_found_whole_and_in_any_case() -> None:
    words = {"not": True, "NOT": True, "want it": True, "it,": True, "can": False, "no": False, "knot": False, "use it.": True, ".": True}
    assert {word: holds(f"contains: {word}") for word in words} == words


def test_a_word_is_looked_for_in_every_input_text_and_in_no_other_column() -> None:
    assert holds("contains: knot", task=PAIRS)
    assert not holds("contains: chat", task=PAIRS)


def test_a_column_is_compared_as_a_whole() -> None:
    assert [holds("channel = chat app"), holds("channel = chat"), holds("channel != chat"), holds("row = 3")] == [True, False, True, True]


def test_a_missing_value_is_called_empty() -> None:
    assert [holds("agent = (empty)"), holds("agent != None"), holds("channel = (empty)", ROW | {"channel": ""})] == [True, True, True]

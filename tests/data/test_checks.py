"""A row's values as text, or why it can't be used."""

from decimal import Decimal
from typing import Any

import pytest

from hugline.data.checks import RowCheck, as_text, plain
from hugline.data.roles import Columns
from hugline.tasks.sequence_classification import SequenceClassification

CHECK = RowCheck(SequenceClassification(), Columns({"text": "body", "label": "team"}, ("note",)), max_chars=20)


def check(body: Any = "hello", team: Any = "a", note: Any = "n") -> tuple[str, list[str | None]]:
    return CHECK({"body": body, "team": team, "note": note})


def deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


def test_a_usable_row_comes_out_in_the_order_of_the_columns() -> None:
    assert check(" hello ", 3, None) == ("", [" hello ", "3", None])


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"body": None}, "empty text"),
        ({"body": ""}, "empty text"),
        ({"body": " \n\u2003"}, "empty text"),
        ({"body": float("nan")}, "empty text"),
        ({"team": None}, "empty label"),
        ({"body": "x" * 21}, "over-long text: 21 characters"),
        ({"team": "x" * 10_000_000}, "over-long label: 10000000 characters"),
        ({"body": "a\0b"}, "NUL character in text"),
        ({"body": "caf\udce9"}, "invalid UTF-8 in text"),
        ({"team": "\ud83d"}, "invalid UTF-8 in label"),
        ({"note": "\udcff"}, "invalid UTF-8 in note"),
        ({"note": ["\ud83d"]}, "invalid UTF-8 in note"),
        ({"body": 1.5}, "wrong type in text: Input should be a valid string"),
        ({"body": ["a"]}, "wrong type in text: Input should be a valid string"),
        ({"body": {"a": 1}}, "wrong type in text: Input should be a valid string"),
        ({"body": b"bytes"}, "wrong type in text: Input should be a valid string"),
        ({"body": 10**5000}, "wrong type: a number with thousands of digits"),
        ({"note": deep(100_000)}, "wrong type in a kept column: RecursionError"),
        ({"note": {(1, 2): 3}}, "wrong type in a kept column: TypeError"),
        ({"note": 10**5000}, "wrong type in a kept column: ValueError"),
    ],
)
def test_what_can_not_be_used_is_told_without_its_text(values: dict[str, Any], fault: str) -> None:
    assert check(**values) == (fault, [])


def test_as_many_characters_as_allowed_can_be_used() -> None:
    assert check("x" * 20)[0] == ""


def test_other_writing_can_be_used() -> None:
    for text in ("👩‍👩‍👧 ok", "שלום עולם", "\u202emirror", "a\tb\nc", "\ufeffmark"):
        assert check(text) == ("", [text, "a", "n"])


def test_labels_that_the_task_does_not_list_are_told() -> None:
    listed = RowCheck(SequenceClassification(labels=["a", "b"]), Columns({"text": "text", "label": "label"}, ()), 20)
    assert [listed({"text": "x", "label": label})[0] for label in ("a", "c")] == ["", "label not in task.labels"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(7, "7"), (True, "true"), (False, "false"), (2.0, "2"), (-0.0, "0"), (None, None), ("x", "x"), (float("nan"), None), (2.5, 2.5), (1e300, 1e300)],
)
def test_a_cell_is_plain_as_a_csv_would_have_it(value: Any, text: Any) -> None:
    assert plain(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.5, "2.5"), (["ä", None], '["ä", null]'), ({"a": [1, Decimal("1.5")]}, '{"a": [1, "1.5"]}'), (b"abc", "3 bytes"), (Decimal("1.50"), "1.50")],
)
def test_a_kept_cell_is_written_out(value: Any, text: str) -> None:
    assert as_text(value) == text

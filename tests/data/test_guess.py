"""What columns hold, and which are taken for texts and labels."""

from typing import Any

import pytest

from hugline.data.guess import Column, guess_label, guess_text, look_at_columns
from hugline.data.sources import Raw


def columns(**values: list[Any]) -> list[Column]:
    rows = [dict(zip(values, cells, strict=True)) for cells in zip(*values.values(), strict=True)]
    return look_at_columns([Raw(i, f"a.csv:{i}", None, row) for i, row in enumerate(rows, 1)], list(values))


TICKETS: dict[str, list[Any]] = {
    "id": ["1", "2", "3", "4"],
    "subject": ["a parcel", "b shoes", "c mug", "d bill"],
    "body": ["where is my parcel now", "the shoes are too small", "my mug is broken again", "why was I charged twice"],
    "team": ["delivery", "returns", "returns", "delivery"],
    "channel": ["chat", "email", "chat", "email"],
    "created": ["2026-01-05", "2026-01-06 10:30", "2026-01-06", "2026-01-07"],
    "price": ["1.50", "2.00", "1.50", "2.00"],
}


@pytest.mark.parametrize(
    ("values", "facts"),
    [
        (["1", "2", "2"], ("2 values", "whole numbers")),
        ([1, 2.0, None], ("all different", "whole numbers, 33.3% empty")),
        (["1.5", "2", "2"], ("2 values", "numbers")),
        (["1,5", "2,25", "1,5"], ("2 values", "numbers")),
        (["2026-01-05", "05.01.2026", "2026-01-05T10:30:00"], ("all different", "dates")),
        (["where is it", "the mug", "broken"], ("all different", "2 words each")),
        (["a", "a", " "], ("1 value", "1 word each, 33.3% empty")),
        ([None, "", " "], ("0 values", "empty")),
        ([True, False, True], ("2 values", "1 word each")),
    ],
)
def test_two_facts_say_what_a_column_holds(values: list[Any], facts: tuple[str, str]) -> None:
    (column,) = columns(c=values)
    assert column.facts == facts


def test_over_a_thousand_values_are_not_counted_further() -> None:
    (column,) = columns(c=[f"value {i}" for i in range(2500)] + ["value 1"])
    assert column.facts[0] == "over 1,000" and len(column.values) == 1001


def test_the_longest_texts_and_the_telling_name_are_guessed() -> None:
    found = columns(**TICKETS)
    assert guess_text(found) == "body" and guess_label(found, "body") == "team"


def test_a_telling_name_counts_double_for_texts() -> None:
    short, long = ["one two three", "one two four"], ["a b c d e", "a b c d f"]
    assert guess_text(columns(text=short, other=long)) == "text"
    assert guess_text(columns(some=short, other=long)) == "other"


def test_ids_dates_prices_and_the_texts_are_no_label() -> None:
    found = columns(**{name: TICKETS[name] for name in ("id", "body", "created", "price")})
    assert guess_label(found, "body") is None


def test_without_a_telling_name_words_go_before_numbers_and_few_values_before_many() -> None:
    many = ["a", "b", "c", "a", "b", "c"]
    assert guess_label(columns(flag=["0", "1"] * 3, three=many), None) == "three"
    assert guess_label(columns(three=many, two=["x", "y"] * 3), None) == "two"


def test_unreadable_rows_are_left_out() -> None:
    (column,) = look_at_columns([Raw(1, "a:1", None, None, "2 fields"), Raw(2, "a:2", None, {"c": "x"})], ["c"])
    assert (column.rows, column.filled) == (1, 1)

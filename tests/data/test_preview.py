"""What a first look at rows counts and finds."""

from collections import Counter
from collections.abc import Iterable

import pytest

from hugline.data.findings import alike, findings
from hugline.data.preview import SAMPLE_CHARS, SAMPLE_ROWS, Preview, look_at_rows
from hugline.data.sources import Raw

Cells = tuple[str | None, str | None]


def look(rows: Iterable[Cells], max_chars: int = 100) -> Preview:
    raws = [Raw(i, f"a.csv:{i}", None, {"text": text, "label": label}) for i, (text, label) in enumerate(rows, 1)]
    return look_at_rows(raws, ["text"], "label", [], max_chars)


def said(found: Preview, min_label_rows: int = 1) -> list[str]:
    return list(findings(found, min_label_rows, 100))


def test_labels_lengths_and_splits_are_counted() -> None:
    rows = [Raw(i, "", split, {"text": "w " * i, "label": "ab"[i % 2]}) for i, split in enumerate(["train", "train", "test", "test"], 1)]
    found = look_at_rows(rows, ["text"], "label", [], 100)
    assert found.labels == {"a": 2, "b": 2} and found.splits == {"train": 2, "test": 2} and found.words == {1: 1, 2: 1, 3: 1, 4: 1}
    assert [found.words_at(share) for share in (0, 0.5, 0.75, 0.95, 1)] == [1, 2, 3, 4, 4]
    assert found.share_above(3) == 0.25 and found.share_above(4) == 0


def test_rows_that_ingest_would_set_aside_are_named_and_not_counted() -> None:
    found = look([("one", "a"), (" ", "a"), ("two", None), ("x" * 101, "a"), (None, "b"), ("three", "b")])
    assert found.usable == 2 and found.labels == {"a": 1, "b": 1}
    assert said(found) == [
        "2 rows without a text: set aside (rows 2, 5)",
        "1 row without a label: set aside (row 3)",
        "1 row with a text over 100 characters (data.max_chars): set aside (row 4)",
    ]


@pytest.mark.parametrize("text", ["caf\udce9", "\ud83d", 2.5, ["a", "b"], {"a": "b"}, b"bytes"])
def test_what_is_no_text_is_set_aside(text: object) -> None:
    rows = [Raw(1, "", None, {"text": text, "label": "a"}), Raw(2, "", None, {"text": "one", "label": text}), Raw(3, "", None, {"text": 7, "label": True})]
    found = look_at_rows(rows, ["text"], "label", [], 100)
    assert said(found) == ["2 rows of bytes that are no text, or of another type than text: set aside (rows 1, 2)"]
    assert found.labels == {"true": 1} and found.sample == [("7",)]


def test_the_sample_holds_the_beginning_of_long_texts() -> None:
    assert look([("x" * 50_000, "a")], max_chars=100_000).sample == [("x" * SAMPLE_CHARS,)]


def test_names_are_shown_on_one_line() -> None:
    assert said(look([("one", "a\nb\x1b[2J")]), 5) == ["1 label with fewer than 5 rows: a b [2J"]


def test_unreadable_rows_are_found() -> None:
    found = look_at_rows([Raw(1, "a:2", None, None, "3 fields, the header has 2")], ["text"], "label", [], 100)
    assert said(found) == ["1 row unreadable: set aside (row 1)"]


def test_copies_and_conflicts_are_told_apart_as_ingest_does_without_blanks_around() -> None:
    found = look([("one", "a"), ("two", "b"), (" one ", "a"), ("one", "b"), ("One", "a")])
    assert said(found) == ["1 row copied from an earlier one: set aside (row 3)", "1 row whose text stands with another label earlier (row 4)"]


def test_a_pair_is_a_copy_only_where_both_texts_are() -> None:
    cells = [("a b", "c"), ("a", "b c"), ("a", "b c")]
    rows = [Raw(i, "", None, {"one": one, "two": two, "label": "x"}) for i, (one, two) in enumerate(cells, 1)]
    found = look_at_rows(rows, ["one", "two"], "label", [], 100)
    assert found.copies.first == [3] and found.words == {3: 3}


def test_of_many_rows_five_are_named() -> None:
    assert said(look([("", "a")] * 1200)) == ["1,200 rows without a text: set aside (rows 1, 2, 3, 4, 5, ...)"]


def test_labels_that_differ_by_case_or_spaces_are_grouped() -> None:
    assert alike(["Re turns", "re  turns ", "returns", "billing", "Billing", "orders"]) == [["Billing", "billing"], ["Re turns", "re  turns "]]


def test_labels_with_few_rows_are_named() -> None:
    found = look([(f"text {i}", "often") for i in range(5)] + [(f"other {i}", f"rare{i}") for i in range(7)])
    assert said(found, 5) == ["7 labels with fewer than 5 rows: rare0, rare1, rare2, rare3, rare4 and 2 more"]


@pytest.mark.parametrize(
    ("value", "leaks"),
    [
        (lambda i: f"T{i % 3}", True),  # one value a label
        (lambda i: f"T{i % 3}" if i % 30 else "T9", True),  # but for some rows
        (lambda i: f"T{i % 2}", False),
        (lambda i: f"{i}", False),  # an id
        (lambda i: "same", False),
    ],
)
def test_a_column_that_tells_the_label_is_found(value: object, leaks: bool) -> None:
    rows = [Raw(i, "", None, {"text": f"text {i}", "label": "abc"[i % 3], "code": value(i)}) for i in range(300)]  # type: ignore[operator]
    found = look_at_rows(rows, ["text"], "label", ["code"], 100)
    assert [name for name, _ in found.leaks] == (["code"] if leaks else [])
    assert any("the column code tells the label of" in line for line in said(found)) == leaks


def test_a_label_written_in_its_texts_is_found() -> None:
    named = look([(f"[Returns] shoes {i}", "returns") if i % 2 else (f"billing: twice {i}", "Billing") for i in range(10)])
    assert said(named) == ["the label's own name stands in the text of 100% of the rows: will it, where you use the model?"]
    assert said(look([(f"shoes {i}", "returns") if i % 3 else (f"billing {i}", "billing") for i in range(10)])) == []


def test_the_sample_is_drawn_from_all_rows_and_is_the_same_each_time() -> None:
    rows = [(f"text {i}", "ab"[i % 2]) for i in range(5000)]
    one, two = look(rows).sample, look(rows).sample
    assert one == two and len(one) == len(set(one)) == SAMPLE_ROWS
    places = Counter(int(text.split()[1]) // 1000 for (text,) in one)
    assert all(150 < places[part] < 250 for part in range(5))


def test_no_finding_holds_a_text() -> None:
    rows = [("secret words", "a"), ("secret words", "a"), ("secret words", "b"), ("", "a"), ("secret " * 50, "a")]
    assert "secret" not in " ".join(said(look(rows), 5))

"""What a change must do to the answers, and which texts and rows it is tried on."""

from pathlib import Path

import pytest

from hugline.tasks.sequence_classification import SequenceClassification
from tests.evaluation.behaviour.clerk import ROWS, one, run

PAIR = SequenceClassification(labels=["calm", "late"], pair=True)


def test_an_invariance_compares_with_the_answer_before_not_with_the_label(tmp_path: Path) -> None:
    found = one(tmp_path, "- {name: a, kind: invariance, append: late, texts: [parcel, late parcel, late late parcel]}")
    assert (found.cases, found.passed) == (3, 2)
    (failure,) = found.failures
    assert (failure.text, failure.changed) == ("late late parcel", "late late parcel late")
    assert (failure.expected, failure.answered) == ("calm 0.500", "late 0.700")


def test_an_invariance_within_bounds_the_probability_too(tmp_path: Path) -> None:
    text = "- {{name: a, kind: invariance, append: late, within: {within}, texts: [parcel]}}"
    assert one(tmp_path, text.format(within=0.2)).passed == 1
    found = one(tmp_path, text.format(within=0.19))
    assert (found.passed, found.failures[0].expected, found.failures[0].answered) == (0, "calm 0.900 ± 0.19", "calm 0.700")


@pytest.mark.parametrize(
    ("expect", "passed"),
    [("up", 1), ("up, by: 0.2", 1), ("up, by: 0.21", 0), ("down", 0), ("down, by: -0.2", 1), ("down, by: -0.19", 0), ("label", 0)],
)
def test_a_direction_asks_for_points_of_probability(tmp_path: Path, expect: str, passed: int) -> None:
    assert one(tmp_path, f"- {{name: a, kind: direction, append: late, texts: [parcel], label: late, expect: {expect}}}").passed == passed


def test_a_failed_direction_says_where_the_probability_should_be(tmp_path: Path) -> None:
    (failure,) = one(tmp_path, "- {name: a, kind: direction, append: late, texts: [parcel], label: late, expect: up, by: 0.5}").failures
    assert (failure.text, failure.changed, failure.expected, failure.answered) == ("parcel", "parcel late", "late at least 0.600", "late 0.300")


def test_replacing_takes_whole_words_in_any_case(tmp_path: Path) -> None:
    _, clerk = run(tmp_path, "- {name: a, kind: invariance, replace: {from: is (it), to: '\\1'}, texts: [this IS (it), is (it), this (it)]}")
    assert [row["text"] for row in clerk.asked[0]] == ["this IS (it)", "this \\1", "is (it)", "\\1"]


def test_only_what_the_change_alters_is_a_case(tmp_path: Path) -> None:
    rows = [{**row, "text": "Anna waits"} if row["row"] in (70, 200) else row for row in ROWS]
    found, clerk = run(tmp_path, "- {name: a, kind: invariance, change: names}", rows=rows)
    assert found[0].cases == 2
    assert {row["text"].split()[1] for row in clerk.asked[0]} == {"waits"}


def test_rows_are_drawn_up_to_the_limit_and_failures_name_them(tmp_path: Path) -> None:
    text = "- {name: a, kind: direction, prepend: late late late, where_label: late, label: calm, expect: label, rows: 4}"
    found = one(tmp_path, text)
    assert (found.cases, found.passed) == (4, 0)
    labels = {row["row"]: row["label"] for row in ROWS}
    numbers = [failure.row for failure in found.failures]
    assert len(set(numbers)) == 4 and all(labels[number] == "late" for number in numbers if number)
    assert found == one(tmp_path, text)
    assert found != one(tmp_path, text, seed=2)


def test_a_new_row_changes_no_typo_in_an_old_one(tmp_path: Path) -> None:
    text = "- {name: a, kind: invariance, change: typos}"
    before = [row["text"] for row in run(tmp_path, text)[1].asked[0]]
    after = [row["text"] for row in run(tmp_path, text, rows=[{"row": 5, "text": "brandnew", "label": "calm"}, *ROWS])[1].asked[0]]
    assert set(before) < set(after)
    assert len(after) == len(before) + 2


def test_a_pair_is_changed_in_both_texts_or_in_the_named_one(tmp_path: Path) -> None:
    texts = "texts: [{text: Noah waits, text_pair: who is Noah}]"
    _, clerk = run(tmp_path, f"- {{name: a, kind: invariance, change: names, {texts}}}", PAIR)
    before, after = clerk.asked[0]
    name = after["text"].removesuffix(" waits")
    assert (before["text"], name == "Noah", after["text_pair"]) == ("Noah waits", False, f"who is {name}")
    _, clerk = run(tmp_path, f"- {{name: a, kind: invariance, append: now, column: text_pair, {texts}}}", PAIR)
    assert clerk.asked[0][1] == {"text": "Noah waits", "text_pair": "who is Noah now"}

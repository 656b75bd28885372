"""How two versions of rows are compared."""

import math
import random
from typing import Any

import pytest

from hugline.data import drift
from hugline.data.drift import Drift, compare, profile

WORDS = [f"{a}{b}" for a in "abcdefghij" for b in "klmnopqrst"]


def rows(count: int, labels: str = "ab", words: list[str] = WORDS, length: int = 12, seed: int = 0) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    return [{"text": " ".join(chance.choices(words, k=length)) + f" {seed}.{i:05}", "label": labels[i % len(labels)]} for i in range(count)]


def found(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Drift:
    return compare(profile(old, ["text"], "label"), profile(new, ["text"], "label"))


def test_the_same_rows_in_another_order_are_the_same() -> None:
    old = rows(50)
    same = found(old, old[::-1])
    assert same.verdict == "the same rows" and same.moved == []
    assert (same.added, same.removed, same.changed) == (0, 0, 0)
    assert same.lengths.statistic == same.labels.distance == same.vocabulary.distance == same.vocabulary.new_share == 0


def test_rows_are_added_removed_and_given_another_label() -> None:
    old = rows(50)
    new = [*old[2:48], old[48] | {"label": "b"}, old[49] | {"label": "a"}, {"text": "quite new", "label": "a"}]
    changed = found(old, new)
    assert (changed.old_rows, changed.new_rows, changed.added, changed.removed, changed.changed) == (50, 49, 1, 2, 2)
    assert changed.verdict == "labels, lengths and vocabulary did not move"


def test_label_shares_are_exact_and_said_in_words() -> None:
    old = [{"text": f"text {i}", "label": "returns" if i % 100 < 12 else "orders"} for i in range(400)]
    new = [{"text": f"text {i}", "label": "returns" if i % 100 < 21 else "orders"} for i in range(400)]
    moved = found(old, new)
    assert moved.verdict == "label shares moved: orders 88% -> 79%, returns 12% -> 21%"
    assert moved.changed == 36
    assert [(s.label, s.old, s.new) for s in moved.labels.shares] == [("orders", 0.88, 0.79), ("returns", 0.12, 0.21)]
    statistic = 800 * (352 * 84 - 48 * 316 - 400) ** 2 / (400 * 400 * 668 * 132)  # Yates' correction, as for any 2 by 2 table
    assert moved.labels.p_value == pytest.approx(math.erfc(math.sqrt(statistic / 2)))


def test_a_label_that_is_new_has_had_no_rows() -> None:
    moved = found(rows(90), rows(90, labels="abc"))
    assert moved.labels.shares[-1].label in "abc" and {s.label: s.old for s in moved.labels.shares}["c"] == 0
    assert moved.verdict.startswith("label shares moved: c 0% -> 33%, ")


def test_few_rows_prove_nothing() -> None:
    assert found(rows(6, labels="aab"), rows(6, labels="abb")).moved == []


def test_lengths_that_move_are_said_with_their_medians() -> None:
    moved = found(rows(300), rows(300, length=20, seed=1))
    assert [line.split(":")[0] for line in moved.moved] == ["lengths moved"]
    assert (moved.lengths.statistic, moved.lengths.old_median) == (1.0, 43) and moved.lengths.p_value < 1e-9


def test_two_samples_of_one_vocabulary_did_not_move() -> None:
    for size in (30, 300, 1000):
        same = found(rows(300), rows(size, seed=1))
        assert same.vocabulary.distance < 1.5 * same.vocabulary.chance, size
        assert same.verdict == "no row in common; labels, lengths and vocabulary did not move"


def test_rows_of_another_vocabulary_move_it_and_their_words_are_named() -> None:
    strange = ["uu", "vv", "ww", "xx", "yy"]
    old = rows(300)
    moved = found(old, [*old, *rows(100, words=strange, seed=1)])
    assert moved.verdict == "vocabulary moved: 25.0% of the words are new"
    assert sorted(moved.vocabulary.new_words) == sorted(strange)
    assert moved.vocabulary.new_share == 0.25


def test_new_words_are_in_the_figures_only_where_texts_are_shown() -> None:
    moved = found(rows(300), rows(100, words=["secret", "words"], seed=1))
    assert "secret" in str(moved.numbers(shows_texts=True)) and "secret" not in str(moved.numbers(shows_texts=False))
    assert moved.numbers(False)["vocabulary"]["new_share"] == 1.0


def test_the_vocabulary_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drift, "MOST_WORDS", 10)
    many = [{"text": f"common {''.join(random.Random(i).choices('abcdefghij', k=8))}", "label": "a"} for i in range(500)]
    kept = profile(many, ["text"], "label")
    assert len(kept.words) <= 20 and kept.words["common"] == 500


def test_both_texts_of_a_pair_count() -> None:
    pair = [{"text": "one", "text_pair": "two", "label": "a"}, {"text": "three", "text_pair": "four", "label": "b"}]
    old, new = (profile(p, ["text", "text_pair"], "label") for p in (pair, [pair[0], pair[1] | {"text_pair": "five"}]))
    both = compare(old, new)
    assert (both.added, both.removed, both.changed) == (1, 1, 0) and both.vocabulary.new_words == ["five"]

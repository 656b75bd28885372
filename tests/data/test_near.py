"""Near-duplicates: those that an exact search finds, named with their splits, in bounded number."""

import random
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from hugline.core.rows import SPLITS, read_rows
from hugline.data.shingles import jaccard, shingle_sets
from tests.data.listed import given, run, split_of_rows

WORDS = [f"{a}{b}{c}" for a in "bdfglmnprst" for b in "aeiou" for c in ("n", "rk", "ssel", "to")]


def messages(count: int, seed: int = 0) -> list[str]:
    """Random messages, half of them another one with some words changed."""
    chance = random.Random(seed)
    texts: list[list[str]] = []
    for _ in range(count):
        words = chance.choices(WORDS, k=chance.randint(8, 30))
        if texts and chance.random() < 0.5:
            words = list(chance.choice(texts))
            for _ in range(chance.randint(1, 4)):
                words[chance.randrange(len(words))] = chance.choice(WORDS)
        texts.append(words)
    return list(dict.fromkeys(" ".join(words) for words in texts))


def near_pairs(out: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(out / "near.parquet").to_pylist()
    return rows


@pytest.mark.parametrize("similarity", [0.5, 0.8])
def test_pairs_are_those_of_an_exact_search(similarity: float, tmp_path: Path) -> None:
    texts = messages(400)
    done = run([{"text": text, "label": "ab"[i % 2]} for i, text in enumerate(texts)], tmp_path / "out", near=similarity)
    sets = shingle_sets(texts)
    exact = {(i + 1, j + 1): jaccard(sets[i], sets[j]) for i in range(len(texts)) for j in range(i + 1, len(texts))}
    wanted = {pair: alike for pair, alike in exact.items() if alike >= similarity}
    found = {(min(line["row"], line["near_row"]), max(line["row"], line["near_row"])): line["similarity"] for line in near_pairs(tmp_path / "out")}
    assert len(found) == len(near_pairs(tmp_path / "out")) == done.report["near_duplicates"]
    assert found.keys() <= wanted.keys()
    assert len(found) >= 0.99 * len(wanted) > 50
    assert all(alike == pytest.approx(wanted[pair], abs=5e-5) for pair, alike in found.items())
    splits = split_of_rows(tmp_path / "out")
    for line in near_pairs(tmp_path / "out"):
        assert (splits[line["row"]], splits[line["near_row"]]) == (line["split"], line["near_split"])
        assert line["near_split"] == "train" or line["split"] != "train"
    leaking = {line["row"] for line in near_pairs(tmp_path / "out") if line["split"] != "train" and line["near_split"] == "train"}
    assert done.report["leaks"] == len(leaking) > 10


ALIKE = "please tell me where the parcel with the red shoes is that I have ordered"


def test_a_leak_is_told_first_and_with_its_rows(tmp_path: Path) -> None:
    rows = given(
        ("train", f"{ALIKE} today", "a"),
        ("train", f"{ALIKE} now", "a"),
        ("train", "quite another matter", "b"),
        ("validation", "held out", "a"),
        ("test", f"{ALIKE.upper()} again", "b"),
    )
    done = run(rows, tmp_path / "out", splits=SPLITS, near=0.8)
    assert [(line["row"], line["split"], line["near_row"], line["near_split"]) for line in done.report["near_rows"]] == [
        (5, "test", 1, "train"),
        (5, "test", 2, "train"),
        (2, "train", 1, "train"),
    ]
    assert (done.report["near_duplicates"], done.report["leaks"]) == (3, 1)
    assert "1 validation or test row has a near-duplicate in training (50.0% of them): see row 5." in done.report["warnings"]
    assert ALIKE not in str(done.report)


def test_one_text_with_another_label_in_training_is_a_leak(tmp_path: Path) -> None:
    rows = given(("train", ALIKE, "a"), ("train", "another", "b"), ("validation", "held out", "a"), ("test", ALIKE, "b"))
    done = run(rows, tmp_path / "out", splits=SPLITS, near=0.8)
    assert near_pairs(tmp_path / "out") == [{"row": 4, "split": "test", "near_row": 1, "near_split": "train", "similarity": 1.0}]
    assert (done.report["leaks"], done.report["conflicts"]) == (1, 2)


def test_copies_that_are_set_aside_are_not_searched(tmp_path: Path) -> None:
    rows = given(("train", ALIKE, "a"), ("train", "another", "b"), ("validation", "held out", "a"), ("test", ALIKE, "a"), ("train", "one more", "a"))
    assert run(rows, tmp_path / "out", splits=SPLITS, near=0.8).report["near_duplicates"] == 0


def test_of_a_crowd_each_row_is_compared_with_the_first_in_training(tmp_path: Path) -> None:
    rows = [{"text": f"{ALIKE}: number {i:03}", "label": "ab"[i % 2]} for i in range(300)]
    done = run([*rows, *[{"text": f"other {i} {'xyz'[i % 3] * 9}", "label": "a"} for i in range(20)]], tmp_path / "out", near=0.8)
    pairs, splits = near_pairs(tmp_path / "out"), split_of_rows(tmp_path / "out")
    held_out = {row for row, split in splits.items() if split != "train" and row <= 300}
    assert done.report["leaks"] == len(held_out)
    assert {line["row"] for line in pairs if line["near_split"] == "train"} >= held_out
    assert 299 <= len(pairs) < 300 * 32
    assert any(line.startswith("Some texts have so many look-alikes") for line in done.report["warnings"])


def test_without_a_similarity_nothing_is_searched_and_the_report_says_so(tmp_path: Path) -> None:
    done = run([{"text": f"{ALIKE} {i}", "label": "ab"[i % 2]} for i in range(60)], tmp_path / "out", near=None)
    assert near_pairs(tmp_path / "out") == []
    assert pq.read_schema(tmp_path / "out/near.parquet").names == ["row", "split", "near_row", "near_split", "similarity"]
    assert "Near-duplicates were not searched, because data.near is null." in done.report["warnings"]


def test_long_texts_are_searched_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{' '.join(messages(30, seed))} {i}" for seed in range(12) for i in range(3)]
    rows = [{"text": text, "label": "ab"[i % 2]} for i, text in enumerate(texts)]
    run(rows, tmp_path / "whole", near=0.8)
    monkeypatch.setattr("hugline.data.candidates.BLOCK_CHARS", 5000)
    run(rows, tmp_path / "cut", near=0.8)
    assert near_pairs(tmp_path / "cut") == near_pairs(tmp_path / "whole")
    assert len(near_pairs(tmp_path / "cut")) == 36
    assert len(read_rows(tmp_path / "cut", "train")) == len(read_rows(tmp_path / "whole", "train"))

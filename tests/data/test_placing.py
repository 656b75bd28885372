"""Splits as the source, a column, a group or dates say, in what ingest writes."""

import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from hugline.core.rows import SPLITS, read_rows
from hugline.errors import DataError
from tests.data.listed import given, run, split_of_rows

NAMES = ("text", "label", "part")


def rows(parts: list[Any], start: int = 0) -> list[dict[str, Any]]:
    return [{"text": f"text {start + i}", "label": "ab"[i % 2], "part": part} for i, part in enumerate(parts)]


def counted(out: Path) -> Counter[str]:
    return Counter(split_of_rows(out).values())


def by_text(out: Path) -> dict[str, str]:
    return {row["text"]: split for split in SPLITS for row in read_rows(out, split)}


def test_a_column_that_names_splits_is_followed(tmp_path: Path) -> None:
    words = ["Train", "training", "valid", "DEV", "test", "Test"]
    done = run(rows([*words, None, "later"]), tmp_path / "out", NAMES, split_by="part")
    assert [split_of_rows(tmp_path / "out")[i] for i in range(1, 9)] == [
        *["train"] * 2,
        *["validation"] * 2,
        *["test"] * 2,
        *["no split's name in part"] * 2,
    ]
    assert done.report["reasons"] == [{"reason": "no split's name in part", "rows": 2}]


def test_what_a_column_of_splits_lacks_is_cut_from_training(tmp_path: Path) -> None:
    run(rows(["train"] * 80 + ["test"] * 5), tmp_path / "out", NAMES, split_by="part")
    found = split_of_rows(tmp_path / "out")
    assert {found[row] for row in range(81, 86)} == {"test"}
    assert 5 < counted(tmp_path / "out")["validation"] < 30
    assert counted(tmp_path / "out")["test"] == 5


def valid(words: list[Any]) -> list[dict[str, Any]]:
    return [{"text": f"text {i}", "label": "ab"[i % 2], "is_valid": word} for i, word in enumerate(words)]


VALID = ("text", "label", "is_valid")


@pytest.mark.parametrize("words", [("True", "False"), (1, 0), (True, False), ("yes", "NO")])
def test_a_column_is_valid_splits_by_itself(words: tuple[Any, Any], tmp_path: Path) -> None:
    run(valid([words[i % 4 > 0] for i in range(80)]), tmp_path / "out", VALID)
    found = split_of_rows(tmp_path / "out")
    assert {found[row] for row in range(1, 81, 4)} == {"validation"}
    assert counted(tmp_path / "out")["validation"] == 20
    assert 3 < counted(tmp_path / "out")["test"] < 30


def test_a_column_is_valid_with_other_values_is_left_alone_with_a_warning(tmp_path: Path) -> None:
    done = run(valid(["true"] * 40 + ["perhaps", None, *["false"] * 40]), tmp_path / "out", VALID)
    assert "The column is_valid does not split the rows, because not all of its values are booleans: see rows 41, 42." in done.report["warnings"]
    run(valid([None] * 82), tmp_path / "same", VALID)
    assert split_of_rows(tmp_path / "out") == split_of_rows(tmp_path / "same")


def test_another_rule_goes_before_is_valid(tmp_path: Path) -> None:
    items = [row | {"part": "test" if i < 9 else "train"} for i, row in enumerate(valid(["true"] * 60))]
    run(items, tmp_path / "out", (*VALID, "part"), split_by="part")
    assert counted(tmp_path / "out")["validation"] < 30


def test_a_group_stays_whole(tmp_path: Path) -> None:
    done = run(rows([f"customer {i % 60}" for i in range(600)]), tmp_path / "out", NAMES, group_by="part")
    splits = defaultdict(set)
    for split in SPLITS:
        for row in read_rows(tmp_path / "out", split):
            splits[row["part"]].add(split)
    assert len(splits) == 60 and all(len(found) == 1 for found in splits.values())
    assert min(done.report[split] for split in SPLITS) > 50


def test_rows_without_a_group_are_told_and_stand_alone(tmp_path: Path) -> None:
    done = run(rows(["same"] * 300 + [None, " "] * 100), tmp_path / "out", NAMES, group_by="part")
    assert "200 rows are without a value in part: each is a group of its own." in done.report["warnings"]
    found = split_of_rows(tmp_path / "out")
    assert len({found[row] for row in range(301, 501)}) == 3


def test_a_group_in_two_given_splits_is_told_with_its_rows(tmp_path: Path) -> None:
    said = [("train", "a"), ("train", "b"), ("validation", "c"), ("test", "b"), ("test", "a"), ("validation", "a"), ("train", "d"), ("train", None)]
    items = given(*[(split, f"text {i}", "xy"[i % 2]) for i, (split, _) in enumerate(said)])
    for raw, (_, group) in zip(items, said, strict=True):
        assert raw.values is not None
        raw.values["part"] = group
    done = run(items, tmp_path / "out", NAMES, group_by="part", splits=SPLITS)
    told = next(line for line in done.report["warnings"] if "several splits" in line)
    assert told.startswith("2 groups are in several splits of the source, by the column part: see rows ")
    assert sorted(told.removesuffix(".").split("rows ")[1].split(", ")) == ["1 and 6", "2 and 4"]
    assert split_of_rows(tmp_path / "out")[4] == "test"


def test_the_newest_rows_are_test(tmp_path: Path) -> None:
    days = [f"2024-01-{day:02}" for day in range(1, 31)]
    shuffled = random.Random(0).sample(days, len(days))
    run(rows(shuffled), tmp_path / "out", NAMES, time="part", validation=0.2, test=0.3)
    found = {row["part"]: split for split in SPLITS for row in read_rows(tmp_path / "out", split)}
    assert [found[day] for day in days] == ["train"] * 15 + ["validation"] * 6 + ["test"] * 9


def test_rows_without_a_date_are_set_aside(tmp_path: Path) -> None:
    run(rows([*range(2000, 2020), "soon", None, "9" * 99]), tmp_path / "out", NAMES, time="part")
    assert [split_of_rows(tmp_path / "out")[row] for row in (21, 22, 23)] == ["no date in part"] * 3


def test_numbers_beside_iso_dates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)dates of one kind in part.*20 rows with numbers and 2 with ISO dates"):
        run(rows([*range(20), "2024-01-01", "2024-01-02"]), tmp_path / "out", NAMES, time="part")


@pytest.mark.parametrize(
    ("rules", "splits", "found"),
    [
        ({"split_by": "part", "time": "part"}, (), "data.split_by: part beside data.time: part"),
        ({"group_by": "part", "time": "part"}, (), "data.time: part beside data.group_by: part"),
        ({"split_by": "part"}, SPLITS, "data.split_by: part beside files named after the splits train, validation, test"),
        ({"time": "part"}, ("train", "test"), "data.time: part beside files named after the splits train, test"),
    ],
)
def test_rules_that_exclude_each_other_are_refused(rules: dict[str, str], splits: tuple[str, ...], found: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=found):
        run(rows(["train"]), tmp_path / "out", NAMES, splits=splits, **rules)


@pytest.mark.parametrize("rule", ["split_by", "group_by", "time"])
def test_a_rules_column_must_be_there(rule: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"(?s)the column 'dat' \(for data\.{rule}\).*columns text, label, part"):
        run(rows(["train"]), tmp_path / "out", NAMES, **{rule: "dat"})


@pytest.mark.parametrize("rule", [{}, {"group_by": "part"}, {"split_by": "part"}, "is_valid", "given"])
@pytest.mark.parametrize("seed", range(3))
def test_a_tenth_more_rows_move_none(rule: Any, seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    values = {"split_by": ["train", "test"], "is_valid": ["true", "false"], "group_by": [f"group {i}" for i in range(120)]}
    key = rule if isinstance(rule, str) else next(iter(rule), "group_by")
    column = "is_valid" if rule == "is_valid" else "part"
    items = [{"text": f"text {chance.random()}", "label": chance.choice("abc"), column: chance.choice(values.get(key, ["x"]))} for _ in range(660)]
    old, new = items[:600], items[600:]
    new[0] |= {"text": old[0]["text"], "label": "d"}  # also one that an old row conflicts with
    mixed = chance.sample(items, len(items)) if rule == "is_valid" else [*new[:30], *old, *new[30:]]
    names, changes, splits = ("text", "label", column), rule if isinstance(rule, dict) else {}, ()
    if rule == "given":
        splits = ("train", "test")
        old, mixed = (given(*[("test" if item["text"] < "text 0.2" else "train", item["text"], item["label"]) for item in part]) for part in (old, mixed))
        names = ("text", "label")
    run(old, tmp_path / "before", names, splits=splits, **changes)
    run(mixed, tmp_path / "after", names, splits=splits, **changes)
    before, after = by_text(tmp_path / "before"), by_text(tmp_path / "after")
    assert len(before) == 600 and len(after) == 659
    assert {text: after[text] for text in before} == before

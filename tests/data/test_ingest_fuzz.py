"""Mutated rows: nothing crashes, no row is lost, and every one that is set aside has a reason."""

import csv
import hashlib
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from hugline.core.rows import SPLITS, read_rows
from hugline.data.ingest import Ingested, ingest
from hugline.data.sources import open_source
from hugline.errors import DataError
from hugline.tasks.sequence_classification import SequenceClassification
from tests.data.listed import run, settings

MUTATIONS = 1000  # of each field
FIELDS = ("text", "label", "channel", "group", "when")
HUGE = "x" * 10_000_000
LETTERS = ["a", "Z", " ", "\n", '"', ",", "\0", "\ud800", "\udcff", "é", "👩‍👩‍👧", "ש", "\u202e", "\ufeff", "\x1f", "\u2028", "٣"]


def row(i: int) -> dict[str, Any]:
    words = " ".join(hashlib.sha256(str(i).encode()).hexdigest()[k : k + 8] for k in range(0, 40, 8))
    return {"text": f"number {i}: {words}", "label": "abc"[i % 3], "channel": "app", "group": f"customer {i % 50}", "when": f"2024-01-{i % 28 + 1:02}"}


def nested(depth: int) -> Any:
    value: Any = {}
    for _ in range(depth):
        value = {"a": [value]}
    return value


DEEP = nested(10_000)
VALUES: list[Callable[[random.Random], Any]] = [
    lambda chance: None,
    lambda chance: "",
    lambda chance: chance.choice([" ", "\t\n", "\u2003", "\u200b"]),
    lambda chance: "".join(chance.choices(LETTERS, k=chance.randint(1, 30))),
    lambda chance: chance.choice([0, -1, 2**63, 10**400, 10**5000, 1e308, float("nan"), float("inf"), -0.0, True]),
    lambda chance: chance.choice([[], {}, [None], {"a": ["\ud83d"]}, nested(3), DEEP, {1: 2}, b"\xff\x00"]),
    lambda chance: chance.choice(["2024-02-30", "1e999", "-1", "0x10", "nan", "TRUE", "test", "a" * 5000, "0" * 6000]),
]


def mutated(i: int, name: str, chance: random.Random) -> dict[str, Any]:
    """A row with one field that is dropped, doubled, or anything but what it should be."""
    found = row(i)
    kind = chance.random()
    if kind < 0.1:
        del found[name]
    elif kind < 0.2:
        found[name] = f"{found[name]}{found[name]}"
    elif kind < 0.4:
        characters = list(found[name])
        characters[chance.randrange(len(characters))] = chance.choice(LETTERS)
        found[name] = "".join(characters)
    elif i % 200 == 7:
        found[name] = HUGE
    else:
        found[name] = chance.choice(VALUES)(chance)
    return found


def check(done: Ingested, out: Path, count: int) -> None:
    """Every row is in one place, by its number, and no text is in the report."""
    report = done.report
    aside = {line["row"]: line for line in pq.read_table(out / "aside.parquet").to_pylist()}
    kept = [found["row"] for split in SPLITS for found in read_rows(out, split)]
    assert report["rows_in"] == count == len(kept) + len(aside)
    assert sorted([*kept, *aside]) == list(range(1, count + 1))
    assert sum(report[split] for split in SPLITS) == len(kept) and report["set_aside"] == len(aside)
    assert sum(line["rows"] for line in report["reasons"]) == len(aside)
    assert all(line["reason"] and line["where"] for line in aside.values())
    assert all(len(line["reason"]) < 100 and line["reason"].isprintable() for line in aside.values())
    assert "number 1" not in json.dumps(report)


@pytest.mark.parametrize("rules", [{}, {"group_by": "group"}, {"time": "when"}], ids=["hash", "group", "time"])
@pytest.mark.parametrize("name", FIELDS)
def test_any_value_in_any_field_is_a_row_out_or_a_row_set_aside(name: str, rules: dict[str, str], tmp_path: Path) -> None:
    chance = random.Random(f"{name}{rules}")
    count = MUTATIONS if not rules else MUTATIONS // 4
    rows = [mutated(i, name, chance) if i % 3 else row(i) for i in range(count * 3 // 2)]
    try:
        done = run(rows, tmp_path / "out", FIELDS, near=0.8, **rules)
    except DataError as error:
        assert rules == {"time": "when"} and name == "when" and "dates of one kind" in str(error)  # numbers beside dates
        return
    check(done, tmp_path / "out", len(rows))


@pytest.mark.parametrize("name", FIELDS)
def test_any_value_in_a_column_of_splits_is_a_row_out_or_a_row_set_aside(name: str, tmp_path: Path) -> None:
    chance = random.Random(name)
    rows = [
        mutated(i, name, chance) | {"split": chance.choice(["train", "dev", "test", "TRUE", None, HUGE[:50], 10**5000, [1]])} for i in range(MUTATIONS // 4)
    ]
    done = run([*rows, *map(row, range(3))], tmp_path / "out", (*FIELDS, "split"), split_by="split")
    check(done, tmp_path / "out", len(rows) + 3)


@pytest.mark.parametrize("where", range(len(FIELDS)))
def test_bytes_flipped_in_a_csv_field_lose_no_row(where: int, tmp_path: Path) -> None:
    chance = random.Random(where)
    lines = [",".join(FIELDS).encode()]
    for i in range(MUTATIONS * 3 // 2):
        fields = [bytearray(value.encode()) for value in row(i).values()]
        if i % 3:
            for _ in range(chance.randint(1, 3)):
                spoiled = fields[where]
                spoiled[chance.randrange(len(spoiled))] = chance.choice([byte for byte in range(256) if byte not in b'\r\n"'])
            if chance.random() < 0.1:
                fields[where : where + 1] = chance.choice([[], [spoiled, spoiled]])
        lines.append(b",".join(fields))
    (tmp_path / "rows.csv").write_bytes(b"\n".join(lines) + b"\n")
    (tmp_path / "out").mkdir()
    source = open_source(str(tmp_path / "rows.csv"), encoding="utf-8", delimiter=",")
    done = ingest(source, SequenceClassification(), settings(near=0.8), 1, tmp_path / "out")
    check(done, tmp_path / "out", len(lines) - 1)


@pytest.mark.parametrize("name", FIELDS)
def test_any_json_value_loses_no_row(name: str, tmp_path: Path) -> None:
    chance = random.Random(name)
    stream = io.StringIO()
    count = 0
    for i in range(MUTATIONS // 4):
        found = mutated(i, name, chance) if i % 3 else row(i)
        try:
            stream.write(json.dumps(found, allow_nan=chance.random() < 0.5) + "\n")
        except (ValueError, TypeError, RecursionError):  # what JSON itself can't say
            continue
        count += 1
    (tmp_path / "rows.jsonl").write_text(stream.getvalue(), encoding="ascii")
    (tmp_path / "out").mkdir()
    done = ingest(open_source(str(tmp_path / "rows.jsonl")), SequenceClassification(), settings(near=0.8), 1, tmp_path / "out")
    check(done, tmp_path / "out", count)


def test_fields_of_any_text_in_a_csv_lose_no_row(tmp_path: Path) -> None:
    chance = random.Random(5)
    with (tmp_path / "rows.csv").open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        for i in range(MUTATIONS):
            writer.writerow(row(i) | {FIELDS[i % 5]: "".join(chance.choices(LETTERS, k=9))})
    (tmp_path / "out").mkdir()
    source = open_source(str(tmp_path / "rows.csv"), encoding="utf-8", delimiter=",")
    done = ingest(source, SequenceClassification(), settings(near=0.8), 1, tmp_path / "out")
    check(done, tmp_path / "out", done.report["rows_in"])
    assert done.report["rows_in"] == MUTATIONS

"""Mutated files of every kind: an error in three parts or rows that are all there, and no other end."""

import csv
import gzip
import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from hugline.data.sources import open_source
from hugline.errors import DataError
from tests.data.test_sources import write
from tests.data.test_sources_tables import parquet, xlsx

TEXTS = ["plain text", "größer", 'say "hi"', "a,b;c\td|e", "two\nlines", "", "x" * 50] * 5
INSERTED = [b'"', b"\n", b"\t", b",", b"\0", b"\xff", b"\xef\xbb\xbf", b"\x80" * 9, b"{", b"]", bytes(50)]
MUTATIONS = 150


def delimited(delimiter: str, encoding: str = "utf-8") -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows([("text", "label"), *((text, "ab"[i % 2]) for i, text in enumerate(TEXTS))])
    return stream.getvalue().encode(encoding)


def as_parquet(folder: Path) -> bytes:
    return parquet(folder / "whole.parquet", {"text": TEXTS, "label": [*range(35)], "more": [[1]] * 35}).read_bytes()


def as_xlsx(folder: Path) -> bytes:
    return xlsx(folder / "whole.xlsx", {"S": [["text", "label"], *([text or None, i] for i, text in enumerate(TEXTS))]}).read_bytes()


OBJECTS = [{"text": text, "label": i} for i, text in enumerate(TEXTS)]
WHOLE: dict[str, Callable[[Path], bytes]] = {
    "rows.csv": lambda _: delimited(","),
    "rows.tsv": lambda _: delimited("\t"),
    "wide.csv": lambda _: delimited(",", "utf-16"),
    "old.csv": lambda _: delimited(";", "cp1252"),
    "rows.csv.gz": lambda _: gzip.compress(delimited(","), mtime=0),
    "rows.jsonl": lambda _: "\n".join(json.dumps(row, ensure_ascii=False) for row in OBJECTS).encode(),
    "rows.json": lambda _: json.dumps(OBJECTS).encode(),
    "rows.parquet": as_parquet,
    "rows.xlsx": as_xlsx,
}


def mutated(data: bytes, chance: random.Random) -> bytes:
    body = bytearray(data)
    for _ in range(chance.choice([1, 1, 1, 3, 20])):
        place, kind = chance.randrange(len(body) + 1), chance.randrange(8)
        if kind < 3:
            body[place : place + 1] = chance.randbytes(1)
        elif kind < 5:
            del body[place : place + chance.choice([1, 1, 5, 100])]
        elif kind < 7:
            body[place:place] = chance.choice(INSERTED)
        else:
            body = body[: max(place, len(body) // 2)]
    return bytes(body)


@pytest.mark.parametrize("name", WHOLE)
def test_a_mutated_file_ends_in_rows_or_in_an_error_of_three_parts(name: str, tmp_path: Path) -> None:
    chance, whole = random.Random(name), WHOLE[name](tmp_path)
    assert len(list(open_source(str(write(tmp_path / name, whole))).rows())) == len(TEXTS)
    read = refused = 0
    for _ in range(MUTATIONS):
        file = write(tmp_path / name, mutated(whole, chance))
        try:
            rows = list(open_source(str(file)).rows())
        except DataError as error:
            assert error.expected and error.found and error.remedy
            refused += 1
        else:
            assert [raw.number for raw in rows] == list(range(1, len(rows) + 1))
            assert all((raw.values is None) == bool(raw.fault) and raw.where.startswith(name) for raw in rows)
            read += 1
    assert read and refused and read + refused == MUTATIONS

"""Rows written and read again, in order and one by one; tables that take no memory."""

from pathlib import Path

import numpy as np
import pytest

from hugline.data.spool import FAULTY, KEYS, PACKED, Key, Spool, SpoolWriter

NAMES = ("text", "where", "fault")  # a source's columns may have the names of our own


def write(folder: Path, count: int) -> None:
    with SpoolWriter(folder, NAMES) as writer:
        for i in range(count):
            fault = "empty text" if i % 3 == 2 else ""
            values = [] if fault else [f"text {i}", None if i % 2 else "", f"ä{i}"]
            writer.add(f"row:{i}", fault, values, Key(number=i + 1, text=bytes([i]) * 16, place=i / 10, fate=FAULTY if fault else 0))


def test_an_entry_fills_the_table_without_gaps() -> None:
    assert PACKED.size == KEYS.itemsize
    assert tuple(KEYS.names) == Key._fields


@pytest.mark.parametrize("block", [1, 2, 100])
def test_rows_come_back_in_order_and_one_by_one(block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hugline.data.spool.BLOCK_ROWS", block)
    write(tmp_path, 7)
    with Spool(tmp_path) as spool:
        assert len(spool) == 7
        assert spool.keys["number"].tolist() == [1, 2, 3, 4, 5, 6, 7]
        assert spool.keys["fate"].tolist() == [0, 0, FAULTY, 0, 0, FAULTY, 0]
        assert spool.values(4, 3) == ("text 4", "", "ä4")
        assert spool.values(1, 2) == ("text 1", None)
        found = [(keys["number"].tolist(), where.to_pylist(), fault.to_pylist(), values[2].to_pylist()) for keys, where, fault, values in spool.batches()]
    assert [number for numbers, *_ in found for number in numbers] == [1, 2, 3, 4, 5, 6, 7]
    assert [place for _, places, *_ in found for place in places] == [f"row:{i}" for i in range(7)]
    assert [fault for _, _, faults, _ in found for fault in faults] == [None, None, "empty text", None, None, "empty text", None]
    assert [value for *_, values in found for value in values] == ["ä0", "ä1", None, "ä3", "ä4", None, "ä6"]


def test_a_block_of_long_texts_has_fewer_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hugline.data.spool.BLOCK_CHARS", 10)
    with SpoolWriter(tmp_path, ("text",)) as writer:
        for i in range(5):
            writer.add("", "", ["x" * 6], Key(number=i))
    with Spool(tmp_path) as spool:
        assert [len(keys) for keys, *_ in spool.batches()] == [2, 2, 1]


def test_what_is_noted_in_a_block_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hugline.data.spool.SCAN_ROWS", 3)
    write(tmp_path, 7)
    with Spool(tmp_path) as spool:
        for block in spool.blocks():
            block["split"] = block["number"] % 3
        assert spool.keys["split"].tolist() == [1, 2, 0, 1, 2, 0, 1]


def test_no_rows_are_an_empty_spool(tmp_path: Path) -> None:
    write(tmp_path, 0)
    with Spool(tmp_path) as spool:
        assert (len(spool), list(spool.batches()), list(spool.blocks())) == (0, [], [])
        assert spool.table("nothing", np.int64, (0,)).tolist() == []


def test_a_table_is_a_file(tmp_path: Path) -> None:
    write(tmp_path, 1)
    with Spool(tmp_path) as spool:
        table = spool.table("numbers", np.int64, (3, 2))
        table[1] = 7
        assert table.tolist() == [[0, 0], [7, 7], [0, 0]]
        assert (tmp_path / "numbers").stat().st_size == 48

"""Rows and features come back from their files as they went in."""

from pathlib import Path

import numpy as np
import pytest

from hugline.core import rows as module
from hugline.core.features import Features, make_features
from hugline.core.rows import RowWriter, read_blocks, read_features, read_rows, write_features

FIELDS = {"row": "int64", "text": "string", "channel": "string"}


def write(folder: Path, count: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [{"row": i, "text": f"ä \n {i}", "channel": None if i % 2 else "app"} for i in range(count)]
    with RowWriter(folder / "train.parquet", FIELDS) as writer:
        for row in rows:
            writer.add(row)
    assert writer.count == count
    return rows


def test_rows_come_back_in_order_with_nulls(tmp_path: Path) -> None:
    assert write(tmp_path, 3) == read_rows(tmp_path, "train")


@pytest.mark.parametrize(("count", "blocks"), [(0, []), (3, [3]), (4, [3, 1]), (6, [3, 3])])
def test_blocks_hold_all_rows_once(count: int, blocks: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_ROWS", 3)
    rows = write(tmp_path, count)
    found = list(read_blocks(tmp_path, "train"))
    assert [len(block) for block in found] == blocks
    assert [row for block in found for row in block] == rows


def test_equal_rows_give_equal_bytes(tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, 5)
        files.append((tmp_path / name / "train.parquet").read_bytes())
    assert files[0] == files[1]


def same(found: Features, wanted: Features) -> bool:
    return all(np.array_equal(getattr(found, name), getattr(wanted, name)) for name in ("input_ids", "offsets", "row", "cut"))


def test_features_come_back(tmp_path: Path) -> None:
    features = make_features([[1, 2], [], [3, 4, 40_000]], [[0, 1], [], [0, 0, 1]], [0, 0, 7])
    write_features(features, tmp_path / "train.arrow")
    found = read_features(tmp_path / "train.arrow")
    assert same(found, features)
    assert found.token_type_ids is not None
    assert found.token_type_ids.tolist() == [0, 1, 0, 0, 1]
    assert found.input_ids.dtype == np.int32


def test_features_without_token_types_come_back_without(tmp_path: Path) -> None:
    features = make_features([[1], [2, 3]], None, [0, 1])
    write_features(features, tmp_path / "train.arrow")
    found = read_features(tmp_path / "train.arrow")
    assert same(found, features)
    assert found.token_type_ids is None


def test_no_features_come_back_as_none(tmp_path: Path) -> None:
    write_features(make_features([], None, []), tmp_path / "train.arrow")
    found = read_features(tmp_path / "train.arrow")
    assert (len(found), found.offsets.tolist()) == (0, [0])

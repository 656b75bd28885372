"""Rows and features come back from their files as they went in."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hugline.core import rows as module
from hugline.core.features import Features, join_features, make_features
from hugline.core.rows import FeatureWriter, RowWriter, read_blocks, read_features, read_rows

FIELDS = {"row": "int64", "text": "string", "channel": "string"}


def write(folder: Path, count: int, batch: int = 2) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [{"row": i, "text": f"ä \n {i}", "channel": None if i % 2 else "app"} for i in range(count)]
    with RowWriter(folder / "train.parquet", FIELDS) as writer:
        for start in range(0, count, batch):
            writer.add(pa.RecordBatch.from_pylist(rows[start : start + batch], writer.schema))
    assert writer.count == count
    return rows


def test_rows_come_back_in_order_with_nulls(tmp_path: Path) -> None:
    assert write(tmp_path, 3) == read_rows(tmp_path, "train")


def test_with_columns_only_those_come_back(tmp_path: Path) -> None:
    write(tmp_path, 3)
    assert read_rows(tmp_path, "train", ["channel", "row"])[1] == {"row": 1, "channel": None}


@pytest.mark.parametrize("batch", [1, 2, 5, 7])
@pytest.mark.parametrize(("count", "blocks"), [(0, []), (3, [3]), (4, [3, 1]), (6, [3, 3])])
def test_blocks_hold_all_rows_once(count: int, blocks: list[int], batch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_ROWS", 3)
    rows = write(tmp_path, count, batch)
    found = list(read_blocks(tmp_path, "train"))
    assert [len(block) for block in found] == blocks
    assert [row for block in found for row in block] == rows


def test_a_block_of_long_texts_has_fewer_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_CHARS", 1000)
    with RowWriter(tmp_path / "train.parquet", {"text": "string"}) as writer:
        for _ in range(6):
            writer.add(pa.RecordBatch.from_pylist([{"text": "x" * 400}], writer.schema))
    assert pq.ParquetFile(tmp_path / "train.parquet").num_row_groups == 2


def test_equal_rows_give_equal_bytes(tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, 5)
        files.append((tmp_path / name / "train.parquet").read_bytes())
    assert files[0] == files[1]


def same(found: Features, wanted: Features) -> bool:
    return all(np.array_equal(getattr(found, name), getattr(wanted, name)) for name in ("input_ids", "offsets", "row", "cut"))


def write_features(features: Features, file: Path) -> None:
    with FeatureWriter(file) as writer:
        writer.add(features)


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


def blocks() -> list[Features]:
    windows = Features(np.array([1, 2, 3], np.int32), np.array([0, 1, 2, 3]), np.array([0, 1, 1], np.int32), np.array([0, 4, 0], np.int32))
    return [windows, make_features([[4, 4], [], [5]], None, [0, 0, 9]), make_features([], None, []), windows]


def test_blocks_of_features_are_one_piece_with_their_rows_numbered_on(tmp_path: Path) -> None:
    with FeatureWriter(tmp_path / "train.arrow") as writer:
        for block in blocks():
            writer.add(block)
    assert same(read_features(tmp_path / "train.arrow"), join_features(blocks()))
    assert [file.name for file in tmp_path.iterdir()] == ["train.arrow"]
    table = pa.ipc.open_file(pa.memory_map(str(tmp_path / "train.arrow"))).read_all()
    assert table["length"].to_pylist() == [1, 1, 1, 2, 0, 1, 1, 1, 1]


def test_a_file_does_not_depend_on_how_its_features_came(tmp_path: Path) -> None:
    write_features(join_features(blocks()), tmp_path / "one.arrow")
    with FeatureWriter(tmp_path / "two.arrow") as writer:
        for block in blocks():
            writer.add(block)
    assert (tmp_path / "one.arrow").read_bytes() == (tmp_path / "two.arrow").read_bytes()


def test_features_are_mapped_not_read(tmp_path: Path) -> None:
    write_features(make_features([[7] * 1000] * 1000, [[0] * 1000] * 1000, [0] * 1000), tmp_path / "train.arrow")
    before = pa.total_allocated_bytes()
    found = read_features(tmp_path / "train.arrow")
    assert pa.total_allocated_bytes() - before < 100_000
    assert int(found.input_ids.sum()) == 7_000_000


def test_a_writer_that_is_stopped_writes_no_file(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="stop"), FeatureWriter(tmp_path / "train.arrow") as writer:
        writer.add(make_features([[1]], None, [0]))
        raise KeyError("stop")
    assert not (tmp_path / "train.arrow").exists()

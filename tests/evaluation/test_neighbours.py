"""Near neighbours: by angle, in order, whatever the blocks, and never the row itself."""

import numpy as np
import pytest

from hugline.evaluation import neighbours as module
from hugline.evaluation.neighbours import nearest

ROWS = np.array([[1, 0], [0, 2], [3, 3], [-1, 0], [5, 0]], np.float32)


def vectors(*rows: tuple[float, float]) -> np.ndarray:
    return np.array(rows, np.float32)


def test_the_nearest_are_those_at_the_smallest_angle_whatever_their_length() -> None:
    [found] = nearest(vectors((10, 1)), ROWS, 3)
    assert [position for position, _ in found] == [0, 4, 2]  # 0 and 4 point the same way: the first comes first
    assert [cosine for _, cosine in found] == pytest.approx([10 / np.sqrt(101), 10 / np.sqrt(101), 11 / np.sqrt(202)])


def test_of_equally_near_rows_the_first_come_first() -> None:
    rows = np.ones((1000, 2), np.float32)
    rows[::3] = (1, 0)
    assert [position for position, _ in nearest(rows[:1], rows, 4)[0]] == [0, 3, 6, 9]


def test_each_query_has_its_own_neighbours() -> None:
    found = nearest(vectors((0, 1), (-2, 0.1)), ROWS, 1)
    assert [near[0][0] for near in found] == [1, 3]


def test_a_row_is_no_neighbour_of_itself_but_its_copy_is() -> None:
    found = nearest(ROWS[[0, 2]], ROWS, 2, own=np.array([0, -1]))
    assert [near[0] for near in found] == [(4, 1.0), (2, 1.0)]


def test_fewer_rows_give_fewer_neighbours() -> None:
    assert nearest(ROWS[:1], ROWS[:2], 3, own=np.array([0])) == [[(1, 0.0)]]
    assert nearest(ROWS[:1], ROWS[:1], 3, own=np.array([0])) == [[]]
    assert nearest(ROWS[:0], ROWS, 3) == []


def test_no_cosine_is_above_1_and_a_zero_vector_is_at_0() -> None:
    many = np.random.default_rng(0).normal(size=(200, 7)).astype(np.float32)
    assert all(near[0][0] == i and 0.99999 < near[0][1] <= 1.0 for i, near in enumerate(nearest(many, many, 1)))
    assert nearest(vectors((0, 0)), ROWS, 2) == [[(0, 0.0), (1, 0.0)]]


@pytest.mark.parametrize("block", [1, 7, 64, 1000])
def test_blocks_change_nothing(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    rows, queries, own = random.normal(size=(100, 5)).astype(np.float32), random.normal(size=(4, 5)).astype(np.float32), np.array([-1, 3, 99, -1])
    rows[50] = rows[20]  # equally near
    queries[0], queries[1], queries[2] = rows[20], rows[3], rows[99]
    monkeypatch.setattr(module, "BLOCK", block)
    found = nearest(queries, rows, 3, own)
    cosines = np.array([[q @ r / np.linalg.norm(q) / np.linalg.norm(r) for r in rows] for q in queries])
    cosines[1, 3] = cosines[2, 99] = -2
    assert [[position for position, _ in near] for near in found] == np.argsort(-cosines.round(6), axis=1, kind="stable")[:, :3].tolist()
    assert [position for position, _ in found[0]][:2] == [20, 50]

"""The rows nearest to a row, by the cosine of their vectors."""

import numpy as np
import numpy.typing as npt

from hugline.evaluation.vectors import Vectors, unit

BLOCK = 8_192  # rows compared at a time

Neighbours = list[tuple[int, float]]  # position and cosine, the nearest first


def nearest(queries: Vectors, rows: Vectors, k: int, own: npt.NDArray[np.int64] | None = None) -> list[Neighbours]:
    """The k rows nearest to each query, of equally near ones the first; fewer where there are fewer rows.

    `queries` are [Q, H], `rows` [N, H]; `own` [Q] are positions of the queries among the rows, which are no neighbours of
    themselves, -1 for a query that is not among them. A zero vector is at cosine 0 to all.
    """
    queries = unit(queries)
    cosines, positions = np.zeros((len(queries), 0), np.float32), np.zeros((len(queries), 0), np.int64)
    for start in range(0, len(rows), BLOCK):
        at = np.arange(start, min(start + BLOCK, len(rows)))
        found = queries @ unit(rows[at]).T  # [Q, B]
        if own is not None:
            found[own[:, None] == at] = -np.inf
        cosines = np.concatenate([cosines, found], axis=1)
        positions = np.concatenate([positions, np.broadcast_to(at, found.shape)], axis=1)
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
        cosines, positions = np.take_along_axis(cosines, order, 1), np.take_along_axis(positions, order, 1)
    return [[(int(i), min(float(cosine), 1.0)) for i, cosine in zip(*found, strict=True) if cosine > -np.inf] for found in zip(positions, cosines, strict=True)]

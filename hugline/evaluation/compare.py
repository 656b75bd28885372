"""Comparing two models on the same rows, with an interval."""

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

CHUNK = 4_000_000  # draws held at a time


@dataclass(frozen=True)
class Interval:
    """A mean difference and the interval around it."""

    mean: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        """For JSON."""
        return asdict(self)


def paired_bootstrap(ours: npt.NDArray[np.float64], theirs: npt.NDArray[np.float64], confidence: float, resamples: int, seed: int) -> Interval:
    """The mean of `ours - theirs` over rows, and its percentile interval over resampled rows.

    Both hold one score a row, [N], of the same rows. Rows are drawn with replacement, each with both its
    scores: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.3. Equal
    differences are drawn together, by a multinomial, which is the same distribution and faster.
    """
    if len(ours) != len(theirs) or not len(ours):
        raise ValueError(f"expected scores of the same rows, found {len(ours)} and {len(theirs)}")
    values, counts = np.unique(np.asarray(ours) - np.asarray(theirs), return_counts=True)
    random, rows = np.random.default_rng(seed), len(ours)
    means: list[npt.NDArray[np.float64]] = []
    chunk = max(1, CHUNK // len(values))
    for start in range(0, resamples, chunk):
        drawn = random.multinomial(rows, counts / rows, size=min(chunk, resamples - start))
        means.append(drawn @ values / rows)
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.concatenate(means), [tail, 1 - tail])
    return Interval(float(values @ counts / rows), float(low), float(high))

"""Pairs of rows that may be alike: those whose MinHash signatures share a band, found by sorting bands on disk."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from hugline.core.rows import BLOCK_CHARS
from hugline.data.shingles import band_hashes, band_shape
from hugline.data.spool import SCAN_ROWS, Spool

CROWD = 32  # rows that share a band: above this each is paired with the first of them only
HALF = np.uint64(32)  # bits of one position in a pair
LOW_HALF = np.uint64(2**32 - 1)

Indices = npt.NDArray[np.int64]
Pairs = npt.NDArray[np.uint64]  # two positions in one number, the lower one in its upper half


def candidates(spool: Spool, rows: Indices, similarity: float, inputs: int) -> tuple[Pairs, bool]:
    """Pairs of positions in `rows`, sorted, some of them several times; and whether rows stand in crowds.

    A crowd is more than CROWD rows that share a band, such as a template that was sent 100,000 times: each is paired
    with the first of them only, so that pairs grow with the rows and not with their square.
    """
    bands, width = band_shape(similarity)
    hashes = spool.table("bands", np.uint64, (bands, len(rows)))
    end = 0
    for start in range(0, len(rows), SCAN_ROWS):
        block = rows[start : start + SCAN_ROWS]
        for part in cut(spool.keys["length"][block]):
            for found in band_hashes(texts_of(spool, block[part], inputs), bands, width):
                hashes[:, end : end + len(found)] = found.T
                end += len(found)
    file, crowded = spool.folder / "pairs", False
    with file.open("wb") as stream:
        for band in hashes:
            _sort(band)
            for pairs, crowd in _sharing(band):
                pairs.tofile(stream)
                crowded |= crowd
    if not file.stat().st_size:
        return np.zeros(0, np.uint64), crowded
    every: Pairs = np.memmap(file, np.uint64, "r+")
    every.sort()
    return every, crowded


def texts_of(spool: Spool, rows: Indices, inputs: int) -> list[str]:
    """The texts of rows; a row's several texts as one."""
    return ["\n".join(spool.values(index, inputs)) for index in rows.tolist()]


def cut(lengths: npt.NDArray[np.integer[Any]]) -> list[slice]:
    """Neighbours in parts that have about BLOCK_CHARS characters together: what memory may hold."""
    part = np.cumsum(lengths.astype(np.int64)) // BLOCK_CHARS
    edges = [0, *(np.flatnonzero(part[1:] != part[:-1]) + 1).tolist(), len(part)]
    return [slice(start, end) for start, end in itertools.pairwise(edges)]


def _low_bits(band: Pairs) -> tuple[np.uint64, np.uint64]:
    """How many bits a position takes, and the mask of them."""
    bits = max(1, (len(band) - 1).bit_length())
    return np.uint64(bits), np.uint64((1 << bits) - 1)


def _sort(band: Pairs) -> None:
    """Bring equal hashes of a band together, with their positions in order.

    A position takes the lower bits of its hash, so that one sort of plain numbers is enough; with a million rows 44
    bits of the hash are left, and every pair is verified later.
    """
    _, low = _low_bits(band)
    for start in range(0, len(band), SCAN_ROWS):
        part = band[start : start + SCAN_ROWS]
        part[:] = (part & ~low) | np.arange(start, start + len(part), dtype=np.uint64)
    band.sort()


def _sharing(band: Pairs) -> Iterator[tuple[Pairs, bool]]:
    """Pairs of positions whose hashes are equal in a sorted band, and whether a crowd is among them."""
    bits, low = _low_bits(band)
    first = 0
    for start in range(0, len(band), SCAN_ROWS):
        at = np.arange(start, min(start + SCAN_ROWS, len(band)))
        high = band[at] >> bits
        new = (high != band[np.maximum(at - 1, 0)] >> bits) | (at == 0)
        firsts = np.maximum.accumulate(np.where(new, at, first))
        first = int(firsts[-1])
        beyond = np.minimum(firsts + CROWD, len(band) - 1)
        crowd = (beyond == firsts + CROWD) & (band[beyond] >> bits == high)
        for one, other in _paired(at, firsts, crowd):
            yield ((band[one] & low) << HALF) | (band[other] & low), bool(crowd.any())


def _paired(at: Indices, firsts: Indices, crowd: npt.NDArray[np.bool_]) -> Iterator[tuple[Indices, Indices]]:
    """Each entry with those before it that share its hash; in a crowd with the first only."""
    star = crowd & (at > firsts)
    yield firsts[star], at[star]
    left = np.flatnonzero(~crowd)
    for distance in range(1, CROWD):
        left = left[at[left] - distance >= firsts[left]]
        if not len(left):
            return
        yield at[left] - distance, at[left]

"""Texts as sets of short pieces, and short signatures of these sets."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

WIDTH = 5  # characters of a shingle: one changed word of a message changes about ten
SLOTS = 128  # numbers of a signature
SEED = 1  # of the hash functions; nothing else depends on it
WANTED = 0.99  # share of the pairs at the similarity sought that the bands must find
MIX = np.uint64(0xFF51AFD7ED558CCD)  # odd, from MurmurHash3's finalizer
WEIGHTS = [np.uint64(pow(0x9E3779B97F4A7C15, k + 1, 1 << 64)) for k in range(WIDTH)]  # powers of the golden ratio's bits, odd


def shingle(texts: Sequence[str]) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Hashes of every run of `WIDTH` characters, text after text, and where each text's begin, [N + 1].

    Case and white space make no difference; a shorter text is filled up with spaces.
    """
    plain = [" ".join(text.casefold().split()).ljust(WIDTH) for text in texts]
    lengths = np.array([len(text) for text in plain], np.int64)
    codes = np.frombuffer("".join(plain).encode("utf-32-le"), np.uint32).astype(np.uint64)
    windows = max(0, len(codes) - WIDTH + 1)
    hashes = np.zeros(windows, np.uint64)
    for k, weight in enumerate(WEIGHTS):
        hashes += codes[k : k + windows] * weight
    hashes ^= hashes >> np.uint64(32)
    hashes *= MIX
    hashes ^= hashes >> np.uint64(29)
    inside = np.ones(len(codes), np.bool_)
    for k in range(1, WIDTH):  # the runs that begin in one text and end in the next
        inside[np.cumsum(lengths) - k] = False
    return hashes[inside[:windows]], np.concatenate([[0], np.cumsum(lengths - WIDTH + 1)])


def shingle_sets(texts: Sequence[str]) -> list[Hashes]:
    """The different shingles of each text, sorted."""
    hashes, starts = shingle(texts)
    return [np.unique(hashes[start:end]) for start, end in itertools.pairwise(starts.tolist())]


def jaccard(one: Hashes, other: Hashes) -> float:
    """Shared elements of two sorted sets, as a share of all of them."""
    both = np.concatenate((one, other))
    both.sort()
    shared = int((both[1:] == both[:-1]).sum())
    return shared / (len(both) - shared)


def band_shape(similarity: float) -> tuple[int, int]:
    """Into how many bands of how many numbers a signature is cut: the longest that find `WANTED` of the pairs that are so similar.

    Two sets of Jaccard similarity s agree in one of b bands of r numbers with probability 1 - (1 - s^r)^b:
    Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, section 3.4.2, http://infolab.stanford.edu/~ullman/mmds/ch3.pdf
    """
    fits = [r for r in range(1, SLOTS + 1) if 1 - (1 - similarity**r) ** (SLOTS // r) >= WANTED]
    return SLOTS // max(fits), max(fits)


def band_hashes(texts: Sequence[str], bands: int, rows: int, block: int = 2000) -> Iterator[Hashes]:
    """One hash a band for each text, [block, bands] at a time: texts that share one may be alike."""
    from rensa import RMinHash

    for start in range(0, len(texts), block):
        hashes, starts = shingle(texts[start : start + block])
        signatures = RMinHash.digest_matrix_from_flat_token_hashes(hashes, starts.astype(np.uint64), SLOTS, SEED).to_rows()
        slots = np.array(signatures, np.uint64)[:, : bands * rows].reshape(-1, bands, rows)
        folded = np.zeros(slots.shape[:2], np.uint64)
        for r in range(rows):
            folded = (folded ^ slots[:, :, r]) * MIX
            folded ^= folded >> np.uint64(31)
        yield folded

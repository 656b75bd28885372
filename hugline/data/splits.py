"""Which split a row belongs to, by a hash of its own text: adding rows moves none."""

import hashlib


def split_of(key: str, seed: int, validation: float, test: float) -> str:
    """The split of a row whose text (or group) is `key`; equal texts always fall together.

    The first 8 bytes of sha256 over seed and key, read as a number in [0, 1), are compared with the shares.
    """
    digest = hashlib.sha256(f"{seed}\x1f{key}".encode("utf-8", "surrogateescape")).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    if place < test:
        return "test"
    return "validation" if place < test + validation else "train"

"""Which split a row belongs to: by what the source says, by dates, or by a hash of its own text or group."""

import hashlib
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from hugline.core.rows import SPLITS

BOOLEANS = {"true": "validation", "1": "validation", "yes": "validation", "false": "train", "0": "train", "no": "train"}
WORDS = BOOLEANS | {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
}
TRAIN, VALIDATION, TEST = range(len(SPLITS))  # a split's code is its place in SPLITS
UNSPLIT = -1
LONGEST_DATE = 64  # characters


def digest_of(key: str, seed: int) -> bytes:
    """The sha256 of seed and key, 32 bytes: what a row's place, and what equal rows, are told by."""
    return hashlib.sha256(f"{seed}\x1f{key}".encode("utf-8", "surrogatepass")).digest()


def place_of(digest: bytes) -> float:
    """A number in [0, 1]: the first 8 bytes of a digest as a share."""
    return int.from_bytes(digest[:8], "big") / 2**64


def split_of(key: str, seed: int, validation: float, test: float) -> str:
    """The split of a row whose text (or group) is `key`; equal keys fall together, and other rows have no say in it."""
    place = place_of(digest_of(key, seed))
    if place < test:
        return "test"
    return "validation" if place < test + validation else "train"


def word_code(value: object, words: dict[str, str] = WORDS) -> int:
    """The code of the split that a cell of a column names (train, dev, TRUE, 0); UNSPLIT where it names none."""
    split = words.get(value.strip().lower()) if isinstance(value, str) else None
    return UNSPLIT if split is None else SPLITS.index(split)


def moment_of(value: object) -> tuple[float, bool] | None:
    """A date as a number that grows with time, and whether it was one; None where it is neither a number nor an ISO date.

    Numbers stay as they are, since only their order counts: seconds, milliseconds or years. Dates without a time
    zone are taken as UTC.
    """
    text = str(value).strip()
    if len(text) > LONGEST_DATE:
        return None
    try:
        number = float(text)
        return (number, True) if np.isfinite(number) else None
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp(), False
    except (ValueError, OverflowError):
        return None


def assign_places(given: npt.NDArray[np.int8], places: npt.NDArray[np.float64], validation: float, test: float) -> npt.NDArray[np.int8]:
    """Split codes [N] by the hashed places [N] of rows; a row that is given to validation or test stays there."""
    cut = np.where(places < test, TEST, np.where(places < test + validation, VALIDATION, TRAIN))
    return np.where(given > TRAIN, given, cut).astype(np.int8)


def cut_moments(ordered: npt.NDArray[np.float64], validation: float, test: float) -> tuple[float, float]:
    """From which moments on rows are validation and test, so that the newest rows are test and those before them validation.

    `ordered` holds the rows' moments [N], ascending. Rows of one moment stay together: a cut goes to the change of
    moments that is nearest to the share. This is the one rule under which added rows move others, since newer rows push
    older ones out of test.
    """
    from_test = _change_near(ordered, round(len(ordered) * (1 - test)))
    from_validation = _change_near(ordered, round(len(ordered) * (1 - test - validation)))
    return from_validation, from_test


def _change_near(ordered: npt.NDArray[np.float64], wanted: int) -> float:
    """The moment that begins at the change nearest to a position; infinity where nothing is to be cut off."""
    if wanted >= len(ordered):
        return float("inf")
    first = int(np.searchsorted(ordered, ordered[wanted], "left"))
    after = int(np.searchsorted(ordered, ordered[wanted], "right"))
    nearest = first if wanted - first < after - wanted else after
    return float(ordered[nearest]) if nearest < len(ordered) else float("inf")


def assign_moments(moments: npt.NDArray[np.float64], from_validation: float, from_test: float) -> npt.NDArray[np.int8]:
    """Split codes [N] of rows by their moments [N]."""
    return np.where(moments >= from_test, TEST, np.where(moments >= from_validation, VALIDATION, TRAIN)).astype(np.int8)

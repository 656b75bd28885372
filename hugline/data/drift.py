"""How a version of the rows differs from an earlier one: rows, lengths, label shares, vocabulary."""

import hashlib
import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

WORD = re.compile(r"[^\W\d_]+")  # letters; in scripts without spaces a whole phrase
MOST_WORDS = 200_000  # different words that a profile keeps; beyond twice that the rarest go
SURE = 0.01  # p-value below which a difference is no chance
FAR_LENGTHS = 0.1  # Kolmogorov-Smirnov statistic from which lengths moved: differences below it matter little
FAR_SHARE = 0.02  # change of one label's share from which label shares moved
FAR_WORDS = 0.1  # distance from which the vocabulary moved, where it is also
ABOVE_CHANCE = 1.5  # times what chance makes of it; two halves of Banking77 or SST-2 lie at 1.1 to 1.3
SHOWN_WORDS = 10


@dataclass
class Profile:
    """What is kept of a version's rows: memory grows by 16 bytes a row."""

    lengths: Counter[int] = field(default_factory=Counter)  # characters of a row's texts -> rows
    labels: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    half: Counter[str] = field(default_factory=Counter)  # the words of every second row
    texts: "array[int]" = field(default_factory=lambda: array("Q"))  # a hash of a row's texts
    whole: "array[int]" = field(default_factory=lambda: array("Q"))  # a hash of its texts and its label

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.texts)


@dataclass(frozen=True)
class Lengths:
    """Kolmogorov-Smirnov test of the lengths in characters."""

    statistic: float
    p_value: float
    old_median: int
    new_median: int


@dataclass(frozen=True)
class LabelShare:
    """One label's share of the rows."""

    label: str
    old: float
    new: float


@dataclass(frozen=True)
class Labels:
    """Chi-square test of the labels' counts, Jensen-Shannon distance of their shares, and the shares, the most changed first."""

    p_value: float
    distance: float
    shares: list[LabelShare]


@dataclass(frozen=True)
class Vocabulary:
    """Jensen-Shannon distance of the word frequencies, beside what chance alone would make of it."""

    distance: float
    chance: float
    new_share: float  # of the new version's words, those that the old one lacks
    new_words: list[str]  # the commonest of them


@dataclass(frozen=True)
class Drift:
    """How a version differs from an earlier one."""

    old_rows: int
    new_rows: int
    added: int  # rows whose texts the old version lacks
    removed: int  # rows whose texts the new version lacks
    changed: int  # rows whose texts stay and whose label is another
    lengths: Lengths
    labels: Labels
    vocabulary: Vocabulary

    @property
    def moved(self) -> list[str]:
        """What moved more than chance explains and far enough to matter, in words."""
        said = []
        if self.labels.p_value < SURE and self.labels.shares and _change(self.labels.shares[0]) >= FAR_SHARE:
            far = [s for s in self.labels.shares if _change(s) >= FAR_SHARE]
            more = f" and {len(far) - 3} more" if len(far) > 3 else ""
            said.append(f"label shares moved: {', '.join(f'{s.label} {s.old:.0%} -> {s.new:.0%}' for s in far[:3])}{more}")
        if self.lengths.p_value < SURE and self.lengths.statistic >= FAR_LENGTHS:
            said.append(f"lengths moved: median {self.lengths.old_median} -> {self.lengths.new_median} characters")
        if self.vocabulary.distance >= max(FAR_WORDS, ABOVE_CHANCE * self.vocabulary.chance):
            said.append(f"vocabulary moved: {self.vocabulary.new_share:.1%} of the words are new")
        return said

    @property
    def verdict(self) -> str:
        """One line: what moved, or that nothing did."""
        if not (self.added or self.removed or self.changed):
            return "the same rows"
        found = "; ".join(self.moved) or "labels, lengths and vocabulary did not move"
        return f"no row in common; {found}" if self.old_rows == self.removed else found

    def numbers(self, shows_texts: bool) -> dict[str, Any]:
        """All figures for JSON; the new words only where texts may be shown."""
        found = asdict(self) | {"moved": self.moved, "verdict": self.verdict}
        if not shows_texts:
            del found["vocabulary"]["new_words"]
        return found


def profile(rows: Iterable[Mapping[str, Any]], texts: Sequence[str], label: str) -> Profile:
    """What the comparison needs of some rows, read once."""
    found = Profile()
    for row in rows:
        given = [str(row[name]) for name in texts]
        name = str(row[label])
        found.lengths[sum(map(len, given))] += 1
        found.labels[name] += 1
        words = [word for text in given for word in WORD.findall(text.casefold())]
        found.words.update(words)
        if found.rows % 2:
            found.half.update(words)
        found.texts.append(_hash("\x1f".join(given)))
        found.whole.append(_hash("\x1f".join((*given, name))))
        if len(found.words) > 2 * MOST_WORDS:
            found.words, found.half = (Counter(dict(counts.most_common(MOST_WORDS))) for counts in (found.words, found.half))
    return found


def compare(old: Profile, new: Profile) -> Drift:
    """The differences between two versions, both with at least one row."""
    old_texts, new_texts = np.array(old.texts, np.uint64), np.array(new.texts, np.uint64)
    stay = np.isin(new_texts, old_texts)
    same = np.isin(np.array(new.whole, np.uint64), np.array(old.whole, np.uint64))
    return Drift(
        old_rows=old.rows,
        new_rows=new.rows,
        added=int((~stay).sum()),
        removed=int((~np.isin(old_texts, new_texts)).sum()),
        changed=int((stay & ~same).sum()),
        lengths=_lengths(old.lengths, new.lengths),
        labels=_labels(old.labels, new.labels),
        vocabulary=_vocabulary(old, new, float(stay.mean())),
    )


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _lengths(old: Counter[int], new: Counter[int]) -> Lengths:
    from scipy.stats import ks_2samp

    one, two = (np.repeat(np.array(sorted(c), np.int64), [c[length] for length in sorted(c)]) for c in (old, new))
    test = ks_2samp(one, two, method="asymp")
    return Lengths(float(test.statistic), float(test.pvalue), int(np.median(one)), int(np.median(two)))


def _labels(old: Counter[str], new: Counter[str]) -> Labels:
    from scipy.spatial.distance import jensenshannon
    from scipy.stats import chi2_contingency

    names = sorted(old.keys() | new.keys())
    counts = np.array([[c[name] for name in names] for c in (old, new)], np.float64)
    shares = counts / counts.sum(1, keepdims=True)
    table = [LabelShare(name, float(a), float(b)) for name, a, b in zip(names, *shares, strict=True)]
    p_value = float(chi2_contingency(counts).pvalue) if len(names) > 1 else 1.0
    return Labels(p_value, float(jensenshannon(*shares, base=2)), sorted(table, key=lambda s: (-round(_change(s), 9), s.label)))


def _change(share: LabelShare) -> float:
    return abs(share.new - share.old)


def _vocabulary(old: Profile, new: Profile, shared: float) -> Vocabulary:
    """What chance makes of the distance goes with the root of 1/n + 1/m - 2s/nm, for n and m words of which s are in both.

    Its constant is measured between the two halves of the old rows, s is the shared rows' part of the new words.
    """
    n, m = (max(1, c.total()) for c in (old.words, new.words))
    other = old.words - old.half
    one, two = max(1, old.half.total()), max(1, other.total())
    between = max(0.0, 1 / n + 1 / m - 2 * min(shared * m, n) / (n * m))
    chance = _distance(other, old.half) * math.sqrt(between / (1 / one + 1 / two))
    unseen = Counter({word: count for word, count in new.words.items() if word not in old.words})
    return Vocabulary(_distance(old.words, new.words), chance, unseen.total() / m, [word for word, _ in unseen.most_common(SHOWN_WORDS)])


def _distance(one: Counter[str], two: Counter[str]) -> float:
    """Jensen-Shannon distance of two frequency tables, in [0, 1]; 0 where one is empty."""
    from scipy.spatial.distance import jensenshannon

    if not one or not two:
        return 0.0
    names = list(one.keys() | two.keys())
    tables: list[npt.NDArray[np.float64]] = [np.array([c[name] for name in names], np.float64) for c in (one, two)]
    return float(jensenshannon(*tables, base=2))

"""Small changes of a text after which a reader would give the same label: what an invariance test tries.

Pure functions of a text and a `random.Random`. Fed with equally seeded generators, they treat the texts of a pair
alike: a name or number that stands in both stays one and the same. A text without anything to change comes back
as it is. Names and contractions are English ones; typos of letters outside a to z are swaps.
"""

import itertools
import re
from collections.abc import Callable
from random import Random

Change = Callable[[str, Random], str]

WORDS_A_TYPO = 12  # long words for each typo
WORD = re.compile(r"(?<!\w)[^\W\d_]{4,}(?!\w)")
NUMBER = re.compile(r"[0-9]{5,}")  # shorter ones may matter: years, prices, sizes
MARKS = ".!?…。！？"
KEYS = {key: row[max(0, i - 1) : i] + row[i + 1 : i + 2] for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm") for i, key in enumerate(row)}

# fmt: off
# None of them is a word, a month or a town as well; a name is exchanged for another of its line, so that "she" stays right.
WOMEN = [
    "Aisha", "Amelia", "Anna", "Chloe", "Emily", "Emma", "Fatima", "Hannah", "Ingrid", "Julia",
    "Laura", "Lucy", "Maria", "Ngozi", "Olivia", "Priya", "Sarah", "Sophie", "Svetlana", "Zeynep",
]
MEN = [
    "Ahmed", "Arjun", "Carlos", "Daniel", "David", "Diego", "Dmitri", "Hiroshi", "James", "Kwame",
    "Lars", "Liam", "Lucas", "Michael", "Mohammed", "Noah", "Oliver", "Peter", "Simon", "Thomas",
]
# fmt: on
ORDER = {name.lower(): (names, i) for names in (WOMEN, MEN) for i, name in enumerate(names)}
NAME = re.compile(rf"\b(?ai:{'|'.join(ORDER)})\b")  # a: no "ſ" for an "s"

AUXILIARIES = ["do", "does", "did", "is", "are", "was", "were", "have", "has", "had", "would", "could", "should"]
LONG = {f"{verb} not": f"{verb}n't" for verb in AUXILIARIES} | {"will not": "won't", "cannot": "can't"}
SHORT = {short: long for long, short in LONG.items()}
ENDS = {"m": "am", "re": "are", "ve": "have", "ll": "will"}
SUBJECTS = "I|you|he|she|it|we|they|there"
CONTRACTION = re.compile(
    rf"\b(?ai:({'|'.join([*LONG, *SHORT])})(?!\s+(?:{SUBJECTS})\b)|({SUBJECTS})'({'|'.join(ENDS)}))\b".replace("'", "['’]"),
)


def typos(text: str, random: Random) -> str:
    """A typo in one of twelve words of four letters or more, but at least one: two letters swapped, or the key beside hit."""
    count = len(WORD.findall(text))
    if not count:
        return text
    chosen = set(random.sample(range(count), max(1, count // WORDS_A_TYPO)))
    position = itertools.count()
    return WORD.sub(lambda word: _misspelt(word[0], random) if next(position) in chosen else word[0], text)


def _misspelt(word: str, random: Random) -> str:
    """The word with its second or a later letter mistaken; the first and the last one stay."""
    at = random.randrange(1, len(word) - 2)
    first, second, keys = word[at], word[at + 1], KEYS.get(word[at].lower(), "")
    if first != second and (not keys or random.random() < 0.5):
        return word[:at] + second + first + word[at + 2 :]
    hit = random.choice(keys) if keys else ""  # no such key: the letter is left out
    return word[:at] + (hit.upper() if first.isupper() else hit) + word[at + 1 :]


def upper(text: str, random: Random) -> str:
    """All in capitals."""
    return text.upper()


def lower(text: str, random: Random) -> str:
    """No capitals."""
    return text.lower()


def names(text: str, random: Random) -> str:
    """Every known first name replaced by another one, the same by the same."""
    step = random.randrange(1, len(WOMEN))  # both lists are of one length

    def other(found: re.Match[str]) -> str:
        line, position = ORDER[found[0].lower()]
        return _cased(line[(position + step) % len(line)], found[0])

    return NAME.sub(other, text)


def _cased(word: str, like: str) -> str:
    """The word in capitals, without any, or with the first one, as another is written."""
    if like.isupper() and len(like) > 1:
        return word.upper()
    return word.lower() if like.islower() else word[:1].upper() + word[1:]


def numbers(text: str, random: Random) -> str:
    """Other digits in numbers of five and more, such as those of orders; equal numbers stay equal, and zeros zeros."""
    step = random.randrange(1, 9)
    digits = str.maketrans({str(d): str(1 + (d - 1 + step) % 9) for d in range(1, 10)})
    return NUMBER.sub(lambda found: found[0].translate(digits), text)


def punctuation(text: str, random: Random) -> str:
    """The marks at the end dropped; where there are none, a full stop."""
    whole = text.rstrip()
    bare = whole.rstrip(MARKS).rstrip()
    if not bare:
        return text
    return bare if bare != whole else f"{whole}."


def whitespace(text: str, random: Random) -> str:
    """Every space twice, and a line break at the end."""
    return text.replace(" ", "  ") + "\n"


def contractions(text: str, random: Random) -> str:
    """Short forms written out ("don't", "I'm"), and long negations shortened ("do not"), except in front of a subject."""

    def other(found: re.Match[str]) -> str:
        if found[1]:
            form = found[1].lower().replace("’", "'")
            return _cased(LONG.get(form) or SHORT[form], found[1])
        return f"{found[2]} {_cased(ENDS[found[3].lower()], found[3])}"

    return CONTRACTION.sub(other, text)


CHANGES: dict[str, Change] = {
    "typos": typos,
    "upper": upper,
    "lower": lower,
    "names": names,
    "numbers": numbers,
    "punctuation": punctuation,
    "whitespace": whitespace,
    "contractions": contractions,
}

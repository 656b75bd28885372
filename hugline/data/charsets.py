"""Which encoding lines that are no UTF-8 are in, where their bytes tell it; where they tell several, the letters of each to choose by."""

import re
import unicodedata
from collections import Counter

from hugline.errors import DataError

NEAR = 0.1  # in charset-normalizer's mess and coherence: a guess so close to the best one can't be told from it
SIGNS = 0.05  # of the characters beyond ASCII between two letters, those that are none themselves
LETTERS = {"Lu", "Ll", "Lt", "Lo", "Mn", "Mc"}  # Unicode's categories
OLD = {"mac_roman", "cp850", "cp437"}  # hardly written any more: never taken unasked
SHOWN = 6  # candidates, and letters of each
# What programs write by themselves, the commonest first: of encodings that give one and the same text the first is taken.
CANDIDATES = {
    "cp1252": "Western Europe",
    "cp1250": "Central Europe",
    "cp1251": "Cyrillic",
    "cp1253": "Greek",
    "cp1254": "Turkish",
    "cp1255": "Hebrew",
    "cp1256": "Arabic",
    "cp1257": "Baltic",
    "cp1258": "Vietnamese",
    "cp874": "Thai",
    "cp932": "Japanese, Windows",
    "gb18030": "Chinese, simplified",
    "big5": "Chinese, traditional",
    "cp949": "Korean",
    "euc_jp": "Japanese, Unix",
    "iso8859_2": "Central Europe, Unix",
    "koi8_r": "Cyrillic, Unix",
    "mac_roman": "Western Europe, old Macs",
    "cp850": "Western Europe, DOS",
    "cp437": "United States, DOS",
    "cp866": "Cyrillic, DOS",
}


def guess_charset(sample: bytes, bad: int, place: str) -> str:
    """The encoding that the bytes tell; raises DataError with the lines to choose from where they tell several."""
    from charset_normalizer import from_bytes

    order = list(CANDIDATES)
    guesses = [m for m in from_bytes(sample, cp_isolation=order, enable_fallback=False) if _has_words(str(m))]
    named = {min((n for n in m.could_be_from_charset if n in order), key=order.index): m for m in guesses}
    best = guesses[0] if guesses else None
    near = [n for n, m in named.items() if best and m.chaos <= best.chaos + NEAR and m.coherence >= best.coherence - NEAR]
    if len(near) == 1 and near[0] not in OLD:
        return near[0]
    names = sorted(named if OLD & set(near) else near, key=order.index)[:SHOWN]
    found = f"{bad} lines that are no UTF-8"
    if not names:
        found, remedy = f"{found}, nor in another encoding that is known here", "save the file as UTF-8, or name its encoding in data.encoding"
    else:
        letters = _letters(sample, names)
        found += "; their letters could be" + "".join(f"\n  encoding: {name}   # {CANDIDATES[name]}: {letters[name]}" for name in names)
        remedy = "write the line whose letters are yours under `data:` in params.yaml; if none are, save the file as UTF-8"
    raise DataError(f"an encoding that the bytes of {place} tell", found, remedy)


def _has_words(text: str) -> bool:
    """Whether what stands between two letters is one too, or an apostrophe or dash: most wrong guesses put other signs there, or controls."""
    if re.search("[\x80-\x9f]", text):
        return False
    inner = re.findall(r"(?<=[A-Za-z])[^\x00-\x7f](?=[A-Za-z])", text)
    odd = sum(c not in "\u2019\u2010\u2011\u2013\u2014" and unicodedata.category(c) not in LETTERS for c in inner)
    return odd <= SIGNS * len(inner)


def _letters(sample: bytes, names: list[str]) -> dict[str, str]:
    """For each encoding the most frequent letters that not all of them give: enough to know the right ones, and no row's text."""
    counts = {name: Counter(c for c in sample.decode(name, "replace") if not c.isascii() and c.isprintable()) for name in names}
    same = set.intersection(*(set(letters) for letters in counts.values())) if len(names) > 1 else set()
    return {name: " ".join([c for c, _ in letters.most_common() if c not in same][:SHOWN]) for name, letters in counts.items()}

"""How behaviour tests tell names, near misses and answers."""

import difflib
from collections.abc import Iterable
from typing import Any


def listed(words: Iterable[str]) -> str:
    """The words in the order of the alphabet, or "nothing"."""
    return ", ".join(sorted(words)) or "nothing"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The known word that is nearest, as the end of a sentence; empty where none is near."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


def told(answer: Any) -> str:
    """An answer with its score."""
    return f"{answer.label} {answer.score:.3f}"

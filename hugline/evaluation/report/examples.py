"""Single rows to look at: the worst errors, labels that look wrong, and rows that training has almost seen."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hugline.evaluation.report.words import count, in_hundred, percent

KINDS = {
    "errors": ("Worst errors", "Test rows that got a wrong answer, the surest one first.", "No test row got a wrong answer."),
    "suspects": (
        "Suspected label errors",
        "Rows whose label models that had not learned them find unlikely, the least likely first. Read them before you believe either side.",
        "No label looks wrong.",
    ),
    "leaks": ("Leaks", "Validation and test rows that look almost like a training row: the answer may be remembered.", "No row looks like one of training."),
}
TONES = 4  # steps of colour on each side
FAINT = 1 / 8  # of the strongest word's weight: below it a word has no colour

Tree = Mapping[str, Any]


def example_groups(examples: Tree) -> list[dict[str, Any]]:
    """The groups of rows in the order of the page; texts and coloured words where they are given."""
    groups = []
    for kind, (title, means, none) in KINDS.items():
        items = [_item(kind, item) for item in examples[kind]]
        coloured = any(tone for item in items for _, tone in item["pieces"])
        share = _share(examples.get("label_errors")) if kind == "suspects" else ""
        groups.append({"kind": kind, "title": title, "means": means, "none": none, "items": items, "coloured": coloured, "share": share})
    return groups


def has_texts(groups: Sequence[Tree]) -> bool:
    """Whether any row comes with its text."""
    return any(item["pieces"] for group in groups for item in group["items"])


def pieces(text: str, words: Sequence[tuple[str, float]]) -> Iterator[tuple[str, str]]:
    """A text cut at its weighed words, each with the class of its ground, and what lies between them without one.

    Classes are r1 to r4 for words that speak for the answer given, w1 to w4 for words against it. The strongest
    word of the row has the strongest colour.
    """
    strongest, end = max((abs(weight) for _, weight in words), default=0.0), 0
    for word, weight in words:
        start = text.index(word, end)
        if start > end:
            yield text[end:start], ""
        end = start + len(word)
        yield word, _tone(weight / strongest if strongest else 0.0)
    if text[end:]:
        yield text[end:], ""


def _tone(share: float) -> str:
    return f"{'r' if share > 0 else 'w'}{max(1, round(TONES * abs(share)))}" if abs(share) >= FAINT else ""


def _item(kind: str, item: Tree) -> dict[str, Any]:
    said = {"errors": f"{percent(item['score'])} sure", "suspects": f"its label has {percent(item['score'])}", "leaks": f"similarity {item['score']:.2f}"}
    cut = list(pieces(item["text"], item["words"] or [])) if item["text"] is not None else []
    return {name: item[name] for name in ("row", "split", "label", "predicted", "neighbours")} | {"said": said[kind], "pieces": cut}


def _share(found: Tree | None) -> str:
    """How many labels look wrong, and how far that can be trusted."""
    if not found or found["accuracy"] is None:
        return ""
    looks = f"{count(found['suspects'], 'label')} of {found['rows']:,} {'looks' if found['suspects'] == 1 else 'look'} wrong to them"
    return f"{looks}; they are right themselves in {in_hundred(found['accuracy'])} of 100 rows."

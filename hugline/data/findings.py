"""What looks wrong in the rows, in sentences with counts and row numbers and no text."""

from collections.abc import Iterable, Iterator

from hugline.data.guess import shown
from hugline.data.preview import Preview, Rows

SHOWN_NAMES = 5
NAMED = 0.5  # share of the texts that hold their own label's name


def alike(labels: Iterable[str]) -> list[list[str]]:
    """Groups of labels that differ only by case or spaces."""
    groups: dict[str, list[str]] = {}
    for name in sorted(labels):
        groups.setdefault(" ".join(name.casefold().split()), []).append(name)
    return [names for names in groups.values() if len(names) > 1]


def findings(found: Preview, min_label_rows: int, max_chars: int) -> Iterator[str]:
    """What looks wrong, a sentence each, with counts and row numbers and no text."""
    for rows, said in (
        (found.unreadable, "unreadable: set aside"),
        (found.empty, "without a text: set aside"),
        (found.unlabelled, "without a label: set aside"),
        (found.broken, "of bytes that are no text, or of another type than text: set aside"),
        (found.long, f"with a text over {max_chars:,} characters (data.max_chars): set aside"),
        (found.copies, "copied from an earlier one: set aside"),
        (found.conflicts, "whose text stands with another label earlier"),
    ):
        if rows.count:
            yield f"{_rows(rows.count)} {said} ({_numbers(rows)})"
    for names in alike(found.labels):
        yield f"labels that differ only by case or spaces: {', '.join(map(repr, names))}"
    few = sorted(name for name, n in found.labels.items() if n < min_label_rows)
    if few:
        more = f" and {len(few) - SHOWN_NAMES:,} more" if len(few) > SHOWN_NAMES else ""
        yield f"{len(few):,} {'label' if len(few) == 1 else 'labels'} with fewer than {min_label_rows} rows: {', '.join(map(shown, few[:SHOWN_NAMES]))}{more}"
    for column, share in found.leaks:
        yield f"the column {shown(column)} tells the label of {share:.0%} of the rows: keep it out of the texts"
    if found.named > NAMED * found.usable:
        yield f"the label's own name stands in the text of {found.named / found.usable:.0%} of the rows: will it, where you use the model?"


def _rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def _numbers(rows: Rows) -> str:
    noun = "row" if rows.count == 1 else "rows"
    return f"{noun} {', '.join(map(str, rows.first))}{', ...' if rows.count > len(rows.first) else ''}"

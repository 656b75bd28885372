"""What the user should know about the rows, in whole sentences with counts and row numbers; no row's text in them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from hugline.data.reading import NAMED
from hugline.data.roles import IS_VALID
from hugline.data.splits import TRAIN
from hugline.data.summary import Found
from hugline.params import DataParams

SHOWN_NAMES = 20  # labels or columns that a sentence names


def notices(found: Found, settings: DataParams, source: dict[str, Any]) -> list[str]:
    """Every warning, the source's first."""
    return [*_about_source(found, settings, source), *_about_splits(found, settings), *_about_labels(found, settings), *_about_rows(found, settings)]


def _about_source(found: Found, settings: DataParams, source: dict[str, Any]) -> Iterator[str]:
    if source.get("recognized"):
        facts = [f"the {name} as {source[name]!r}" for name in ("encoding", "delimiter") if source.get(name)]
        yield f"The source was recognized, {' and '.join(facts)}: set data.encoding or data.delimiter where that is wrong."
    if names := source.get("left_out"):
        yield f"There is more that was not read: {_names(names)}."
    if found.columns.left_out:
        yield f"{_counted(found.columns.left_out, 'column')} not kept, because a column of the ingested rows has that name: {_names(found.columns.left_out)}."
    for empty in (True, False):
        names = [name for name, values in found.seen.values.items() if len(values) == (0 if empty else 1)]
        if names:
            yield f"{_counted(names, 'kept column')} {'empty' if empty else 'of one value only'}: {_names(names)}."
    if found.seen.label_changes == len(found.seen.labels) > 1 and found.seen.rows > 2 * len(found.seen.labels):
        yield "The rows come sorted by label: data.limit would read the first labels only."


def _about_splits(found: Found, settings: DataParams) -> Iterator[str]:
    seen = found.seen
    if found.columns.is_valid and seen.no_boolean:
        yield f"The column {IS_VALID} does not split the rows, because not all of its values are booleans: see {_rows(seen.no_boolean)}."
    if seen.ungrouped:
        yield f"{_counted(range(seen.ungrouped), 'row')} without a value in {settings.group_by}: each is a group of its own."
    if found.torn.groups:
        pairs = ", ".join(f"{one} and {other}" for one, other in found.torn.first)
        yield f"{_counted(range(found.torn.groups), 'group')} in several splits of the source, by the column {settings.group_by}: see rows {pairs}."


def _about_labels(found: Found, settings: DataParams) -> Iterator[str]:
    train = {name: int(found.labels[TRAIN, number]) for name, number in found.seen.labels.items()}
    if few := sorted(name for name, rows in train.items() if 0 < rows < settings.min_label_rows):
        yield f"{_have(few, 'label')} fewer than {settings.min_label_rows} training rows: {_names(few)}."
    if found.unseen:
        yield f"{_have(found.unseen, 'label')} no training rows, so their other rows were set aside: {_names(found.unseen)}."
    alike: dict[str, list[str]] = defaultdict(list)
    for name in sorted(train):
        alike[" ".join(name.casefold().split())].append(name)
    for names in alike.values():
        if len(names) > 1:
            yield f"These labels differ by case or spaces only: {', '.join(map(repr, names[:SHOWN_NAMES]))}."


def _about_rows(found: Found, settings: DataParams) -> Iterator[str]:
    written, near = found.written, found.near
    if bad := {reason: rows for reason, rows in sorted(written.reasons.items()) if reason != "copy"}:
        counted = ", ".join(f"{reason} ({rows})" for reason, rows in bad.items())
        first = [line["row"] for line in written.aside if not line["reason"].startswith("copy of row")]
        yield f"{_counted(range(sum(bad.values())), 'row')} set aside: {counted}" + (f"; see {_rows(first)}." if first else ".")
    if found.copies.copies:
        yield f"{_counted(range(found.copies.copies), 'row')} set aside as an exact copy of another."
    if found.copies.conflicts:
        yield f"{found.copies.conflicts} rows have a text that also stands with another label: see {_rows(line['row'] for line in found.conflicts)}."
    if settings.near is None:
        yield "Near-duplicates were not searched, because data.near is null."
    if near.leaks:
        held_out = written.rows["validation"] + written.rows["test"]
        shown = _rows(dict.fromkeys(line["row"] for line in near.leaking))
        yield f"{_have(range(near.leaks), 'validation or test row')} a near-duplicate in training ({near.leaks / held_out:.1%} of them): see {shown}."
    if near.crowded:
        yield "Some texts have so many look-alikes that each was compared with the first of them only: near_duplicates counts fewer pairs than there are."


def _names(names: Iterable[str]) -> str:
    every = list(names)
    return ", ".join(every[:SHOWN_NAMES]) + (f" and {len(every) - SHOWN_NAMES} more" if len(every) > SHOWN_NAMES else "")


def _rows(numbers: Iterable[int]) -> str:
    first = list(numbers)[:NAMED]
    return f"row{'s' * (len(first) > 1)} {', '.join(map(str, first))}"


def _counted(things: Any, noun: str) -> str:
    return f"1 {noun} is" if len(things) == 1 else f"{len(things)} {noun}s are"


def _have(things: Any, noun: str) -> str:
    return f"1 {noun} has" if len(things) == 1 else f"{len(things)} {noun}s have"

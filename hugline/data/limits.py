"""Shares of bad rows, copies, conflicts and leaks above which ingest stops, naming the first rows."""

from collections import Counter
from collections.abc import Mapping

from hugline.core.rows import SPLITS
from hugline.data.copies import Copies
from hugline.data.near import Near
from hugline.data.outputs import UNSEEN_REASON
from hugline.data.reading import NAMED
from hugline.data.spool import COPY, FAULTY, UNSEEN, Spool
from hugline.errors import DataError
from hugline.params import DataParams

HINTS = {  # reason -> the setting that speaks of it
    "over-long": "raise data.max_chars",
    "no split's name": "correct data.split_by",
    "no date": "correct data.time",
    "prepare gave none": "correct prepare in stages/hooks.py",
    UNSEEN_REASON: "list the labels to learn in task.labels, or give the others training rows",
}


def refuse_bad(spool: Spool, reasons: Counter[str], most: float) -> None:
    """Raise DataError for more unusable rows than allowed, copies apart."""
    bad = reasons.total()
    if bad <= most * len(spool):
        return
    counted = ", ".join(f"{reason} ({n})" for reason, n in reasons.most_common(NAMED))
    first = [f"{where}: {fault or UNSEEN_REASON}" for where, fault, _ in _first(spool, FAULTY, UNSEEN)]
    hints = [hint for reason, hint in HINTS.items() if any(counted.startswith(reason) for counted in reasons)]
    raise DataError(
        f"at most {most:.1%} of the rows unusable (data.max_bad)",
        f"{bad} of {len(spool)}: {counted}; first: {'; '.join(first)}",
        ", ".join(["mend these rows", "correct data.columns", *hints]) + ", or raise data.max_bad",
    )


def refuse_copies(spool: Spool, copies: int, most: float) -> None:
    """Raise DataError for more exact copies than allowed."""
    if copies > most * len(spool):
        first = [f"{where}: copy of row {original}" for where, _, original in _first(spool, COPY)]
        raise DataError(
            f"at most {most:.1%} of the rows exact copies of others (data.max_copies)",
            f"{copies} of {len(spool)}; first: {'; '.join(first)}",
            "see whether data.columns names the right text, remove the copies, or raise data.max_copies: copies are set aside",
        )


def refuse_conflicts(spool: Spool, copies: Copies, most: float) -> None:
    """Raise DataError for more rows than allowed whose text also stands with another label."""
    if copies.conflicts > most * len(spool):
        first = [f"row {spool.keys['number'][one]} as row {spool.keys['number'][other]}" for one, other in copies.pairs[:NAMED]]
        raise DataError(
            f"at most {most:.1%} of the rows with a text that also stands with another label (data.max_conflicts)",
            f"{copies.conflicts} of {len(spool)}; the same text has {', '.join(first)}",
            "correct their labels, or raise data.max_conflicts: these rows stay",
        )


def refuse_leaks(near: Near, held_out: int, most: float) -> None:
    """Raise DataError for more validation and test rows than allowed that have a near-duplicate in training."""
    if near.leaks > most * held_out:
        first = [f"row {line['row']} ({line['split']}) as row {line['near_row']}, similarity {line['similarity']:.2f}" for line in near.leaking[:NAMED]]
        raise DataError(
            f"at most {most:.1%} of the validation and test rows with a near-duplicate in training (data.max_leaks)",
            f"{near.leaks} of {held_out}; first: {'; '.join(first)}",
            "remove one row of each pair, keep related rows together by data.group_by, or raise data.near or data.max_leaks",
        )


def refuse_empty(rows: Mapping[str, int], settings: DataParams) -> None:
    """Raise DataError for a split without rows."""
    if empty := [split for split in SPLITS if not rows[split]]:
        counts = ", ".join(f"{split} {n}" for split, n in rows.items())
        columns = [f"data.{name}" for name in ("split_by", "group_by", "time") if getattr(settings, name)]
        remedies = ["add rows", "raise data.validation or data.test", *(f"see what {name} says" for name in columns)]
        remedies += ["raise data.limit: it takes the first rows"] * bool(settings.limit)
        raise DataError(f"rows in every split: {', '.join(SPLITS)}", f"none in {', '.join(empty)} ({counts})", ", or ".join(remedies))


def _first(spool: Spool, *fates: int) -> list[tuple[str, str | None, int]]:
    """Place, fault and the number of the row copied, of the first rows with one of these fates."""
    found: list[tuple[str, str | None, int]] = []
    for keys, where, fault, _ in spool.batches():
        for i, fate in enumerate(keys["fate"].tolist()):
            if fate in fates:
                found.append((where[i].as_py(), fault[i].as_py(), int(spool.keys["number"][keys["copy_of"][i]])))
                if len(found) == NAMED:
                    return found
    return found

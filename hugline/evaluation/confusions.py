"""Which labels are taken for which: in words, and as the cells of a heat map."""

from collections.abc import Sequence
from typing import Any

SHOWN = 20  # labels in the heat map, at most
STEPS = (0.05, 0.10, 0.20, 0.40, 0.60, 0.80, 1.0)  # upper ends of the shares that a colour stands for

Counts = Sequence[Sequence[int]]  # [C, C]: actual labels in rows, predicted ones in columns


def confusions(labels: Sequence[str], confusion: Counts) -> list[dict[str, Any]]:
    """Every pair of labels that was confused, the most frequent first, then in the order of the labels."""
    return [{"actual": labels[i], "predicted": labels[j], "count": confusion[i][j], "rows": sum(confusion[i])} for i, j in _pairs(confusion)]


def most_confused(confusion: Counts, limit: int) -> list[int]:
    """Positions of the labels in the most frequent confusions, in the order of the labels; filled up with the first ones."""
    named = [i for pair in _pairs(confusion) for i in pair]
    return sorted(list(dict.fromkeys([*named, *range(len(confusion))]))[:limit])


def heat_map(labels: Sequence[str], confusion: Counts) -> dict[str, Any]:
    """The cells to show, a line for each actual label, and how many errors they hold."""
    shown = most_confused(confusion, SHOWN)
    lines = [(labels[i], [(confusion[i][j], heat(confusion[i][j], sum(confusion[i]), i == j)) for j in shown]) for i in shown]
    return {
        "names": [labels[i] for i in shown],
        "lines": lines,
        "labels": len(labels),
        "errors": sum(sum(row) - row[i] for i, row in enumerate(confusion)),
        "errors_shown": sum(confusion[i][j] for i in shown for j in shown if i != j),
        "upright": len(shown) > 10 or max(len(labels[i]) for i in shown) > 10,
        "steps": [f"{100 * edge:g}%" for edge in STEPS],
    }


def heat(count: int, rows: int, right: bool) -> str:
    """The class of a heat map's cell: r1 to r7 (right) or w1 to w7 (wrong) by its share of the actual label's rows; z for none."""
    if not count or not rows:
        return "z"
    return f"{'r' if right else 'w'}{1 + sum(count / rows > edge for edge in STEPS[:-1])}"


def _pairs(confusion: Counts) -> list[tuple[int, int]]:
    pairs = [(i, j) for i, row in enumerate(confusion) for j, count in enumerate(row) if count and i != j]
    return sorted(pairs, key=lambda pair: -confusion[pair[0]][pair[1]])

"""Pictures of confidence: how often it is right, and what is left when the unsure answers are held back."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from markupsafe import Markup

from hugline.evaluation.charts import BOTTOM, DOT, FOOT, LINE, SVG, TEXT, TOP, Scale, levels, share_ticks, tick_labels, x_of, y_of

WHOLE: Scale = (0.0, 1.0)
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
STRIP = 44.0  # pixels: height of the bars below the reliability plot
BAR = Markup('<rect class="fill" x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}"><title>{}</title></rect>')
NARROW = 0.6  # percent that a bar leaves free on each side

Bins = Sequence[Mapping[str, float]]


def reliability_chart(bins: Bins, title: str) -> Markup:
    """Accuracy by confidence, a dot for each bin, beside the diagonal on which the two are equal."""
    largest = max(bin["rows"] for bin in bins)
    points = [(x_of(bin["confidence"], WHOLE), y_of(bin["accuracy"], WHOLE)) for bin in bins]
    parts = [_frame(QUARTERS), LINE.format("ideal", 0, BOTTOM, 100, TOP)]
    parts += [LINE.format("miss", x, y, x, y_of(x / 100, WHOLE)) for x, y in points]
    parts += [LINE.format("metric", *start, *end) for start, end in pairwise(points)]
    for (x, y), bin in zip(points, bins, strict=True):
        said = f"{bin['rows']:,} rows: {100 * bin['confidence']:.0f}% sure, {100 * bin['accuracy']:.0f}% right"
        parts.append(DOT.format("metric", x, y, 3 + 4 * math.sqrt(bin["rows"] / largest), said))
    return SVG.format("curve", title, Markup("").join(parts))


def confidence_strip(bins: Bins, title: str) -> Markup:
    """How many rows each bin of confidence holds, as bars."""
    largest = max(bin["rows"] for bin in bins)
    bars = []
    for bin in bins:
        height = max(1.0, STRIP * bin["rows"] / largest)
        width = 100 * (bin["high"] - bin["low"]) - 2 * NARROW
        bars.append(BAR.format(100 * bin["low"] + NARROW, STRIP - height, width, height, f"{bin['rows']:,} rows"))
    return SVG.format("strip", title, Markup("").join([*bars, LINE.format("grid", 0, STRIP, 100, STRIP)]))


def abstain_chart(curve: Bins, chosen: Mapping[str, float] | None, title: str) -> Markup:
    """Accuracy of the answers that stay by their share of the rows; `chosen` is the threshold to mark."""
    marks = share_ticks([point["accuracy"] for point in (*curve, *([chosen] if chosen else []))])
    upward = (marks[0] / 100, marks[-1] / 100)
    points = [(x_of(point["coverage"], WHOLE), y_of(point["accuracy"], upward)) for point in curve]
    parts = [_frame([mark / 100 for mark in marks]), *(LINE.format("metric", *start, *end) for start, end in pairwise(points))]
    if chosen:
        x, y = x_of(chosen["coverage"], WHOLE), y_of(chosen["accuracy"], upward)
        anchor = "start" if x < 25 else "end" if x > 75 else "middle"
        said = f"at least {100 * chosen['threshold']:.0f}% sure"
        parts += [LINE.format("best", x, TOP - 8, x, BOTTOM), TEXT.format("mark", x, TOP - 13, anchor, said), DOT.format("metric", x, y, 5, said)]
    return SVG.format("curve", title, Markup("").join(parts))


def _frame(shares: Sequence[float]) -> Markup:
    """Level lines with their percentages at the side, and quarters from 0% to 100% below."""
    names = [f"{name}%" for name in tick_labels([100 * share for share in shares])]
    ends = {0.0: "start", 1.0: "end"}
    feet = [TEXT.format("tick", x_of(quarter, WHOLE), FOOT, ends.get(quarter, "middle"), f"{100 * quarter:.0f}%") for quarter in QUARTERS]
    return levels(shares, names) + Markup("").join(feet)

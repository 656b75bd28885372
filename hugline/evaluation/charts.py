"""Pictures of the report as inline SVG: sideways in percent, so that they fit any width and their words keep their size."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from markupsafe import Markup

Scale = tuple[float, float]

TOP, BOTTOM, FOOT = 26.0, 190.0, 210.0  # pixels of a line chart: upper and lower end of the plot, and its tick labels
MIDDLE = 16.0  # pixel on which an interval is drawn
DOTS = 40  # beyond so many epochs a line goes without dots
LINE = Markup('<line class="{}" x1="{:.2f}%" y1="{:.1f}" x2="{:.2f}%" y2="{:.1f}"/>')
TEXT = Markup('<text class="{}" x="{:.2f}%" y="{:.1f}" text-anchor="{}">{}</text>')
SIDE = Markup('<text class="tick" x="-8" y="{:.1f}" text-anchor="end">{}</text>')
DOT = Markup('<circle class="{}" cx="{:.2f}%" cy="{:.1f}" r="{:.1f}"><title>{}</title></circle>')
MEAN = Markup('<circle class="dot" cx="{:.2f}%" cy="{:.1f}" r="6"/>')
SVG = Markup('<svg class="{0}" role="img" aria-label="{1}"><title>{1}</title>{2}</svg>')


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round, evenly spaced numbers, about `most` of them, that reach from `low` or less to `high` or more."""
    span = high - low or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, max(last, first + 1) + 1)]


def number(value: float) -> str:
    """Short, without an exponent where one is not needed, and with a real minus sign."""
    return f"{value:.6g}".replace("-", "\N{MINUS SIGN}")


def tick_labels(marks: Sequence[float]) -> list[str]:
    """Numbers of one axis, all with the same decimals."""
    step = marks[1] - marks[0]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [f"{mark:.{decimals}f}".replace("-", "\N{MINUS SIGN}") for mark in marks]


def gain_ticks(gains: Sequence[Mapping[str, float]]) -> list[float]:
    """Ticks of one axis, in points, that holds every interval and zero."""
    ends = [0.0, *(100 * gain[end] for gain in gains for end in ("low", "high"))]
    return ticks(min(ends), max(ends), 5) if any(ends) else [-1.0, 0.0, 1.0]


def share_ticks(shares: Sequence[float]) -> list[float]:
    """Ticks of one axis, in percent, that holds every share: at least 5 points wide, from 0 to 100 at most."""
    low, high = 100 * min(shares), 100 * max(shares)
    return ticks(low, high, 5) if high - low >= 5 else ticks(max(0.0, low - 5), min(100.0, high + 5), 5)


def whisker(gain: Mapping[str, float], marks: Sequence[float], title: str, reference: float = 0.0) -> Markup:
    """A dot at the mean, a line from `low` to `high`, and an upright line at the reference: all shares; `marks` are in points."""
    scale = (marks[0], marks[-1])
    low, mean, high, zero = (x_of(100 * value, scale) for value in (gain["low"], gain["mean"], gain["high"], reference))
    ends = [LINE.format("span", x, MIDDLE - 6, x, MIDDLE + 6) for x in (low, high)]
    grid = [LINE.format("grid", x_of(mark, scale), 0, x_of(mark, scale), 2 * MIDDLE) for mark in marks]
    parts = [*grid, LINE.format("zero", zero, 0, zero, 2 * MIDDLE), LINE.format("span", low, MIDDLE, high, MIDDLE), *ends, MEAN.format(mean, MIDDLE)]
    return SVG.format("whisker", title, Markup("").join(parts))


def gain_axis(marks: Sequence[float]) -> Markup:
    """The tick labels below the whiskers, with their signs."""
    return _axis(marks, ["+" * (mark > 0) + name for mark, name in zip(marks, tick_labels(marks), strict=True)])


def share_axis(marks: Sequence[float]) -> Markup:
    """The tick labels below the whiskers, in percent."""
    return _axis(marks, [f"{name}%" for name in tick_labels(marks)])


def _axis(marks: Sequence[float], names: Sequence[str]) -> Markup:
    scale = (marks[0], marks[-1])
    labels = [TEXT.format("tick", x_of(mark, scale), 14, "middle", name) for mark, name in zip(marks, names, strict=True)]
    return Markup('<svg class="axis" aria-hidden="true">{}</svg>').format(Markup("").join(labels))


def line_chart(title: str, epochs: Sequence[float], lines: Mapping[str, Sequence[float]], best: int) -> Markup:
    """Values by epoch, a line for each class name in `lines`; `best` is the position of the epoch to mark."""
    marks = ticks(min(map(min, lines.values())), max(map(max, lines.values())), 5)
    across, upward = (epochs[0], epochs[-1]), (marks[0], marks[-1])
    frame = [levels(marks, tick_labels(marks)), *(TEXT.format("tick", x_of(epoch, across), FOOT, "middle", number(epoch)) for epoch in _some(epochs))]
    drawn = [_line(name, epochs, values, across, upward) for name, values in lines.items()]
    return SVG.format("curve", title, Markup("").join([*frame, _best(epochs[best], across), *drawn]))


def _best(epoch: float, across: Scale) -> Markup:
    x = x_of(epoch, across)
    anchor = "start" if x < 25 else "end" if x > 75 else "middle"
    return LINE.format("best", x, TOP - 8, x, BOTTOM) + TEXT.format("mark", x, TOP - 13, anchor, f"best: epoch {number(epoch)}")


def _line(name: str, epochs: Sequence[float], values: Sequence[float], across: Scale, upward: Scale) -> Markup:
    points = [(x_of(epoch, across), y_of(value, upward)) for epoch, value in zip(epochs, values, strict=True)]
    drawn = [LINE.format(name, *start, *end) for start, end in pairwise(points)]
    if len(points) <= DOTS:
        drawn += [DOT.format(name, x, y, 3.5, f"epoch {epoch:g}: {value:.4g}") for (x, y), epoch, value in zip(points, epochs, values, strict=True)]
    return Markup("").join(drawn)


def levels(marks: Sequence[float], names: Sequence[str]) -> Markup:
    """The level lines of a plot, from the first mark at its foot to the last at its top, and their names at the side."""
    upward = (marks[0], marks[-1])
    lines = [LINE.format("grid", 0, y_of(mark, upward), 100, y_of(mark, upward)) for mark in marks]
    return Markup("").join([*lines, *(SIDE.format(y_of(mark, upward) + 4, name) for mark, name in zip(marks, names, strict=True))])


def _some(epochs: Sequence[float]) -> Sequence[float]:
    """At most ten of the epochs, evenly spaced, the last one among them."""
    return epochs[::-1][:: math.ceil(len(epochs) / 10)]


def x_of(value: float, scale: Scale) -> float:
    """Percent from the left of a plot."""
    low, high = scale
    return 100 * (value - low) / (high - low) if high > low else 50.0


def y_of(value: float, scale: Scale) -> float:
    """Pixels from the top of a plot."""
    return BOTTOM - (BOTTOM - TOP) * (value - scale[0]) / (scale[1] - scale[0])

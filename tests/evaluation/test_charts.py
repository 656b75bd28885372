"""The report's pictures and colours."""

import re
from pathlib import Path

import pytest

from hugline.evaluation import charts
from hugline.evaluation.charts import gain_ticks, line_chart, tick_labels, ticks, whisker


def test_a_line_runs_from_the_first_epoch_at_the_left_to_the_last_at_the_right() -> None:
    picture = str(line_chart("Loss", [1, 2], {"train": [2.0, 0.0]}, 1))
    assert '<line class="train" x1="0.00%" y1="26.0" x2="100.00%" y2="190.0"/>' in picture


def test_a_whisker_runs_from_low_to_high_with_its_dot_at_the_mean() -> None:
    picture = str(whisker({"low": 0.0, "mean": 0.1, "high": 0.3}, [0, 20, 40], "Gain"))
    assert '<line class="span" x1="0.00%" y1="16.0" x2="75.00%" y2="16.0"/>' in picture
    assert '<circle class="dot" cx="25.00%"' in picture
    assert '<line class="zero" x1="0.00%"' in picture


def test_ticks_are_round_and_hold_the_values() -> None:
    assert ticks(0.22, 0.76, 5) == [0.2, 0.4, 0.6, 0.8]
    assert tick_labels(ticks(0.0, 2.1, 5)) == ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"]
    assert gain_ticks([{"low": -0.05, "high": 0.7}]) == [-20, 0, 20, 40, 60, 80]
    assert gain_ticks([{"low": 0.0, "high": 0.0}]) == [-1, 0, 1]


def _luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_stands_out_from_its_ground(scheme: int) -> None:
    styles = Path(charts.__file__).with_name("report.css.jinja").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--(\w+): (#\w{6})", styles.split(":root {")[1 + scheme].split("}")[0]))
    pairs = [("text", "page"), ("text", "card"), ("muted", "page"), ("muted", "card"), ("accent", "page")]
    pairs += [("text" if i < 5 else "deep", f"{kind}{i}") for kind in "rw" for i in range(1, 8)]
    for text, ground in pairs:
        low, high = sorted((_luminance(colours[text]), _luminance(colours[ground])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (text, ground)

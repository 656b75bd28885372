"""The report's pictures and colours."""

import re
from pathlib import Path

import pytest

from hugline.evaluation import report
from hugline.evaluation.charts import gain_ticks, line_chart, share_ticks, tick_labels, ticks, whisker
from hugline.evaluation.curves import abstain_chart, confidence_strip, reliability_chart


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


def test_a_whisker_has_its_upright_line_at_the_reference() -> None:
    picture = str(whisker({"low": 0.5, "mean": 0.6, "high": 0.7}, [40, 60, 80], "Slice", 0.7))
    assert '<line class="zero" x1="75.00%"' in picture and '<circle class="dot" cx="50.00%"' in picture


def test_ticks_of_shares_stay_between_none_and_all() -> None:
    assert share_ticks([0.93, 1.0]) == [92, 94, 96, 98, 100]
    assert share_ticks([1.0]) == [95, 96, 97, 98, 99, 100]
    assert share_ticks([0.0, 1.0]) == [0, 20, 40, 60, 80, 100]
    assert share_ticks([0.0]) == [0, 1, 2, 3, 4, 5]


BINS = [
    {"low": 0.4, "high": 0.5, "rows": 25, "confidence": 0.45, "accuracy": 0.5},
    {"low": 0.9, "high": 1.0, "rows": 100, "confidence": 0.95, "accuracy": 1.0},
]


def test_a_bin_stands_at_its_confidence_and_accuracy_with_a_dot_by_its_rows() -> None:
    picture = str(reliability_chart(BINS, "Accuracy by confidence"))
    assert '<circle class="metric" cx="45.00%" cy="108.0" r="5.0"><title>25 rows: 45% sure, 50% right</title>' in picture
    assert '<circle class="metric" cx="95.00%" cy="26.0" r="7.0">' in picture
    assert '<line class="ideal" x1="0.00%" y1="190.0" x2="100.00%" y2="26.0"/>' in picture


def test_the_strip_has_a_bar_for_each_bin_by_its_rows() -> None:
    picture = str(confidence_strip(BINS, "Rows"))
    assert re.findall(r'<rect class="fill" x="(\S+)%" y="(\S+)" width="(\S+)%" height="(\S+)"', picture) == [
        ("40.60", "33.0", "8.80", "11.0"),
        ("90.60", "0.0", "8.80", "44.0"),
    ]


def test_the_abstain_curve_marks_the_chosen_threshold() -> None:
    curve = [{"threshold": 0.2, "coverage": 1.0, "accuracy": 0.8}, {"threshold": 0.9, "coverage": 0.5, "accuracy": 1.0}]
    picture = str(abstain_chart(curve, {"threshold": 0.74, "coverage": 0.75, "accuracy": 0.9}, "Curve"))
    assert '<line class="metric" x1="100.00%" y1="190.0" x2="50.00%" y2="26.0"/>' in picture
    assert '<line class="best" x1="75.00%"' in picture and "at least 74% sure</text>" in picture
    assert 'class="best"' not in str(abstain_chart(curve, None, "Curve"))


def _luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_stands_out_from_its_ground(scheme: int) -> None:
    styles = Path(report.__file__).with_name("report.css.jinja").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--(\w+): (#\w{6})", styles.split(":root {")[1 + scheme].split("}")[0]))
    pairs = [("text", "page"), ("text", "card"), ("muted", "page"), ("muted", "card"), ("accent", "page"), ("warm", "card")]
    pairs += [("text" if i < 5 else "deep", f"{kind}{i}") for kind in "rw" for i in range(1, 8)]
    for text, ground in pairs:
        low, high = sorted((_luminance(colours[text]), _luminance(colours[ground])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (text, ground)

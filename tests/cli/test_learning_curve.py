"""`hugline learning-curve` on a toy project, and what it says of its points."""

import csv
import json
import math

import pytest

from hugline.cli.learning_curve import Point, free_name, lines, outlook
from tests.conftest import Project


def test_each_share_is_an_experiment_and_a_second_call_runs_nothing(project: Project) -> None:
    before = project.git("status", "--short")
    said = project.python("hugline.cli", "learning-curve", "--shares", "0.5", "1.0", "--csv", "curve.csv")
    train = json.loads(project.read("reports/data.json"))["train"]
    full = json.loads(project.read("reports/validation.json"))
    with (project.folder / "curve.csv").open(encoding="utf-8", newline="") as stream:
        half, whole = csv.DictReader(stream)
    assert (half["rows"], whole["rows"], half["experiment"], whole["experiment"]) == (str(math.ceil(train / 2)), str(train), "curve-50", "curve-100")
    assert float(whole["value"]) == full[full["monitor"]] and whole["monitor"] == full["monitor"]
    assert "training on 50% of the rows: experiment curve-50\n" in said and f"From {half['rows']} to {train} rows" in said
    (project.folder / "curve.csv").unlink()
    assert project.git("status", "--short") == before

    again = project.python("hugline.cli", "learning-curve", "--shares", "0.5", "1.0")
    assert "training on" not in again and again.split("share", 1)[1] == said.split("share", 1)[1]
    assert sorted(project.git("for-each-ref", "--format=%(refname:lstrip=4)", "refs/exps").split()) == ["curve-100", "curve-50"]


def test_an_experiment_with_other_settings_is_not_taken_for_a_point(project: Project) -> None:
    project.python("dvc", "exp", "run", "--temp", "-n", "curve-50", "-S", "finetune.share=0.5", "-S", "finetune.lr=0.002", "finetune")
    said = project.python("hugline.cli", "learning-curve", "--shares", "0.5")
    assert "experiment curve-50-2\n" in said and "One size tells no trend" in said


def test_shares_that_are_none_and_a_training_that_fails_are_told(fresh: Project) -> None:
    assert "found:    0, 1.5" in fresh.python("hugline.cli", "learning-curve", "--shares", "0", "1.5", fails=True)
    fresh.set(data__columns={"text": "nothing", "label": "team"})
    said = fresh.python("hugline.cli", "learning-curve", "--shares", "0.5", fails=True)
    assert "expected: the column 'nothing' (for `text`)" in said and "Traceback" not in said


def point(share: float, rows: int, value: float) -> Point:
    return Point(share, rows, 50, "macro_f1", value, f"curve-{100 * share:g}")


def test_the_table_lines_rows_up_with_the_metric() -> None:
    table = list(lines([point(0.1, 100, 0.5), point(1, 1000, 0.75)]))
    assert table[:3] == [
        " share  training rows     validation macro_f1  experiment",
        "   10%            100                  0.5000  curve-10",
        "  100%          1,000                  0.7500  curve-100",
    ]


def test_the_outlook_goes_by_the_last_two_points_and_is_cautious() -> None:
    said = outlook([point(0.1, 100, 0.1), point(0.5, 400, 0.70), point(1, 800, 0.75)])
    assert said == (
        "From 400 to 800 rows the metric changed by +0.050 for each doubling.\n"
        "If that went on, 1,600 rows might bring about 0.800; gains usually shrink.\n"
        "One training a size, 50 validation rows: this can be chance."
    )
    assert "+0.050 for each doubling" in outlook([point(0.25, 200, 0.65), point(1, 800, 0.75)])
    assert "might bring about 1.000;" in outlook([point(0.5, 400, 0.8), point(1, 800, 0.95)])
    assert "More rows like these may bring little." in outlook([point(0.5, 400, 0.8), point(1, 800, 0.8)])
    assert "0.8" not in outlook([point(1, 800, 0.8)])


@pytest.mark.parametrize(("taken", "free"), [(set(), "curve-10"), ({"curve-10"}, "curve-10-2"), ({"curve-10", "curve-10-2"}, "curve-10-3")])
def test_a_name_that_is_taken_gets_a_number(taken: set[str], free: str) -> None:
    assert free_name("curve-10", taken) == free

"""Two versions of the results compared: rows matched, chance told from change, and safe pages."""

from typing import Any

import pytest

from hugline.evaluation.comparison import Change, Prediction, Results, changed_params, compare_results, shared_rows
from hugline.evaluation.report import render_comparison, render_markdown
from hugline.evaluation.report.compared import gate_words, verdict_words
from hugline.evaluation.report.templates import cell
from hugline.params import EvaluateParams
from tests.evaluation.pages import Tags, refuses_other_hosts, words

SETTINGS = EvaluateParams(resamples=500)


def answers(right: str, label: str = "a") -> dict[int, Prediction]:
    """Rows 1, 2, ... that were answered right (r) or wrong (w); a dash leaves a number out."""
    return {row: Prediction(label, label if how == "r" else "z") for row, how in enumerate(right, 1) if how != "-"}


def results(name: str = "main", predictions: dict[int, Prediction] | None = None, **parts: Any) -> Results:
    found = predictions or {}
    accuracy = sum(p.label == p.predicted for p in found.values()) / len(found) if found else 0.5
    baselines = {"tfidf": {"accuracy": 0.4, "gain": {"mean": 0.1, "low": 0.0, "high": 0.2}}}
    return Results(name, {"rows": len(found), "accuracy": accuracy, "loss": 0.5, "temperature": 1.5, "baselines": baselines}, predictions=predictions, **parts)


def compared(before: str, after: str) -> tuple[str, str]:
    return verdict_words(compare_results(results("main", answers(before)), results("now", answers(after)), SETTINGS, 1))


def test_rows_are_matched_by_number_and_actual_label() -> None:
    before = answers("rrww-r") | {7: Prediction("b", "b")}
    found = shared_rows(before, answers("rwrwr-") | {7: Prediction("a", "a")}, SETTINGS, 1)
    assert (found.rows, found.only_before, found.only_after, found.relabelled) == (4, 1, 1, 1)
    assert (found.mended, found.broken) == ([3], [2])
    assert found.gain is not None and found.gain.mean == 0.0


def test_versions_without_a_common_row_have_no_gain() -> None:
    assert shared_rows(answers("r-"), answers("-r"), SETTINGS, 1).gain is None
    assert compared("r-", "-r") == ("Not settled against main", "the same accuracy, but no test row is in both")


@pytest.mark.parametrize(
    ("before", "after", "short"),
    [
        ("w" * 30 + "r" * 70, "r" * 100, "Better than main"),
        ("r" * 100, "w" * 30 + "r" * 70, "Worse than main"),
        ("wr" + "r" * 98, "rw" + "r" * 98, "Not clearly different from main"),
        ("wr" + "r" * 98, "wr" + "r" * 98, "As good as main"),
    ],
)
def test_the_verdict_claims_no_more_than_the_interval(before: str, after: str, short: str) -> None:
    assert compared(before, after)[0] == short


def test_the_verdict_gives_the_gain_in_points_with_its_interval() -> None:
    _, rests = compared("w" * 30 + "r" * 70, "r" * 100)
    assert rests.startswith("+30.0 points of accuracy, 95% interval +2") and "includes zero" not in rests
    assert compared("wr", "rw")[1].endswith("which includes zero")
    assert compared("wr", "wr")[1] == "2 shared test rows, each right or wrong as before"


def test_without_the_rows_nothing_is_settled() -> None:
    found = compare_results(results(), results("now", answers("rrrw")), SETTINGS, 1)
    assert found.shared is None
    assert verdict_words(found) == ("Not settled against main", "accuracy +25.0 points, but without the answers row by row, chance can't be told from change")


def test_changes_are_after_less_before_and_absent_where_one_lacks_them() -> None:
    labels = ([{"label": "a", "f1": "0.5"}, {"label": "b", "f1": "0.25"}], [{"label": "a", "f1": "0.75"}, {"label": "c", "f1": "1.0"}])
    tests = ([{"test": "typos", "rate": ""}], [{"test": "typos", "rate": "0.5"}])
    before, after = (results(labels=labels[i], behaviour=tests[i]) for i in (0, 1))
    found = compare_results(before, after, SETTINGS, 1)
    assert found.labels == [Change("a", 0.5, 0.75), Change("c", None, 1.0), Change("b", 0.25, None)]
    assert [change.difference for change in found.labels] == [0.25, None, None]
    assert found.behaviour == [Change("typos", None, 0.5)]
    assert [change.name for change in found.metrics] == ["accuracy", "loss", "gain_over_tfidf"]


def test_only_counts_of_rows_that_differ_are_listed() -> None:
    label = {"label": "a", "train": 5, "validation": 1, "test": 2}
    before = results(data={"rows_in": 10, "train": 7, "labels": [label]})
    after = results(data={"rows_in": 12, "train": 7, "leaks": 1, "labels": [label | {"test": 4}]})
    found = compare_results(before, after, SETTINGS, 1)
    assert found.counts == [Change("rows_in", 10, 12), Change("leaks", None, 1)]
    assert found.label_rows == [Change("a", 8, 10)]


def test_settings_that_differ_are_listed_by_their_key() -> None:
    before = {"seed": 1, "finetune": {"lr": 1e-4, "epochs": 6}, "data": {"keep": ["a"]}, "old": {}}
    after = {"seed": 1, "finetune": {"lr": 5e-5, "epochs": 6}, "data": {"keep": None, "near": 0.8}}
    assert list(changed_params(before, after)) == [
        ("data.keep", '["a"]', "null"),
        ("data.near", None, "0.8"),
        ("finetune.lr", "0.0001", "5e-05"),
        ("old", "{}", None),
    ]


def test_the_markdown_begins_with_the_verdict_and_the_gate() -> None:
    before = results("main", answers("w" * 30 + "r" * 70), gate={"approved": True, "reasons": []}, params={"seed": 1})
    after = results("now", answers("r" * 100), gate={"approved": False, "reasons": ["behaviour of typos: found 0.5"]}, params={"seed": 2})
    lines = render_markdown(compare_results(before, after, SETTINGS, 1), ["No reports/data.json."]).splitlines()
    assert lines[0].startswith("**Better than main**: +30.0 points of accuracy, 95% interval") and lines[0].endswith("Not approved, approved before.")
    assert "- Not approved: behaviour of typos: found 0.5" in lines and "- No reports/data.json." in lines
    assert (
        "100 test rows in both versions. Right now and wrong before: 30 (rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, ...)."
        in "\n".join(lines)
    )
    assert "| seed | 1 | 2 |" in lines
    assert "| Accuracy | 0.7000 | 1.0000 | +0.3000 | better |" in lines
    assert lines[lines.index("| Setting | main | now |") - 1] == ""


def test_a_lower_loss_is_better() -> None:
    before, after = (Results(name, {"accuracy": 0.5, "loss": loss, "baselines": {}}) for name, loss in (("main", 0.5), ("now", 0.4)))
    assert "| Log loss | 0.5000 | 0.4000 | −0.1000 | better |" in render_markdown(compare_results(before, after, SETTINGS, 1), [])


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [(None, None, "The gate has not ruled."), (None, True, "Approved."), (True, True, "Approved, as before."), (False, True, "Approved, not approved before.")],
)
def test_the_gate_is_told_beside_what_it_was(before: bool | None, after: bool | None, said: str) -> None:
    gates = [None if approved is None else {"approved": approved, "reasons": []} for approved in (before, after)]
    assert gate_words(compare_results(results(gate=gates[0]), results(gate=gates[1]), SETTINGS, 1)) == said


def test_settings_that_are_unknown_are_not_called_the_same() -> None:
    unknown = compare_results(results(), results(params={"seed": 1}), SETTINGS, 1)
    same = compare_results(results(params={"seed": 1}), results(params={"seed": 1}), SETTINGS, 1)
    for render in (render_markdown, render_comparison):
        assert "No setting of params.yaml differs." not in render(unknown, []) and "No setting of params.yaml differs." in render(same, [])


def test_a_cell_holds_no_markup_no_mention_and_no_break() -> None:
    assert cell("a|b\n<img> *x* _y_") == r"a\|b \<img\> \*x\* \_y\_"
    assert cell("@octocat fixes #12") == "@\u200boctocat fixes #\u200b12"


def test_the_page_is_safe_and_the_same_for_the_same_inputs() -> None:
    bad = "<script>alert(1)</script>"
    parts = {"labels": [{"label": bad, "f1": "0.5"}], "params": {bad: bad}, "gate": {"approved": False, "reasons": [bad]}}
    before, after = results(bad, answers("wrr"), **parts), results("now", answers("rrw"), **parts | {"params": {"seed": 1}})
    page = render_comparison(compare_results(before, after, SETTINGS, 1), [bad])
    assert refuses_other_hosts(page) and "<script" not in page and Tags(page).open == []
    assert page == render_comparison(compare_results(before, after, SETTINGS, 1), [bad])
    assert "Right now, wrong before: row 1." in words(page) and "Wrong now, right before: row 3." in words(page)
    assert "No row's text is on this page." in words(page)

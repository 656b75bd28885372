"""Inputs with the only right label, one by one or from a template."""

from pathlib import Path

from tests.evaluation.behaviour.clerk import one, run


def test_cases_pass_where_the_answer_is_their_label(tmp_path: Path) -> None:
    found = one(tmp_path, "- {name: a, kind: minimum_function, cases: [{text: late late late, label: late}, {text: it is late, label: late}]}")
    assert (found.test, found.kind, found.cases, found.passed, found.rate, found.skipped) == ("a", "minimum_function", 2, 1, 0.5, None)
    (failure,) = found.failures
    assert (failure.row, failure.text, failure.changed, failure.expected, failure.answered) == (None, "it is late", None, "late", "calm 0.700")


def test_a_template_gives_every_combination_in_order(tmp_path: Path) -> None:
    text = "- {name: a, kind: minimum_function, template: '{x} is {y}, {x} {z', words: {x: [a, '{y}'], y: [b, c]}, label: calm}"
    (outcome,), clerk = run(tmp_path, text)
    assert [row["text"] for row in clerk.asked[0]] == ["a is b, a {z", "a is c, a {z", "{y} is b, {y} {z", "{y} is c, {y} {z"]
    assert outcome.cases == 4


def test_a_capped_template_draws_distinct_combinations_by_seed(tmp_path: Path) -> None:
    words = [f"w{i}" for i in range(100)]
    text = f"- {{name: a, kind: minimum_function, template: '{{x}} {{y}} {{z}}', words: {{x: {words}, y: {words}, z: {words}}}, label: calm, limit: 7}}"
    drawn = {seed: [row["text"] for row in run(tmp_path, text, seed=seed)[1].asked[0]] for seed in (1, 2)}
    assert len(set(drawn[1])) == 7
    assert drawn[1] == [row["text"] for row in run(tmp_path, text, seed=1)[1].asked[0]]
    assert drawn[1] != drawn[2]

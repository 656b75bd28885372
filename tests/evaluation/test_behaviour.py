"""Behaviour tests: read from YAML, run against a model whose answers are known, and against a real one."""

import csv
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hugline.core.backends import TorchBackend
from hugline.core.encoder import checkpoint_encoder
from hugline.core.predictor import Predictor
from hugline.core.task import Answer, Row
from hugline.environment import import_transformers
from hugline.evaluation.behaviour import BehaviourError, BehaviourTest, Direction, Invariance, MinimumFunction, Outcome, load_tests, run_tests
from hugline.evaluation.perturb import CHANGES
from hugline.tasks.sequence_classification import Classification, SequenceClassification
from tests.conftest import ROOT
from tests.tiny import LABELS, MAX_LENGTH, tiny_checkpoint

TASK = SequenceClassification(labels=["calm", "late"])
PAIR = SequenceClassification(labels=["calm", "late"], pair=True)
ROWS = [{"row": 10 * i, "text": f"where is parcel {i}", "label": ("calm", "late")[i % 2]} for i in range(1, 31)]


class Clerk:
    """A model that counts: each "late" in a row adds 0.2 to the probability of `late`, which starts at 0.1."""

    def __init__(self) -> None:
        self.asked: list[list[Row]] = []

    def __call__(self, rows: Sequence[Row]) -> list[Answer]:
        self.asked.append(list(rows))
        answers: list[Answer] = []
        for row in rows:
            late = min(0.9, 0.1 + 0.2 * sum(text.count("late") for text in row.values()))
            answers.append(Classification(label="late" if late > 0.5 else "calm", score=max(late, 1 - late), scores={"calm": 1 - late, "late": late}))
        return answers


def load(folder: Path, text: str) -> list[BehaviourTest]:
    file = folder / "behaviour.yaml"
    file.write_text(text, encoding="utf-8")
    return load_tests(file)


def run(folder: Path, text: str, task: SequenceClassification = TASK, rows: Sequence[Row] = ROWS, seed: int = 1) -> tuple[list[Outcome], Clerk]:
    clerk = Clerk()
    return run_tests(load(folder, text), task, clerk, rows, seed), clerk


def one(folder: Path, text: str, **settings: Any) -> Outcome:
    return run(folder, text, **settings)[0][0]


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


def test_an_invariance_compares_with_the_answer_before_not_with_the_label(tmp_path: Path) -> None:
    found = one(tmp_path, "- {name: a, kind: invariance, append: late, texts: [parcel, late parcel, late late parcel]}")
    assert (found.cases, found.passed) == (3, 2)
    (failure,) = found.failures
    assert (failure.text, failure.changed) == ("late late parcel", "late late parcel late")
    assert (failure.expected, failure.answered) == ("calm 0.500", "late 0.700")


def test_an_invariance_within_bounds_the_probability_too(tmp_path: Path) -> None:
    text = "- {{name: a, kind: invariance, append: late, within: {within}, texts: [parcel]}}"
    assert one(tmp_path, text.format(within=0.2)).passed == 1
    found = one(tmp_path, text.format(within=0.19))
    assert (found.passed, found.failures[0].expected, found.failures[0].answered) == (0, "calm 0.900 ± 0.19", "calm 0.700")


@pytest.mark.parametrize(
    ("expect", "passed"),
    [("up", 1), ("up, by: 0.2", 1), ("up, by: 0.21", 0), ("down", 0), ("down, by: -0.2", 1), ("down, by: -0.19", 0), ("label", 0)],
)
def test_a_direction_asks_for_points_of_probability(tmp_path: Path, expect: str, passed: int) -> None:
    assert one(tmp_path, f"- {{name: a, kind: direction, append: late, texts: [parcel], label: late, expect: {expect}}}").passed == passed


def test_a_failed_direction_says_where_the_probability_should_be(tmp_path: Path) -> None:
    (failure,) = one(tmp_path, "- {name: a, kind: direction, append: late, texts: [parcel], label: late, expect: up, by: 0.5}").failures
    assert (failure.text, failure.changed, failure.expected, failure.answered) == ("parcel", "parcel late", "late at least 0.600", "late 0.300")


def test_replacing_takes_whole_words_in_any_case(tmp_path: Path) -> None:
    _, clerk = run(tmp_path, "- {name: a, kind: invariance, replace: {from: is (it), to: '\\1'}, texts: [this IS (it), is (it), this (it)]}")
    assert [row["text"] for row in clerk.asked[0]] == ["this IS (it)", "this \\1", "is (it)", "\\1"]


def test_only_what_the_change_alters_is_a_case(tmp_path: Path) -> None:
    rows = [{**row, "text": "Anna waits"} if row["row"] in (70, 200) else row for row in ROWS]
    found, clerk = run(tmp_path, "- {name: a, kind: invariance, change: names}", rows=rows)
    assert found[0].cases == 2
    assert {row["text"].split()[1] for row in clerk.asked[0]} == {"waits"}


def test_rows_are_drawn_up_to_the_limit_and_failures_name_them(tmp_path: Path) -> None:
    text = "- {name: a, kind: direction, prepend: late late late, where_label: late, label: calm, expect: label, rows: 4}"
    found = one(tmp_path, text)
    assert (found.cases, found.passed) == (4, 0)
    labels = {row["row"]: row["label"] for row in ROWS}
    numbers = [failure.row for failure in found.failures]
    assert len(set(numbers)) == 4 and all(labels[number] == "late" for number in numbers if number)
    assert found == one(tmp_path, text)
    assert found != one(tmp_path, text, seed=2)


def test_a_new_row_changes_no_typo_in_an_old_one(tmp_path: Path) -> None:
    text = "- {name: a, kind: invariance, change: typos}"
    before = [row["text"] for row in run(tmp_path, text)[1].asked[0]]
    after = [row["text"] for row in run(tmp_path, text, rows=[{"row": 5, "text": "brandnew", "label": "calm"}, *ROWS])[1].asked[0]]
    assert set(before) < set(after)
    assert len(after) == len(before) + 2


def test_all_tests_are_predicted_in_one_call_each_text_once(tmp_path: Path) -> None:
    text = "\n".join(f"- {{name: {name}, kind: invariance, change: {name}, rows: 30}}" for name in ("typos", "upper", "punctuation", "whitespace"))
    outcomes, clerk = run(tmp_path, text)
    assert [outcome.cases for outcome in outcomes] == [30] * 4
    assert [len(rows) for rows in clerk.asked] == [30 * 5]
    assert all(set(row) == {"text"} for row in clerk.asked[0])


def test_nothing_to_try_asks_nothing(tmp_path: Path) -> None:
    for text in ("[]", "# none yet\n", "- {name: a, kind: invariance, change: names}"):
        outcomes, clerk = run(tmp_path, text)
        assert clerk.asked == []
        assert [outcome.skipped for outcome in outcomes] == ["there is no text that it alters"] * len(outcomes)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("kind: minimum_function, cases: [{text: a, label: calm}, {text: b, label: lost}]", "the model has no label lost"),
        ("kind: minimum_function, template: a, label: lost", "the model has no label lost"),
        ("kind: direction, append: a, label: lost, expect: up, where_label: gone", "the model has no label gone, lost"),
        ("kind: invariance, append: a, where_label: gone", "the model has no label gone"),
        ("kind: minimum_function, cases: [{text: a, text_pair: b, label: calm}]", "the model reads text, the test gives text, text_pair"),
        ("kind: invariance, append: a, texts: [{question: a}]", "the model reads text, the test gives question"),
        ("kind: invariance, append: a, column: text_pair", "the model reads text, the test changes text_pair"),
    ],
)
def test_what_does_not_fit_the_model_is_skipped_with_the_reason(tmp_path: Path, fields: str, reason: str) -> None:
    outcomes, clerk = run(tmp_path, f"- {{name: a, {fields}}}\n- {{name: b, kind: invariance, append: a, rows: 1}}")
    assert outcomes[0] == Outcome("a", outcomes[0].kind, 0, 0, None, reason, [])
    assert (outcomes[1].cases, len(clerk.asked[0])) == (1, 2)


def test_a_pair_is_changed_in_both_texts_or_in_the_named_one(tmp_path: Path) -> None:
    texts = "texts: [{text: Noah waits, text_pair: who is Noah}]"
    _, clerk = run(tmp_path, f"- {{name: a, kind: invariance, change: names, {texts}}}", PAIR)
    before, after = clerk.asked[0]
    name = after["text"].removesuffix(" waits")
    assert (before["text"], name == "Noah", after["text_pair"]) == ("Noah waits", False, f"who is {name}")
    _, clerk = run(tmp_path, f"- {{name: a, kind: invariance, append: now, column: text_pair, {texts}}}", PAIR)
    assert clerk.asked[0][1] == {"text": "Noah waits", "text_pair": "who is Noah now"}


FAULTY = """\
- name: one
  kind: invariance
  change: typo
  rows: 0
- name: two
  kind: minimum_function
  cases:
    - {text: fine, label: calm}
    - text: 12345
      lable: calm
- kind: invarianse
- name: one
  kind: direction
  append: a
  prepend: b
  label: calm
  expect: up
- just words
- name: three
  kind: minimum_function
  template: the {thing}
  words: {ting: [a]}
  label: calm
- name: four
  kind: direction
  append: a
  texts: [b]
  rows: 5
  label: calm
  expects: up
- name: five
  kind: direction
  append: a
  label: calm
  expect: label
  by: 0.2
- {name: six, kind: minimum_function, label: calm, limit: 4}
- {name: seven, kind: invariance, append: "\\ud800", where_labels: calm}
- {name: eight, kind: invariance, append: a, texts: [b], where_label: calm}
"""


def test_every_fault_is_told_at_once_with_its_line_and_test(tmp_path: Path) -> None:
    with pytest.raises(BehaviourError, match="17 faults") as error:
        load(tmp_path, FAULTY)
    assert error.value.found.splitlines() == [
        "17 faults",
        "  - line 3, 'one': change: 'typo' is not accepted; expected one of typos, upper, lower, names, numbers, punctuation, whitespace, contractions; "
        "did you mean `typos`?",
        "  - line 4, 'one': rows: 0 is not accepted; expected greater than 0",
        "  - line 9, 'two': cases.label: missing",
        "  - line 9, 'two': cases.text: 12345 is not accepted; expected a valid string",
        "  - line 11, a test without a name: name: missing",
        "  - line 11, a test without a name: kind: 'invarianse' is not accepted; expected 'minimum_function', 'invariance' or 'direction'",
        "  - line 12, 'one': expected exactly one of change, append, prepend and replace, found append, prepend",
        "  - line 12, 'one': this name stands twice",
        "  - line 18, a test without a name: expected fields by name",
        "  - line 19, 'three': expected words for exactly what the template names in braces (thing), found words for ting",
        "  - line 24, 'four': expect: missing",
        "  - line 30, 'four': expects: unknown; did you mean `expect`?",
        "  - line 31, 'five': expected `by` only beside `expect: up` or `expect: down`",
        "  - line 37, 'six': expected either `cases`, or `template` with `words` and `label`; found label, limit",
        "  - line 38, 'seven': append: '\\ud800' is not accepted; expected a valid string, unable to parse raw data as a unicode string",
        "  - line 38, 'seven': where_labels: unknown; did you mean `where_label`?",
        "  - line 39, 'eight': expected either `texts` or test rows, found `texts` beside where_label",
    ]
    assert error.value.remedy == f"correct {tmp_path / 'behaviour.yaml'}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name: a", "a dict"),
        ("just words", "a str"),
        ("{}", "a dict"),
        ("- {name: a, kind: invariance, append: [%s]}" % ("x" * 99), f"append: ['{'x' * 58}... is not accepted; expected a valid string"),
        ("- {name: a, name: b}", "duplicate key"),
        ("- [", "while parsing"),
        (
            f"- {{name: a, kind: minimum_function, template: '{{a}}{{b}}{{c}}{{d}}', words: {{a: &w {list('x' * 40)}, b: *w, c: *w, d: *w}}, label: x}}",
            "2,560,000",
        ),
        ("- {name: ' a', kind: invariance, append: a}", "without spaces around it"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(BehaviourError, match=re.escape(found)):
        load(tmp_path, text)


def test_a_missing_or_undecodable_file_is_the_users_to_mend(tmp_path: Path) -> None:
    with pytest.raises(BehaviourError, match="No such file"):
        load_tests(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"- {name: caf\xe9}")
    with pytest.raises(BehaviourError, match="UTF-8"):
        load_tests(tmp_path / "latin.yaml")


def test_outcomes_do_not_depend_on_hash_randomization(tmp_path: Path) -> None:
    code = (
        "from tests.evaluation.test_behaviour import *\n"
        f"print(run_tests(load_tests(Path({str(ROOT / 'data/behaviour.yaml')!r})), TASK, Clerk(), ROWS, 1))\n"
        "print(run(Path(sys.argv[1]), '- {name: a, kind: minimum_function, cases: [{text: a, label: z}, {text: a, label: y}]}')[0])"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(prints) == 1


def tiny_predictor(folder: Path) -> Predictor:
    checkpoint = tiny_checkpoint(folder)
    task = SequenceClassification(labels=LABELS)
    model = import_transformers().AutoModelForSequenceClassification.from_pretrained(checkpoint, **task.model_kwargs())
    return Predictor(task, checkpoint_encoder(checkpoint, MAX_LENGTH), TorchBackend(task, model.eval()))


def test_the_example_of_the_page_runs_on_a_real_model(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs/behaviour.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    predictor = tiny_predictor(tmp_path / "checkpoint")
    rows = [{"row": i, **row} for i, row in enumerate(predictor.task.toy, 1)]
    outcomes = run_tests(load(tmp_path, example), predictor.task, predictor.predict, rows, 42)
    assert [(found.test, found.kind, found.cases, found.skipped) for found in outcomes] == [
        ("typos", "invariance", 4, None),
        ("negation", "minimum_function", 2, None),
        ("where is my parcel", "minimum_function", 6, None),
        ("broken, not unused", "direction", 2, None),
        ("a login problem as well", "direction", 0, "the model has no label account"),
    ]
    assert all(found.passed + len(found.failures) == found.cases for found in outcomes)
    assert outcomes == run_tests(load(tmp_path, example), predictor.task, predictor.predict, rows, 42)


def test_the_page_lists_every_field_and_every_change() -> None:
    page = (ROOT / "docs/behaviour.md").read_text(encoding="utf-8")
    listed = {name for line in page.splitlines() if line.startswith("| `") for name in re.findall(r"`(\w+)`", line.split(" | ")[0])}
    fields = {field.alias or name for model in (MinimumFunction, Invariance, Direction) for name, field in model.model_fields.items()}
    assert listed == fields - {"name", "kind"} | set(CHANGES)


def test_the_page_shows_the_faults_as_they_are_told(tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```\n(expected: .*?)^```$", (ROOT / "docs/behaviour.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    faulty = "- name: typos\n  kind: invariance\n  change: typo\n\n- name: negation\n  kind: direction\n  append: no\n  lable: a\n  label: a\n  expect: up\n"
    with pytest.raises(BehaviourError, match="2 faults") as error:
        load(tmp_path, faulty)
    assert str(error.value).replace(str(tmp_path), "data") == shown.strip()


def test_the_demos_tests_are_sound_and_none_is_copied_from_its_rows() -> None:
    tests = load_tests(ROOT / "data/behaviour.yaml")
    with (ROOT / "data/demo/messages.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    labels = sorted({row["team"] for row in rows})
    asked: list[Row] = []

    def listen(texts: Sequence[Row]) -> list[Answer]:
        asked.extend(texts)
        return [Classification(label=labels[0], score=1.0, scores=dict.fromkeys(labels, 0.0) | {labels[0]: 1.0}) for _ in texts]

    outcomes = run_tests(tests, SequenceClassification(labels=labels), listen, [], 42)
    assert [found.test for found in outcomes if found.cases] == [test.name for test in tests if list(test.inputs)]
    seen = {phrase for row in rows for phrase in phrases(row["message"])}
    assert [row["text"] for row in asked if phrases(row["text"]) & seen] == []
    assert len(asked) > 100


def phrases(text: str) -> set[tuple[str, ...]]:
    """Every eight words in a row."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + 8]) for i in range(len(words) - 7)}


def test_a_model_with_other_labels_runs_the_tests_that_name_none() -> None:
    outcomes = run_tests(load_tests(ROOT / "data/behaviour.yaml"), TASK, Clerk(), ROWS, 42)
    assert len([found for found in outcomes if found.cases]) >= 6
    assert all(found.skipped for found in outcomes if found.kind == "minimum_function")

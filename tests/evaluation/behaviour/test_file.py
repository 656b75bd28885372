"""Files of behaviour tests that are wrong: what is told of them."""

import re
from pathlib import Path

import pytest

from hugline.errors import BehaviourError
from hugline.evaluation.behaviour import load_tests
from tests.evaluation.behaviour.clerk import load

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

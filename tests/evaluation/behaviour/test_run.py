"""All tests of a file in one prediction, those left out that do not fit the model."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hugline.evaluation.behaviour import Outcome
from tests.conftest import ROOT
from tests.evaluation.behaviour.clerk import run


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


def test_outcomes_do_not_depend_on_hash_randomization(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from tests.evaluation.behaviour.clerk import ROWS, TASK, Clerk, load_tests, run, run_tests\n"
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

"""The side-by-side runner, on children that print what they are told to."""

import json
import os
import platform
import socket
import sys
from pathlib import Path

import pytest

from benchmarks.paired import Comparison, Pair, Side, compare, cpu_seconds, estimate, run, run_pairs
from benchmarks.report import record, section
from hugline.errors import UserError


def child(name: str, value: str = "2.0", log: Path = Path(os.devnull)) -> Side:
    """A side that notes its name in a file and prints `value`, an expression of the pair's number `p`."""
    code = f"import json; p = {{pair}}; open({str(log)!r}, 'a').write({name!r}); print('noise'); print(json.dumps({{'cpu_seconds': {value}, 'rows': 8}}))"
    return Side(name, [sys.executable, "-c", code])


def pairs_of(*ratios: float) -> list[Pair]:
    return [Pair({"cpu_seconds": 1.0, "accuracy": 0.75, "configuration": {"lr": 0.5}}, {"cpu_seconds": ratio}) for ratio in ratios]


def test_pairs_run_a_b_b_a(tmp_path: Path) -> None:
    run_pairs(child("A", log=tmp_path / "log"), child("B", log=tmp_path / "log"), 4)
    assert (tmp_path / "log").read_text() == "ABBAABBA"


def test_control_runs_first_and_is_one_for_equal_children(tmp_path: Path) -> None:
    comparison = compare(child("A", log=tmp_path / "log"), child("B", "3.0", tmp_path / "log"), pairs=2)
    assert (tmp_path / "log").read_text() == "AAAAABBA"
    assert [pair.ratio("cpu_seconds") for pair in comparison.control] == [1.0, 1.0]
    assert [pair.ratio("cpu_seconds") for pair in comparison.pairs] == [1.5, 1.5]


def test_both_sides_of_a_pair_get_its_number() -> None:
    pairs = run_pairs(child("A", "1.0 + p"), child("B", "(1.0 + p) * (2 + p)"), 3)
    assert [pair.a["cpu_seconds"] for pair in pairs] == [1.0, 2.0, 3.0]
    assert [pair.ratio("cpu_seconds") for pair in pairs] == [2.0, 3.0, 4.0]


def test_another_number_can_be_compared() -> None:
    assert [pair.ratio("rows") for pair in run_pairs(child("A"), child("B"), 1, of="rows")] == [1.0]


def test_estimate_of_two_ratios_spans_them() -> None:
    found = estimate([1.0, 2.0])
    assert (found.median, found.low, found.high) == (1.5, 1.0, 2.0)


def test_one_odd_ratio_of_ten_moves_neither_median_nor_interval() -> None:
    found = estimate([1.2] * 9 + [100.0])
    assert (found.median, found.low, found.high) == (1.2, 1.2, 1.2)


def test_interval_is_the_quantiles_of_the_medians_of_resamples() -> None:
    # of 3 values, the median of a resample is the smallest or the largest one with probability 7/27 each
    found = estimate([3.0, 1.0, 2.0])
    assert (found.median, found.low, found.high) == (2.0, 1.0, 3.0)


def test_failing_child_stops_with_its_standard_error() -> None:
    side = Side("broken", [sys.executable, "-c", "import sys; print('{}'); sys.exit('the disk is full')"])
    with pytest.raises(UserError, match="exit code 1, and on standard error:\nthe disk is full"):
        run_pairs(child("A"), side, 1)


def test_child_killed_by_a_signal_stops_the_run() -> None:
    with pytest.raises(UserError, match="exit code -9"):
        run([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"])


BAD = ["", "no json", "[1]", '{"cpu_seconds": 0}', '{"cpu_seconds": "2"}', '{"cpu_seconds": true}', '{"cpu_seconds": NaN}']


@pytest.mark.parametrize("printed", BAD)
def test_child_without_a_positive_number_is_refused(printed: str) -> None:
    with pytest.raises(UserError, match="a positive number `cpu_seconds` in the JSON object on the last line that mute prints"):
        run_pairs(Side("mute", [sys.executable, "-c", f"print({printed!r})"]), child("B"), 1)


def test_standard_error_larger_than_a_pipe_does_not_block() -> None:
    assert run([sys.executable, "-c", "import sys; sys.stderr.write('x' * 300_000); print('{\"rows\": 3}')"])["rows"] == 3


BURN = "import time\nwhile time.process_time() < 0.2: pass"


def test_process_tree_counts_children_of_the_child() -> None:
    report = run([sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}], check=True)"])
    assert report["process_cpu_seconds"] >= 0.2


def test_cpu_seconds_count_children_that_were_waited_for() -> None:
    before = cpu_seconds()
    run([sys.executable, "-c", BURN])
    assert cpu_seconds() - before >= 0.2


def test_threads_of_a_child_sleep_while_they_wait_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-c", "import json, os; print(json.dumps({'policy': os.environ['OMP_WAIT_POLICY']}))"]
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    assert run(command)["policy"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    assert run(command)["policy"] == "ACTIVE"


def comparison(count: int, control: float = 1.0) -> Comparison:
    return Comparison(child("ours"), child("theirs"), "cpu_seconds", pairs_of(*[control] * count), pairs_of(*[1.25] * count))


def test_section_tells_ratio_control_command_and_both_configurations() -> None:
    text = section("a case", ["python", "-m", "benchmarks.case", "--rows", "8"], comparison(10), "commit 1234567")
    assert "theirs / ours, cpu_seconds: **1.250 (95% interval 1.250 to 1.250)**, the median of pairs run A B B A (10 of them)." in text
    assert "Control, ours / ours: 1.000 (95% interval 1.000 to 1.000) (10 of them)." in text
    assert "`python -m benchmarks.case --rows 8` at commit 1234567, on " in text
    assert "| accuracy | 0.75 |  |\n| lr | 0.5 |  |\n" in text
    assert "Fewer than" not in text
    assert "not steady" not in text


def test_section_names_neither_the_machine_nor_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "node", lambda: "name-of-this-machine")
    monkeypatch.setattr(socket, "gethostname", lambda: "name-of-this-machine")
    text = section("a case", ["python", "-m", "benchmarks.case"], comparison(10), "commit 1234567")
    assert "name-of-this-machine" not in text
    assert str(Path.cwd()) not in text
    assert sys.prefix not in text


def test_section_says_when_the_control_is_off_or_pairs_are_few() -> None:
    assert "The control's interval leaves out 1" in section("a case", ["python"], comparison(10, control=1.1), "commit 1234567")
    assert "Fewer than 10 pairs" in section("a case", ["python"], comparison(9), "commit 1234567")


def test_record_appends(tmp_path: Path) -> None:
    record("first\n", comparison(10), tmp_path / "RESULTS.md")
    record("second\n", comparison(10), tmp_path / "RESULTS.md")
    assert (tmp_path / "RESULTS.md").read_text() == "# What was measured\n\nfirst\n\nsecond\n"


def test_record_refuses_few_pairs(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="at least 10 pairs"):
        record("text\n", comparison(9), tmp_path / "RESULTS.md")
    assert not (tmp_path / "RESULTS.md").exists()


def test_last_line_only_is_read() -> None:
    lines = "\n".join(json.dumps({"rows": n}) for n in (1, 2))
    assert run([sys.executable, "-c", f"print({lines!r})"])["rows"] == 2

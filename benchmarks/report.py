"""A comparison in Markdown: both configurations, the machine, the versions, the command line, and the ratio with its control."""

import datetime
import json
import os
import platform
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from benchmarks.paired import WAITING, Comparison, Report, estimate
from hugline.errors import UserError

RESULTS = Path(__file__).with_name("RESULTS.md")
HEADING = "# What was measured\n"
MIN_PAIRS = 10  # fewer show that a benchmark runs, not what it measures
PACKAGES = ("torch", "transformers", "fastai", "accelerate", "tokenizers", "numpy")


def section(title: str, command_line: Sequence[str], comparison: Comparison, measured: str) -> str:
    """One dated section: what was run where, the ratio B/A, its control, and a table of both sides; `measured` is the `commit()` at the start."""
    a, b, of = comparison.a.name, comparison.b.name, comparison.of
    environment = ", ".join(f"{name}={os.environ.get(name, value)}" for name, value in WAITING.items())
    ratios = [pair.ratio(of) for pair in comparison.pairs]
    control = estimate([pair.ratio(of) for pair in comparison.control])
    parts = [
        f"## {datetime.date.today()}: {title}",
        f"`{shlex.join(command_line)}` at {measured}, on {hardware()}; {versions()}; {environment}.",
        f"{b} / {a}, {of}: **{estimate(ratios)}**, the median of pairs run A B B A ({len(ratios)} of them).\n"
        f"Control, {a} / {a}: {control} ({len(comparison.control)} of them).\n"
        f"Ratios in order: {', '.join(f'{ratio:.3f}' for ratio in ratios)}.",
    ]
    if min(len(ratios), len(comparison.control)) < MIN_PAIRS:
        parts.append(f"Fewer than {MIN_PAIRS} pairs: this shows that the benchmark runs, not what it measures.")
    elif not control.low <= 1 <= control.high:
        parts.append("The control's interval leaves out 1: the machine was not steady enough.")
    table = [f"| | A: {a} | B: {b} |", "|---|---|---|", *_table([pair.a for pair in comparison.pairs], [pair.b for pair in comparison.pairs])]
    return "\n\n".join([*parts, "\n".join(table)]) + "\n"


def _table(a: list[Report], b: list[Report]) -> Iterator[str]:
    """A row for each number that either side reported, median and range, then one for each part of the configurations."""
    for name in dict.fromkeys([*a[0], *b[0]]):
        if (ours := _spread(a, name)) + (theirs := _spread(b, name)):
            yield f"| {name} | {ours} | {theirs} |"
    first, second = a[0].get("configuration", {}), b[0].get("configuration", {})
    for name in dict.fromkeys([*first, *second]):
        yield f"| {name} | {_cell(first.get(name))} | {_cell(second.get(name))} |"


def _spread(reports: list[Report], name: str) -> str:
    values = [report[name] for report in reports if isinstance(report.get(name), int | float)]
    if not values:
        return ""
    low, high = f"{min(values):.4g}", f"{max(values):.4g}"
    return low if low == high else f"{np.median(values):.4g} ({low} to {high})"


def _cell(value: object) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    return text.replace("|", "\\|")


def record(text: str, comparison: Comparison, file: Path = RESULTS) -> None:
    """Append a section to the results; raises UserError for a comparison of too few pairs."""
    fewest = min(len(comparison.pairs), len(comparison.control))
    if fewest < MIN_PAIRS:
        raise UserError(f"at least {MIN_PAIRS} pairs, and as many of the control, in what is recorded", f"{fewest}", "run more pairs, or leave --record out")
    before = file.read_text(encoding="utf-8") if file.is_file() else HEADING
    file.write_text(f"{before}\n{text}", encoding="utf-8")


def hardware() -> str:
    """The processor and the cores that this process may use; nothing that names the machine."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as lines:
            model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    except OSError:
        model = platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{model}, {cores} cores"


def versions() -> str:
    """Versions of Python and of the packages that matter here."""
    found = [f"python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def commit() -> str:
    """The commit that is checked out, and whether the working tree has changes on top."""
    answers = []
    for command in (["git", "rev-parse", "--short", "HEAD"], ["git", "status", "--porcelain"]):
        try:
            answers.append(subprocess.run(command, cwd=RESULTS.parent, capture_output=True, text=True, check=True).stdout.strip())
        except (OSError, subprocess.CalledProcessError):
            return "no commit"
    return f"commit {answers[0]}" + (" with changes" if answers[1] else "")

"""Two commands side by side on a shared machine: interleaved A B B A, CPU seconds of each process tree, ratios of pairs.

A command is a list of arguments, in which `{pair}` stands for the number of the pair, so that a command can take
another seed in every pair and both sides the same. The last line that it prints is a JSON object: `cpu_seconds`,
what its measured section used (see `cpu_seconds()`; imports stay outside), further numbers, and `configuration`, a
mapping of what it ran with. To each report the runner adds `process_cpu_seconds`, the whole tree from start to end.
"""

import json
import logging
import os
import resource
import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hugline.errors import UserError

log = logging.getLogger(__name__)

# OpenMP threads that wait for each other by spinning use CPU seconds, more the busier the machine is: a fine-tuning on
# 2 of 2 busy cores used 34-45 CPU seconds, and 5 where they sleep instead. What the caller's environment sets stays.
WAITING = {"OMP_WAIT_POLICY": "PASSIVE"}
STDERR_SHOWN = 4000  # characters of a failed command's standard error

Report = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """A command under test, and what to call it."""

    name: str
    command: Sequence[str]


@dataclass(frozen=True)
class Pair:
    """The reports of one run of each side."""

    a: Report
    b: Report

    def ratio(self, of: str) -> float:
        """The number `of` of B over that of A."""
        return float(self.b[of]) / float(self.a[of])


@dataclass(frozen=True)
class Estimate:
    """The median of pair ratios with its bootstrap interval."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.3f} (95% interval {self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True)
class Comparison:
    """A against A, then A against B."""

    a: Side
    b: Side
    of: str  # the number whose ratio is taken
    control: list[Pair]
    pairs: list[Pair]


def cpu_seconds() -> float:
    """CPU seconds, user and system, of this process and of the children that it waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def run(command: Sequence[str]) -> Report:
    """Run a command to its end and return its report; raises UserError with its standard error where it fails."""
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, env=WAITING | os.environ) as process:
            assert process.stdout is not None
            printed = process.stdout.read().decode(errors="replace")
            _, status, usage = os.wait4(process.pid, 0)  # the usage of the process and of all that it waited for
            process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        told = errors.read().decode(errors="replace")[-STDERR_SHOWN:]
    if process.returncode:
        raise UserError(f"exit code 0 from {_shown(command)}", f"exit code {process.returncode}, and on standard error:\n{told}", "mend that command first")
    return _last_json(printed) | {"process_cpu_seconds": usage.ru_utime + usage.ru_stime}


def _last_json(printed: str) -> Report:
    """The JSON object on the last line; of a command that prints none, nothing."""
    lines = printed.strip().splitlines()
    try:
        report = json.loads(lines[-1]) if lines else {}
    except ValueError:
        return {}
    return report if isinstance(report, dict) else {}


def _shown(command: Sequence[str]) -> str:
    """A command as it can be typed; the program without its folder."""
    return shlex.join([Path(command[0]).name, *command[1:]])


def run_pairs(a: Side, b: Side, pairs: int, of: str = "cpu_seconds") -> list[Pair]:
    """Run both sides `pairs` times, interleaved A B B A, so that a slow drift of the machine falls on both alike."""
    done = []
    for number in range(pairs):
        turns = [(0, a), (1, b)] if number % 2 == 0 else [(1, b), (0, a)]
        reports: list[Report] = [{}, {}]
        for place, side in turns:
            reports[place] = _checked(side, run([part.replace("{pair}", str(number)) for part in side.command]), of)
        done.append(Pair(*reports))
        log.info("pair %d of %d: %s %.4g, %s %.4g, ratio %.3f", number + 1, pairs, a.name, done[-1].a[of], b.name, done[-1].b[of], done[-1].ratio(of))
    return done


def _checked(side: Side, report: Report, of: str) -> Report:
    value = report.get(of)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise UserError(f"a positive number `{of}` in the JSON object on the last line that {side.name} prints", f"{value!r}", "print it there")
    return report


def estimate(ratios: Sequence[float], resamples: int = 10_000, seed: int = 0) -> Estimate:
    """The median and its 95% percentile bootstrap interval (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13)."""
    values = np.asarray(ratios, np.float64)
    picked = np.random.default_rng(seed).integers(len(values), size=(resamples, len(values)))
    low, high = np.quantile(np.median(values[picked], axis=1), (0.025, 0.975))
    return Estimate(float(np.median(values)), float(low), float(high))


def compare(a: Side, b: Side, pairs: int, control_pairs: int | None = None, of: str = "cpu_seconds") -> Comparison:
    """Measure A against itself first, `control_pairs` times (as often as the pairs where None), then A against B."""
    log.info("control: %s against itself", a.name)
    control = run_pairs(a, a, pairs if control_pairs is None else control_pairs, of)
    log.info("%s against %s", a.name, b.name)
    return Comparison(a, b, of, control, run_pairs(a, b, pairs, of))

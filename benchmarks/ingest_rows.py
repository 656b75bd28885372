"""Rows a second and peak memory of ingest and tokenize, by the number of rows.

`python -m benchmarks.ingest_rows --rows 100000 1000000` makes synthetic rows, runs both stages in processes of their own, and
prints a line for each. Memory is RssAnon, what only the process itself holds: mapped files are given back when others need it.
"""

import argparse
import csv
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
LABELS = [f"team {i}" for i in range(20)]
WORDS = 5000  # of the vocabulary
LENGTHS = (4, 40)  # words of a row
COPIES, LOOK_ALIKES = 0.02, 0.05  # shares of the rows
POLL_S = 0.02


def synthetic_rows(count: int, seed: int = 0) -> Iterator[tuple[str, str, str]]:
    """Messages of random words, as common as in a language; some are copies of the row before, some differ by one word."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("abcdefghijklmnoprstuvwz", k=chance.randint(2, 9))) for _ in range(WORDS)]
    often = [1 / (i + 1) for i in range(WORDS)]
    text, label = ["hello"], LABELS[0]
    for _ in range(count):
        kind = chance.random()
        if kind > COPIES + LOOK_ALIKES:
            text, label = chance.choices(words, often, k=chance.randint(*LENGTHS)), chance.choice(LABELS)
        elif kind > COPIES:
            text = [*text[:-1], chance.choice(words)]
        yield " ".join(text), label, chance.choice(("chat", "email", "phone"))


def write_project(folder: Path, rows: int, near: bool) -> None:
    """The project's settings and a CSV file of so many rows."""
    yaml = YAML()
    tree = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    tree["data"]["columns"] = {"text": "message", "label": "team"}
    if not near:
        tree["data"]["near"] = None
    with (folder / "params.yaml").open("w", encoding="utf-8") as stream:
        yaml.dump(tree, stream)
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("message", "team", "channel"))
        writer.writerows(synthetic_rows(rows))


def run(folder: Path, *command: str) -> tuple[float, float, float]:
    """Wall seconds and CPU seconds of a stage, and its largest RssAnon in MiB."""
    before, began, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), 0
    with subprocess.Popen([sys.executable, "-m", *command], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        while process.poll() is None:
            peak = max(peak, anonymous(process.pid))
            time.sleep(POLL_S)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} exited with {process.returncode}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak / 1024


def anonymous(pid: int) -> int:
    """A process's RssAnon in KiB; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("RssAnon:")), 0)


def measure(rows: int, near: bool, parent: Path) -> dict[str, float]:
    """Both stages on so many rows; prints a line a stage, and returns the peak of each in MiB."""
    folder = parent / str(rows)
    folder.mkdir()
    write_project(folder, rows, near)
    peaks = {}
    for stage, *paths in (("ingest", "rows.csv", "ingested", "data.json"), ("tokenize", "ingested", "tokenized")):
        wall, cpu, peaks[stage] = run(folder, f"stages.{stage}", *paths)
        print(f"{stage:9} {rows:>9,} rows: {rows / cpu:8,.0f} rows a CPU second, {rows / wall:8,.0f} a second, {peaks[stage]:6.0f} MiB RssAnon", flush=True)
    shutil.rmtree(folder)
    return peaks


def main() -> None:
    """Measure each number of rows, and how memory grew from the first to the last."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--no-near", action="store_true", help="without the search for near-duplicates")
    parser.add_argument("--folder", type=Path, help="where to put the rows; a disk, no memory")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as parent:
        peaks = [measure(rows, not arguments.no_near, Path(parent)) for rows in arguments.rows]
    for stage in peaks[0]:
        print(f"{stage}: {peaks[-1][stage] / peaks[0][stage]:.2f} times the memory for {arguments.rows[-1] / arguments.rows[0]:.0f} times the rows")


if __name__ == "__main__":
    main()

"""The ingested rows of the workspace beside those that are locked at a git revision."""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hugline.cli.look import WIDTH
from hugline.cli.report import find_commit
from hugline.core.rows import SPLITS, read_blocks
from hugline.core.task import Task
from hugline.data.drift import Drift, LabelShare, Profile, compare, profile
from hugline.environment import prepare
from hugline.errors import DataError
from hugline.params import load_params
from hugline.tasks import load_task

INGESTED = Path("data/ingested")
SHOWN_LABELS = 12


def drift(against: str, file: str | None) -> None:
    """Print how the rows differ from those at `against`, and write the figures to `file` as JSON."""
    params = load_params()
    if not (INGESTED / "task.json").is_file():
        raise DataError(f"rows in {INGESTED}", "none", "run `dvc repro ingest` first")
    task = load_task(INGESTED)
    with TemporaryDirectory() as folder:
        old = Path(folder) / "ingested"
        if missing := fetch(against, old):
            print(f"nothing to compare with: {missing}")
            return
        try:
            found = compare(_profile(old, task), _profile(INGESTED, task))
        except KeyError as error:
            print(f"nothing to compare with: the rows at {against} have no column {error}")
            return
    for line in lines(found, against, params.shows_texts):
        print(line)
    if file:
        Path(file).write_text(json.dumps(found.numbers(params.shows_texts), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def fetch(revision: str, folder: Path) -> str:
    """Copy the ingested rows of a revision from DVC's cache or remote into a new folder; if that can't be, the reason why not."""
    commit = find_commit(revision)
    prepare()
    from dvc.api import DVCFileSystem
    from dvc.exceptions import DvcException
    from dvc_data.index import DataIndexDirError

    try:
        files = DVCFileSystem(rev=commit)
        if not files.isdir(str(INGESTED)):
            return f"no rows are locked at {revision} (commit dvc.lock after a run)"
        files.get(str(INGESTED), str(folder), recursive=True)
    except (OSError, DvcException, DataIndexDirError) as error:
        return f"the rows at {revision} are neither in DVC's cache nor in a remote that can be reached ({type(error).__name__})"
    missing = [split for split in SPLITS if not (folder / f"{split}.parquet").is_file()]
    return f"the rows at {revision} are not in DVC's cache ({', '.join(missing)} missing)" if missing else ""


def _profile(folder: Path, task: Task) -> Profile:
    def rows() -> Iterator[dict[str, Any]]:
        for split in SPLITS:
            for block in read_blocks(folder, split):
                yield from block

    return profile(rows(), list(task.Input.model_fields), "label")


def lines(found: Drift, against: str, shows_texts: bool) -> Iterator[str]:
    """The comparison as a table and a verdict, at most 80 columns wide."""
    one, two, three = found.lengths, found.labels, found.vocabulary
    yield f"rows         {found.old_rows:,} at {against}, {found.new_rows:,} here"
    yield f"             {found.added:,} added, {found.removed:,} removed, {found.changed:,} with another label"
    yield f"lengths      median {one.old_median:,} -> {one.new_median:,} characters; KS statistic {one.statistic:.3f}, p {_p(one.p_value)}"
    yield f"labels       Jensen-Shannon distance {two.distance:.3f}; chi-square p {_p(two.p_value)}"
    yield f"vocabulary   Jensen-Shannon distance {three.distance:.3f} ({three.chance:.3f} by chance)"
    yield f"             {three.new_share:.1%} of the words are new"
    if shows_texts and three.new_words:
        yield from textwrap.wrap(", ".join(three.new_words), WIDTH, initial_indent=" " * 13, subsequent_indent=" " * 13)
    yield ""
    yield from _shares(two.shares)
    yield ""
    yield f"verdict: {found.verdict}"


def _shares(shares: list[LabelShare]) -> Iterator[str]:
    shown = shares[:SHOWN_LABELS]
    width = min(40, max(len("label"), *(len(s.label) for s in shown)))
    yield f"{'label':<{width}}  {'before':>7}  {'now':>7}  {'points':>7}"
    for s in shown:
        yield f"{s.label[:width]:<{width}}  {s.old:>7.1%}  {s.new:>7.1%}  {100 * (s.new - s.old):>+7.1f}"
    if len(shares) > len(shown):
        yield f"and {len(shares) - len(shown)} more that changed less"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"

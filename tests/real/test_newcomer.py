"""What a newcomer does with a CSV of support questions: two commands, at most three lines of settings, an answer over HTTP.

The rows are Banking77's (HUGLINE_REAL_DATA/text-classification/banking77), in its own column names.
"""

import csv
import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.serving import serving
from tests.conftest import ROOT, Project

DATA = Path(os.environ.get("HUGLINE_REAL_DATA", ROOT.parent / "shared/data")) / "text-classification/banking77"
LABELS, ROWS, ASKED = 12, 100, 3  # labels of the file; rows to learn at most and questions to ask, of each
INIT = ("hugline.cli", "init", "data/raw/tickets.csv", "--text", "text", "--label", "category")
RUN = ("flows.pipeline",)  # what `make run` runs
LIMIT_S = 600  # of both commands together

pytestmark = [pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}: set HUGLINE_REAL_DATA"), pytest.mark.timeout(2 * LIMIT_S)]


def first_of_each(file: Path, count: int, labels: Iterable[str]) -> list[dict[str, str]]:
    """The first rows of each of some labels, in the order of the file."""
    left = Counter(dict.fromkeys(labels, count))
    rows = []
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if left[row["category"]] > 0:
                left[row["category"]] -= 1
                rows.append(row)
    return rows


def labels() -> list[str]:
    """The first labels of the file, in its order."""
    with (DATA / "train.csv").open(encoding="utf-8", newline="") as stream:
        return list(dict.fromkeys(row["category"] for row in csv.DictReader(stream)))[:LABELS]


def tickets() -> list[dict[str, str]]:
    """The newcomer's file."""
    return first_of_each(DATA / "train.csv", ROWS, labels())


@pytest.fixture(scope="module")
def clone(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project as a fresh clone has it, the demo's results included, and the rows in data/raw."""
    folder = tmp_path_factory.mktemp("newcomer") / "hugline"
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    home = folder.parent
    project = Project(folder, {**environment, "BENTOML_HOME": str(home / "bentoml"), "PREFECT_HOME": str(home / "prefect"), "HUGLINE_THREADS": "2"})
    for command in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "As cloned")):
        project.git(*command)
    with (folder / "data/raw/tickets.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ("text", "category"))
        writer.writeheader()
        writer.writerows(tickets())
    return project


@dataclass
class Done:
    """What the two commands printed, and how long they took."""

    project: Project
    looked: str
    ran: str
    seconds: float

    def json(self, name: str) -> Any:
        return json.loads(self.project.read(f"reports/{name}.json"))


@pytest.fixture(scope="module")
def done(clone: Project) -> Done:
    """The newcomer's two commands."""
    began = time.monotonic()
    looked, ran = clone.python(*INIT), clone.python(*RUN)
    return Done(clone, looked, ran, time.monotonic() - began)


def test_two_commands_take_less_than_ten_minutes(done: Done, record_property: Callable[[str, object], None]) -> None:
    record_property("seconds", round(done.seconds))
    assert done.seconds < LIMIT_S


def test_at_most_three_lines_of_the_settings_changed_and_no_other_file_of_the_project(done: Done) -> None:
    added, removed, _ = done.project.git("diff", "--numstat", "params.yaml").split()
    assert 1 <= int(added) <= 3 and int(removed) <= 3
    changed = {line[3:] for line in done.project.git("status", "--porcelain").splitlines()}
    assert {name for name in changed if not name.startswith("reports/")} == {"params.yaml", "dvc.lock"}


def test_every_row_of_the_file_is_accounted_for(done: Done) -> None:
    data = done.json("data")
    assert data["rows_in"] == len(tickets()) == data["train"] + data["validation"] + data["test"] + data["set_aside"]
    assert [line["label"] for line in data["labels"]] == sorted(labels())


def test_the_look_at_the_file_tells_rows_labels_and_time(done: Done) -> None:
    assert f"{len(tickets()):,} rows" in done.looked
    assert all(label in done.looked for label in ("card_arrival", "make run"))
    assert re.search(r"^time +`make run` takes about \d+ minutes?", done.looked, re.MULTILINE)


def test_the_accuracy_stands_beside_three_baselines_on_the_same_rows(done: Done) -> None:
    metrics = done.json("metrics")
    baselines = {name: found["accuracy"] for name, found in metrics["baselines"].items()}
    assert set(baselines) == {"majority", "tfidf", "probe"}
    assert metrics["rows"] == done.json("data")["test"] >= 300
    said = ", ".join(f"{name} {accuracy:.3f}" for name, accuracy in baselines.items())
    assert f"test     accuracy {metrics['accuracy']:.3f}" in done.ran and f"(accuracy of the baselines: {said})" in done.ran
    assert metrics["accuracy"] >= 0.85 > baselines["majority"]
    assert metrics["baselines"]["tfidf"]["gain"]["low"] > 0
    assert "gate     approved" in done.ran


@pytest.fixture(scope="module")
def url(done: Done) -> Iterator[str]:
    """The address of the bento that the flow built."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("BENTOML_HOME", "HUGLINE_THREADS"):
            patch.setenv(name, done.project.env[name])
        for name in ("HUGLINE_PACKAGE", "HUGLINE_SERVE_UNAPPROVED"):
            patch.delenv(name, raising=False)
        with serving(done.ran.split("bento    ")[1].split(",")[0]) as found:
            yield found


def test_the_endpoint_answers_questions_that_it_has_never_seen(url: str) -> None:
    questions = first_of_each(DATA / "test.csv", ASKED, labels())
    body = json.dumps({"rows": [{"text": row["text"]} for row in questions]}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{url}/predict/batch", body, {"Content-Type": "application/json"}), timeout=60) as page:
        answers = json.load(page)["answers"]
    assert len(answers) == LABELS * ASKED
    assert all(set(answer["scores"]) == set(labels()) and sum(answer["scores"].values()) == pytest.approx(1, abs=1e-4) for answer in answers)
    right = sum(answer["label"] == row["category"] for answer, row in zip(answers, questions, strict=True))
    assert right >= 0.8 * len(answers)


def test_rows_of_ones_own_are_in_no_file_that_git_tracks(done: Done) -> None:
    text = tickets()[0]["text"]
    assert text in done.project.read("data/raw/tickets.csv")
    done.project.git("add", "-A")
    done.project.run("git", "grep", "--cached", "-F", "-q", text, fails=True)

"""For every test: the project's root on the path, and real projects in temporary folders: git, DVC, a tiny checkpoint, 90 toy rows."""

import csv
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.tiny import tiny_checkpoint

ROOT = Path(__file__).resolve().parents[1]
WORDS = {"delivery": ["parcel", "courier", "where"], "repairs": ["label", "is", "my"], "returns": ["shoes", "return", "to"]}
SETTINGS = {
    "model.checkpoint": "checkpoint",
    "model.revision": None,
    "model.max_length": 32,
    "finetune.epochs": 2,
    "finetune.lr": 0.003,
    "finetune.threads": 1,
    "evaluate.resamples": 200,
    "gate.floor": 0.01,
    "gate.margin": -1.0,
}
LIMIT_S = 300


@dataclass
class Project:
    """A folder to run commands in."""

    folder: Path
    env: dict[str, str]

    def run(self, *command: str, fails: bool = False, **variables: str) -> str:
        """What a command printed, both streams; it must end well, or with `fails` it must not."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.env, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT_S,
            stdin=subprocess.DEVNULL,
        )
        assert (done.returncode != 0) == fails, f"{' '.join(command)} exited with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def python(self, *arguments: str, fails: bool = False, **variables: str) -> str:
        """`python -m ...`."""
        return self.run(sys.executable, "-m", *arguments, fails=fails, **variables)

    def repro(self) -> dict[str, str]:
        """`dvc repro`: what became of each stage, "ran", "unchanged" or "run cache"."""
        return outcomes(self.python("dvc", "repro"))

    def git(self, *arguments: str) -> str:
        return self.run("git", *arguments)

    def set(self, **settings: object) -> None:
        """Change settings in params.yaml: finetune__lr=1e-3."""
        change_params(self.folder / "params.yaml", {key.replace("__", "."): value for key, value in settings.items()})

    def read(self, file: str) -> str:
        return (self.folder / file).read_text(encoding="utf-8")


def outcomes(output: str) -> dict[str, str]:
    """The stages that a DVC command speaks of, with what it did."""
    found = {}
    for line in output.splitlines():
        stage = line.split("'")[1] if "'" in line else ""
        if line.startswith("Running stage"):
            found[stage] = "ran"
        elif "didn't change, skipping" in line:
            found[stage] = "unchanged"
        elif "is cached - skipping run" in line:
            found[stage] = "run cache"
    return found


def change_params(file: Path, settings: dict[str, object]) -> None:
    yaml = YAML()
    tree = yaml.load(file.read_text(encoding="utf-8"))
    for key, value in settings.items():
        section, name = key.split(".") if "." in key else (None, key)
        (tree[section] if section else tree)[name] = value
    with file.open("w", encoding="utf-8") as stream:
        yaml.dump(tree, stream)


def toy_rows(count: int = 90) -> list[tuple[str, str, str]]:
    chance = random.Random(3)
    rows = []
    for i in range(count):
        label = list(WORDS)[i % 3]
        words = chance.choices(WORDS[label], k=4) + chance.choices(["a", "it", "the"], k=2)
        rows.append((" ".join(words) + f" {i}", label, ("chat", "email")[i % 2]))
    return rows


def write_rows(file: Path, rows: list[tuple[str, str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([("message", "team", "channel"), *rows])


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Nothing of the user's: own homes, no network, no keys, no telemetry."""
    home = tmp_path_factory.mktemp("home")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("WANDB_", "PREFECT_", "DVC_", "HF_", "GIT_"))}
    names = {"GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@localhost", "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@localhost"}
    own = {
        "HOME": str(home),
        "PREFECT_HOME": str(home / "prefect"),
        "BENTOML_HOME": str(home / "bentoml"),
        "HF_HOME": str(home / "hf"),
        "HF_HUB_OFFLINE": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DO_NOT_TRACK": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NETRC": str(home / "none"),
        "COLUMNS": "120",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    }
    return {**clean, **names, **own}


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """A committed project in which nothing has run."""
    folder = tmp_path_factory.mktemp("template") / "project"
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    left_out = ("tests/", "benchmarks/", "reports/", "dvc.lock", "data/demo/", "notebooks/")
    for name in filter(None, listed):
        if not name.startswith(left_out) and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    (folder / "data/demo").mkdir(parents=True)
    write_rows(folder / "data/demo/messages.csv", toy_rows())
    tiny_checkpoint(folder / "checkpoint")
    change_params(folder / "params.yaml", dict(SETTINGS))
    project = Project(folder, environment)
    for command in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "A toy project")):
        project.git(*command)
    return folder


@pytest.fixture(scope="session")
def trained(template: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project after one `dvc repro`; copy it, don't change it."""
    folder = tmp_path_factory.mktemp("trained") / "project"
    shutil.copytree(template, folder)
    project = Project(folder, environment)
    assert project.repro() == dict.fromkeys(("ingest", "tokenize", "finetune", "evaluate", "package"), "ran")
    project.git("add", "-A")
    project.git("commit", "-qm", "Results")
    return folder


@pytest.fixture
def copy(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[[Path], Project]]:
    """Makes a project of one's own."""

    def make(source: Path) -> Project:
        shutil.copytree(source, tmp_path / "project")
        return Project(tmp_path / "project", environment)

    yield make
    shutil.rmtree(tmp_path / "project", ignore_errors=True)


@pytest.fixture
def fresh(copy: Callable[[Path], Project], template: Path) -> Project:
    """A project in which nothing has run."""
    return copy(template)


@pytest.fixture
def project(copy: Callable[[Path], Project], trained: Path) -> Project:
    """A project after one `dvc repro`, all committed."""
    return copy(trained)


@pytest.fixture
def fresh_elsewhere(template: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A second project in which nothing has run, in a folder with another name."""
    folder = tmp_path_factory.mktemp("elsewhere") / "another-name"
    shutil.copytree(template, folder)
    return Project(folder, environment)

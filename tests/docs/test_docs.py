"""The commands of docs/ run, and print what the pages show: numbers, hashes and made-up names apart."""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.build import build
from services.serving import serving
from tests.conftest import LIMIT_S, ROOT, Project

DOCS = ROOT / "docs"
PAGES = ("behaviour", "experiments", "flows", "remote", "report", "service", "your-data")
RUN = ("experiments", "report", "your-data")  # pages whose every command runs in a toy project, in order
BLOCK = re.compile(r"^```console\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
KEPT = re.compile(r"Stage '|Running stage '|Reproducing experiment |Ran experiment|Experiment results ")  # of dvc repro and dvc exp run
SAME = (
    (re.compile(r"file://\S+/dvc_plots/"), "FILE/"),
    (re.compile(r"(?<=Reproducing experiment )\S+|(?<=Ran experiment\(s\): )\S+"), "NAME"),
    (re.compile(r"\b[0-9a-f]{7}\b(?= \[)|\b[0-9a-f]{16}\b"), "HASH"),
    (re.compile(r"(?<![\w.])-?\d+(\.\d+)?(e-?\d+)?(?![\w.])"), "N"),
    (re.compile("─+"), "─"),
    (re.compile(r"\s+"), " "),
)


@dataclass
class Command:
    """A command of a page with what the page shows, and what it printed here."""

    text: str
    shown: str
    printed: str = ""


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def blocks(name: str) -> Iterator[tuple[str, str]]:
    """The console blocks of a page, each with the paragraph before it."""
    text = page(name)
    for block in BLOCK.finditer(text):
        yield text[: block.start()].rstrip().rpartition("\n\n")[2], block[1]


def commands(body: str) -> Iterator[Command]:
    """The commands of a block: after `$`, with the lines that a backslash continues."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        text, _, shown = re.fullmatch(r"((?:[^\n]*\\\n)*[^\n]*)(\n?)(.*)", part, re.DOTALL).groups()  # type: ignore[union-attr]
        yield Command(text, shown)


def all_commands(name: str) -> list[Command]:
    return [command for _, body in blocks(name) for command in commands(body)]


def run(command: str, folder: Path, env: dict[str, str], stderr: int) -> str:
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, text=True, timeout=LIMIT_S
    )
    assert done.returncode == 0, f"{command} exited with {done.returncode}:\n{done.stdout}\n{done.stderr or ''}"
    return done.stdout


def shape(text: str) -> list[str]:
    """The lines of an output, with what differs from run to run replaced."""
    lines = [line.strip() for line in text.splitlines()]
    for pattern, word in SAME:
        lines = [pattern.sub(word, line) for line in lines]
    return [line for line in lines if line]


def boxes(graph: str) -> list[str]:
    """The stages that `dvc dag` draws."""
    return sorted(re.findall(r"\| (\w+) \|", graph))


Results = tuple[Project, list[Command]]


@pytest.fixture(scope="module")
def ran(trained: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Results]:
    """For a page of RUN, a toy project in which its every command has run, in order, and what they printed."""

    @functools.cache
    def run_page(name: str) -> Results:
        project = Project(tmp_path_factory.mktemp(name) / "project", environment)
        shutil.copytree(trained, project.folder)
        found = all_commands(name)
        for command in found:
            command.printed = run(command.text, project.folder, project.env, subprocess.PIPE)
        return project, found

    return run_page


@pytest.fixture(scope="module")
def results(ran: Callable[[str], Results]) -> Results:
    """Those of docs/experiments.md."""
    return ran("experiments")


@pytest.mark.parametrize("name", RUN)
def test_every_command_prints_what_the_page_shows(ran: Callable[[str], Results], name: str) -> None:
    project, found = ran(name)
    metrics = json.loads(project.read("reports/validation.json"))
    for command in found:
        shown, printed = shape(command.shown), shape(command.printed)
        if command.text.startswith(("dvc repro", "dvc exp run")):
            printed = [line for line in printed if KEPT.match(line)]
        if command.text.startswith("dvc metrics diff"):  # which metrics differ, and so the rows, is the data's
            for row in (*shown[1:], *printed[1:]):
                assert row.split()[0] == "reports/validation.json" and row.split()[1] in metrics, (command.text, row)
            assert len(shown) > 1 and len(printed) > 1
            shown, printed = shown[:1], printed[:1]
        if command.text == "dvc dag":  # the way of its lines differs from call to call
            shown, printed = boxes(command.shown), boxes(command.printed)
        assert printed == shown, f"{command.text} printed:\n{command.printed}"


def test_the_page_shows_the_kinds_of_command_that_it_promises(results: Results) -> None:
    said = [command.text for command in results[1]]
    for name in ("repro", "exp run --temp", "exp run -S", "metrics show", "metrics diff", "exp show", "plots show", "dag", "exp apply"):
        assert any(text.startswith(f"dvc {name}") for text in said), name


def test_the_graph_is_the_one_on_the_page(results: Results) -> None:
    (dag,) = (command for command in results[1] if command.text == "dvc dag")
    assert boxes(dag.printed) == boxes(dag.shown) == sorted(["ingest", "tokenize", "finetune", "evaluate", "package"])


def test_the_plots_page_needs_a_network_and_the_report_needs_nothing(results: Results) -> None:
    project, _ = results
    assert 'src="https://cdn.jsdelivr.net/' in project.read("dvc_plots/index.html")
    assert not re.search(r"""(src|href)=["']?(https?:)?//|url\(["']?(https?:)?//|@import""", project.read("reports/report.html"))


@pytest.fixture(scope="module")
def served(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the toy project's bento."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENTOML_HOME", str(tmp_path_factory.mktemp("bentoml")))
        patch.setenv("HUGLINE_THREADS", "1")
        for name in ("HUGLINE_PACKAGE", "HUGLINE_SERVE_UNAPPROVED"):
            patch.delenv(name, raising=False)
        with serving(build(trained / "models/package")) as url:
            yield url


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
def test_every_curl_on_service_gets_the_status_and_the_keys_that_the_page_shows(served: str, tmp_path: Path) -> None:
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    found = [command for command in all_commands("service") if "curl" in command.text]
    assert {path for command in found for path in re.findall(r"127\.0\.0\.1:3000(/[\w/]+)", command.text)} >= {
        *("/predict", "/predict/batch", "/info", "/livez", "/readyz", "/metrics")
    }
    for command in found:
        printed = run(command.text.replace("http://127.0.0.1:3000", served), tmp_path, env, subprocess.STDOUT)
        if command.text.endswith("python -m json.tool"):
            assert printed.split("\n", 1)[0] == command.shown.split("\n", 1)[0], f"{command.text} printed:\n{printed}"  # the status
            shown, answered = (json.loads(text.split("\n", 1)[1]) for text in (command.shown, printed))
            refused = "error" in shown
            assert (answered if refused else keys(answered)) == (shown if refused else keys(shown)), command.text
        else:
            assert printed.split() == command.shown.split(), command.text


def keys(value: Any) -> Any:
    """The keys of an answer, at every depth; label names and the labels' number are the model's."""
    match value:
        case dict():
            return {key: "by label" if key == "scores" else keys(inner) for key, inner in value.items()}
        case list():
            return [keys(value[0])] if value else []
        case _:
            return "a value"


@pytest.mark.parametrize("name", ["flows", "service"])
def test_every_other_command_names_the_test_that_runs_it_or_says_that_none_does(name: str) -> None:
    for before, body in blocks(name):
        if "curl" in body or "not run by a test" in before:
            continue
        tests = re.findall(r"`(tests/[\w/]+\.py)`", before)
        assert tests, f"docs/{name}.md names no test before:\n{body}"
        sources = "".join((ROOT / test).read_text(encoding="utf-8") for test in tests)
        for command in commands(body):
            (word,) = re.findall(r"flows\.\w+|services\.\w+|pipeline/local", command.text)
            assert word in sources, f"{word} is not in {tests}"


@pytest.mark.parametrize("name", PAGES)
def test_named_files_are_there_and_no_path_or_line_is_too_long(name: str) -> None:
    text = page(name)
    for file in (*re.findall(r"`(tests/[\w/]+\.py)`", text), *(f"docs/{link}" for link in re.findall(r"\]\(([\w.]+\.md)\)", text))):
        assert (ROOT / file).is_file(), file
    assert not re.search(r"(?<![\w./~:])/(?:tmp|home|root|work|Users|opt|var)\b", text)
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE).splitlines()
    assert max(len(line) for line in prose if not line.startswith("|")) <= 125

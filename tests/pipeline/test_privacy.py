"""Addresses and secrets planted in rows of one's own: in no place that leaves the machine, unless privacy.texts says so."""

import csv
import json
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from services.serving import serving
from tests.conftest import Project, toy_rows

HEADER = ["message", "team", "channel", "requester", "note"]
PARTS = (b"zyxomira", b"quelvant", b"9fq2xt7blmz0avw3")  # of every plant, in lower case
STAY = ("train", "validation", "test", "wrong", "suspect", "near", "requester")  # kinds of planted rows that are learned from
ASIDE = ("copy", "conflict", "long", "broken", "fields", "label", "empty")  # kinds that are set aside, or whose second row is
WANDB_BLOCK, WANDB_HEADER = 32_768, 7  # bytes: a .wandb file is a LevelDB log, whose blocks begin with a header
PLACES = {  # a word that each must hold, so that nothing was searched in vain
    "git": b"rows_in",
    "log": b"task run 'finetune'",
    "prefect": b"finetune",
    "wandb": b"macro_f1",
    "package": b"where is my parcel?",
    "bento": b"where is my parcel?",
    "http": b"hugline_request_seconds",
    "report": b"accuracy",
    "comparison": b"accuracy",
}


def email(kind: str) -> str:
    return f"{kind}.zyxomira@quelvant.example"


def secret(kind: str) -> str:
    return f"sk_live_{kind}_9fQ2xT7bLmZ0aVw3"


def plant(kind: str) -> str:
    return f"{email(kind)} {secret(kind)}"


def planted_in(content: bytes) -> set[str]:
    """The kinds of planted rows that some bytes show; "?" for a part of a plant that tells no kind."""
    low = content.lower()
    kinds = {kind for kind in (*STAY, *ASIDE) if email(kind).lower().encode() in low or secret(kind).lower().encode() in low}
    return kinds or {"?" for part in PARTS if part in low}


def read(file: Path) -> bytes:
    """A file's bytes as a search needs them: what is compressed or divided into blocks, put together."""
    content = file.read_bytes()
    if file.suffix == ".parquet":
        return content + json.dumps(pq.read_table(file).to_pylist(), ensure_ascii=False).encode()
    if file.suffix == ".wandb":
        return content + b"".join(content[i + WANDB_HEADER : i + WANDB_BLOCK] for i in range(0, len(content), WANDB_BLOCK))
    return content


def read_all(folder: Path) -> bytes:
    """Names and contents of a folder's files."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and not file.is_symlink()]
    return b"\n".join(part for file in files for part in (str(file).encode(), read(file)))


def own_rows(folder: Path) -> None:
    """A file a split, of toy rows with planted ones among them; the tiny model learns a label's words, so it takes `wrong` for delivery."""
    late = f"the parcel is late and the courier is gone so where is it now and is my return label for the shoes in it {plant('near')}"
    planted = {
        "train": [
            (f"where parcel courier parcel {plant('train')}", "delivery"),
            (f"shoes return shoes to return {plant('suspect')}", "delivery"),
            (late, "delivery"),
            (f"parcel where parcel {plant('copy')}", "delivery"),
            (f"parcel where parcel {plant('copy')}", "delivery"),
            (f"courier where courier {plant('conflict')}", "delivery"),
            (f"courier where courier {plant('conflict')}", "repairs"),
            ("parcel " * 100 + plant("long"), "delivery"),
            (f"where parcel {plant('broken')} \udcff", "delivery"),
            (f"where parcel {plant('label')}", plant("label")),
            (f"where is it {plant('empty')}", ""),
        ],
        "validation": [(f"label is my label {plant('validation')}", "repairs")],
        "test": [
            (f"return shoes to shoes {plant('test')}", "returns"),
            (f"courier parcel where parcel courier {plant('wrong')}", "returns"),
            (f"{late} too", "delivery"),
        ],
    }
    toys = [[*row, (email("requester"), "walk-in")[i % 2], (secret("requester"), "")[i % 3 > 0]] for i, row in enumerate(toy_rows(120))]
    parts = {"train": toys[:60], "validation": toys[60:84], "test": toys[84:]}
    for split, part in parts.items():
        with (folder / f"{split}.csv").open("w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerows([HEADER, *part, *([text, label, "chat", "walk-in", ""] for text, label in planted[split])])
            if split == "train":
                writer.writerow([f"where {plant('fields')}", "delivery", "chat", "walk-in", "", "one too many"])


@dataclass
class Left:
    """A project after a flow over its own rows, and the bytes of every place in which the flow leaves something."""

    project: Project
    places: dict[str, bytes]


@pytest.fixture(scope="module")
def left(template: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    home = tmp_path_factory.mktemp("privacy")
    own = {"PREFECT_HOME": str(home / "prefect"), "BENTOML_HOME": str(home / "bentoml"), "HUGLINE_THREADS": "1"}
    project = Project(home / "project", {**environment, **own})
    shutil.copytree(template, project.folder)
    own_rows(project.folder / "data/raw")
    project.set(
        task__labels=["delivery", "repairs", "returns"],
        data__path="data/raw",
        data__encoding="utf-8",
        data__max_chars=500,
        data__max_bad=0.2,
        data__max_conflicts=0.9,
        data__max_leaks=0.9,
        finetune__epochs=4,
    )
    said = project.python("flows.pipeline")
    project.git("add", "-A")
    project.git("commit", "-qm", "Results")
    compared = project.python("hugline.cli", "report", "--against", "HEAD", "--html", str(home / "comparison.html"))
    places = {
        "git": tracked(project),
        "log": said.encode(),
        "prefect": read_all(home / "prefect"),
        "wandb": read_all(project.folder / "wandb"),
        "package": read_all(project.folder / "models/package"),
        "bento": read_all(home / "bentoml"),
        "http": pages(said.split("bento    ")[1].split(",")[0], project),
        "report": read(project.folder / "reports/report.html"),
        "comparison": compared.encode() + read(home / "comparison.html"),
    }
    yield Left(project, places)
    shutil.rmtree(home, ignore_errors=True)


def tracked(project: Project) -> bytes:
    """Every file that git tracks, and every commit's message and changes."""
    history = subprocess.run(["git", "log", "-p", "--all", "--text"], cwd=project.folder, env=project.env, capture_output=True, check=True).stdout
    names = [name for name in project.git("ls-files", "-z").split("\0") if name]
    return history + b"\n".join(read(project.folder / name) for name in names)


def pages(tag: str, project: Project) -> bytes:
    """What the routes that tell of the service answer, head and body, after it was asked about planted texts."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("BENTOML_HOME", "HUGLINE_THREADS"):
            patch.setenv(name, project.env[name])
        for name in ("HUGLINE_PACKAGE", "HUGLINE_SERVE_UNAPPROVED"):
            patch.delenv(name, raising=False)
        with serving(tag) as url:
            said = [post(url, body) for body in ({"text": plant("test")}, {plant("wrong"): plant("wrong")})]
            assert said == [200, 422]
            found = b""
            for path in ("info", "docs.json", "metrics", "ui/card", "", "livez", "readyz"):
                with urllib.request.urlopen(f"{url}/{path}", timeout=30) as page:
                    found += str(page.headers).encode() + page.read()
    return found


def post(url: str, body: dict[str, str]) -> int:
    """The status of an answer; its body is its sender's own."""
    request = urllib.request.Request(f"{url}/predict", json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize("place", PLACES)
def test_no_planted_address_or_secret_is_in(place: str, left: Left) -> None:
    assert PLACES[place] in left.places[place].lower()
    assert planted_in(left.places[place]) == set()


def test_the_search_finds_the_plants_in_the_rows_and_on_the_local_page(left: Left) -> None:
    folder = left.project.folder
    assert planted_in(read_all(folder / "data/raw")) == {*STAY, *ASIDE}
    assert planted_in(read_all(folder / "data/ingested")) == {*STAY, "copy", "conflict"}
    assert planted_in(read(folder / "reports/examples.html")) >= {"wrong", "near"}
    ignored = left.project.git("check-ignore", "data/raw/train.csv", "data/ingested", "reports/examples.html", "wandb").split()
    assert ignored == ["data/raw/train.csv", "data/ingested", "reports/examples.html", "wandb"]


def test_every_kind_of_planted_row_took_the_way_that_it_was_made_for(left: Left) -> None:
    data = json.loads(left.project.read("reports/data.json"))
    aside = pq.read_table(left.project.folder / "data/ingested/aside.parquet").to_pylist()
    assert [data[name] for name in ("copies", "conflicts")] == [1, 2]
    assert data["leaks"] >= 1 and data["set_aside"] == len(aside) == 6
    assert {row["reason"].partition(":")[0].split(" of row")[0] for row in aside} == {
        "copy",
        "over-long text",
        "invalid UTF-8 in text",
        "label not in task.labels",
        "empty label",
        "6 fields, the header has 5",
    }


def test_the_reader_puts_a_wandb_file_together_that_was_cut_in_the_middle_of_a_plant(tmp_path: Path) -> None:
    cut = secret("train").encode()
    before = b"-" * (WANDB_BLOCK - 10)
    (tmp_path / "run.wandb").write_bytes(before + cut[:10] + b"\0" * WANDB_HEADER + cut[10:])
    assert planted_in((tmp_path / "run.wandb").read_bytes()) == {"?"}  # its end alone
    assert planted_in(read(tmp_path / "run.wandb")) == {"train"}


def test_with_texts_true_the_report_and_the_golden_rows_show_them(left: Left) -> None:
    project = Project(left.project.folder.with_name("open"), left.project.env)
    shutil.copytree(left.project.folder, project.folder)
    project.set(privacy__texts=True)
    assert project.repro() == dict.fromkeys(("ingest", "tokenize", "finetune"), "unchanged") | dict.fromkeys(("evaluate", "package"), "ran")
    assert "wrong" in planted_in(read(project.folder / "reports/report.html"))
    assert "validation" in planted_in(read(project.folder / "models/package/golden.json"))


def csv_file(file: Path, row: list[str], header: bool = True) -> None:
    """Toy rows with dates, and one more row, which is the first where there is no header."""
    rows = [[text, label, str(1900 + i)] for i, (text, label, _) in enumerate(toy_rows())]
    with file.open("w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([["message", "team", "when"], *rows, row] if header else [row, *rows])


def refused(project: Project, file: str, settings: dict[str, object]) -> str:
    """What ingest says of a file that it must refuse."""
    project.set(data__path=f"data/raw/{file}", data__encoding="utf-8", data__max_chars=500, **settings)
    said = project.python("stages.ingest", f"data/raw/{file}", "data/ingested", "reports/data.json", fails=True)
    assert "expected:" in said and "Traceback" not in said
    return said


@pytest.mark.parametrize(
    ("settings", "row", "said"),
    [
        ({"data__max_bad": 0.0}, [plant("long") * 20, "delivery", "1"], "over-long text"),
        ({"data__max_bad": 0.0}, [plant("empty"), "", "1"], "empty label"),
        ({"data__max_bad": 0.0}, [f"{plant('broken')} \udcff", "delivery", "1"], "invalid UTF-8 in text"),
        ({"data__max_bad": 0.0}, [plant("fields"), "delivery", "1", "one too many"], "4 fields"),
        ({"data__max_bad": 0.0, "task__labels": ["delivery", "repairs", "returns"]}, [plant("label"), plant("label"), "1"], "label not in task.labels"),
        ({"data__max_bad": 0.0, "data__time": "when"}, [f"where {plant('test')}", "delivery", plant("test")], "no date in when"),
        ({"data__split_by": "when"}, [f"where {plant('test')}", "delivery", plant("test")], "no split's name in when"),
    ],
    ids=["over-long", "empty", "broken", "fields", "label", "time", "split_by"],
)
def test_an_error_about_a_row_holds_none_of_its_text(fresh: Project, settings: dict[str, object], row: list[str], said: str) -> None:
    csv_file(fresh.folder / "data/raw/mine.csv", row)
    told = refused(fresh, "mine.csv", settings)
    assert said in told
    assert planted_in(told.encode()) == set()


def test_an_error_about_a_file_that_can_not_be_read_holds_no_text_of_it(fresh: Project) -> None:
    file = fresh.folder / "data/raw/mine.csv"
    csv_file(file, ["where", "delivery", "1"])
    file.write_text(file.read_text(encoding="utf-8") + f'"where {plant("test")}"{plant("test")},delivery,1\n', encoding="utf-8")
    assert planted_in(refused(fresh, "mine.csv", {}).encode()) == set()
    lines = [json.dumps({"message": text, "team": label}) for text, label, _ in toy_rows()]
    (fresh.folder / "data/raw/mine.jsonl").write_text("\n".join([*lines, f'{{"message": "where {plant("test")}", "team": deliv']), encoding="utf-8")
    assert planted_in(refused(fresh, "mine.jsonl", {"data__max_bad": 0.0}).encode()) == set()


def test_a_first_row_that_is_taken_for_the_header_is_not_repeated(fresh: Project) -> None:
    csv_file(fresh.folder / "data/raw/mine.csv", [f"where is my parcel, write to {plant('train')}", "delivery", "1"], header=False)
    assert planted_in(refused(fresh, "mine.csv", {}).encode()) == set()


def test_an_error_of_the_users_own_function_holds_no_text(fresh: Project) -> None:
    csv_file(fresh.folder / "data/raw/mine.csv", [plant("test"), "delivery", "1"])
    hooks = fresh.folder / "stages/hooks.py"
    hooks.write_text("def prepare(row):\n    return row | {'length': int(row['message'][-16:])}\n\n\ndef callbacks(params):\n    return []\n")
    told = refused(fresh, "mine.csv", {})
    assert "ValueError" in told
    assert planted_in(told.encode()) == set()

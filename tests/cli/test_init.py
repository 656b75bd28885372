"""`hugline init`, as a newcomer calls it, on a project with a tiny checkpoint."""

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from hugline.cli.choose import Asked
from hugline.cli.init import data_path, init
from hugline.cli.look import WIDTH, split_rows
from hugline.cli.speed import AROUND_S, predicted_minutes
from hugline.data.preview import Preview, Rows
from hugline.errors import DataError, UserError
from hugline.params import FinetuneParams, Params, load_params
from tests.conftest import LIMIT_S, ROOT, SETTINGS, change_params
from tests.tiny import tiny_checkpoint

TEAMS = {"Rückgabe": "die Schuhe sind zu groß", "Lieferung": "wo bleibt mein Paket", "Konto": "Passwort vergessen"}
Make = Callable[[str, str], str]


def tickets(count: int = 60, delimiter: str = ";") -> str:
    """Rows as a German shop exports them."""
    rows = [f"{i}{delimiter}{list(TEAMS.values())[i % 3]} {i}{delimiter}{list(TEAMS)[i % 3]}{delimiter}{i / 4}" for i in range(count)]
    return "\n".join([delimiter.join(("Nr", "Nachricht", "Zuständig", "Preis")), *rows]) + "\n"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("tiny") / "checkpoint")


@pytest.fixture
def project(tmp_path: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the project's own params.yaml, a tiny checkpoint, and `data/raw/tickets.csv` in cp1252 with semicolons."""
    folder = tmp_path / "project"
    (folder / "data/raw").mkdir(parents=True)
    shutil.copyfile(ROOT / "params.yaml", folder / "params.yaml")
    shutil.copytree(checkpoint, folder / "checkpoint")
    change_params(folder / "params.yaml", {key: value for key, value in SETTINGS.items() if key.startswith(("model.", "finetune."))})
    (folder / "data/raw/tickets.csv").write_bytes(tickets().encode("cp1252"))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return folder


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "hugline.cli", "init", *arguments], capture_output=True, text=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL)


def test_three_lines_change_and_no_other_byte(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, data = Path("params.yaml").read_bytes(), Path("data/raw/tickets.csv").stat()
    init(Asked("data/raw/tickets.csv", text="Nachricht", label="Zuständig"))
    old, new = before.splitlines(keepends=True), Path("params.yaml").read_bytes().splitlines(keepends=True)
    changed = [(a.split(b"#")[0].split(), b.split(b"#")[0].split()) for a, b in zip(old, new, strict=True) if a != b]
    assert changed == [
        ([b"path:", b"data/demo"], [b"path:", b"data/raw/tickets.csv"]),
        ([b"text:", b"message"], [b"text:", b"Nachricht"]),
        ([b"label:", b"team"], [b"label:", '"Zuständig"'.encode()]),
    ]
    assert Path("data/raw/tickets.csv").stat() == data and sorted(p.name for p in project.iterdir()) == ["checkpoint", "data", "params.yaml"]
    settings = load_params().data
    assert (settings.path, settings.columns) == ("data/raw/tickets.csv", {"text": "Nachricht", "label": "Zuständig"})
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "",
        "next     make run",
        "         dvc add data/raw/tickets.csv    (then `dvc push` takes it along)",
    ]


def test_it_shows_what_the_file_holds_in_80_columns(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    init(Asked("data/raw/tickets.csv", text="Nachricht", label="Zuständig"))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert lines[:7] == [
        "data/raw/tickets.csv: CSV, encoding cp1252, delimiter ';', recognized",
        "60 rows, 4 columns",
        "",
        "  Nr         all different   whole numbers",
        "  Nachricht  all different   5 words each",
        "  Zuständig  3 values        1 word each",
        "  Preis      all different   numbers",
    ]
    assert lines[8:12] == ["3 labels", "  Rückgabe          20   33.3%", "  Lieferung         20   33.3%", "  Konto             20   33.3%"]
    rest = " ".join(" ".join(lines).split())
    assert "splits about 32 to train on, 9 validation, 19 test (data.validation, data.test) lengths" in rest
    assert "lengths 3 to 6 words, half of them up to 5, 95% up to 6 model.max_length 32 cuts " in rest
    assert re.search(r"cuts (none|\d+\.\d%) of the rows \(counted\) time `make run` takes about \d minutes on this machine \(1 CPU thread\)", rest)
    assert "nothing looks wrong" not in rest and "the encoding cp1252 was recognized from the bytes; if the letters ß ü are wrong" in rest


def test_called_twice_it_changes_nothing_the_second_time(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = Asked("data/raw/tickets.csv", text="Nachricht", label="Zuständig")
    init(asked)
    first = Path("params.yaml").read_bytes()
    capsys.readouterr()
    init(asked)
    assert Path("params.yaml").read_bytes() == first and "params.yaml says this already" in capsys.readouterr().out


def test_of_many_labels_twenty_are_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("many.csv").write_text("text,label\n" + "".join(f"text {i},name{i % 77}\n" for i in range(1540)), encoding="utf-8")
    init(Asked("many.csv", text="text", label="label"))
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= WIDTH and "of the rows (counted in 1,000)\n" in out
    assert "77 labels\n" in out and out.count("  name") == 20 and "  and 57 more, the smallest with 20 rows\n" in out


def test_a_pair_is_written_and_taken_back(project: Path) -> None:
    before = Path("params.yaml").read_bytes()
    Path("pairs.csv").write_text("message,other,team\n" + "".join(f"one {i},two {i},{'ab'[i % 2]}\n" for i in range(20)), encoding="utf-8")
    init(Asked("pairs.csv", text="message", pair="other", label="team"))
    params = load_params()
    assert params.task.model_dump()["pair"] is True and params.data.columns == {"text": "message", "label": "team", "text_pair": "other"}
    init(Asked("pairs.csv", text="message", label="team"))
    assert load_params().task.model_dump()["pair"] is False
    assert Path("params.yaml").read_bytes() == before.replace(b"path: data/demo ", b"path: pairs.csv ")


def test_what_belonged_to_another_file_goes_back_to_null(project: Path) -> None:
    before = Path("params.yaml").read_bytes()
    settings = {"data.path": "old.csv", "data.encoding": "cp1250", "data.limit": 7, "data.keep": ["x"], "data.group_by": "who", "task.labels": ["a", "b"]}
    change_params(Path("params.yaml"), dict(settings))
    asked = Asked("data/raw/tickets.csv", text="Nachricht", label="Zuständig")
    init(asked)
    params = load_params()
    assert [params.data.encoding, params.data.limit, params.data.keep, params.data.group_by, params.task.model_dump()["labels"]] == [None] * 5
    Path("params.yaml").write_bytes(before)
    init(asked)
    assert load_params() == params


def test_settings_of_the_same_file_stay_and_are_used(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change_params(Path("params.yaml"), {"data.path": "data/raw/tickets.csv", "data.limit": 12, "data.validation": 0.25})
    init(Asked("data/raw/tickets.csv", text="Nachricht", label="Zuständig"))
    assert "12 rows, 4 columns" in capsys.readouterr().out
    assert (load_params().data.limit, load_params().data.validation) == (12, 0.25)


def test_a_limit_is_obeyed_and_written(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    init(Asked("data/raw/tickets.csv", text="Nachricht", label="Zuständig", limit=9))
    assert "9 rows, 4 columns" in capsys.readouterr().out and load_params().data.limit == 9


BAD = {
    "ids.csv": "text,label\n" + "".join(f"text {i},{i}\n" for i in range(9)),
    "one.csv": "text,label\n" + "".join(f"text {i},same\n" for i in range(9)),
    "many.csv": "text,label\n" + "".join(f"text {i},name{i % 1001}\n" for i in range(2002)),
    "prices.csv": "text,label\n" + "".join(f"text {i},{i % 3}.5\n" for i in range(9)),
    "commas.csv": "text;label\n" + "".join(f"text {i};{i % 3},5\n" for i in range(9)),
    "bare.csv": "text,label\n" + "".join(f",{'ab'[i % 2]}\n" for i in range(9)) + "text,a\n",
    "my rows.csv": "text,label\na,b\n",
    "rows.docx": "text,label\na,b\n",
}


@pytest.mark.parametrize(
    ("file", "text", "label", "said"),
    [
        ("data/raw/ticket.csv", "Nachricht", "Zuständig", r"a file or folder at data/raw/ticket.csv\nfound:    nothing there; data/raw holds tickets.csv\n"),
        ("data/row/tickets.csv", "Nachricht", "Zuständig", "found:    no folder data/row"),
        ("data/raw/tickets.csv", "nachrichten", "Zuständig", "after --text\nfound:    no column 'nachrichten'; did you mean 'Nachricht'"),
        ("data/raw/tickets.csv", "Nachricht", "team", "after --label\nfound:    no column 'team'; there are Nr, Nachricht, Zuständig, Preis"),
        ("data/raw/tickets.csv", "Nachricht", "Nachricht", "different columns for texts and labels"),
        ("data/raw/tickets.csv", "Nachricht", "Preis", r"Preis holds numbers with decimals\nremedy: .*\(regression\) is another task"),
        ("ids.csv", "text", "label", "all 9 values of label are different"),
        ("one.csv", "text", "label", "2 to 1,000 different values\nfound:    1 in label, in 9 rows"),
        ("many.csv", "text", "label", r"over 1,000 in label, in 2,002 rows\nremedy: .*\(regression\) is another task"),
        ("prices.csv", "text", "label", r"numbers with decimals\nremedy: .*\(regression\) is another task"),
        ("commas.csv", "text", "label", "numbers with decimals"),
        ("bare.csv", "text", "label", "at least two labels\nfound:    1 in the 1 rows that can be used"),
        ("my rows.csv", "text", "label", "found:    ' ' in my rows.csv\nremedy:   rename"),
        ("rows.docx", "text", "label", "rows in CSV"),
    ],
)
def test_what_can_not_be_used_is_refused_and_nothing_is_written(project: Path, file: str, text: str, label: str, said: str) -> None:
    before = Path("params.yaml").read_bytes()
    if file in BAD:
        Path(file).write_text(BAD[file], encoding="utf-8")
    with pytest.raises(UserError, match=said):
        init(Asked(file, text=text, label=label))
    assert Path("params.yaml").read_bytes() == before and not list(project.glob(".*.partial"))


def test_a_project_without_params_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="run from the project's root folder"):
        init(Asked("a.csv"))


def test_where_nobody_can_be_asked_it_fails_with_the_line_to_paste_which_works(project: Path) -> None:
    before = Path("params.yaml").read_bytes()
    refused = command("data/raw/tickets.csv")
    assert refused.returncode == 1 and "Traceback" not in refused.stderr and Path("params.yaml").read_bytes() == before
    line = refused.stderr.splitlines()[-1].removeprefix("remedy:   ")
    assert line == "hugline init data/raw/tickets.csv --text Nachricht --label Zuständig"
    done = command(*line.split()[2:])
    assert done.returncode == 0, done.stderr
    assert load_params().data.columns == {"text": "Nachricht", "label": "Zuständig"}


def test_yes_takes_the_likeliest_columns(project: Path) -> None:
    init(Asked("data/raw/tickets.csv", yes=True))
    assert load_params().data.columns == {"text": "Nachricht", "label": "Zuständig"}


def test_on_a_terminal_it_asks_and_takes_the_guess_for_an_empty_line(project: Path) -> None:
    said = on_terminal(["hugline.cli", "init", "data/raw/tickets.csv"], {"the texts? [Nachricht]": ["Nachrich", ""], "the labels? [Zuständig]": [""]})
    assert "no column 'Nachrich'; did you mean 'Nachricht'?" in said
    assert load_params().data.columns == {"text": "Nachricht", "label": "Zuständig"}


def on_terminal(module: list[str], answers: dict[str, list[str]]) -> str:
    """What a command says on a terminal where each question gets its answers, one at a time."""
    child, fd = pty.fork()
    if not child:
        os.execv(sys.executable, [sys.executable, "-m", *module])
    said, seen, limit = b"", 0, time.monotonic() + LIMIT_S
    try:
        while time.monotonic() < limit:
            if not select.select([fd], [], [], 1)[0]:
                continue
            try:
                piece = os.read(fd, 4096)
            except OSError:  # Linux: the child has closed its terminal
                break
            if not piece:
                break
            said += piece
            text = said.decode("utf-8", "replace")
            for question, left in answers.items():
                if left and (at := text.find(question, seen)) >= 0:
                    seen = at + len(question)
                    os.write(fd, left.pop(0).encode() + b"\n")
    finally:
        os.close(fd)
    assert os.waitpid(child, 0)[1] == 0, said.decode("utf-8", "replace")
    assert not any(answers.values())
    return said.decode("utf-8", "replace")


def test_an_encoding_that_the_bytes_do_not_tell_is_asked_for_and_then_written(project: Path) -> None:
    Path("odd.csv").write_bytes("text,label\nPø æ sé,a\nbà x,b\nnê,a\nnú,b\n".encode("cp1252"))
    with pytest.raises(DataError, match=r"remedy:   choose one, such as: hugline init odd.csv --text text --label label --encoding cp12\d\d"):
        init(Asked("odd.csv", text="text", label="label"))
    init(Asked("odd.csv", text="text", label="label", encoding="cp1252"))
    assert load_params().data.encoding == "cp1252"


def test_a_delimiter_that_the_header_does_not_tell_is_chosen_on_the_terminal(project: Path) -> None:
    Path("two.csv").write_text("a;b,c\n" + "".join(f"{'xy'[i % 2]};2,3{i}\n" for i in range(12)), encoding="utf-8")
    with pytest.raises(DataError, match="--delimiter"):
        init(Asked("two.csv", text="b,c", label="a"))
    on_terminal(["hugline.cli", "init", "two.csv", "--text", "b,c", "--label", "a"], {"Which delimiter?": [";"]})
    assert (load_params().data.delimiter, load_params().data.columns["text"]) == (";", "b,c")


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "folder", "texts"])
def test_other_formats_are_looked_at_in_the_same_way(project: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"body": f"some words {i}", "team": "ab"[i % 2]} for i in range(20)]
    if kind == "jsonl":
        Path("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        init(Asked("rows.jsonl", text="body", label="team"))
    elif kind == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist(rows), "rows.parquet")
        init(Asked("rows.parquet", text="body", label="team"))
    elif kind == "folder":
        Path("rows").mkdir()
        for split, part in (("train", rows[:10]), ("test", rows[10:])):
            Path(f"rows/{split}.csv").write_text("body,team\n" + "".join(f"{r['body']},{r['team']}\n" for r in part), encoding="utf-8")
        init(Asked("rows", text="body", label="team"))
    else:
        for i, row in enumerate(rows):
            Path(f"rows/{row['team']}").mkdir(parents=True, exist_ok=True)
            Path(f"rows/{row['team']}/{i}.txt").write_text(row["body"], encoding="utf-8")
        init(Asked("rows", text="text", label="label"))
    out = capsys.readouterr().out
    assert "20 rows, 2 columns" in out and "2 labels a 10 50.0% b 10 50.0% splits" in " ".join(out.split())
    assert ("train, test given" in out) == (kind == "folder")


def test_without_the_checkpoint_the_time_is_unknown_and_the_cut_estimated(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change_params(Path("params.yaml"), {"model.checkpoint": "nobody/nothing", "model.revision": "0" * 40, "model.max_length": 8})
    init(Asked("data/raw/tickets.csv", text="Nachricht", label="Zuständig"))
    out = " ".join(capsys.readouterr().out.split())
    # (8 - 2) / 1.3 = 4.6 words: the rows of 5 and 6 words are cut, two in three
    assert "model.max_length 8 cuts 66.7% of the rows (estimated, 1.3 tokens a word)" in out
    assert "time unknown: " in out and load_params().data.path == "data/raw/tickets.csv"


def test_the_predicted_minutes_add_up() -> None:
    settings = FinetuneParams(epochs=2, share=0.5)
    splits = Counter(train=100, validation=20, test=30)
    passes = 2 * (3 * 0.5 * 100 + 20) + 30 + 2 * 150
    assert predicted_minutes(0.6, splits, settings) == pytest.approx((AROUND_S + 0.6 * passes) / 60)


def test_splits_that_the_source_has_stay_and_the_rest_is_cut_from_train() -> None:
    found = Preview(splits=Counter({"train": 80, "test": 20}), usable=100, copies=Rows(10))
    assert split_rows(found, Params()) == {"train": 60, "validation": 10, "test": 20}  # 0.15 of 70
    assert split_rows(Preview(splits=Counter({"": 100}), usable=100), Params()) == {"train": 54, "validation": 15, "test": 31}


def test_a_path_inside_the_project_is_relative_and_another_absolute(project: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.csv").touch()
    assert data_path(str(project / "data/raw/../raw/tickets.csv")) == "data/raw/tickets.csv"
    assert data_path("./data/raw/") == "data/raw"
    assert data_path("../outside.csv") == str(tmp_path / "outside.csv")
    (project / "link.csv").symlink_to(tmp_path / "outside.csv")
    assert data_path("link.csv") == "link.csv"

"""`hugline predict`: rows in, answers out, by a package and over HTTP, and on from where it was stopped."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hugline.cli.predict import predict
from hugline.client import Client
from hugline.core.store import load_predictor
from hugline.errors import UserError
from services.serving import serving
from services.shipped import SERVICE
from tests.tiny import tiny_package

TOKEN = "a-token-for-this-test"
BODIES = [f"where is my parcel {i}" for i in range(600)]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_package(tmp_path_factory.mktemp("tiny") / "package")


@pytest.fixture(scope="module")
def url(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENTOML_HOME", str(tmp_path_factory.mktemp("bentoml")))
        patch.setenv("HUGLINE_PACKAGE", str(package))
        patch.setenv("HUGLINE_TOKEN", TOKEN)
        with serving(SERVICE) as found:
            yield found


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "rows.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("body", "label"), *((body, "old") for body in BODIES)])
    return file


def test_every_row_gets_the_answer_of_the_package(package: Path, rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    predict(str(package), str(rows), str(out), {"text": "body"})
    found = pq.read_table(out)
    assert found.column_names == ["row", "body", "label", "error", "answer.label", "score", "scores"]
    wanted = load_predictor(package).predict([{"text": body} for body in BODIES])
    assert found["row"].to_pylist() == list(range(1, 601)) and found["body"].to_pylist() == BODIES
    assert found["answer.label"].to_pylist() == [answer.label for answer in wanted]  # type: ignore[attr-defined]
    assert found["score"].to_pylist() == pytest.approx([answer.score for answer in wanted], abs=1e-6)  # type: ignore[attr-defined]
    assert json.loads(found["scores"][0].as_py()).keys() == {"delivery", "repairs", "returns"}
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith((".", "out"))) == ["out.parquet"]


def test_a_served_model_gives_the_same_answers_as_its_package(url: str, package: Path, rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUGLINE_TOKEN", TOKEN)
    predict(url, str(rows), str(tmp_path / "http.parquet"), {"text": "body"})
    predict(str(package), str(rows), str(tmp_path / "here.parquet"), {"text": "body"})
    over_http, here = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("http", "here"))
    assert over_http["answer.label"].to_pylist() == here["answer.label"].to_pylist()
    assert over_http["score"].to_pylist() == pytest.approx(here["score"].to_pylist(), abs=1e-5)


def test_a_stopped_run_goes_on_after_its_last_whole_part(package: Path, rows: Path, tmp_path: Path) -> None:
    out, parts = tmp_path / "out.parquet", tmp_path / ".out.parquet.parts"
    code = (
        "import os\nimport hugline.cli.predict as p\nwrite = p._write\n"
        "def stop(part, rows):\n    write(part, rows)\n    part.name.startswith('000001') and os._exit(9)\n"
        f"p._write = stop\np.predict({str(package)!r}, {str(rows)!r}, {str(out)!r}, {{'text': 'body'}})\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert not out.exists() and sorted(p.name for p in parts.glob("*.parquet")) == ["000000.parquet", "000001.parquet"]
    marked = pq.read_table(parts / "000000.parquet").to_pylist()
    marked[7]["body"] = "marked by this test"
    pq.write_table(pa.Table.from_pylist(marked, pq.read_schema(parts / "000000.parquet")), parts / "000000.parquet")
    (parts / "000002.partial").write_bytes(b"torn")
    predict(str(package), str(rows), str(out), {"text": "body"})
    bodies = pq.read_table(out)["body"].to_pylist()
    assert bodies == [*BODIES[:7], "marked by this test", *BODIES[8:]], "the first part was not computed again"


def test_parts_of_other_rows_are_not_used(package: Path, rows: Path, tmp_path: Path) -> None:
    parts = tmp_path / ".out.parquet.parts"
    parts.mkdir()
    (parts / "identity").write_text("of another file")
    (parts / "000000.parquet").write_bytes(b"no parquet")
    predict(str(package), str(rows), str(tmp_path / "out.parquet"), {"text": "body"})
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 600


def test_rows_that_cannot_be_asked_for_stay_with_a_reason(package: Path, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"text": "a"}\n{"text": null}\nno json\n{"text": "b"}\n', encoding="utf-8")
    predict(str(package), str(file), str(tmp_path / "out.parquet"), {})
    found = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["row"] for row in found] == [1, 2, 3, 4]
    assert [bool(row["label"]) for row in found] == [True, False, False, True]
    assert found[1]["error"] == "no text" and found[2]["error"] and found[0]["error"] is None


@pytest.mark.parametrize(
    ("out", "columns", "message"),
    [
        ("out.csv", {}, r"expected: a Parquet file for the answers\nfound:    .*out\.csv"),
        ("out.parquet", {}, r"expected: the column text\nfound:    columns body, label\nremedy:   name yours, such as --columns text=COLUMN"),
    ],
)
def test_wrong_arguments_are_told(package: Path, rows: Path, tmp_path: Path, out: str, columns: dict[str, str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        predict(str(package), str(rows), str(tmp_path / out), columns)


def test_a_service_that_is_not_there_or_wants_a_token_is_told(url: str, rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUGLINE_TOKEN", raising=False)
    with pytest.raises(UserError, match=r"found:    HTTPStatusError: Client error '401"):
        predict(url, str(rows), str(tmp_path / "out.parquet"), {})
    with pytest.raises(UserError, match=r"found:    ConnectError"):
        predict("http://127.0.0.1:9", str(rows), str(tmp_path / "out.parquet"), {})


def test_the_client_asks_again_when_the_queue_is_full(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from concurrent.futures import ThreadPoolExecutor

    monkeypatch.setenv("BENTOML_HOME", str(tmp_path))
    monkeypatch.setenv("HUGLINE_PACKAGE", str(package))
    monkeypatch.setenv("HUGLINE_QUEUE_TOKENS", "100")
    monkeypatch.delenv("HUGLINE_TOKEN", raising=False)
    rows = [{"text": "where is my parcel " * 8}] * 256
    with serving(SERVICE) as found, ThreadPoolExecutor(6) as callers:

        def ask(_: int) -> int:
            with Client(found, tries=30) as client:
                return len(client.predict_batch(rows))

        assert list(callers.map(ask, range(6))) == [256] * 6
        assert 'status="429"' in httpx.get(f"{found}/metrics").text

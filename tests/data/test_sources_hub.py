"""Data sets in the hub's format: local folders, and ids that must say their commit."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hugline.data.sources import open_source
from hugline.errors import DataError
from tests.data.test_sources import values_of, write

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NEWEST = "89abcdef0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def hub_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set's repository as `push_to_hub` writes it: Parquet with ClassLabel in its schema."""
    import datasets

    folder = tmp_path_factory.mktemp("hub") / "messages"
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["returns", "delivery"]), "n": datasets.Value("int32")})
    (folder / "data").mkdir(parents=True)
    for split, labels in (("train", [0, 1, -1]), ("test", [1])):
        rows = {"text": [f"{split} {i}" for i in labels], "label": labels, "n": [7] * len(labels)}
        datasets.Dataset.from_dict(rows, features).to_parquet(folder / "data" / f"{split}-00000-of-00001.parquet")
    return folder


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "datasets")


@pytest.mark.usefixtures("own_cache")
def test_class_ids_of_a_hub_folder_become_label_names(hub_folder: Path) -> None:
    source = open_source(str(hub_folder))
    assert (source.columns, source.splits) == (("text", "label", "n"), ("train", "test"))
    assert [(raw.number, raw.where, raw.split, raw.values) for raw in source.rows()] == [
        (1, "train:0", "train", {"text": "train 0", "label": "returns", "n": 7}),
        (2, "train:1", "train", {"text": "train 1", "label": "delivery", "n": 7}),
        (3, "train:2", "train", {"text": "train -1", "label": None, "n": 7}),
        (4, "test:0", "test", {"text": "test 1", "label": "delivery", "n": 7}),
    ]


@pytest.mark.usefixtures("own_cache")
def test_the_only_split_of_a_hub_folder_is_cut_later(hub_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "train.parquet").write_bytes((hub_folder / "data" / "test-00000-of-00001.parquet").read_bytes())
    source = open_source(str(tmp_path / "one"))
    assert source.splits == ()
    assert [(raw.where, raw.split) for raw in source.rows()] == [("row:0", None)]


@pytest.mark.usefixtures("own_cache")
def test_a_folder_that_datasets_can_not_read_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "bad" / "train.parquet", b"PAR1 nothing")
    with pytest.raises(DataError, match=r"(?s)the data set .*bad, in the cache or on the hub.*found: +\w+: "):
        open_source(str(tmp_path / "bad"))


@pytest.mark.usefixtures("own_cache")
def test_every_kind_of_feature_is_read_without_its_decoder(tmp_path: Path) -> None:
    features = {
        "text": {"dtype": "string", "_type": "Value"},
        "picture": {"_type": "Image"},
        "sound": {"_type": "Audio"},
        "words": {"feature": {"names": ["x", "y"], "_type": "ClassLabel"}, "_type": "List"},
        "grid": {"shape": [1, 2], "dtype": "int32", "_type": "Array2D"},
        "score": {"dtype": "float64", "_type": "Value"},
        "when": {"dtype": "timestamp[s]", "_type": "Value"},
    }
    table = pa.table(
        {
            "text": ["a", None],
            "picture": [{"bytes": b"\x89PNG", "path": None}, None],
            "sound": [{"bytes": None, "path": "a.wav"}, None],
            "words": [[0, 1], []],
            "grid": [[[1, 2]], [[3, 4]]],
            "score": [float("nan"), 0.5],
            "when": pa.array([0, None], pa.timestamp("s")),
        }
    )
    (tmp_path / "set").mkdir()
    pq.write_table(table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})}), tmp_path / "set" / "train.parquet")
    assert values_of(tmp_path / "set") == [
        {
            "text": "a",
            "picture": {"bytes": "4 bytes", "path": None},
            "sound": {"bytes": None, "path": "a.wav"},
            "words": [0, 1],
            "grid": [[1, 2]],
            "score": None,
            "when": "1970-01-01T00:00:00",
        },
        {"text": None, "picture": None, "sound": None, "words": [], "grid": [[3, 4]], "score": 0.5, "when": None},
    ]


@pytest.mark.usefixtures("own_cache")
def test_splits_that_are_none_of_ours_are_told_and_two_of_one_kind_refused(hub_folder: Path, tmp_path: Path) -> None:
    rows = (hub_folder / "data" / "test-00000-of-00001.parquet").read_bytes()
    card = "---\nconfigs:\n- config_name: default\n  data_files:\n" + "".join(
        f"  - split: {split}\n    path: {split}.parquet\n" for split in ("train", "unsupervised", "validation", "dev")
    )
    for split in ("train", "unsupervised", "validation", "dev"):
        write(tmp_path / "set" / f"{split}.parquet", rows)
    write(tmp_path / "set" / "README.md", card + "---\n")
    with pytest.raises(DataError, match=r"(?s)one split of each kind in .*set.*validation, dev"):
        open_source(str(tmp_path / "set"))
    write(tmp_path / "set" / "README.md", card.rpartition("  - split: dev")[0] + "---\n")
    source = open_source(str(tmp_path / "set"))
    assert source.splits == ("train", "validation")
    assert source.info == {"kind": "hub", "encoding": None, "delimiter": None, "files": 2, "recognized": False, "left_out": ["unsupervised"]}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A hub over real HTTP that knows one data set, and an empty cache."""
    from huggingface_hub import constants

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path.startswith("/api/datasets/owner/name")
            body = json.dumps({"id": "owner/name", "sha": NEWEST} if known else {"error": "Repository not found"}).encode()
            self.send_response(200 if known else 404)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            if not known:
                self.send_header("X-Error-Code", "RepoNotFound")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    yield constants.ENDPOINT
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("hub")
def test_an_id_without_a_commit_is_refused_with_the_line_to_paste() -> None:
    with pytest.raises(DataError) as caught:
        open_source("data/demo", hub="owner/name")
    assert caught.value.expected == "the commit of owner/name in data.revision, so that its rows never change by themselves"
    assert caught.value.remedy == f"write this line under `data:` in params.yaml; it is the newest on the hub now:\n  revision: {NEWEST}"


@pytest.mark.usefixtures("hub")
def test_the_commit_in_the_cache_comes_before_the_hubs(tmp_path: Path) -> None:
    write(tmp_path / "cache" / "datasets--owner--name" / "refs" / "main", COMMIT)
    with pytest.raises(DataError, match=rf"(?s)it is the commit in this machine's cache:\n  revision: {COMMIT}$"):
        open_source("data/demo", hub="owner/name")


@pytest.mark.usefixtures("hub")
def test_a_cache_without_a_commit_in_it_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "cache" / "datasets--owner--name" / "refs" / "main", "torn")
    with pytest.raises(DataError, match=NEWEST):
        open_source("data/demo", hub="owner/name")


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("name", ["owner/other", "not a name!"])
def test_an_id_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(DataError, match=r"(?s)none, and no such data set that you may read.*correct data\.hub"):
        open_source("data/demo", hub=name)


def test_without_a_network_it_is_told_where_commits_are_listed(hub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    nowhere = "http://127.0.0.1:1"
    monkeypatch.setattr(constants, "ENDPOINT", nowhere)
    with pytest.raises(DataError, match=rf"(?s)no network to look it up \(ConnectError\).*{nowhere}/datasets/owner/name/commits/main lists them"):
        open_source("data/demo", hub="owner/name")
    monkeypatch.setattr(constants, "ENDPOINT", hub)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(DataError, match=r"no network to look it up \(OfflineModeIsEnabled\)"):
        open_source("data/demo", hub="owner/name")


@pytest.mark.usefixtures("own_cache")
def test_a_local_folder_as_hub_needs_no_commit(hub_folder: Path) -> None:
    assert open_source("data/demo", hub=str(hub_folder)).splits == ("train", "test")

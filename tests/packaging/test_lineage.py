"""Lineage: hashes of what a package was made of; nothing that another place or day would change."""

import hashlib
import json
from pathlib import Path

from hugline.packaging.lineage import LIBRARIES, hash_of, lineage


def folder(place: Path, **files: str) -> Path:
    for name, text in files.items():
        file = place / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return place


def test_the_hash_of_a_file_is_its_sha256(tmp_path: Path) -> None:
    assert hash_of(folder(tmp_path, a="x") / "a") == hashlib.sha256(b"x").hexdigest()


def test_equal_folders_have_equal_hashes_wherever_they_lie(tmp_path: Path) -> None:
    one = folder(tmp_path / "one", b="2", a="1", c__d="3")
    two = folder(tmp_path / "deep" / "two", c__d="3", a="1", b="2")
    assert hash_of(one) == hash_of(two)


def test_a_changed_a_renamed_and_another_file_change_the_hash(tmp_path: Path) -> None:
    made = [
        folder(tmp_path / "0", a="1", b="2"),
        folder(tmp_path / "1", a="1", b="3"),
        folder(tmp_path / "2", a="1", c="2"),
        folder(tmp_path / "3", a="1", b="2", c=""),
        folder(tmp_path / "4", a="2", b="1"),
        folder(tmp_path / "5", a="1", d__b="2"),
    ]
    assert len({hash_of(place) for place in made}) == 6


def test_lineage_holds_sources_settings_and_versions_but_not_tracking(tmp_path: Path) -> None:
    file = folder(tmp_path, a="x") / "a"
    found = lineage({"metrics": file}, {"seed": 1, "tracking": {"mode": "online"}}, {"id": "owner/name"}, {"threads": 2})
    assert list(found) == ["dependencies", "params", "checkpoint", "resolved", "versions"]
    assert found["dependencies"] == {"metrics": hashlib.sha256(b"x").hexdigest()}
    assert (found["params"], found["checkpoint"], found["resolved"]) == ({"seed": 1}, {"id": "owner/name"}, {"threads": 2})
    assert list(found["versions"]) == ["python", *LIBRARIES]
    assert not [version for version in found["versions"].values() if "+" in version], "a build's name is no version"


def test_lineage_is_the_same_in_another_place(tmp_path: Path) -> None:
    texts = []
    for place in (tmp_path / "one", tmp_path / "two"):
        texts.append(json.dumps(lineage({"ingested": folder(place, a="1")}, {}, {}, {})))
    assert texts[0] == texts[1]
    assert str(tmp_path) not in texts[0]

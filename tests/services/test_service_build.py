import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from hugline.errors import UserError
from services.build import build
from services.shipped import ROOT, modules, requirements
from services.ui import FILES


def folder_of(home: Path, tag: str) -> Path:
    return home / "bentos" / tag.replace(":", "/")


def build_in(project: Path, package: Path) -> str:
    """The tag that a checkout of its own gives to a package."""
    done = subprocess.run([sys.executable, "-m", "services.build", str(package)], cwd=project, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()[-1]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("hugline", "services"):
        shutil.copytree(ROOT / name, tmp_path / "copy" / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


def test_the_same_content_is_built_once(home: Path, package: Path, tag: str, tmp_path: Path) -> None:
    before = (folder_of(home, tag) / "bento.yaml").read_bytes()
    again = tmp_path / "elsewhere"
    shutil.copytree(package, again)
    assert build(again) == tag
    assert (folder_of(home, tag) / "bento.yaml").read_bytes() == before  # it holds the time of its creation
    assert len(tag.partition(":")[2]) == 16


def test_changed_service_code_is_another_version_and_other_code_is_not(copy: Path, package: Path, tag: str) -> None:
    assert build_in(copy, package) == tag
    with (copy / "hugline" / "params.py").open("a") as stream:
        stream.write("# the service does not use this\n")
    assert build_in(copy, package) == tag
    with (copy / "services" / "requests.py").open("a") as stream:
        stream.write("# changed\n")
    service = build_in(copy, package)
    with (copy / "hugline" / "core" / "predictor.py").open("a") as stream:
        stream.write("# changed\n")
    library = build_in(copy, package)
    with (copy / "services" / "ui" / "page.css").open("a") as stream:
        stream.write("/* changed */\n")
    assert len({tag, service, library, build_in(copy, package)}) == 4


def test_a_changed_package_is_another_version(edited: Callable[..., Path], tag: str) -> None:
    assert build(edited(metrics={"accuracy": 0.95})) != tag


def test_a_bento_carries_the_package_without_torch_weights_and_only_what_the_service_imports(home: Path, package: Path, tag: str) -> None:
    source = folder_of(home, tag) / "src"
    found = {p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file() and "__pycache__" not in p.parts}
    wanted = {f"package/{p.name}" for p in package.iterdir() if p.name != "model.safetensors"}
    assert found == wanted | {p.as_posix() for p in modules("sequence_classification")} | {"bentofile.yaml"}
    assert {f"services/ui/{name}" for name in FILES.values()} <= found
    assert not {name for name in found if "learner" in name or "params" in name or "packaging" in name}


def test_a_bento_runs_its_own_library_where_another_of_that_name_can_be_imported(home: Path, tag: str) -> None:
    code = (
        "import sys\nfrom _bentoml_impl.loader import load\nload(sys.argv[1], working_dir='.')\n"
        "print(sys.modules['hugline.core.predictor'].__file__, sys.modules['services.service'].__file__, sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code, tag], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True, text=True)
    for line in done.stdout.splitlines()[-2:]:
        assert Path(line).is_relative_to(folder_of(home, tag))


def test_labels_say_approval_metric_and_commit(home: Path, tag: str) -> None:
    labels = yaml.safe_load((folder_of(home, tag) / "bento.yaml").read_text())["labels"]
    assert (labels["approved"], labels["monitor"], labels["macro_f1"]) == ("true", "macro_f1", "0.9000")


def test_an_unapproved_package_is_refused_then_built_under_a_name_that_says_so(home: Path, edited: Callable[..., Path]) -> None:
    folder = edited(gate={"approved": False, "reasons": ["too weak"]})
    with pytest.raises(UserError, match=r"found:    not approved: too weak\nremedy: .*--unapproved"):
        build(folder)
    tag = build(folder, release=False)
    assert tag.startswith("hugline-unapproved:")
    assert yaml.safe_load((folder_of(home, tag) / "bento.yaml").read_text())["labels"]["approved"] == "false"


def test_a_damaged_package_is_not_built(edited: Callable[..., Path]) -> None:
    folder = edited()
    (folder / "encoder.json").write_text("{}")
    with pytest.raises(UserError, match=r"expected: encoder\.json with sha256"):
        build(folder)
    (folder / "encoder.json").unlink()
    with pytest.raises(UserError, match=r"found:    no package/encoder\.json"):
        build(folder)


def test_a_half_written_bento_is_built_again(home: Path, tag: str, package: Path) -> None:
    model = folder_of(home, tag) / "src" / "package" / "model.onnx"
    model.write_bytes(model.read_bytes()[:1000])
    assert build(package) == tag
    assert model.read_bytes() == (package / "model.onnx").read_bytes()


def test_a_store_inside_the_package_is_refused(edited: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = edited()
    monkeypatch.setenv("BENTOML_HOME", str(folder / "bentoml"))
    with pytest.raises(UserError, match="expected: BENTOML_HOME outside the package"):
        build(folder)


def test_a_relative_store_is_where_the_caller_stands(package: Path, tag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BENTOML_HOME", "store")
    assert build(package) == tag
    assert (folder_of(tmp_path / "store", tag) / "bento.yaml").is_file()


def test_requirements_are_pinned_and_hold_no_training_library(home: Path, tag: str) -> None:
    pins = requirements()
    written = (folder_of(home, tag) / "env" / "python" / "requirements.txt").read_text().splitlines()
    assert sorted(written) == sorted(pins)
    names = {pin.partition("==")[0] for pin in pins}
    assert {"bentoml", "numpy", "onnxruntime", "pydantic", "pydantic-core", "starlette", "tokenizers", "uvicorn"} <= names
    assert not {"torch", "transformers", "fastai", "scikit-learn", "datasets", "pyarrow", "prefect", "dvc"} & names
    assert all(pin.count("==") == 1 for pin in pins)

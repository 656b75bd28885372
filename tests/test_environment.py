"""What is set before the big libraries are imported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hugline.environment import VARIABLES, prepare

ROOT = Path(__file__).parents[1]
BROKEN = """
import torchvision.extension
raise RuntimeError("operator torchvision::nms does not exist")
"""


def run(code: str, path: Path, *flags: str) -> str:
    """What a fresh Python prints that has `path` before everything else."""
    lines = f"import sys; sys.path[:0] = [{str(path)!r}, {str(ROOT)!r}]\n{code}"
    done = subprocess.run([sys.executable, *flags, "-c", lines], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def fake_torchvision(folder: Path, source: str) -> Path:
    package = folder / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text(source)
    (package / "extension.py").write_text("")
    return folder


def test_telemetry_is_off_unless_the_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, "for monkeypatch to put back")
        monkeypatch.delenv(name)
    monkeypatch.setenv("DO_NOT_TRACK", "0")
    prepare()
    assert {name: os.environ[name] for name in VARIABLES} == VARIABLES | {"DO_NOT_TRACK": "0"}


@pytest.mark.parametrize("error", ["RuntimeError('operator torchvision::nms does not exist')", "ImportError('libcudart')", "OSError('libtorch_cuda.so')"])
def test_a_torchvision_that_can_not_be_imported_is_hidden(error: str, tmp_path: Path) -> None:
    code = """
from hugline.environment import hide_broken_torchvision
print(hide_broken_torchvision(), hide_broken_torchvision(), sorted(n for n in sys.modules if n.startswith("torchvision")), sys.modules["torchvision"])
"""
    found = run(code, fake_torchvision(tmp_path, f"import torchvision.extension\nraise {error}\n"))
    assert found == "True True ['torchvision'] None"


def test_transformers_imports_its_models_beside_a_broken_torchvision(tmp_path: Path) -> None:
    code = """
from hugline.environment import import_transformers
transformers = import_transformers()
print(transformers.BertForSequenceClassification.__name__, transformers.utils.is_torchvision_available(), sys.modules["torchvision"])
"""
    assert run(code, fake_torchvision(tmp_path, BROKEN)) == "BertForSequenceClassification False None"


def test_a_torchvision_that_works_is_left_alone(tmp_path: Path) -> None:
    code = """
from hugline.environment import hide_broken_torchvision
print(hide_broken_torchvision(), sys.modules["torchvision"].marker)
"""
    assert run(code, fake_torchvision(tmp_path, "import torchvision.extension\nmarker = 7\n")) == "False 7"


def test_a_torchvision_that_is_not_installed_is_not_called_broken(tmp_path: Path) -> None:
    code = "from hugline.environment import hide_broken_torchvision\nprint(hide_broken_torchvision(), 'torchvision' in sys.modules)"
    assert run(code, tmp_path, "-I", "-S") == "False False"

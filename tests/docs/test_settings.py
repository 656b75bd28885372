"""docs/settings.md is what its script makes of hugline/params.py, dvc.yaml and the comments of params.yaml."""

import importlib.util
from collections import Counter
from types import ModuleType
from typing import Any

import pytest

from hugline.params import Params
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_settings", ROOT / "docs/settings.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(script: ModuleType) -> None:
    assert (ROOT / "docs/settings.md").read_text(encoding="utf-8") == script.render(), "run: python docs/settings.py"


def test_every_setting_has_a_row_with_a_meaning() -> None:
    lines = (ROOT / "docs/settings.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| `")]
    tree = Params().model_dump(mode="json")
    names = [name for key, value in tree.items() for name in (value if isinstance(value, dict) else [key])]
    assert Counter(names) <= Counter(row[0].strip("`") for row in rows)  # each task adds rows
    assert all(len(row) == 4 and all(row) for row in rows)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "minimum": 0, "exclusiveMaximum": 9}, "a whole number at least 0 and below 9"),
        ({"type": "number", "exclusiveMinimum": 0}, "a number above 0"),
        ({"anyOf": [{"type": "array", "items": {"type": "string"}, "minItems": 2}, {"type": "null"}]}, "a list of at least 2 texts or `null`"),
        ({"enum": ["auto", "cpu"], "type": "string"}, "`auto`, `cpu`"),
        ({"type": "string", "minLength": 1}, "a text, not empty"),
    ],
)
def test_bounds_are_told_in_words(script: ModuleType, schema: dict[str, Any], words: str) -> None:
    assert script.accepted(schema) == words


def test_a_section_names_the_first_stage_that_reads_it(script: ModuleType) -> None:
    expected = {"seed": "ingest", "task": "ingest", "data": "ingest", "model": "tokenize", "finetune": "finetune", "evaluate": "evaluate"}
    assert script.readers() == expected | {"gate": "package", "privacy": "evaluate"}

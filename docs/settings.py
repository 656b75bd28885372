"""`python docs/settings.py`: write docs/settings.md from hugline/params.py, dvc.yaml and the comments of params.yaml."""

import json
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML

from hugline.params import Params
from hugline.tasks import TASKS, task_class

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/settings.md"
LINE = re.compile(r"(?P<indent> *)(?P<key>\w+):(?P<value>[^#]*)(?:# *(?P<comment>.*))?")
WORDS = {"string": "a text", "integer": "a whole number", "number": "a number", "boolean": "`true` or `false`", "null": "`null`"}
BOUNDS = {"exclusiveMinimum": "above", "minimum": "at least", "exclusiveMaximum": "below", "maximum": "at most"}
HEAD = """# Settings

Every setting stands in `params.yaml`, once; this page is made from it and from `hugline/params.py` by
`python docs/settings.py`, and `tests/docs/test_settings.py` keeps it up to date. A setting's whole name is
`section.name`. Change one in `params.yaml`, or for an experiment by `dvc exp run -S finetune.lr=1e-5`
([experiments.md](experiments.md)). Unknown names, wrong types and values out of bounds are refused before a stage
starts, all of them together.
"""
TAIL = """## Settings that go together

- `data.hub` stands beside the default `data.path` only, and needs `data.revision`, unless it is a local folder.
- `data.group_by` and `data.time` exclude each other.
- `gate.over` names baselines of the task.
- `data.validation` and `data.test` add up to less than 1.
- `data.columns` names columns of the task; `data.keep` names others than those.
- `model.checkpoint` needs `model.revision`, unless it is a local folder.
"""


def render() -> str:
    """The whole page."""
    said, read = comments(), readers()
    parts = [HEAD, table(Params, said)]
    for name, field in Params.model_fields.items():
        model = field.annotation
        if name == "task":
            parts += [section(f"task: {task}", "What is learned.", read["task"], table(task_class(task), said, "task")) for task in TASKS]
        elif isinstance(model, type) and issubclass(model, BaseModel):
            parts.append(section(name, str(model.__doc__), read.get(name), table(model, said, name)))
    return "\n".join([*parts, TAIL])


def section(heading: str, about: str, reader: str | None, settings: str) -> str:
    """A section: what it is about, where a change begins, its settings."""
    begins = f"A change makes `{reader}` stale, and what follows from it." if reader else "A change makes no stage stale."
    return f"## {heading}\n\n{about} {begins}\n\n{settings}"


def table(model: type[BaseModel], said: dict[str, str], prefix: str = "") -> str:
    """The settings of a model; at the top level those that are in no section."""
    lines = ["| setting | default | accepted | meaning |", "|---|---|---|---|"]
    for name, schema in model.model_json_schema()["properties"].items():
        if prefix or ("$ref" not in schema and name != "task"):
            key = f"{prefix}.{name}" if prefix else name
            lines.append(f"| `{name}` | {plain(model.model_fields[name].default)} | {accepted(schema)} | {said.get(key, '')} |")
    return "\n".join(lines) + "\n"


def accepted(schema: dict[str, Any]) -> str:
    """What a JSON schema lets through, in words."""
    if options := schema.get("anyOf"):
        return " or ".join(accepted(option) for option in options)
    if names := schema.get("enum") or ([schema["const"]] if "const" in schema else []):
        return ", ".join(f"`{name}`" for name in names)
    if schema.get("pattern") == "^[0-9a-f]{40}$":
        return "40 hex digits"
    if schema["type"] == "array":
        return f"a list of at least {schema['minItems']} texts" if "minItems" in schema else "a list of texts"
    if schema["type"] == "object":
        return "texts by name"
    bounds = [f"{words} {schema[bound]}" for bound, words in BOUNDS.items() if bound in schema]
    return " ".join([WORDS[schema["type"]] + (", not empty" if schema.get("minLength") else ""), " and ".join(bounds)]).strip()


def plain(value: Any) -> str:
    """A default as params.yaml would say it; a commit by its first digits."""
    if isinstance(value, dict):
        return "`{" + ", ".join(f"{k}: {v}" for k, v in value.items()) + "}`"
    if isinstance(value, str):
        return f"`{value[:8]}...`" if re.fullmatch("[0-9a-f]{40}", value) else f"`{value}`"
    return f"`{json.dumps(value)}`"


def comments() -> dict[str, str]:
    """What params.yaml says of each setting, by its key."""
    found, parent = {}, ""
    for line in (ROOT / "params.yaml").read_text(encoding="utf-8").splitlines():
        match = LINE.fullmatch(line)
        if match and len(match["indent"]) <= 2:
            parent = parent if match["indent"] else match["key"]
            if match["comment"]:
                found[f"{parent}.{match['key']}" if match["indent"] else parent] = match["comment"]
    return found


def readers() -> dict[str, str]:
    """The first stage of dvc.yaml that depends on each section."""
    stages = YAML(typ="safe", pure=True).load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    return {read: name for name, stage in reversed(stages.items()) for read in stage.get("params", ())}


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")

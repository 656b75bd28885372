"""Behaviour tests from YAML: the tests, or every fault of the file at once."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import Node

from hugline.errors import BehaviourError
from hugline.evaluation.behaviour.base import BehaviourTest, Name, Strict
from hugline.evaluation.behaviour.changes import Direction, Invariance
from hugline.evaluation.behaviour.faults import fault, line
from hugline.evaluation.behaviour.minimum_function import MinimumFunction

KINDS: dict[str, type[BehaviourTest]] = {"minimum_function": MinimumFunction, "invariance": Invariance, "direction": Direction}


class AnyTest(Strict):
    """A test whose kind is missing or unknown: its other fields can't be judged."""

    model_config = ConfigDict(extra="allow")

    name: Name
    kind: Literal["minimum_function", "invariance", "direction"]


def load_tests(file: Path) -> list[BehaviourTest]:
    """The tests of a YAML file, which may be none; raises BehaviourError with every fault at once."""
    items, places = _read(file)
    tests, faults = _parsed(items, places)
    if faults:
        found = f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}\n  - " + "\n  - ".join(faults)
        raise BehaviourError(f"behaviour tests as docs/behaviour.md describes them in {file}", found, f"correct {file}")
    return tests


def _read(file: Path) -> tuple[Sequence[Any], Sequence[Node]]:
    """The items of the file's list, and where each of them stands."""
    yaml = partial(YAML, typ="safe", pure=True)
    try:
        source = file.read_text(encoding="utf-8")
        items, node = yaml().load(source), yaml().compose(source)
    except OSError as error:
        raise BehaviourError(f"behaviour tests in {file}", error.strerror or str(error), "correct evaluate.behaviour, or write `[]` into the file") from None
    except (YAMLError, ValueError) as error:
        raise BehaviourError(f"{file} in YAML 1.2, UTF-8", str(error), "mend the line that is named") from None
    if items is not None and not isinstance(items, list):
        raise BehaviourError(f"a list of behaviour tests in {file}", f"a {type(items).__name__}", "begin every test with `- name:`")
    return (items, node.value) if items else ([], [])


def _parsed(items: Sequence[Any], places: Sequence[Node]) -> tuple[list[BehaviourTest], list[str]]:
    """The tests that are right, and the faults of the others, each with its line and test."""
    tests: list[BehaviourTest] = []
    faults, names = [], set()
    for item, place in zip(items, places, strict=True):
        kind = item.get("kind") if isinstance(item, dict) else None
        model = KINDS.get(kind, AnyTest) if isinstance(kind, str) else AnyTest
        name = item.get("name") if isinstance(item, dict) else None
        try:
            test: Any = model.model_validate(item)
            tests.append(test)
        except ValidationError as error:
            title = repr(name) if isinstance(name, str) else "a test without a name"
            faults += [f"line {line(place, e['loc'])}, {title}: {fault(e, model)}" for e in error.errors()]
        if isinstance(name, str) and name in names:
            faults.append(f"line {line(place, ('name',))}, {name!r}: this name stands twice")
        names.add(str(name))
    return tests, faults

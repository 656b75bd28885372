"""What is wrong with a field of a behaviour test, in words, and on which line it stands."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from hugline.evaluation.behaviour.words import did_you_mean

SHOWN = 60  # characters of a refused value


def line(node: Node, place: Sequence[Any]) -> int:
    """The line of a place inside a test, or of what encloses it where it is missing."""
    mark = node.start_mark
    for part in place:
        if isinstance(node, SequenceNode) and isinstance(part, int):
            node = node.value[part]
            mark = node.start_mark
        elif isinstance(node, MappingNode):
            for key, value in node.value:
                if key.value == part:
                    mark, node = key.start_mark, value
    return int(mark.line) + 1


def fault(error: Any, model: type[BaseModel]) -> str:
    """One of pydantic's errors, with the field's path, what was found and what would be accepted."""
    where = ".".join(str(part) for part in error["loc"] if isinstance(part, str))
    if error["type"] == "missing":
        return f"{where}: missing"
    if error["type"] == "extra_forbidden":
        accepted = [field.alias or name for name, field in model.model_fields.items()]
        return f"{where}: unknown{did_you_mean(where, accepted) or '; accepted here: ' + ', '.join(accepted)}"
    wanted = "fields by name" if error["type"] == "model_type" else error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    given = repr(error["input"])
    given = given if len(given) <= SHOWN else given[:SHOWN] + "..."
    return f"{where}: {given} is not accepted; expected {wanted}" if where else f"expected {wanted}"

"""Changing values in params.yaml and nothing else: every other byte stays, comments, order and number formats too."""

import copy
import difflib
import json
import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node

from hugline.errors import ParamsError

PLAIN = re.compile(r"[A-Za-z_./][A-Za-z0-9_./-]*")
WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}  # plain in YAML 1.2, something else to YAML 1.1
REMEDY = "restore params.yaml from git, or change the data section by hand"


class Gone(Enum):
    """A setting whose line goes."""

    GONE = "gone"


GONE = Gone.GONE
Setting = str | int | bool | None | Gone


def edit(text: str, changes: Mapping[str, Setting]) -> str:
    """The text of a params.yaml with other values under dotted keys; raises ParamsError where it can't be done safely."""
    try:
        wanted = _load(text)
        for key, value in changes.items():
            _assign(wanted, key.split("."), value)
            text = _edited(text, key.split("."), value)
        if _load(text) == wanted:
            return text
        found = "a form in which one of the values can't be replaced alone"
    except (YAMLError, ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
        found = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    raise ParamsError(f"a params.yaml in which {', '.join(changes)} can be set", found, REMEDY)


def changed_lines(before: str, after: str) -> list[str]:
    """The lines that differ, old ones after `-`, new ones after `+`."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in list(lines)[2:] if not line.startswith("@@")]


def _load(text: str) -> dict[str, Any]:
    tree = YAML(typ="safe", pure=True).load(text)
    if not isinstance(tree, dict):
        raise ValueError("not settings by name")
    return tree


def _assign(tree: dict[str, Any], path: list[str], value: Setting) -> None:
    """The same change on the settings themselves, to compare with."""
    *parents, last = path
    for parent in parents:
        tree = tree.setdefault(parent, {})
    if value is GONE:
        tree.pop(last, None)
    else:
        tree[last] = copy.copy(value)


def _edited(text: str, path: list[str], value: Setting) -> str:
    """The text with one value replaced, added or removed."""
    node: Node = YAML(pure=True).compose(text)
    for depth, name in enumerate(path):
        if not isinstance(node, MappingNode):
            raise ValueError(f"no settings by name under {'.'.join(path[:depth])}")
        entries = {key.value: (key, inner) for key, inner in node.value}
        if name not in entries:
            return text if value is GONE else _added(text, node, path[depth:], value)
        key, inner = entries[name]
        if depth == len(path) - 1 and value is GONE:
            return _removed(text, node, key, inner)
        if depth == len(path) - 1:
            return _replaced(text, key, inner, value)
        node = inner
    raise ValueError("no key")


def _replaced(text: str, key: Node, old: Node, value: Setting) -> str:
    """A comment that follows on the line stays in its column where it can."""
    start, end, new = old.start_mark.index, _end(old), _scalar(value)
    if start == end or (isinstance(old, CollectionNode) and not old.flow_style):  # nothing, or a list or mapping over several lines
        after_key = text.index(":", key.end_mark.index) + 1
        start, end, new = after_key, after_key if start == end else end, f" {new}"
    rest = text[end:]
    if comment := re.match(r"( +)#", rest):
        spaces = len(comment[1])
        rest = " " * max(min(2, spaces), spaces + (end - start) - len(new)) + rest[spaces:]
    return text[:start] + new + rest


def _added(text: str, parent: MappingNode, path: list[str], value: Setting) -> str:
    """A key that is not there yet, after the last of its section."""
    last = parent.value[-1][1]
    if parent.flow_style:
        return f"{text[: _end(last)]}, {': '.join(path)}: {_scalar(value)}{text[_end(last) :]}"
    indent = parent.value[0][0].start_mark.column
    keys = [f"{' ' * (indent + 2 * depth)}{name}:" for depth, name in enumerate(path)]
    at = _line_end(text, _end(last))
    newline = "\r\n" if "\r\n" in text else "\n"
    return text[:at] + ("" if text[:at].endswith("\n") else newline) + newline.join(keys) + f" {_scalar(value)}{newline}" + text[at:]


def _removed(text: str, parent: MappingNode, key: Node, old: Node) -> str:
    start, end = key.start_mark.index, _end(old)
    if not parent.flow_style:
        return text[: text.rfind("\n", 0, start) + 1] + text[_line_end(text, end) :]
    place = [k.start_mark.index for k, _ in parent.value].index(start)
    if place + 1 < len(parent.value):
        return text[:start] + text[parent.value[place + 1][0].start_mark.index :]
    return text[: _end(parent.value[place - 1][1]) if place else start] + text[end:]


def _end(node: Node) -> int:
    """Where a value's own text ends; a block's end mark stands after the comments and spaces that follow it."""
    if not isinstance(node, CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(node, MappingNode) else last)


def _line_end(text: str, at: int) -> int:
    """The index after the line break that follows."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _scalar(value: Setting) -> str:
    """A value in YAML that 1.1 and 1.2 read alike."""
    if isinstance(value, str):
        return value if PLAIN.fullmatch(value) and value.lower() not in WORDS and not value.startswith(".") else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)

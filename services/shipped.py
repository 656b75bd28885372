"""What a bento carries besides the package: the project's modules that the service imports, and pinned requirements."""

import ast
from collections.abc import Iterator
from importlib.metadata import distribution, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hugline.tasks import TASKS

ROOT = Path(__file__).resolve().parent.parent
SERVICE = "services.service:Hugline"  # as bentoml names it
OURS = ("hugline", "services")
STATIC = (".css", ".html", ".js")
NEEDED = ("bentoml", "numpy", "onnxruntime", "prometheus-client", "pydantic", "starlette", "tokenizers")  # what those modules import


def modules(task: str, root: Path = ROOT) -> list[Path]:
    """The files of the service, of a task, and of all that they import of this project, relative to its root.

    A package that is imported brings the pages, styles and scripts in its folder.
    """
    found: set[Path] = set()
    waiting = [SERVICE.partition(":")[0], TASKS[task].partition(":")[0]]
    while waiting:
        name = waiting.pop()
        file = _file(name, root)
        if file is None or file in found:
            continue
        found |= {file, *_beside(file, root)}
        waiting += [name.rpartition(".")[0]] if "." in name else []  # a module brings the __init__ of its package
        waiting += [n for n in _imports(ast.parse((root / file).read_text(encoding="utf-8"))) if n.partition(".")[0] in OURS]
    return sorted(found)


def _file(name: str, root: Path) -> Path | None:
    """The file of a module; of a name inside a module there is none."""
    path = Path(*name.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if (root / file).is_file()), None)


def _beside(file: Path, root: Path) -> Iterator[Path]:
    """What browsers get from the folder of a package; of a plain module nothing."""
    if file.name == "__init__.py":
        yield from (found.relative_to(root) for found in (root / file).parent.iterdir() if found.suffix in STATIC)


def _imports(node: ast.AST) -> Iterator[str]:
    """The modules that code imports anywhere but under `if TYPE_CHECKING`; this project's imports are absolute."""
    match node:
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            children = node.orelse
        case ast.Import():
            yield from (alias.name for alias in node.names)
            return
        case ast.ImportFrom():
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            return
        case _:
            children = list(ast.iter_child_nodes(node))  # type: ignore[arg-type]
    for child in children:
        yield from _imports(child)


def requirements() -> list[str]:
    """What the service needs and all that this needs in turn, pinned to the versions installed here, sorted."""
    pins: dict[str, str] = {}
    waiting = [Requirement(name) for name in NEEDED]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        pins[name] = f"{name}=={version(name)}"
        for line in distribution(name).requires or ():
            wanted = Requirement(line)
            if wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                waiting.append(wanted)
    return sorted(pins.values())

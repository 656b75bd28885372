"""`hugline init FILE`: look at a file of rows, say what is in it, and write the data section of params.yaml."""

import difflib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from hugline.cli.choose import SAFE, Asked, ask, check_columns, choose_columns
from hugline.cli.look import column_lines, finding_lines, label_lines, length_lines, minutes_lines, split_lines, split_rows, title_lines, unknown_time_lines
from hugline.cli.params_file import GONE, Setting, changed_lines, edit
from hugline.cli.speed import as_rows, checkpoint_at_hand, measure, share_cut
from hugline.data.guess import look_at_columns
from hugline.data.preview import Preview, look_at_rows
from hugline.data.sources import Source, open_source
from hugline.errors import CheckpointError, DataError
from hugline.params import DataParams, Params, load_params, parse_params

PARAMS = Path("params.yaml")
OF_A_SOURCE = ("files", "hub", "config", "revision", "keep", "encoding", "delimiter", "limit", "split_by", "group_by", "time")
CHOICE = re.compile(r'^\s+(encoding|delimiter): "?([^"\s]+)"?(?:\s+#.*)?$', re.MULTILINE)


def init(asked: Asked) -> None:
    """Show what the file holds, ask for what is not known, and write the settings.

    Raises UserError, with nothing written, where the file can't be used.
    """
    params, before = load_params(PARAMS), PARAMS.read_bytes().decode("utf-8")
    path = data_path(asked.file)
    asked, settings, source = _open(asked, path, params.data)
    _print(title_lines(asked.file, source))
    columns = look_at_columns(islice(source.rows(), settings.limit), source.columns)
    _print(column_lines(columns))
    print()
    asked = choose_columns(columns, asked)
    check_columns(columns, asked)
    after = edit(before, changes(params, path, asked))
    wanted = parse_params(YAML(typ="safe", pure=True).load(after))
    _show(source, _look(asked, source, wanted.data), wanted)
    _write(before, after)
    _print(next_steps(path))


def data_path(file: str) -> str:
    """A file as data.path names it: from the project's root where it lies inside, else absolute; raises DataError where it is not there."""
    place = Path(file).expanduser()
    if not place.exists():
        names = sorted(p.name for p in place.parent.iterdir()) if place.parent.is_dir() else []
        close = difflib.get_close_matches(place.name, names, n=3, cutoff=0.5) or names[:5]
        found = f"nothing there; {place.parent} holds {', '.join(close) or 'nothing'}" if place.parent.is_dir() else f"no folder {place.parent}"
        raise DataError(f"a file or folder at {file}", found, "correct the path")
    absolute, root = Path(os.path.abspath(place)), Path.cwd()  # noqa: PTH100  resolve() would follow a link out of the project
    path = absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else absolute.as_posix()
    if not SAFE.fullmatch(path):  # dvc.yaml hands it to a shell
        odd = " ".join(sorted({repr(c) for c in path if not SAFE.fullmatch(c)}))
        raise DataError("a path of letters, digits and @ % + = : , . / - _", f"{odd} in {path}", "rename the file or folder")
    return path


def _open(asked: Asked, path: str, now: DataParams) -> tuple[Asked, DataParams, Source]:
    """The source as ingest will read it; on a terminal asks for what the bytes don't tell."""
    kept = now if path == now.path else now.model_copy(update={"path": path} | dict.fromkeys(OF_A_SOURCE))
    while True:
        s = kept.model_copy(update=_given(asked))
        try:
            return asked, s, open_source(path, files=s.files, encoding=s.encoding, delimiter=s.delimiter, hub=None, revision=None, config=s.config)
        except DataError as error:
            asked = _with_answer(asked, error)


def _given(asked: Asked) -> dict[str, Any]:
    """The settings that the command line gives."""
    return {name: value for name in ("limit", "encoding", "delimiter") if (value := getattr(asked, name)) is not None}


def _with_answer(asked: Asked, error: DataError) -> Asked:
    """The encoding or delimiter that the user chooses from those that an error lists; without choices or a user, the error."""
    choices = CHOICE.findall(error.found)
    if not choices:
        raise error
    kind, known = choices[0][0], [value for _, value in choices]
    if not asked.asks:
        raise DataError(error.expected, error.found, f"choose one, such as: {_answered(asked, kind, known[0]).line}") from None
    print(f"{error.expected}\n{error.found}")
    answer = ask(f"Which {kind}?", known[0], lambda given: "" if given in known else f"one of {', '.join(known)}")
    return _answered(asked, kind, answer)


def _answered(asked: Asked, kind: str, answer: str) -> Asked:
    return replace(asked, encoding=answer) if kind == "encoding" else replace(asked, delimiter=answer.replace("\\t", "\t"))


def _look(asked: Asked, source: Source, settings: DataParams) -> Preview:
    assert asked.text and asked.label
    texts = [name for name in (asked.text, asked.pair) if name]
    others = [name for name in source.columns if name not in (*texts, asked.label)]
    found = look_at_rows(islice(source.rows(), settings.limit), texts, asked.label, others, settings.max_chars)
    if len(found.labels) < 2:
        raise DataError("texts with at least two labels", f"{len(found.labels)} in the {found.usable:,} rows that can be used", "check --text and --label")
    return found


def changes(params: Params, path: str, asked: Asked) -> dict[str, Setting]:
    """The settings that change, by their keys; what belonged to another source goes back to null."""
    tree = params.model_dump()
    wanted: dict[str, Setting] = {"data.path": path, "data.columns.text": asked.text, "data.columns.label": asked.label}
    wanted |= {"data.columns.text_pair": asked.pair or GONE, "task.pair": asked.pair is not None}
    if path != params.data.path:
        wanted |= {f"data.{name}": None for name in OF_A_SOURCE} | {"task.labels": None}
    wanted |= {f"data.{name}": value for name, value in _given(asked).items()}
    return {key: value for key, value in wanted.items() if _value(tree, key) != value}


def _value(tree: Any, key: str) -> Any:
    for part in key.split("."):
        if part not in tree:
            return GONE
        tree = tree[part]
    return tree


def _show(source: Source, found: Preview, params: Params) -> None:
    """Labels, splits, lengths, what looks wrong, and the time that a run will take."""
    _print(label_lines(found.labels))
    print()
    _print(split_lines(found, params))
    try:
        task = params.task.model_copy(update={"labels": sorted(found.labels)})
        checkpoint, encoder = checkpoint_at_hand(params.model)
        features = task.encode(as_rows(task, found.sample), encoder)
    except CheckpointError as error:
        _print(length_lines(found, params.model.max_length, None))
        _print(unknown_time_lines(error.found))
    else:
        _print(length_lines(found, params.model.max_length, share_cut(features)))
        speed = measure(task, checkpoint, encoder, features, params.finetune)
        _print(minutes_lines(speed, split_rows(found, params), params))
    _print(finding_lines(source, found, params))


def _write(before: str, after: str) -> None:
    """Write params.yaml, whole or not at all, and say what changed."""
    print()
    if before == after:
        print(f"{PARAMS} says this already")
        return
    temporary = PARAMS.with_name(f".{PARAMS.name}.partial")
    temporary.write_bytes(after.encode("utf-8"))
    temporary.replace(PARAMS)
    print(f"{PARAMS}:")
    _print(f"  {re.sub(r' +#.*', '', line)}" for line in changed_lines(before, after))


def next_steps(path: str) -> Iterator[str]:
    """What to do now."""
    yield ""
    yield "next     make run"
    if path.startswith("data/raw/") and not Path(f"{path}.dvc").is_file():
        yield f"         dvc add {path}    (then `dvc push` takes it along)"
    elif Path(path).is_absolute():
        yield "         It lies outside the project. In data/raw/, after `dvc add`, `dvc push` would take it along."


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)

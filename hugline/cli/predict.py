"""`hugline predict`: the answers to a file of rows, by a package or a served model, a part at a time, so that it can go on where it was stopped."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import httpx

from hugline.client import Client
from hugline.core.checkpoint import sha256
from hugline.core.store import load_predictor
from hugline.data.sources import Raw, open_source
from hugline.errors import DataError, UserError
from hugline.show import progress

BLOCK = 256  # rows in a part, and in one request
Answer = Callable[[Sequence[dict[str, Any]]], list[dict[str, Any]]]


@dataclass(frozen=True)
class Model:
    """Who answers: what it needs of a row, and what it is, so that parts of two models are never mixed."""

    answer: Answer
    fields: tuple[str, ...]
    identity: str


def predict(target: str, source: str, out: str, columns: dict[str, str]) -> None:
    """Write `out` (Parquet) with every row of the source and its answer; raises UserError.

    `columns` maps the model's fields to the source's columns. Parts lie beside `out` until all are there; a second
    call with the same rows and the same model goes on after the last whole part.
    """
    file = Path(out)
    if file.suffix != ".parquet":
        raise UserError("a Parquet file for the answers", out, "name it with .parquet at the end")
    model = _served(target) if target.startswith(("http://", "https://")) else _packaged(Path(target))
    rows = open_source(source)
    named = {field: columns.get(field, field) for field in model.fields}
    if missing := [theirs for theirs in named.values() if theirs not in rows.columns]:
        remedy = f"name yours, such as --columns {model.fields[0]}=COLUMN"
        raise DataError(f"the column {', '.join(missing)}", f"columns {', '.join(rows.columns)}", remedy)
    parts = _parts_folder(file, f"{model.identity} {_identity(Path(source))} {json.dumps(named, sort_keys=True)}")
    with progress("predict", unit="rows") as bar:
        for i, block in enumerate(_blocks(rows.rows())):
            part = parts / f"{i:06}.parquet"
            if not part.is_file():
                _write(part, list(_answered(block, named, rows.columns, model)))
            bar.update(len(block))
    _join(sorted(parts.glob("*.parquet")), file)
    shutil.rmtree(parts)


def _packaged(folder: Path) -> Model:
    predictor = load_predictor(folder)
    return Model(
        lambda rows: [answer.model_dump() for answer in predictor.predict(rows)], tuple(predictor.task.Input.model_fields), sha256(folder / "manifest.json")
    )


def _served(url: str) -> Model:
    client = Client(url, os.environ.get("HUGLINE_TOKEN"))
    try:
        info = client.info()
    except httpx.HTTPError as error:
        remedy = "start it with `make serve`, correct the address, or set HUGLINE_TOKEN to its token"
        raise UserError(f"a served model at {url}", f"{type(error).__name__}: {error}", remedy) from error
    return Model(client.predict_batch, tuple(info["inputs"]), f"{url} {info['version']} {json.dumps(info['lineage'], sort_keys=True)}")


def _blocks(rows: Iterator[Raw]) -> Iterator[list[Raw]]:
    while block := list(islice(rows, BLOCK)):
        yield block


def _answered(block: Sequence[Raw], named: dict[str, str], columns: Sequence[str], model: Model) -> Iterator[dict[str, Any]]:
    """The rows of a block with their answers; a row that can't be asked for has the reason under `error`."""
    asked = [{field: _text((raw.values or {}).get(theirs)) for field, theirs in named.items()} for raw in block]
    faults = [raw.fault or next((f"no {field}" for field, value in row.items() if value is None), "") for raw, row in zip(block, asked, strict=True)]
    answers = iter(model.answer([row for row, fault in zip(asked, faults, strict=True) if not fault]))
    for raw, fault in zip(block, faults, strict=True):
        found = {} if fault else next(answers)
        values = {name: _text((raw.values or {}).get(name)) for name in columns}
        yield {"row": raw.number, **values, "error": fault or None, "answer": json.dumps(found, ensure_ascii=False) if found else None}


def _text(value: Any) -> str | None:
    """A value as text; None for what is no text in UTF-8."""
    text = value if isinstance(value, str) or value is None else json.dumps(value, ensure_ascii=False, default=str)
    return None if text is None or any("\ud800" <= c <= "\udfff" for c in text) else text


def _parts_folder(file: Path, identity: str) -> Path:
    """The folder of the parts; parts of other rows or another model are removed."""
    folder = file.with_name(f".{file.name}.parts")
    mark = folder / "identity"
    wanted = hashlib.sha256(identity.encode()).hexdigest()
    if not mark.is_file() or mark.read_text(encoding="ascii") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        mark.write_text(wanted, encoding="ascii")
    return folder


def _identity(source: Path) -> str:
    files = [source] if source.is_file() else sorted(p for p in source.rglob("*") if p.is_file())
    return " ".join(f"{p.name} {sha256(p)}" for p in files)


def _write(part: Path, rows: Sequence[dict[str, Any]]) -> None:
    """A part, whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.int64() if name == "row" else pa.string()) for name in rows[0]])
    temporary = part.with_suffix(".partial")
    pq.write_table(pa.Table.from_pylist(list(rows), schema), temporary)
    temporary.rename(part)


def _join(parts: Sequence[Path], file: Path) -> None:
    """All parts as one file, with the answer's fields as columns of their own."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    temporary = file.with_name(f".{file.name}.partial")
    schema = _answer_schema(parts)
    writer: Any = None
    for part in parts:
        table = pq.read_table(part)
        answers = [json.loads(text) if text else {} for text in table["answer"].to_pylist()]
        for name, kind in schema.items():
            values = [_fitting(answer.get(name), kind) for answer in answers]
            table = table.append_column(f"answer.{name}" if name in table.column_names else name, pa.array(values, pa.type_for_alias(kind)))
        table = table.drop_columns(["answer"])
        writer = writer or pq.ParquetWriter(temporary, table.schema, compression="zstd")
        writer.write_table(table)
    if writer:
        writer.close()
    temporary.rename(file)


def _answer_schema(parts: Sequence[Path]) -> dict[str, str]:
    """The fields of the first answer: numbers stay numbers, what is neither text nor number becomes JSON."""
    import pyarrow.parquet as pq

    for part in parts:
        for text in pq.read_table(part, columns=["answer"])["answer"].to_pylist():
            if text:
                return {name: "double" if isinstance(value, float) else "string" for name, value in json.loads(text).items()}
    return {}


def _fitting(value: Any, kind: str) -> Any:
    return value if value is None or kind == "double" or isinstance(value, str) else json.dumps(value, ensure_ascii=False)

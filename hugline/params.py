"""Every setting, typed: what params.yaml may say, and how its faults are told."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SerializeAsAny, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from hugline.core.slices import parse_slice
from hugline.core.task import Task
from hugline.errors import ParamsError
from hugline.tasks import task_class

DEMO_PATH = "data/demo"
Share = Annotated[float, Field(ge=0, lt=1)]


def _slice(text: str) -> str:
    parse_slice(text)
    return text


class Section(BaseModel):
    """A group of settings: frozen, strict about types, and closed to unknown keys and to numbers that are not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class DataParams(Section):
    """Where the rows come from, and what their columns are called."""

    path: str = DEMO_PATH
    files: list[str] | None = Field(None, min_length=1)
    hub: str | None = None
    config: str | None = None
    revision: str | None = Field(None, pattern="^[0-9a-f]{40}$")
    columns: dict[str, str] = Field({"text": "message", "label": "team"})  # task column: source column
    keep: list[str] | None = None  # null: all others
    encoding: str | None = Field(None, min_length=1)
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    limit: int | None = Field(None, gt=0)  # rows
    validation: Share = 0.15
    test: Share = 0.31
    split_by: str | None = None
    group_by: str | None = None
    time: str | None = None
    max_chars: int = Field(100_000, gt=0)  # of one text
    near: float | None = Field(0.8, gt=0.3, lt=1)  # Jaccard similarity
    min_label_rows: int = Field(5, ge=1)
    max_bad: Share = 0.02
    max_copies: Share = 0.5
    max_conflicts: Share = 0.1
    max_leaks: Share = 0.2


class ModelParams(Section):
    """Which checkpoint to start from."""

    checkpoint: str = Field("sentence-transformers/all-MiniLM-L6-v2", min_length=1)
    revision: str | None = Field("1110a243fdf4706b3f48f1d95db1a4f5529b4d41", pattern="^[0-9a-f]{40}$")
    max_length: int = Field(128, ge=8)  # tokens


class FinetuneParams(Section):
    """How to fine-tune."""

    share: float = Field(1.0, gt=0, le=1)  # of the training rows
    epochs: int = Field(6, gt=0)
    batch_size: int = Field(16, gt=0)  # rows per optimizer step
    lr: float = Field(1e-4, gt=0)  # peak of the schedule
    warmup: float = Field(0.25, gt=0, lt=1)  # share of the steps
    weight_decay: float = Field(0.01, ge=0)
    clip: float = Field(1.0, ge=0)  # gradient norm; 0: off
    freeze_embeddings: bool = True
    optimizer: Literal["auto", "fused", "foreach", "loop"] = "auto"
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    threads: int = Field(2, gt=0)


class EvaluateParams(Section):
    """How sure the report has to be."""

    confidence: float = Field(0.95, gt=0.5, lt=1)
    resamples: int = Field(10_000, ge=100)
    slices: list[Annotated[str, AfterValidator(_slice)]] = ["len > 60", "contains: not"]
    behaviour: str = "data/behaviour.yaml"
    sure: float = Field(0.9, gt=0, lt=1)  # accuracy
    examples: int = Field(20, ge=0)


class GateParams(Section):
    """What a model must show on test before it is approved."""

    floor: float = 0.60
    over: list[str] = ["majority", "tfidf"]
    margin: float = 0.0
    behaviour: float = Field(0.0, ge=0, le=1)  # share of the cases


class TrackingParams(Section):
    """Where Weights & Biases keeps the runs."""

    mode: Literal["auto", "online", "offline", "disabled"] = "auto"
    project: str = Field("hugline", min_length=1)
    entity: str | None = None
    group: str | None = None
    tags: list[str] = []


class PrivacyParams(Section):
    """What may leave the machine's own folders."""

    texts: bool | Literal["auto"] = "auto"
    golden: list[int] | None = Field(None, min_length=1)


def _parse_task(value: Any) -> Any:
    """The settings object of the task that `name` names."""
    if isinstance(value, Task):
        return value
    if not isinstance(value, Mapping) or "name" not in value:
        raise ValueError("a mapping with the key `name`")
    return task_class(str(value["name"])).model_validate(dict(value))


class Params(Section):
    """All of params.yaml."""

    seed: int = Field(42, ge=0, lt=2**32)
    task: Annotated[SerializeAsAny[Task], BeforeValidator(_parse_task)] = Field(
        default_factory=lambda: task_class("sequence_classification").model_validate({})
    )
    data: DataParams = DataParams()
    model: ModelParams = ModelParams()
    finetune: FinetuneParams = FinetuneParams()
    evaluate: EvaluateParams = EvaluateParams()
    gate: GateParams = GateParams()
    tracking: TrackingParams = TrackingParams()
    privacy: PrivacyParams = PrivacyParams()

    @property
    def shows_texts(self) -> bool:
        """Whether row texts may leave `data/` and the local page of examples."""
        if self.privacy.texts == "auto":
            return self.data.path == DEMO_PATH and not self.data.hub
        return self.privacy.texts


def load_params(path: str | Path = "params.yaml") -> Params:
    """Read and check a params.yaml; raises ParamsError with every fault at once."""
    file = Path(path)
    if not file.is_file():
        raise ParamsError("the settings in params.yaml", f"no file {file}", "run from the project's root folder")
    try:
        tree = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise ParamsError(f"{file} in YAML 1.2, UTF-8", str(error), "mend the line that is named") from error
    if not isinstance(tree, dict):
        found = "nothing" if tree is None else f"a {type(tree).__name__}"
        raise ParamsError(f"settings by name in {file}", found, "restore the file from git, or write `seed: 42` for the defaults of all others")
    return parse_params(tree)


def parse_params(tree: dict[str, Any], remedy: str = "correct params.yaml") -> Params:
    """Check a tree of settings; raises ParamsError with every fault at once."""
    try:
        params = Params.model_validate(tree)
    except ValidationError as error:
        raise _params_error([_fault(e) for e in error.errors()], remedy) from None
    faults = list(_cross_faults(params))
    if faults:
        raise _params_error(faults, remedy)
    return params


def _params_error(faults: list[str], remedy: str) -> ParamsError:
    noun = "fault" if len(faults) == 1 else "faults"
    return ParamsError("settings as params.yaml describes them", f"{len(faults)} {noun}\n  - " + "\n  - ".join(faults), remedy)


def _fault(error: Any) -> str:
    """One line for one of pydantic's errors: the key, its value, and what would be accepted."""
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        known = _known_keys(error["loc"][:-1])
        near = difflib.get_close_matches(str(error["loc"][-1]), known, n=1)
        hint = f"; did you mean `{near[0]}`?" if near else f"; accepted here: {', '.join(known)}"
        return f"{where}: unknown setting{hint}"
    wanted = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return f"{where}: {error['input']!r} is not accepted; expected {wanted}"


def _known_keys(path: tuple[Any, ...]) -> list[str]:
    model: type[BaseModel] = Params
    for part in path:
        annotation = model.model_fields[str(part)].annotation if str(part) in model.model_fields else None
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return []
        model = task_class("sequence_classification") if annotation is Task else annotation
    return list(model.model_fields)


def _cross_faults(params: Params) -> Iterator[str]:
    """Faults that only two settings together show."""
    data, model = params.data, params.model
    if data.hub and data.path != DEMO_PATH:
        yield f"data.hub: {data.hub!r} beside data.path {data.path!r}; expected one of the two (leave data.path at {DEMO_PATH})"
    if data.validation + data.test >= 1:
        yield f"data.validation + data.test: {data.validation + data.test:g}; expected less than 1, so that rows are left to train on"
    known = set(params.task.columns)
    for column in sorted(set(data.columns) - known):
        yield f"data.columns.{column}: not a column of {params.task.name}; expected one of {', '.join(sorted(known))}"
    for column in sorted(set(data.keep or ()) & {*known, "row"}):
        yield f"data.keep: {column!r}; expected other columns than {', '.join(sorted(known))} and row, which every ingested row has"
    if data.group_by and data.time:
        yield f"data.group_by: {data.group_by!r} beside data.time {data.time!r}; expected one of the two"
    known_baselines = set(params.task.baselines)
    for name in [name for name in params.gate.over if name not in known_baselines]:
        yield f"gate.over: {name!r} is not a baseline of {params.task.name}; expected {', '.join(sorted(known_baselines))}"
    if not model.revision and not Path(model.checkpoint).is_dir():
        yield f"model.revision: None; expected the commit of {model.checkpoint} (40 hex digits), or a checkpoint that is a local folder"

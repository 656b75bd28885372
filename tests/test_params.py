"""Settings: params.yaml says all of them; every fault is told at once, with what would be accepted."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from hugline.errors import ParamsError
from hugline.params import DataParams, Params, load_params, parse_params
from hugline.tasks.sequence_classification import SequenceClassification

PARAMS = Path(__file__).parents[1] / "params.yaml"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def tree() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(PARAMS.read_text(encoding="utf-8"))
    return found


def changed(**sections: dict[str, Any]) -> dict[str, Any]:
    """params.yaml with some keys changed."""
    return tree() | {name: tree()[name] | values for name, values in sections.items()}


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / "params.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_params_yaml_is_complete_and_equal_to_the_defaults() -> None:
    assert tree() == Params().model_dump(mode="json")
    assert load_params(PARAMS) == Params()


def test_numbers_with_an_exponent_are_numbers(tmp_path: Path) -> None:
    for text in ("2e-5", "1e-05", "0.00002"):
        assert isinstance(load_params(write(tmp_path, f"finetune: {{lr: {text}}}")).finetune.lr, float), text
    assert load_params(write(tmp_path, "finetune: {lr: 2e-5}")).finetune.lr == 2e-5


@pytest.mark.parametrize(
    ("section", "key", "value", "expected"),
    [
        ("finetune", "lr", "2e-5", "'2e-5' is not accepted; expected a valid number"),
        ("finetune", "lr", 0, "0 is not accepted; expected greater than 0"),
        ("finetune", "lr", float("nan"), "nan is not accepted; expected a finite number"),
        ("finetune", "weight_decay", float("inf"), "inf is not accepted; expected a finite number"),
        ("finetune", "epochs", 2.5, "2.5 is not accepted; expected a valid integer"),
        ("finetune", "epochs", True, "True is not accepted; expected a valid integer"),
        ("finetune", "freeze_embeddings", "yes", "'yes' is not accepted; expected a valid boolean"),
        ("finetune", "optimizer", "adam", "'adam' is not accepted; expected 'auto', 'fused', 'foreach' or 'loop'"),
        ("finetune", "warmup", 1.0, "1.0 is not accepted; expected less than 1"),
        ("model", "revision", "main", "'main' is not accepted; expected String should match pattern '^[0-9a-f]{40}$'"),
        ("data", "validation", -0.1, "-0.1 is not accepted; expected greater than or equal to 0"),
        ("tracking", "tags", "demo", "'demo' is not accepted; expected a valid list"),
        ("evaluate", "confidence", 95, "95 is not accepted; expected less than 1"),
    ],
)
def test_a_wrong_value_is_told_with_its_key_and_what_is_accepted(section: str, key: str, value: Any, expected: str) -> None:
    with pytest.raises(ParamsError, match=re.escape(f"1 fault\n  - {section}.{key}: {expected}")):
        parse_params(changed(**{section: {key: value}}))


def test_all_faults_are_told_together() -> None:
    wrong = changed(finetune={"lr": "2e-5", "epoch": 3}, task={"label": None, "labels": ["one"]}, gate={"flor": 1}, model={"max_length": 3})
    with pytest.raises(ParamsError) as caught:
        parse_params(wrong | {"sede": 1, "seed": -1})
    assert caught.value.found.splitlines()[0] == "8 faults"
    assert sorted(line.strip(" -") for line in caught.value.found.splitlines()[1:]) == [
        "finetune.epoch: unknown setting; did you mean `epochs`?",
        "finetune.lr: '2e-5' is not accepted; expected a valid number",
        "gate.flor: unknown setting; did you mean `floor`?",
        "model.max_length: 3 is not accepted; expected greater than or equal to 8",
        "sede: unknown setting; did you mean `seed`?",
        "seed: -1 is not accepted; expected greater than or equal to 0",
        "task.label: unknown setting; did you mean `labels`?",
        "task.labels: ['one'] is not accepted; expected List should have at least 2 items after validation, not 1",
    ]


def test_an_unknown_setting_near_none_is_told_with_those_there_are() -> None:
    with pytest.raises(ParamsError, match=r"gate\.zzz: unknown setting; accepted here: floor, over, margin, behaviour"):
        parse_params(changed(gate={"zzz": 1}))


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ({"name": "sequence_clasification"}, "expected a known task: did you mean 'sequence_classification'?"),
        ({"labels": None}, "expected a mapping with the key `name`"),
        ("sequence_classification", "expected a mapping with the key `name`"),
        (None, "expected a mapping with the key `name`"),
    ],
)
def test_a_task_needs_a_known_name(task: Any, expected: str) -> None:
    with pytest.raises(ParamsError, match=rf"task: .*{re.escape(expected)}"):
        parse_params(tree() | {"task": task})


def test_repeated_labels_are_refused() -> None:
    with pytest.raises(ParamsError, match=r"task\.labels: \['a', 'a'\] is not accepted; expected names that differ, none of them empty"):
        parse_params(changed(task={"labels": ["a", "a"]}))


def test_a_hub_data_set_beside_a_path_is_refused() -> None:
    with pytest.raises(ParamsError, match=r"data\.hub: 'owner/name' beside data\.path 'data/raw/mine\.csv'; expected one of the two"):
        parse_params(changed(data={"hub": "owner/name", "revision": COMMIT, "path": "data/raw/mine.csv"}))


def test_a_hub_data_set_without_its_commit_is_no_fault_of_the_settings_alone() -> None:
    assert parse_params(changed(data={"hub": "owner/name"})).data.revision is None  # told with the commit to write, where the data are opened
    assert parse_params(changed(data={"hub": "owner/name", "revision": COMMIT})).data.revision == COMMIT


def test_a_checkpoint_id_needs_its_commit_and_a_folder_does_not(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"model\.revision: None; expected the commit of owner/name"):
        parse_params(changed(model={"checkpoint": "owner/name", "revision": None}))
    assert parse_params(changed(model={"checkpoint": str(tmp_path), "revision": None})).model.checkpoint == str(tmp_path)


def test_a_checkpoint_folder_does_not_take_the_default_checkpoints_commit(tmp_path: Path) -> None:
    assert parse_params({"model": {"checkpoint": str(tmp_path), "revision": None}}).model.revision is None


def test_splits_must_leave_rows_to_train_on() -> None:
    with pytest.raises(ParamsError, match=r"data\.validation \+ data\.test: 1; expected less than 1"):
        parse_params(changed(data={"validation": 0.5, "test": 0.5}))


def test_columns_are_the_tasks() -> None:
    with pytest.raises(ParamsError, match=r"data\.columns\.text_pair: not a column of sequence_classification; expected one of label, text"):
        parse_params(changed(data={"columns": {"text_pair": "b"}}))
    pairs = parse_params(changed(data={"columns": {"text_pair": "b"}}, task={"pair": True}))
    assert pairs.task == SequenceClassification(pair=True)


@pytest.mark.parametrize("column", ["text", "label", "row"])
def test_a_kept_column_can_not_take_the_place_of_one_that_every_row_has(column: str) -> None:
    with pytest.raises(ParamsError, match=rf"data\.keep: '{column}'; expected other columns than label, text and row"):
        parse_params(changed(data={"keep": ["channel", column]}))


def test_settings_can_not_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        DataParams().path = "elsewhere"  # type: ignore[misc]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"(?s)no file .*params\.yaml.*run from the project's root"):
        load_params(tmp_path / "params.yaml")


@pytest.mark.parametrize("text", ["a: [1", "seed: 1\nseed: 2", b"seed: \xff"])
def test_what_is_no_yaml_is_told_with_its_place(text: str | bytes, tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"(?s)params\.yaml in YAML 1\.2, UTF-8.*remedy: +mend the line"):
        load_params(write(tmp_path, text))


@pytest.mark.parametrize(("text", "found"), [("", "nothing"), ("- seed", "a list"), ("seed", "a str")])
def test_a_file_without_settings_does_not_mean_the_defaults(text: str, found: str, tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=rf"(?s)settings by name.*found: +{found}"):
        load_params(write(tmp_path, text))

"""Values of params.yaml change, and nothing else does."""

import pytest
from ruamel.yaml import YAML

from hugline.cli.params_file import GONE, Setting, changed_lines, edit
from hugline.errors import ParamsError
from tests.conftest import ROOT

OURS = (ROOT / "params.yaml").read_bytes().decode()
SMALL = """\
# a comment
seed: 0x2a                     # hexadecimal
data:
  path: a.csv                  # the rows
  columns: {text: body, label: team}   # flow
  keep:
    - one   # first
    - two
  limit:   # nothing

  lr: 2e-5
"""


def load(text: str) -> dict[str, object]:
    found: dict[str, object] = YAML(typ="safe", pure=True).load(text)
    return found


def test_only_the_lines_of_the_settings_change_and_comments_keep_their_column() -> None:
    after = edit(OURS, {"data.path": "raw.csv", "data.columns.text": "body", "seed": 7})
    assert changed_lines(OURS, after) == [
        "-seed: 42                       # of the splits, the batches, the new weights and the bootstrap",
        "+seed: 7                        # of the splits, the batches, the new weights and the bootstrap",
        *(line for line in changed_lines(OURS, after) if "path:" in line),
        "-    text: message",
        "+    text: body",
    ]
    old, new = (next(line for line in text.splitlines() if line.startswith("  path:")) for text in (OURS, after))
    assert new.startswith("  path: raw.csv ") and new.index("#") == old.index("#")
    assert len(after.splitlines()) == len(OURS.splitlines())


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({"data.limit": 5}, ["-  limit:   # nothing", "+  limit: 5  # nothing"]),
        ({"data.keep": None}, ["-  keep:", "-    - one   # first", "-    - two", "+  keep: null"]),
        (
            {"data.columns.text_pair": "reply"},
            ["-  columns: {text: body, label: team}   # flow", "+  columns: {text: body, label: team, text_pair: reply}   # flow"],
        ),
        ({"data.columns.label": GONE}, ["-  columns: {text: body, label: team}   # flow", "+  columns: {text: body}   # flow"]),
        ({"data.columns.text": GONE}, ["-  columns: {text: body, label: team}   # flow", "+  columns: {label: team}   # flow"]),
        ({"data.encoding": "cp1252"}, ["+  encoding: cp1252"]),
        ({"task.pair": True}, ["+task:", "+  pair: true"]),
        ({"data.lr": GONE}, ["-  lr: 2e-5"]),
        ({"data.nothing": GONE}, []),
        ({"data.path": "a.csv"}, []),
    ],
)
def test_keys_are_replaced_added_and_removed(changes: dict[str, Setting], lines: list[str]) -> None:
    assert changed_lines(SMALL, edit(SMALL, changes)) == lines


@pytest.mark.parametrize(
    "name",
    [
        "body",
        "Größe",
        "my column",
        "yes",
        "null",
        "~",
        "1.5",
        "1e5",
        "-x",
        ".5",
        "a: b",
        "a #b",
        "'",
        '"',
        "\\",
        "{x}",
        "[",
        "@x",
        "*x",
        "&x",
        "!x",
        "%x",
        "\t",
        "日本",
        " x ",
    ],
)
@pytest.mark.parametrize("key", ["data.columns.text", "data.path"])
def test_any_name_is_read_back_as_it_is(name: str, key: str) -> None:
    section, *rest = key.split(".")[1:]
    for text in (OURS, SMALL):
        data = load(edit(text, {key: name}))["data"]
        assert isinstance(data, dict)
        assert (data[section][rest[0]] if rest else data[section]) == name


def test_a_change_and_its_return_leave_the_same_bytes() -> None:
    there = edit(OURS, {"data.path": "x", "data.columns.text_pair": "reply", "task.pair": True, "data.keep": None})
    assert edit(there, {"data.path": "data/demo", "data.columns.text_pair": GONE, "task.pair": False}) == OURS


def test_windows_line_ends_stay() -> None:
    text = SMALL.replace("\n", "\r\n")
    after = edit(text, {"data.path": "b.csv", "data.encoding": "cp1252"})
    assert after.count("\r\n") == after.count("\n") == text.count("\n") + 1


def test_a_file_without_the_section_gets_it_at_its_end() -> None:
    assert edit("seed: 42", {"data.path": "a.csv", "data.columns.text": "body"}) == "seed: 42\ndata:\n  path: a.csv\n  columns:\n    text: body\n"


@pytest.mark.parametrize(
    "text",
    ["- a\n- b\n", "data: [1, 2]\n", "data:\n  path: &x a.csv\nseed: *x\n", "base: &b {path: x}\ndata:\n  <<: *b\n", "data: {path: x\n", "data: {path: x}\n"],
)
def test_a_form_that_can_not_be_changed_safely_is_refused(text: str) -> None:
    with pytest.raises(ParamsError, match=r"restore params\.yaml from git, or change the data section by hand"):
        edit(text, {"data.path": "b.csv", "data.columns.text": "body"})

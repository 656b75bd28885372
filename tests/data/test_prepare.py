"""The user's own function on rows: what it makes counts as the source's, and its errors name the row."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hugline.core.rows import SPLITS, read_rows
from hugline.data.prepare import prepared_columns
from hugline.errors import DataError
from tests.data.listed import Listed, run, split_of_rows

ROWS = [{"subject": f"subject {i}", "body": f"body {i}", "team": "ab"[i % 2]} for i in range(30)]
COLUMNS = ("subject", "body", "team")


def join(row: dict[str, Any]) -> dict[str, Any] | None:
    if row["subject"] == "subject 7":
        return None
    row["message"] = f"{row.pop('subject')}\n{row.pop('body')}"
    return row


def test_columns_that_it_makes_can_be_mapped_and_none_sets_a_row_aside(tmp_path: Path) -> None:
    done = run(ROWS, tmp_path / "out", COLUMNS, prepare=join, columns={"text": "message", "label": "team"})
    rows = {row["row"]: row for split in SPLITS for row in read_rows(tmp_path / "out", split)}
    assert rows[1] == {"row": 1, "text": "subject 0\nbody 0", "label": "a"}
    assert split_of_rows(tmp_path / "out")[8] == "prepare gave none"
    assert done.report["reasons"] == [{"reason": "prepare gave none", "rows": 1}]


def test_columns_that_it_drops_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)the column 'body' \(for `text`\).*columns team, message"):
        run(ROWS, tmp_path / "out", COLUMNS, prepare=join, columns={"text": "body", "label": "team"})


def test_columns_that_only_some_rows_have_count() -> None:
    def sometimes(row: dict[str, Any]) -> dict[str, Any]:
        return row | ({"extra": 1} if row["subject"] == "subject 9" else {})

    assert prepared_columns(Listed(ROWS, COLUMNS), sometimes) == (*COLUMNS, "extra")
    assert prepared_columns(Listed(ROWS, COLUMNS), lambda row: row) == COLUMNS
    assert prepared_columns(Listed(ROWS, COLUMNS), lambda row: None) == COLUMNS


def none_plus_text(row: dict[str, Any]) -> dict[str, Any]:
    row["message"] = row["missing"] if row["body"] == "never" else None + row["body"]
    return row


def wrong_key(row: dict[str, Any]) -> dict[str, Any]:
    return {"message": row["Body"]}


def leaky(row: dict[str, Any]) -> dict[str, Any]:
    raise ValueError(row["body"])


def indirect(row: dict[str, Any]) -> dict[str, Any]:
    return {"message": re.sub("(", "", row["body"])}


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (none_plus_text, r"TypeError: unsupported operand .* in test_prepare\.py, line \d+: row\[\"message\"\] = .*, at row 1 \(row:0\)"),
        (wrong_key, r"KeyError: 'Body' in test_prepare\.py, line \d+: return \{\"message\": row\[\"Body\"\]\}, at row 1"),
        (leaky, r"ValueError in test_prepare\.py, line \d+: raise ValueError\(row\[\"body\"\]\), at row 1"),
        (indirect, r"in test_prepare\.py, line \d+: return \{\"message\": re\.sub.*, at row 1"),
    ],
)
def test_an_error_names_the_row_and_the_line_but_no_text(prepare: Callable[[dict[str, Any]], Any], told: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"(?s)prepare to take every row.*{told}.*return None") as caught:
        run(ROWS, tmp_path / "out", COLUMNS, prepare=prepare)
    assert "body 0" not in str(caught.value)


def test_an_error_in_a_late_row_names_that_row(tmp_path: Path) -> None:
    def late(row: dict[str, Any]) -> dict[str, Any]:
        return {"text": row["text"], "label": row["label"] if row["text"] != "text 150" else row["label"] / 2}

    rows = [{"text": f"text {i}", "label": "ab"[i % 2]} for i in range(200)]
    with pytest.raises(DataError, match=r"TypeError.*at row 151 \(row:150\)"):
        run(rows, tmp_path / "out", prepare=late)


def test_anything_but_a_dict_or_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)a dict of columns, or None, from prepare.*a str for row 1 \(row:0\).*return row"):
        run(ROWS, tmp_path / "out", COLUMNS, prepare=lambda row: row["body"])


def test_an_error_meant_for_the_user_is_left_as_it_is(tmp_path: Path) -> None:
    def refuse(row: dict[str, Any]) -> dict[str, Any]:
        raise DataError("a", "b", "c")

    with pytest.raises(DataError, match=r"expected: a\nfound:    b"):
        run(ROWS, tmp_path / "out", COLUMNS, prepare=refuse)

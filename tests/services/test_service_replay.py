import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hugline.errors import UserError
from services.check import check
from services.replay import replay
from services.shipped import SERVICE


def test_golden_rows_are_answered_as_packaged(url: str, package: Path) -> None:
    replay(url, package)


@pytest.mark.parametrize(("field", "value", "said"), [("label", "repairs!", "answer.label is "), ("score", 0.001, "answer.score is 0.")])
def test_an_answer_that_differs_is_told_by_row_and_without_its_text(url: str, edited: Callable[..., Path], field: str, value: object, said: str) -> None:
    folder = edited()
    golden = json.loads((folder / "golden.json").read_text())
    golden[2]["answer"][field] = value
    (folder / "golden.json").write_text(json.dumps(golden))
    with pytest.raises(UserError, match="golden row 3 answered by /predict as when it was packaged") as caught:
        replay(url, folder)
    assert said in caught.value.found
    assert golden[2]["input"]["text"] not in str(caught.value)


def test_a_difference_within_the_tolerance_passes(url: str, edited: Callable[..., Path]) -> None:
    folder = edited()
    golden = json.loads((folder / "golden.json").read_text())
    golden[0]["answer"]["score"] += 5e-4
    (folder / "golden.json").write_text(json.dumps(golden))
    replay(url, folder)


def test_a_refused_golden_row_is_told(url: str, edited: Callable[..., Path]) -> None:
    folder = edited()
    (folder / "golden.json").write_text(json.dumps([{"input": {"texts": "a"}, "answer": {}}]))
    with pytest.raises(UserError, match=r"found:    422: .*text: expected this field, found nothing"):
        replay(url, folder)


def test_a_service_that_is_not_there_is_told(package: Path) -> None:
    with pytest.raises(UserError, match=r"expected: an answer from http://127\.0\.0\.1:9/predict"):
        replay("http://127.0.0.1:9", package)


def test_check_serves_and_replays(tag: str, package: Path, edited: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    check(tag, package)
    folder = edited()
    golden = json.loads((folder / "golden.json").read_text())
    golden[0]["answer"]["label"] = "other"
    (folder / "golden.json").write_text(json.dumps(golden))
    monkeypatch.setenv("HUGLINE_PACKAGE", str(package))
    with pytest.raises(UserError, match="golden row 1"):
        check(SERVICE, folder)

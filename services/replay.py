"""Golden rows over HTTP: a served model must answer as it did when it was packaged."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from hugline.core.answers import differs
from hugline.errors import PackageError, UserError

BATCH = 256  # rows that the service takes in one request
TIMEOUT_S = 60


def replay(url: str, package: Path) -> None:
    """Post a package's golden rows one by one and together; raises UserError naming the row that is answered otherwise."""
    golden = _golden(package)
    for i, row in enumerate(golden):
        _compare(i, _post(f"{url}/predict", row["input"]), row["answer"], "/predict")
    for start in range(0, len(golden), BATCH):
        part = golden[start : start + BATCH]
        answers = _post(f"{url}/predict/batch", {"rows": [row["input"] for row in part]})["answers"]
        if len(answers) != len(part):
            raise UserError(f"{len(part)} answers from /predict/batch", f"{len(answers)}", "report this: the service lost rows")
        for i, (answer, row) in enumerate(zip(answers, part, strict=True), start):
            _compare(i, answer, row["answer"], "/predict/batch")


def _golden(package: Path) -> list[dict[str, Any]]:
    try:
        golden: list[dict[str, Any]] = json.loads((package / "golden.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PackageError(f"golden rows in {package / 'golden.json'}", str(error), "run the package stage again") from error
    return golden


def _compare(i: int, found: Any, wanted: Any, route: str) -> None:
    if difference := differs(found, wanted):
        raise UserError(
            f"golden row {i + 1} answered by {route} as when it was packaged",
            difference,
            "serve the bento of this very package; if it is that, run the package stage again",
        )


def _post(url: str, body: Any) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise UserError(f"200 from {url}", f"{error.code}: {error.read(500).decode(errors='replace')}", "see the service's log") from None
    except (OSError, ValueError) as error:
        raise UserError(f"an answer from {url}", str(error), "see the service's log") from error

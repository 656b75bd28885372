"""A client for a served model: answers over HTTP, asking again where the service says so. One file, to be copied where it is needed."""

import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx

AGAIN = {429, 502, 503, 504}  # statuses that pass
LONGEST_WAIT_S = 60.0


class Client:
    """`Client("http://127.0.0.1:3000").predict({"text": "..."})`; use it in a `with`, or close it."""

    def __init__(self, url: str, token: str | None = None, timeout_s: float = 60.0, tries: int = 6) -> None:
        self._http = httpx.Client(base_url=url, timeout=timeout_s, headers={"Authorization": f"Bearer {token}"} if token else {})
        self._tries = tries

    def predict(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one row; raises httpx.HTTPStatusError for a refusal, httpx.TransportError for a service that is not there."""
        answer: dict[str, Any] = self._post("/predict", dict(row))
        return answer

    def predict_batch(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The answers to several rows, in their order; the service says how many it takes at once."""
        answers: list[dict[str, Any]] = self._post("/predict/batch", {"rows": [dict(row) for row in rows]})["answers"]
        return answers

    def info(self) -> dict[str, Any]:
        """What is served."""
        found: dict[str, Any] = self._http.get("/info").raise_for_status().json()
        return found

    def _post(self, path: str, body: Any) -> Any:
        for attempt in range(self._tries):
            last = attempt == self._tries - 1
            try:
                answer = self._http.post(path, json=body)
            except httpx.ConnectError:
                if last:
                    raise
                time.sleep(2.0**attempt / 4)
                continue
            if answer.status_code not in AGAIN or last:
                return answer.raise_for_status().json()
            asked = answer.headers.get("Retry-After", "")
            time.sleep(min(LONGEST_WAIT_S, float(asked) if asked.isdigit() else 2.0**attempt / 4))
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

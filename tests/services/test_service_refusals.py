import pickle
import socket
from typing import Any

import httpx
import pytest

SECRET = "the customer's own words, " * 20
JSON = {"Content-Type": "application/json"}

NOT_JSON = [
    b"",
    b'{"text": "a"',
    b"{'text': 'a'}",
    '{"text": "é"}'.encode("latin-1"),
    b'{"text": "\\ud800"}',
    b"[" * 10_000,
    b'{"text": "a"} x',
]
MALFORMED = [
    # path, body, error
    ("/predict", b"null", "body: expected an object, found null"),
    ("/predict", b'["a"]', "body: expected an object, found a list of 1"),
    ("/predict", b"{}", "text: expected this field, found nothing"),
    ("/predict", b'{"text": null}', "text: expected a valid string, found null"),
    ("/predict", b'{"text": NaN}', "text: expected a valid string, found a number"),
    ("/predict", b'{"text": 5}', "text: expected a valid string, found a number"),
    ("/predict", b'{"text": ["a", "b"]}', "text: expected a valid string, found a list of 2"),
    ("/predict", b'{"text": "a", "lang": "en"}', "lang: expected no fields but text, found an unknown field"),
    ("/predict", b'{"txet": "a", "text": "b"}', "txet: expected no fields but text; did you mean text?, found an unknown field"),
    ("/predict", b'{"textt": "a"}', "text: expected this field, found nothing; and 1 more"),
    ("/predict/batch", b'{"text": "a"}', "rows: expected this field, found nothing; and 1 more"),
    ("/predict/batch", b'{"rows": {"text": "a"}}', "rows: expected a valid array, found an object"),
    ("/predict/batch", b'{"rows": ["a"]}', "rows[0]: expected an object, found a string of 1 characters"),
    ("/predict/batch", b'{"rows": [{"text": "a"}, {"text": true}]}', "rows[1].text: expected a valid string, found a boolean"),
    ("/predict/batch", b'{"rows": [{"text": "a", "b": 1}]}', "rows[0].b: expected no fields but text, found an unknown field"),
    ("/predict/batch", b'{"rows": [' + b", ".join([b'{"text": "a"}'] * 257) + b"]}", "rows: expected at most 256 items, found 257"),
]


@pytest.mark.parametrize("path", ["/predict", "/predict/batch"])
@pytest.mark.parametrize("body", NOT_JSON, ids=lambda body: repr(body[:20]))
def test_what_is_not_json_gets_400(client: httpx.Client, path: str, body: bytes) -> None:
    answer = client.post(path, content=body, headers=JSON)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("body: expected valid JSON in UTF-8, found ")


@pytest.mark.parametrize(("path", "body", "error"), MALFORMED, ids=[f"{m[0]}-{m[1][:30]!r}" for m in MALFORMED])
def test_a_wrong_field_is_told_with_what_was_expected_and_what_was_found(client: httpx.Client, path: str, body: bytes, error: str) -> None:
    answer = client.post(path, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["error"]) == (422, error)
    assert answer.json()["remedy"].startswith("send JSON such as {")


def test_every_fault_is_told_up_to_ten(client: httpx.Client) -> None:
    found = client.post("/predict/batch", json={"rows": [{"text": 1}] * 30}).json()
    assert found["error"] == "rows[0].text: expected a valid string, found a number; and 29 more"
    assert [fault["field"] for fault in found["faults"]] == [f"rows[{i}].text" for i in range(10)]


@pytest.mark.parametrize(
    "kind", ["application/vnd.bentoml+pickle", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain", "", None]
)
@pytest.mark.parametrize("path", ["/predict", "/predict/batch"])
def test_what_is_not_declared_json_gets_415(client: httpx.Client, path: str, kind: str | None) -> None:
    request = client.build_request("POST", path, content=pickle.dumps({"text": "a"}), headers={} if kind is None else {"Content-Type": kind})
    answer = client.send(request)
    assert answer.status_code == 415
    assert answer.json()["error"] == f"Content-Type: expected application/json, found {kind if kind is not None else 'none'}"


def test_a_pickle_is_not_loaded(client: httpx.Client, tmp_path: Any) -> None:
    class Planted:
        def __reduce__(self) -> tuple[Any, ...]:
            return (open, (str(tmp_path / "planted"), "w"))

    for path in ("/predict", "/predict/batch", "/selftest"):
        for kind in ("application/vnd.bentoml+pickle", "application/json"):
            assert client.post(path, content=pickle.dumps(Planted()), headers={"Content-Type": kind}).status_code in (400, 415)
    assert not (tmp_path / "planted").exists()


def test_a_body_of_more_than_4_mib_gets_413(client: httpx.Client) -> None:
    answer = client.post("/predict", json={"text": "a" * (4 * 1024 * 1024)})
    assert answer.status_code == 413
    assert answer.json()["error"] == "body: expected at most 4194304 bytes, found more"


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_sent(url: str) -> None:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999999999\r\n\r\n"
        connection.sendall(head)
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_refusal_repeats_no_value_and_no_more_than_40_characters_of_a_name(client: httpx.Client) -> None:
    bodies: list[Any] = [{"text": [SECRET]}, {"text": {"x": SECRET}}, {SECRET: 1}, SECRET, [SECRET], {"text": "a", SECRET: SECRET}]
    for body in bodies:
        answer = client.post("/predict", json=body)
        assert answer.status_code == 422
        assert SECRET[:41] not in answer.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/predict", 405), ("PUT", "/predict", 405), ("POST", "/info", 405), ("POST", "/no", 404)])
def test_other_methods_and_paths_are_refused(client: httpx.Client, method: str, path: str, status: int) -> None:
    assert client.request(method, path, json={"text": "a"}).status_code == status


def test_the_service_answers_after_all_this(client: httpx.Client) -> None:
    assert client.post("/predict", json={"text": "a"}).status_code == 200

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from hugline.errors import UserError
from services.build import build
from services.serving import serving
from services.shipped import ROOT, SERVICE, modules
from tests.tiny import tiny_package

HEAVY = {"torch", "transformers", "fastai", "sklearn", "datasets", "pyarrow", "pandas", "scipy", "prefect", "dvc", "wandb"}
WORDS = "words that no log may hold"


@contextmanager
def logged(package: Path, log: Path) -> Iterator[tuple[str, int]]:
    """URL and process id of a service that writes its output to a file."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "bentoml", "serve", SERVICE, "--host", "127.0.0.1", "--port", str(port)]
    with log.open("w") as stream:
        child = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "HUGLINE_PACKAGE": str(package)}, stdout=stream, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 90
        while not up(url):
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.2)
        yield url, child.pid
    finally:
        child.terminate()
        child.wait(20)


def up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def test_the_serving_process_loads_no_training_library_and_no_module_that_is_not_shipped(package: Path) -> None:
    code = "import services.service as s, sys; print(s.running().batcher._predictor.predict([{'text': 'a'}])[0].label); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "HUGLINE_PACKAGE": str(package)}, check=True, capture_output=True, text=True
    )
    loaded = done.stdout.split()[1:]
    assert "onnxruntime" in loaded
    assert not HEAVY & set(loaded)
    ours = {".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in modules("sequence_classification")}
    assert {name for name in loaded if name.partition(".")[0] in ("hugline", "services")} <= ours


def test_an_unapproved_package_is_refused_then_served_as_such(edited: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = edited(gate={"approved": False, "reasons": ["too weak"]})
    monkeypatch.setenv("HUGLINE_PACKAGE", str(folder))
    with (
        pytest.raises(UserError, match=r"expected: an approved package\nfound:    not approved: too weak\nremedy: .*HUGLINE_SERVE_UNAPPROVED=1"),
        serving(SERVICE),
    ):
        pass
    monkeypatch.setenv("HUGLINE_SERVE_UNAPPROVED", "1")
    with serving(SERVICE) as url:
        found = httpx.get(f"{url}/info").json()
        assert (found["approved"], found["reasons"], found["version"]) == (False, ["too weak"], None)
        assert "NOT approved: too weak" in httpx.get(f"{url}/docs.json").json()["info"]["description"]
        assert httpx.post(f"{url}/predict", json={"text": "a"}).status_code == 200


def test_a_flipped_byte_in_the_model_is_refused(edited: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = edited()
    content = bytearray((folder / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "model.onnx").write_bytes(content)
    monkeypatch.setenv("HUGLINE_PACKAGE", str(folder))
    with pytest.raises(UserError, match=r"expected: model\.onnx with sha256 [0-9a-f]{64}"), serving(SERVICE):
        pass


def test_a_missing_package_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUGLINE_PACKAGE", str(tmp_path / "none"))
    with pytest.raises(UserError, match=r"expected: a package with an exported model\nfound:    no folder .*none"), serving(SERVICE):
        pass


def test_wrong_threads_are_told(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUGLINE_PACKAGE", str(package))
    monkeypatch.setenv("HUGLINE_THREADS", "many")
    with pytest.raises(UserError, match=r"expected: HUGLINE_THREADS as a whole number, 1 or more\nfound:    'many'"), serving(SERVICE):
        pass


def test_a_pair_package_takes_two_texts(tmp_path: Path) -> None:
    with serving(build(tiny_package(tmp_path / "pair", pair=True))) as url:
        row = {"text": "where is my parcel", "text_pair": "it is with the courier"}
        one = httpx.post(f"{url}/predict", json=row).json()
        other = httpx.post(f"{url}/predict", json={**row, "text_pair": "shoes"}).json()
        assert one["scores"] != pytest.approx(other["scores"], abs=1e-4)
        answer = httpx.post(f"{url}/predict/batch", json={"rows": [row, {"text": "a"}]})
        assert (answer.status_code, answer.json()["error"]) == (422, "rows[1].text_pair: expected this field, found nothing")
        example = httpx.get(f"{url}/docs.json").json()["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["example"]
        assert example.keys() == {"text", "text_pair"}


def test_row_texts_are_not_logged(package: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with logged(package, log) as (url, _):
        bodies = [{"text": WORDS}, {"text": [WORDS]}, {WORDS: 1}, {"text": WORDS, "more": WORDS}, WORDS]
        assert [httpx.post(f"{url}/predict", json=body).status_code for body in bodies] == [200, 422, 422, 422, 422]
        httpx.post(f"{url}/predict/batch", json={"rows": [{"text": WORDS}, {"text": 1, WORDS: WORDS}]})
    text = log.read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert [(line["path"], line["status"]) for line in lines] == [("/predict", 200)] + [("/predict", 422)] * 4 + [("/predict/batch", 422)]
    assert all(line["ms"] > 0 and line["request"] for line in lines)
    assert WORDS not in text
    assert "Traceback" not in text


def test_a_worker_ends_with_its_killed_supervisor(package: Path, tmp_path: Path) -> None:
    with logged(package, tmp_path / "log") as (url, pid):
        os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 20
        while up(url):
            assert time.monotonic() < until, "the worker still answers"
            time.sleep(0.2)


def test_a_killed_worker_comes_back(package: Path, tmp_path: Path) -> None:
    with logged(package, tmp_path / "log") as (url, pid):
        worker = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[-1])
        os.kill(worker, signal.SIGKILL)
        until = time.monotonic() + 60
        while not up(url):
            assert time.monotonic() < until, (tmp_path / "log").read_text()
            time.sleep(0.2)
        assert httpx.post(f"{url}/predict", json={"text": "a"}).status_code == 200


def test_a_service_that_is_told_to_stop_answers_what_it_took_and_exits_0(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUGLINE_QUEUE_TOKENS", "10000000")
    rows = [{"text": "where is my parcel " * 60}] * 256
    with logged(package, tmp_path / "log") as (url, pid), ThreadPoolExecutor(8) as callers:
        asked = [callers.submit(httpx.post, f"{url}/predict/batch", json={"rows": rows}, timeout=60) for _ in range(8)]
        until = time.monotonic() + 30
        while in_flight(url) < 8:
            assert time.monotonic() < until, (tmp_path / "log").read_text()
        os.kill(pid, signal.SIGTERM)
        assert [future.result().status_code for future in asked] == [200] * 8
        assert psutil.Process(pid).wait(30) == 0


def in_flight(url: str) -> int:
    lines = httpx.get(f"{url}/metrics", timeout=30).text.splitlines()
    return int(sum(float(line.split()[-1]) for line in lines if line.startswith("hugline_requests_in_flight{")))


def test_a_token_is_asked_for_everywhere_but_at_the_probes(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUGLINE_PACKAGE", str(package))
    monkeypatch.setenv("HUGLINE_TOKEN", "correct-horse-battery")
    with serving(SERVICE) as url, httpx.Client(base_url=url) as client:
        assert [client.get(path).status_code for path in ("/livez", "/readyz", "/healthz")] == [200] * 3
        requests = [("GET", "/"), ("GET", "/info"), ("GET", "/docs.json"), ("GET", "/metrics"), ("POST", "/predict"), ("POST", "/selftest"), ("POST", "/no")]
        for given in (None, "", "Bearer", "Bearer correct-horse-batter", "Bearer correct-horse-battery1", "Basic correct-horse-battery", "Bearer \u00e9"):
            headers = {} if given is None else {"Authorization": given.encode()}
            answers = [client.request(method, path, headers=headers, json={"text": "a"} if method == "POST" else None) for method, path in requests]
            assert [answer.status_code for answer in answers] == [401] * len(requests)
            assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}
        known = {"Authorization": "Bearer correct-horse-battery"}
        assert client.post("/predict", json={"text": "a"}, headers=known).status_code == 200


def test_a_weak_token_is_refused(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUGLINE_PACKAGE", str(package))
    monkeypatch.setenv("HUGLINE_TOKEN", "secret")
    with pytest.raises(UserError, match=r"HUGLINE_TOKEN of at least 16 ASCII characters without spaces\nfound:    6 characters"), serving(SERVICE):
        pass


def test_a_full_queue_is_told_with_a_time_to_come_back(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUGLINE_PACKAGE", str(package))
    monkeypatch.setenv("HUGLINE_QUEUE_TOKENS", "100")
    monkeypatch.setenv("HUGLINE_MAX_CHARACTERS", "9000")
    rows = {"rows": [{"text": "where is my parcel " * 8}] * 256}
    with serving(SERVICE) as url, ThreadPoolExecutor(12) as callers:
        asked = [callers.submit(httpx.post, f"{url}/predict/batch", json=rows, timeout=60) for _ in range(12)]
        answers = [future.result() for future in asked]
        statuses = {answer.status_code for answer in answers}
        assert 429 in statuses and statuses <= {200, 429}
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert int(refused.headers["retry-after"]) >= 1 and refused.json()["error"] == "queue: expected room for 256 rows, found none"
        answer = httpx.post(f"{url}/predict", json={"text": "a" * 9001})  # the service goes on answering
        assert (answer.status_code, answer.json()["error"]) == (422, "text: expected at most 9000 characters, found a string of 9001 characters")


def test_a_deadline_is_told(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUGLINE_PACKAGE", str(package))
    monkeypatch.setenv("HUGLINE_TIMEOUT_S", "1")
    rows = {"rows": [{"text": "where is my parcel " * 800}] * 256}  # tokenizing alone takes more than a second
    with serving(SERVICE) as url:
        asked = time.monotonic()
        answer = httpx.post(f"{url}/predict/batch", json=rows, timeout=60)
        assert (answer.status_code, answer.json()["error"]) == (504, "deadline: expected an answer within 1 s, found none")
        assert time.monotonic() - asked < 30
        assert httpx.post(f"{url}/predict", json={"text": "a"}, timeout=60).status_code == 200


def test_a_port_is_free_again_after_serving(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUGLINE_PACKAGE", str(package))
    with serving(SERVICE) as url:
        pass
    assert not up(url)

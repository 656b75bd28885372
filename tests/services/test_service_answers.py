import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from hugline.core.store import load_predictor
from tests.tiny import LABELS

TEXTS = ["where is my parcel", "the shoes " * 12, "a", "it is to return", "Ünïcode, 日本語 and \x00", "courier label?", "where " * 60] * 6


def agree(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert found["label"] == wanted["label"]
    assert found["score"] == pytest.approx(wanted["score"], abs=1e-5)
    assert found["scores"] == pytest.approx(wanted["scores"], abs=1e-5)


def test_a_row_is_answered_as_the_predictor_answers_it(client: httpx.Client, package: Path) -> None:
    predictor = load_predictor(package, backend="onnx", threads=1)
    for text in TEXTS[:7]:
        answer = client.post("/predict", json={"text": text})
        assert answer.status_code == 200
        agree(answer.json(), predictor.predict([{"text": text}])[0].model_dump())


def test_a_batch_is_answered_in_order_as_the_predictor_answers_it(client: httpx.Client, package: Path) -> None:
    rows = [{"text": text} for text in TEXTS]  # 42, more than one chunk
    answers = client.post("/predict/batch", json={"rows": rows}).json()["answers"]
    wanted = load_predictor(package, backend="onnx", threads=1).predict(rows)
    for found, expected in zip(answers, wanted, strict=True):
        agree(found, expected.model_dump())


def test_an_empty_batch_gets_an_empty_list(client: httpx.Client) -> None:
    assert client.post("/predict/batch", json={"rows": []}).json() == {"answers": []}


def test_256_rows_are_answered(client: httpx.Client) -> None:
    assert len(client.post("/predict/batch", json={"rows": [{"text": "a"}] * 256}).json()["answers"]) == 256


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_blank_text_is_answered_like_any(client: httpx.Client, text: str) -> None:
    answer = client.post("/predict", json={"text": text})
    assert answer.status_code == 200
    assert sum(answer.json()["scores"].values()) == pytest.approx(1)


def test_openapi_examples_are_answered_as_they_stand(client: httpx.Client) -> None:
    paths = client.get("/docs.json").json()["paths"]
    examples = {path: item["post"]["requestBody"]["content"]["application/json"]["example"] for path, item in paths.items() if "post" in item}
    assert examples.keys() == {"/predict", "/predict/batch", "/explain", "/selftest"}
    for path, example in examples.items():
        assert client.post(path, json=example).status_code == 200


def test_openapi_names_the_labels_of_this_package(client: httpx.Client) -> None:
    document = client.get("/docs.json").json()
    answer = document["paths"]["/predict"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": "#/components/schemas/Classification"}
    assert document["components"]["schemas"]["Classification"]["properties"]["label"]["enum"] == LABELS


def test_every_reference_of_the_openapi_document_leads_somewhere(client: httpx.Client) -> None:
    answer = client.get("/docs.json")
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', answer.text))
    assert {"Text", "Refusal", "Classification"} <= names <= set(answer.json()["components"]["schemas"])


def test_info_says_what_is_served(client: httpx.Client, tag: str) -> None:
    found = client.get("/info").json()
    assert found["version"] == tag.partition(":")[2]
    assert (found["approved"], found["reasons"], found["task"], found["labels"]) == (True, [], "sequence_classification", LABELS)
    assert found["model"] == {"id": "package-checkpoint", "revision": None, "licence": None}
    assert found["metrics"]["macro_f1"] == 0.9
    assert found["lineage"].keys() == {"dependencies", "checkpoint", "versions"}


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/healthz", "/metrics"])
def test_probes_and_metrics_answer(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 200


def test_metrics_carry_the_version_of_the_bento(client: httpx.Client, tag: str) -> None:
    client.post("/predict", json={"text": "a"})
    assert f'hugline_requests_total{{path="/predict",status="200",version="{tag.partition(":")[2]}"}}' in client.get("/metrics").text


def test_paths_that_callers_invent_make_no_new_metric(client: httpx.Client) -> None:
    for path in ("/invented", "/invented/too", "/predict/7"):
        assert client.post(path, json={}).status_code == 404
    text = client.get("/metrics").text
    assert "invented" not in text and 'path="other",status="404"' in text


def test_batches_rows_and_tokens_are_counted(client: httpx.Client) -> None:
    def count(name: str) -> float:
        return sum(float(line.split()[-1]) for line in client.get("/metrics").text.splitlines() if line.startswith(name + "{"))

    before = {name: count(name) for name in ("hugline_batch_rows_sum", "hugline_tokens_total")}
    client.post("/predict/batch", json={"rows": [{"text": "where is my parcel"}] * 20})
    assert count("hugline_batch_rows_sum") - before["hugline_batch_rows_sum"] == 20
    assert count("hugline_tokens_total") - before["hugline_tokens_total"] == 20 * 6


def test_the_selftest_answers_the_golden_rows(client: httpx.Client, package: Path) -> None:
    golden = json.loads((package / "golden.json").read_text())
    answer = client.post("/selftest", json={})
    assert (answer.status_code, answer.json()) == (200, {"passed": True, "rows": len(golden), "failures": []})


def test_a_request_keeps_its_id_or_gets_one(client: httpx.Client) -> None:
    assert client.get("/info", headers={"X-Request-ID": "order-7.b"}).headers["x-request-id"] == "order-7.b"
    for given in ("", "a" * 65, "two words", "<script>"):
        assert re.fullmatch("[0-9a-f]{32}", client.get("/info", headers={"X-Request-ID": given}).headers["x-request-id"])


def test_the_page_loads_only_what_the_service_itself_has(client: httpx.Client) -> None:
    page = client.get("/")
    linked = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(linked) == 5
    for address in linked:
        assert address.startswith("./static_content/")
        assert client.get(address.removeprefix(".")).status_code == 200
    assert page.headers["content-security-policy"].startswith("default-src 'self'")

from pathlib import Path

import httpx
import pytest

from hugline.core.occlusion import VARIANTS, occlude
from hugline.core.store import load_predictor
from services.ui import FILES, FOLDER
from tests.services.test_service_answers import agree

TEXT = "where is my parcel, the courier left a label"


def test_the_words_are_those_of_occlusion_and_the_answer_is_the_plain_one(client: httpx.Client, package: Path) -> None:
    predictor = load_predictor(package, backend="onnx", threads=1)
    answer = predictor.predict([{"text": TEXT}])[0]
    found = client.post("/explain", json={"text": TEXT}).json()
    agree(found["answer"], answer.model_dump())
    wanted = occlude(predictor.predict, {"text": TEXT}, answer, ["text"])
    assert [word for word, _ in found["words"]["text"]] == [word for word, _ in wanted]
    assert [weight for _, weight in found["words"]["text"]] == pytest.approx([weight for _, weight in wanted], abs=1e-5)
    assert max(abs(weight) for _, weight in wanted) > 0.001


@pytest.mark.parametrize(("text", "words"), [("", []), ("  \n", []), ("a", ["a"]), ("日本", ["日", "本"])])
def test_a_text_is_explained_however_short(client: httpx.Client, text: str, words: list[str]) -> None:
    found = client.post("/explain", json={"text": text}).json()
    assert [word for word, _ in found["words"]["text"]] == words


def test_a_long_text_costs_61_rows_and_keeps_every_word(client: httpx.Client) -> None:
    def rows() -> float:
        return sum(float(line.split()[-1]) for line in client.get("/metrics").text.splitlines() if line.startswith("hugline_batch_rows_sum{"))

    before = rows()
    text = "where is my parcel " * 200
    found = client.post("/explain", json={"text": text}).json()["words"]["text"]
    assert rows() - before == 1 + len(found) <= 1 + VARIANTS
    assert " ".join(word for word, _ in found).split() == text.split()


def test_a_text_that_would_take_more_than_the_largest_body_is_not_explained(client: httpx.Client) -> None:
    answer = client.post("/explain", json={"text": "a" * 70_000})
    assert (answer.status_code, answer.json()["error"]) == (422, "row: expected at most 68759 characters to explain, found 70000")
    assert client.post("/predict", json={"text": "a" * 70_000}).status_code == 200


def test_a_wrong_row_is_refused_as_everywhere(client: httpx.Client) -> None:
    assert client.post("/explain", json={"texts": "a"}).status_code == 422
    assert client.post("/explain", content=b"text=a").status_code == 415


def test_the_page_and_all_its_files_come_from_the_bento_with_a_policy(client: httpx.Client) -> None:
    for path, name in FILES.items():
        answer = client.get(path)
        assert (answer.status_code, answer.content) == (200, (FOLDER / name).read_bytes())
        assert answer.headers["content-security-policy"].startswith("default-src 'self';")
        assert "unsafe" not in answer.headers["content-security-policy"]
    assert {name for path, name in FILES.items()} == {file.name for file in FOLDER.iterdir() if file.suffix in (".html", ".css", ".js")}
    assert sum((FOLDER / name).stat().st_size for name in FILES.values()) < 60_000


def test_the_card_is_the_packages(client: httpx.Client, package: Path) -> None:
    assert client.get("/ui/card").text == (package / "README.md").read_text()


def test_the_api_page_leads_to_the_page_and_back(client: httpx.Client) -> None:
    assert client.get("/docs.json").json()["externalDocs"]["url"] == "./ui"
    assert 'href="./"' in client.get("/ui").text


def test_the_example_of_the_api_is_explained(client: httpx.Client) -> None:
    operation = client.get("/docs.json").json()["paths"]["/explain"]["post"]
    example = operation["requestBody"]["content"]["application/json"]["example"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    found = client.post("/explain", json=example).json()
    assert found.keys() == schema["properties"].keys() and found["words"].keys() == schema["properties"]["words"]["properties"].keys()

"""The page at /ui in a real browser against the real service: what a person sees, by mouse and by keys, in light and dark."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

from hugline.core.store import write_manifest
from services.serving import serving
from services.shipped import SERVICE
from services.ui import FILES
from tests.services.browser import FOUND, Page, browser
from tests.tiny import LABELS, tiny_package

TOKEN = "correct-horse-battery"
READY = "document.querySelector('#model-facts table')"
HIT = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'
HOSTILE = [HIT, '=HYPERLINK("http://a")', "-1+1"]  # labels
TEXT = "where is my parcel, the courier left a label"
AWKWARD = ['says "hello"; twice', "two\nlines", "Ünïcode, 日本語", "semi;colon", " spaces ", "", "=1+1", "tab\tin it", "it's\r\nhere", '"']

QUESTION = {
    "question": {"type": "string", "title": "Question"},
    "top_k": {"type": "integer", "title": "Top k"},
    "language": {"$ref": "#/components/schemas/Language", "description": "of the question"},
    "strict": {"type": "boolean"},
    "tags": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
}
FOUND_SPAN = {"answer": {"type": "string"}, "score": {"type": "number"}, "spans": {"type": "array"}}
ANSWERING: dict[str, Any] = {  # the OpenAPI document of a task that this project does not have
    "paths": {
        "/predict": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Question"}, "example": {}}}},
                "responses": {"200": {"content": {"application/json": {"schema": {"type": "object", "properties": FOUND_SPAN}}}}},
            }
        },
        "/predict/batch": {"post": {"requestBody": {"content": {"application/json": {"schema": {"properties": {"rows": {"maxItems": 2}}}}}}}},
    },
    "components": {
        "schemas": {
            "Language": {"type": "string", "enum": ["en", "de"]},
            "Question": {"type": "object", "properties": QUESTION, "required": ["question", "top_k", "language", "strict"]},
        }
    },
}

Tabs = Callable[[], AbstractContextManager[Page]]


@pytest.fixture(scope="module")
def tabs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tabs]:
    if not FOUND:
        pytest.skip("no browser here: these tests need Chromium (apt-get install chromium)")
    with browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture
def page(tabs: Tabs) -> Iterator[Page]:
    """A tab; at the end no script may have failed, no content may have been refused, and nothing was asked of another host."""
    with tabs() as tab:
        yield tab
        assert tab.faults == []
        hosts = {address.partition("://")[2].partition("/")[0] for address in tab.requested if address.startswith("http")}
        assert len(hosts) == 1 and next(iter(hosts)).startswith("127.0.0.1:")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with a token and small limits, of a package whose labels, name and card attack who shows them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.tiny.LABELS", HOSTILE)
        folder = tiny_package(tmp_path_factory.mktemp("hostile") / "package")
        (folder / "README.md").write_text(f"# {HIT}\n\n| a | {HIT} |\n|---|---|\n| {HIT} | b |\n\n- {HIT}\n\n[link](javascript:window.hit=1)\n")
        write_manifest(folder)
        limits = {"TOKEN": TOKEN, "MAX_ROWS": "20", "MAX_BODY": "8000", "MAX_CHARACTERS": "500", "PACKAGE": str(folder)}
        for name, value in limits.items():
            patch.setenv(f"HUGLINE_{name}", value)
        patch.setenv("BENTOML_HOME", str(folder.parent))  # services of one home empty each other's folder of metrics (bentoml 1.4.39, serving.py)
        with serving(SERVICE) as url:
            patch.undo()  # the next service has its own settings
            yield url


def ask(page: Page, text: str) -> None:
    page.ask("document.querySelector('#field-text').select()")
    page.ask("document.querySelector('#field-text').focus()")
    page.type(text)
    page.click("#ask-send")


def answer_file(page: Page, file: Path) -> None:
    page.choose("#file-choose", file)
    page.until("!document.querySelector('#file-form').hidden")
    page.click("#file-start")
    page.until("document.querySelector('.download')")


def unlock(page: Page, url: str, token: str = TOKEN) -> None:
    page.open(f"{url}/ui", "!document.querySelector('#token').hidden")
    page.type(token)
    page.key("Enter")
    page.until(READY)


def saved(page: Page, folder: Path) -> str:
    """What the link saves, with its mark."""
    return page.save(".download", folder / "saved").read_bytes().decode()


def read_csv(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def write_csv(file: Path, header: list[str], rows: list[list[str]], delimiter: str = ",", encoding: str = "utf-8", end: str = "\r\n") -> Path:
    with file.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows([header, *rows])
    return file


def test_an_answer_appears_with_a_bar_for_every_label_the_largest_first(page: Page, url: str, client: httpx.Client) -> None:
    page.open(f"{url}/ui", READY)
    ask(page, TEXT)
    page.until("document.querySelector('#ask-answer .fill')")
    wanted = client.post("/predict", json={"text": TEXT}).json()
    assert page.text("#ask-status") == f"Answer: {wanted['label']}, {100 * wanted['score']:.1f} %"
    expected = sorted(wanted["scores"].items(), key=lambda item: -item[1])
    assert page.texts("#ask-answer th") == [name for name, _ in expected]
    assert page.texts("#ask-answer .number") == [f"{100 * score:.1f} %" for _, score in expected]
    code = "[...document.querySelectorAll('.fill')].map((found) => found.offsetWidth / found.parentElement.offsetWidth)"
    assert page.ask(code) == pytest.approx([score for _, score in expected], abs=0.02)


def test_the_words_that_drove_the_answer_are_coloured_and_listed(page: Page, url: str, client: httpx.Client) -> None:
    page.open(f"{url}/ui", READY)
    text = "Where is my parcel?\nThe courier left  a label."
    ask(page, text)
    page.until("document.querySelector('#ask-words .words')")
    assert page.texts("#ask-words .words") == [text]
    weights = client.post("/explain", json={"text": text}).json()["words"]["text"]
    marked = page.ask("[...document.querySelectorAll('.words span')].map((found) => [found.textContent, found.className.split('-')[0]])")
    assert marked == [[word, "for" if weight > 0 else "against"] for word, weight in weights if abs(weight) >= 0.005] != []
    page.click("#ask-words summary")
    assert sorted(page.texts("#ask-words tbody th")) == sorted(word for word, _ in weights)
    listed = [float(number.replace("−", "-")) for number in page.texts("#ask-words tbody td")]
    assert listed == pytest.approx(sorted((100 * weight for _, weight in weights), key=lambda weight: -abs(weight)), abs=0.06)


def test_the_example_of_the_api_fills_the_fields(page: Page, url: str) -> None:
    page.open(f"{url}/ui", READY)
    page.click("#ask-example")
    assert page.ask("document.querySelector('#field-text').value") == "Where is my parcel?"


def test_the_model_is_shown_with_metrics_card_and_lineage(page: Page, url: str) -> None:
    page.open(f"{url}/ui", READY)
    page.ask("document.querySelectorAll('#model details').forEach((found) => { found.open = true })")
    text = page.text("#model")
    for part in ("macro f1\t0.9000", "A tiny model", ", ".join(LABELS), "0" * 64):
        assert part in text
    assert page.text("#served") == "sequence classification · 3 labels · approved"


def test_a_pair_has_two_fields_two_columns_and_words_of_both(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUGLINE_PACKAGE", str(tiny_package(tmp_path / "pair", pair=True)))
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path))
    with serving(SERVICE) as url:
        page.open(f"{url}/ui", READY)
        assert page.texts("#ask-fields label") == ["Text", "Text Pair"]
        page.click("#field-text")
        page.type("where is my parcel")
        page.key("Tab")
        page.type("it is with the courier")
        page.key("Enter", modifiers=2)  # Ctrl+Enter
        page.until("document.querySelector('#ask-words .words')")
        assert page.texts("#ask-words .words") == ["where is my parcel", "it is with the courier"]
        file = write_csv(tmp_path / "pairs.csv", ["answer", "text"], [["it is with the courier", "where is my parcel"], ["a", "b"]])
        page.choose("#file-choose", file)
        page.until("!document.querySelector('#file-form').hidden")
        assert page.ask("[...document.querySelectorAll('#file-columns select')].map((found) => found.value)") == ["1", "1"]
        page.ask("document.querySelector('#column-text_pair').value = '0'")
        page.click("#file-start")
        page.until("document.querySelector('.download')")
        row = {"text": "where is my parcel", "text_pair": "it is with the courier"}
        found = read_csv(saved(page, tmp_path))[0]
        assert float(found["score"]) == pytest.approx(httpx.post(f"{url}/predict", json=row).json()["score"], abs=1e-5)


@pytest.mark.parametrize(("delimiter", "encoding", "end"), [(",", "utf-8-sig", "\r\n"), (";", "utf-8", "\n"), ("\t", "utf-16", "\r\n")])
def test_600_rows_come_back_as_they_were_with_label_and_score(
    page: Page, url: str, client: httpx.Client, tmp_path: Path, delimiter: str, encoding: str, end: str
) -> None:
    texts = [(AWKWARD[i] if i < len(AWKWARD) else f"where is my parcel {i}" * (i % 5)) for i in range(600)]
    rows = [[str(i), text, "=2+2"] for i, text in enumerate(texts)]
    page.open(f"{url}/ui", READY)
    answer_file(page, write_csv(tmp_path / "rows.csv", ["id", "a text, long", "note"], rows, delimiter, encoding, end))
    assert page.text("#file-status") == "600 of 600 rows answered."
    assert page.ask("document.querySelector('#file-progress').value") == 600
    text = saved(page, tmp_path)
    assert text.startswith("\ufeff") == (encoding != "utf-8")
    found = read_csv(text.removeprefix("\ufeff"), delimiter)
    assert list(found[0]) == ["id", "a text, long", "note", "label", "score"]
    assert [[row["id"], row["a text, long"], row["note"]] for row in found] == rows
    wanted = [
        answer
        for i in range(0, 600, 200)
        for answer in client.post("/predict/batch", json={"rows": [{"text": t} for t in texts[i : i + 200]]}).json()["answers"]
    ]
    assert [row["label"] for row in found] == [answer["label"] for answer in wanted]
    assert [float(row["score"]) for row in found] == pytest.approx([answer["score"] for answer in wanted], abs=1e-5)


def test_a_dropped_file_is_taken_and_the_link_saves_the_answers(page: Page, url: str, tmp_path: Path) -> None:
    page.open(f"{url}/ui", READY)
    page.drop("#file-drop", write_csv(tmp_path / "some.rows.csv", ["text", "label"], [["where is my parcel", "returns"]]))
    page.until("!document.querySelector('#file-form').hidden")
    page.click("#file-start")
    page.until("document.querySelector('.download')")
    file = page.save(".download", tmp_path / "saved")
    assert file.name == "some.rows-answers.csv"
    (row,) = read_csv(file.read_text())
    assert (row["text"], row["label"]) == ("where is my parcel", "returns")
    assert row["answer_label"] in LABELS and 0 < float(row["score"]) <= 1


PARSED: list[tuple[str, str, list[list[str]]]] = [
    # text, delimiter, records
    ("a,b\r\n1,2\r\n", ",", [["a", "b"], ["1", "2"]]),
    ("a,b\n1,2", ",", [["a", "b"], ["1", "2"]]),
    ("a\r1\r", ",", [["a"], ["1"]]),
    ('"a ""b""",c\n"x\ny",z\n', ",", [['a "b"', "c"], ["x\ny", "z"]]),
    ('a;b\n"1;2";3\n', ";", [["a", "b"], ["1;2", "3"]]),
    ("a,b,\n,,\n", ",", [["a", "b", ""], ["", "", ""]]),
    ('a\n""\n\n\nb\n', ",", [["a"], [""], ["b"]]),
    ('a"b,"c"d\n', ",", [['a"b', "cd"]]),
    ("", ",", []),
]


def test_csv_is_read_as_rfc_4180_has_it(page: Page, url: str) -> None:
    page.open(f"{url}/ui", READY)
    for text, delimiter, records in PARSED:
        code = f"import('/ui/csv.js').then((csv) => csv.parse({json.dumps(text)}, {json.dumps(delimiter)}).records)"
        assert page.ask(code) == records, text


def test_what_is_written_is_read_back_by_pythons_csv(page: Page, url: str) -> None:
    page.open(f"{url}/ui", READY)
    records = [AWKWARD, list(reversed(AWKWARD))]
    for delimiter in ",;\t":
        text = page.ask(f"import('/ui/csv.js').then((csv) => csv.format({json.dumps(records)}, {json.dumps(delimiter)}))")
        assert list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)) == records


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "expected a header line and rows, found an empty file."),
        (b"text\n", "expected rows below the header line, found none."),
        (b'text\n"never closed\n', "expected a closing quote, found the end of the file; the quote is opened in line 2."),
        (b"PK\x03\x04", "expected a CSV file, found a spreadsheet or an archive; save it as CSV."),
    ],
)
def test_a_file_that_is_no_table_is_told(page: Page, url: str, tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    page.open(f"{url}/ui", READY)
    page.choose("#file-choose", tmp_path / "a.csv")
    page.until("document.querySelector('#file-fault').textContent")
    assert page.text("#file-fault") == f"a.csv: {said}"
    assert page.ask("document.querySelector('#file-form').hidden")


def test_a_busy_service_is_asked_again_when_it_says_so(page: Page, url: str, tmp_path: Path) -> None:
    page.open(f"{url}/ui", READY)
    page.plan("/predict/batch", 429, {"Retry-After": "2"})
    page.plan("/predict/batch", 503, {"Retry-After": "1"})
    page.choose("#file-choose", write_csv(tmp_path / "a.csv", ["text"], [["where is my parcel"]]))
    page.until("!document.querySelector('#file-form').hidden")
    page.click("#file-start")
    page.until("document.querySelector('#file-status').textContent === 'The service is busy; going on in 2 s.'")
    page.until("document.querySelector('.download')")
    assert page.text("#file-status") == "1 of 1 row answered."
    assert page.planned == []


def test_a_run_that_is_stopped_keeps_what_it_has(page: Page, url: str, tmp_path: Path) -> None:
    page.open(f"{url}/ui", READY)
    page.plan("/predict/batch", 429, {"Retry-After": "600"})
    page.choose("#file-choose", write_csv(tmp_path / "a.csv", ["text"], [["a"], ["b"]]))
    page.until("!document.querySelector('#file-form').hidden")
    page.click("#file-start")
    page.until("document.querySelector('#file-status').textContent.includes('600 s')")
    page.click("#file-stop")
    page.until("document.querySelector('.download')")
    assert page.text("#file-status") == "Stopped. 0 of 2 rows answered."
    assert [row["error"] for row in read_csv(saved(page, tmp_path))] == ["not answered", "not answered"]


def test_a_row_that_is_refused_fails_alone_and_formulas_in_answers_are_no_formulas(page: Page, guarded: str, tmp_path: Path) -> None:
    unlock(page, guarded)
    long = [f"shoes {i} " * 55 for i in range(20)]  # together more than a body may hold
    texts = ["a", "b" * 501, "where is my parcel " * 20, *long, "=1+1"]
    with (tmp_path / "a.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["note", "text"], *(["-", text] for text in texts)])
        stream.write("too short\r\n")
    page.choose("#file-choose", tmp_path / "a.csv")
    page.until("!document.querySelector('#file-form').hidden")
    page.click("#file-start")
    page.until("document.querySelector('.download')")
    assert page.text("#file-status") == "23 of 25 rows answered."
    assert {200, 413, 422} <= set(page.statuses)
    found = read_csv(saved(page, tmp_path))
    errors = {i: row["error"] for i, row in enumerate(found) if row["error"]}
    assert errors == {1: "text: expected at most 500 characters, found a string of 501 characters", 24: "expected 2 cells, found 1"}
    assert page.texts("#file-result th[scope=row]")[:2] == ["2", "25"]
    assert [row["note"] for row in found][:3] == ["-", "-", "-"] and found[23]["text"] == "=1+1"  # what the file had stays as it was
    assert {row["label"] for row in found} <= {HIT, f"'{HOSTILE[1]}", f"'{HOSTILE[2]}", ""}


def test_a_label_never_computes_in_a_spreadsheet(page: Page, url: str) -> None:
    page.open(f"{url}/ui", READY)
    values = ["=a", "+a", "-a", "@a", "\ta", "a=b", -0.5, 0.25, True, None]
    found = page.ask(f"import('/ui/csv.js').then((csv) => {json.dumps(values)}.map(csv.safe))")
    assert found == ["'=a", "'+a", "'-a", "'@a", "'\ta", "a=b", "-0.5", "0.25", "true", ""]


def test_texts_labels_files_and_cards_are_never_run(page: Page, guarded: str, tmp_path: Path) -> None:
    unlock(page, guarded)
    ask(page, f"{HIT} <b>bold</b>")
    page.until("document.querySelector('#ask-words .words')")
    assert page.texts("#ask-words .words") == [f"{HIT} <b>bold</b>"]
    assert HIT in page.texts("#ask-answer th")
    page.ask("document.querySelectorAll('details').forEach((found) => { found.open = true })")
    assert page.ask("[...document.querySelectorAll('#model h3')].map((found) => found.textContent)")[0] == HIT
    answer_file(page, write_csv(tmp_path / "<img src=x onerror=hit=1>.csv", [HIT, "text"], [[HIT, HIT], ["a", "b" * 501]]))
    assert page.ask("document.querySelectorAll('main img, main script, main b, main a[href^=javascript]').length") == 0
    assert page.ask("typeof window.hit") == "undefined"


def test_a_token_is_asked_for_kept_in_memory_only_and_asked_for_again_when_wrong(page: Page, guarded: str) -> None:
    page.open(f"{guarded}/ui", "!document.querySelector('#token').hidden")
    assert page.focused() == "token-value"
    assert page.text("#served") == "Asking the service what it serves …"  # nothing of the model without the token
    page.type("wrong-horse-battery")
    page.key("Enter")
    page.until("document.querySelector('#token-fault').textContent")
    assert page.text("#token-fault") == "The service does not know this token."
    page.type("two words")
    page.key("Enter")
    page.until("document.querySelector('#token-fault').textContent.startsWith('A token has')")
    page.ask("document.querySelector('#token-value').select()")
    page.type(TOKEN)
    page.key("Enter")
    page.until(READY)
    assert page.ask("document.querySelector('#token').hidden && document.querySelector('#token-value').value === ''")
    ask(page, "a")
    page.until("document.querySelector('.words')")
    assert page.ask("[localStorage.length, sessionStorage.length, document.cookie, location.search + location.hash]") == [0, 0, "", ""]
    assert not any(TOKEN in address for address in page.requested)
    page.open(f"{guarded}/ui", "!document.querySelector('#token').hidden")  # loaded again: forgotten


def test_without_the_token_the_files_of_the_page_are_all_that_is_told(guarded: str) -> None:
    assert {httpx.get(f"{guarded}{path}").status_code for path in FILES} == {200}
    assert {httpx.get(f"{guarded}{path}").status_code for path in ("/ui/card", "/ui/other.js", "/info", "/docs.json", "/")} == {401}
    assert httpx.post(f"{guarded}/explain", json={"text": "a"}).status_code == 401


def test_another_tasks_inputs_and_answers_fit_in(page: Page, url: str, tmp_path: Path) -> None:
    page.plan("/docs.json", 200, body=json.dumps(ANSWERING))
    page.open(f"{url}/ui", READY)
    assert page.ask("[...document.querySelectorAll('#ask-fields [id]:not(.hint)')].map((found) => found.tagName + (found.type ?? ''))") == [
        "TEXTAREAtextarea",
        "INPUTnumber",
        "SELECTselect-one",
        "INPUTcheckbox",
        "TEXTAREAtextarea",
    ]
    page.click("#field-question")
    page.type("Who?")
    for typed in ("3", None, None, '["a"]'):
        page.key("Tab")
        if typed:
            page.type(typed)
    page.plan("/predict", 200, body=json.dumps({"answer": "<b>me</b>", "score": 0.5, "sure": None, "spans": [[1, 2]], "scores": {"a": 3.5, "b": -1}}))
    page.click("#ask-send")
    page.until("document.querySelector('#ask-answer pre')")
    assert json.loads(page.sent[-1]) == {"question": "Who?", "top_k": 3, "language": "en", "strict": False, "tags": ["a"]}
    assert page.text("#ask-status") == "Answer: answer <b>me</b>"
    assert page.texts("#ask-answer dd") == ["<b>me</b>", "0.5", "none"]
    assert page.texts("#ask-answer .number") == ["3.500", "-1.000"]
    assert page.texts("#ask-words *") == []
    page.plan("/predict/batch", 200, body=json.dumps({"answers": [{"answer": "-me", "score": -0.5, "spans": []}]}))
    file = write_csv(
        tmp_path / "a.csv", ["question", "top_k", "language", "strict", "tags"], [["Who?", "2", "de", "true", ""], ["Who?", "two", "de", "true", ""]]
    )
    answer_file(page, file)
    assert json.loads(page.sent[-1]) == {"rows": [{"question": "Who?", "top_k": 2, "language": "de", "strict": True}]}
    found = read_csv(saved(page, tmp_path))
    assert [(row["answer"], row["score"], row["error"]) for row in found] == [("'-me", "-0.5", ""), ("", "", "top_k: expected a number")]


def test_the_page_can_be_used_by_keys_alone(page: Page, url: str, tmp_path: Path) -> None:
    page.open(f"{url}/ui", READY)
    page.key("Tab")
    assert page.focused() == "Skip to the content"
    assert page.ask("document.activeElement.getBoundingClientRect().x") >= 0
    page.key("Enter")
    page.until("location.hash === '#main'")
    page.key("Tab")
    assert page.focused() == "field-text"
    page.type(TEXT)
    page.key("Tab")
    assert page.focused() == "ask-send"
    page.key("Enter")
    page.until("document.querySelector('#ask-words .words')")
    page.choose("#file-choose", write_csv(tmp_path / "a.csv", ["note", "text"], [["x", "where is my parcel"]]))  # the dialog is the browser's own
    page.until("!document.querySelector('#file-form').hidden")
    seen = []
    while page.focused() != "file-start":
        page.key("Tab")
        seen.append(page.focused())
        assert page.ask("getComputedStyle(document.activeElement).outlineStyle") != "none", seen
        assert len(seen) < 20, seen
    assert seen == ["ask-example", "The words as a list", "file-choose", "column-text", "file-start"]
    page.key("Enter")
    page.until("document.querySelector('.download')")
    page.until("document.activeElement.className === 'download'")


def test_answers_and_progress_are_announced(page: Page, url: str) -> None:
    page.open(f"{url}/ui", READY)
    for name, role in {"ask-status": "status", "words-status": "status", "file-status": "status", "file-fault": "alert", "trouble": "alert"}.items():
        assert page.ask(f"document.getElementById('{name}').getAttribute('role')") == role


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_window(page: Page, url: str, tmp_path: Path, width: int) -> None:
    page.look(width=width)
    page.open(f"{url}/ui", READY)
    ask(page, f"{TEXT} {'w' * 90}")
    page.until("document.querySelector('#ask-words .words')")
    answer_file(page, write_csv(tmp_path / f"{'long' * 20}.csv", ["h" * 90, "text"], [["", "a"], ["", "b"]]))
    page.ask("document.querySelectorAll('details').forEach((found) => { found.open = true })")
    assert page.ask("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state_of_the_page(page: Page, url: str, guarded: str, tmp_path: Path, scheme: str) -> None:
    if not (found := find_spec("axe_core_python")) or not found.submodule_search_locations:
        pytest.skip("axe-core is not installed: pip install axe-core-python")
    source = (Path(found.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")
    page.do("Page.setBypassCSP", enabled=True)
    page.look(scheme)
    page.open(f"{url}/ui", READY)
    assert violations(page, source) == []
    ask(page, TEXT)
    page.until("document.querySelector('#ask-words .words')")
    (tmp_path / "a.csv").write_text("id,text\n1,where is my parcel\n2\n")
    answer_file(page, tmp_path / "a.csv")
    page.ask("document.querySelectorAll('details').forEach((found) => { found.open = true })")
    assert violations(page, source) == []
    page.look(scheme, 360)
    assert violations(page, source) == []
    page.do("Network.clearBrowserCache")
    page.requested.clear()
    page.open(f"{guarded}/ui", "!document.querySelector('#token').hidden")
    page.type("wrong-horse-battery")
    page.key("Enter")
    page.until("document.querySelector('#token-fault').textContent")
    assert violations(page, source) == []


def violations(page: Page, source: str) -> list[Any]:
    """What axe finds wrong: rule, gravity, where, and why."""
    page.ask(f"{source}; 0")
    code = "axe.run().then((found) => found.violations.flatMap((rule) => rule.nodes.map((node) => [rule.id, rule.impact, node.target, node.failureSummary])))"
    return list(page.ask(code))

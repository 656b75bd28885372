"""A real browser for tests: Debian's Chromium without a window, driven by the Chrome DevTools Protocol.

https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import contextlib
import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from websockets.sync.client import ClientConnection, connect

FOUND = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
FLAGS = (
    "--headless",
    "--no-sandbox",  # tests run as root in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
)
WAIT_S = 60.0
POLL_S = 0.05
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowDown": 40, " ": 32}
ENDS = {"Enter": "\r", " ": " "}  # keys that also type something


class Page:
    """One tab. What a script there throws is kept in `faults`; what its console says of refused content as well."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._last = socket, 0
        self.faults: list[str] = []
        self.requested: list[str] = []  # addresses
        self.statuses: list[int] = []
        self.sent: list[str] = []  # bodies
        self.planned: list[tuple[str, dict[str, Any]]] = []  # answers that requests to a path get in the service's place, each once
        for domain in ("Page", "Runtime", "DOM", "Network", "Log"):
            self.do(f"{domain}.enable")
        self.do("Emulation.setFocusEmulationEnabled", enabled=True)  # a tab in the background takes no keys

    def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command of the protocol and its result."""
        sent = self._send(method, **parameters)
        while True:
            message = json.loads(self._socket.recv(timeout=WAIT_S))
            self._hear(message.get("method"), message.get("params"))
            if message.get("id") == sent:
                assert "error" not in message, (method, message["error"])
                return dict(message["result"])

    def _send(self, method: str, **parameters: Any) -> int:
        self._last += 1
        self._socket.send(json.dumps({"id": self._last, "method": method, "params": parameters}))
        return self._last

    def _hear(self, event: str | None, told: Any) -> None:
        match event:
            case "Runtime.exceptionThrown":
                self.faults.append(str(told["exceptionDetails"].get("exception", told["exceptionDetails"])))
            case "Log.entryAdded" if told["entry"]["source"] in ("security", "javascript"):
                self.faults.append(told["entry"]["text"])
            case "Network.requestWillBeSent":
                self.requested.append(told["request"]["url"])
                self.sent += [told["request"]["postData"]] if "postData" in told["request"] else []
            case "Network.responseReceived":
                self.statuses.append(told["response"]["status"])
            case "Page.javascriptDialogOpening":
                self.faults.append(f"dialog: {told['message']}")
            case "Fetch.requestPaused":
                self._answer(told["requestId"], told["request"]["url"])
            case _:
                pass

    def ask(self, expression: str) -> Any:
        """The value of an expression, which may be a promise."""
        found = self.do("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in found, (expression, found["exceptionDetails"].get("exception", {}).get("description"))
        return found["result"].get("value")

    def until(self, expression: str, wait_s: float = WAIT_S) -> None:
        """Return as soon as an expression is true."""
        end = time.monotonic() + wait_s
        while not self.ask(f"Boolean({expression})"):
            assert time.monotonic() < end, f"never true: {expression}\n{self.ask('document.body.innerText')}\n{self.faults}"
            time.sleep(POLL_S)

    def _answer(self, request: str, url: str) -> None:
        """Send a request on to the service, or give it the first answer that is planned for it."""
        planned = next((plan for plan in self.planned if url.endswith(plan[0])), None)
        if planned:
            self.planned.remove(planned)
            self._send("Fetch.fulfillRequest", requestId=request, **planned[1])
        else:
            self._send("Fetch.continueRequest", requestId=request)

    def plan(self, path: str, status: int, headers: Mapping[str, str] = MappingProxyType({}), body: str = "") -> None:
        """Let the next request to a path be answered without the service; plans for one path are taken in their order."""
        named = [{"name": name, "value": value} for name, value in headers.items()]
        answer = {"responseCode": status, "responseHeaders": named, "body": base64.b64encode(body.encode()).decode()}
        self.planned.append((path, answer))
        self.do("Fetch.enable", patterns=[{"urlPattern": "*"}])

    def open(self, url: str, ready: str = "true") -> None:
        """Load a page and wait for it."""
        self.do("Page.navigate", url=url)
        self.until(f"location.href !== 'about:blank' && document.readyState === 'complete' && ({ready})")

    def text(self, selector: str) -> str:
        """What a person reads in an element."""
        return str(self.ask(f"document.querySelector({json.dumps(selector)}).innerText"))

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements that a selector finds."""
        return list(self.ask(f"[...document.querySelectorAll({json.dumps(selector)})].map((found) => found.textContent)"))

    def click(self, selector: str) -> None:
        """Click in the middle of an element, as a mouse does."""
        x, y = self._middle(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.do("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def _middle(self, selector: str) -> list[float]:
        place = "found.scrollIntoView({block: 'center'}); const r = found.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]"
        return list(self.ask(f"(found => {{ {place} }})(document.querySelector({json.dumps(selector)}))"))

    def key(self, name: str, times: int = 1, modifiers: int = 0) -> None:
        """Press a key; modifiers: 2 is Ctrl, 8 is Shift."""
        for _ in range(times):
            told = {"key": name, "code": "Space" if name == " " else name, "windowsVirtualKeyCode": KEYS[name], "modifiers": modifiers}
            self.do("Input.dispatchKeyEvent", type="keyDown", **told, **({"text": ENDS[name]} if name in ENDS and not modifiers else {}))
            self.do("Input.dispatchKeyEvent", type="keyUp", **told)

    def type(self, text: str) -> None:
        """Type a text where the focus is, in a field."""
        self.do("Input.insertText", text=text)
        assert text in self.ask("document.activeElement.value"), f"typed into nothing: {text}"

    def focused(self) -> str:
        """The id of the element with the focus, else its text."""
        return str(self.ask("document.activeElement.id || document.activeElement.textContent.trim()"))

    def choose(self, selector: str, file: Path) -> None:
        """Choose a file, as the browser's dialog does."""
        root = self.do("DOM.getDocument")["root"]["nodeId"]
        node = self.do("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.do("DOM.setFileInputFiles", files=[str(file)], nodeId=node)

    def save(self, selector: str, folder: Path) -> Path:
        """Click on a link that saves a file into an empty folder, and wait for it."""
        self.do("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
        self.click(selector)
        end = time.monotonic() + WAIT_S
        while not (found := [file for file in folder.glob("*") if file.suffix != ".crdownload"]):
            assert time.monotonic() < end, "nothing was saved"
            self.ask("0")
            time.sleep(POLL_S)
        return found[0]

    def drop(self, selector: str, file: Path) -> None:
        """Drag a file onto an element and let it go."""
        x, y = self._middle(selector)
        data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.do("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)

    def look(self, scheme: str = "light", width: int = 1100, height: int = 900) -> None:
        """Set the colours that the person prefers, and the size of the window."""
        self.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.do("Emulation.setScrollbarsHidden", hidden=True)
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)

    def picture(self, file: Path, height: int | None = None) -> None:
        """The page from its top, whole or to a height, as PNG."""
        size = self.do("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": height or size["height"], "scale": 1}
        shot = self.do("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        file.write_bytes(base64.b64decode(shot["data"]))


@contextlib.contextmanager
def browser(home: Path) -> Iterator[Callable[[], contextlib.AbstractContextManager[Page]]]:
    """A browser with its data in an empty folder; gives a function that opens a tab."""
    assert FOUND
    with (home / "log").open("wb") as log:
        child = subprocess.Popen([FOUND, *FLAGS, f"--user-data-dir={home / 'profile'}", "about:blank"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        port = _port(home / "profile" / "DevToolsActivePort", child)
        yield lambda: _tab(port)
    finally:
        child.terminate()
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _port(file: Path, child: "subprocess.Popen[bytes]") -> int:
    end = time.monotonic() + WAIT_S
    while not (file.is_file() and file.read_text().count("\n")):
        assert child.poll() is None and time.monotonic() < end, (file.parents[1] / "log").read_text(errors="replace")
        time.sleep(POLL_S)
    return int(file.read_text().split()[0])


@contextlib.contextmanager
def _tab(port: int) -> Iterator[Page]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/json/new?about:blank", method="PUT")
    with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
        tab = json.load(answer)
    with connect(tab["webSocketDebuggerUrl"], max_size=None, open_timeout=WAIT_S, ping_interval=None) as socket:
        page = Page(socket)
        try:
            yield page
        finally:
            page.do("Page.close")

"""A service in a fresh process on loopback, for as long as a `with` lasts."""

import contextlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from typing import IO

from hugline.environment import prepare
from hugline.errors import UserError

START_S = 90.0
STOP_S = 15.0
POLL_S = 0.2
TAIL = 25  # lines of its output that an error repeats


@contextlib.contextmanager
def serving(target: str, port: int | None = None) -> Iterator[str]:
    """The URL of `bentoml serve TARGET` once it is ready; raises UserError with the end of its output if it never is.

    The target is a bento's tag or folder, or `module:Service`. The supervisor stays in our process group, so that it
    ends with a cancelled flow; its workers end with it (services/service.py).
    """
    prepare()
    port = port or _free_port()
    command = [sys.executable, "-m", "bentoml", "serve", target, "--host", "127.0.0.1", "--port", str(port)]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, child, output, target)
            yield url
        finally:
            _stop(child)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, child: "subprocess.Popen[bytes]", output: IO[str], target: str) -> None:
    """Return when the service is ready; a connection that is taken but not answered means that a worker is starting."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if child.poll() is not None:
            raise UserError(f"{target} served at {url}", f"its process ended with {child.returncode}; it said\n{_tail(output)}", "mend what it says")
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(POLL_S)
    raise UserError(f"{target} ready at {url} in {START_S:.0f} s", f"no answer from /readyz; it said\n{_tail(output)}", "mend what it says")


def _tail(output: IO[str]) -> str:
    output.seek(0)
    return "\n".join(output.read().splitlines()[-TAIL:])


def _stop(child: "subprocess.Popen[bytes]") -> None:
    """Ask the supervisor to end, and kill it if it does not; its workers then end by themselves."""
    child.terminate()
    try:
        child.wait(STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()

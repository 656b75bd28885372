"""A Prefect server, the deployments of prefect.yaml and a worker, on loopback, until Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flows.dvc import environment

POOL = "hugline"
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 20


@contextmanager
def process(arguments: list[str], env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A `prefect` command that runs until the `with` ends."""
    child = subprocess.Popen([sys.executable, "-m", "prefect", *arguments], env=env)
    try:
        yield child
    finally:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            child.kill()


def wait_for(url: str, child: subprocess.Popen[bytes]) -> None:
    """Until the server answers at /health; ends the program when it stops or takes too long."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and child.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2):
                return
        except OSError:
            time.sleep(0.5)
    found = f"expected: a Prefect server at {url} within {START_TIMEOUT_S} s\nfound:    none"
    sys.exit(f"{found}\nremedy:   see its output above; is the port taken? PORT=4300 make prefect")


def prefect(arguments: list[str], env: dict[str, str]) -> None:
    """A `prefect` command that must end well."""
    done = subprocess.run([sys.executable, "-m", "prefect", "--no-prompt", *arguments], env=env, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        sys.exit(f"prefect {' '.join(arguments)} exited with {done.returncode}")


def main() -> None:
    """Start everything, say how to run the deployment, wait."""
    port = os.environ.get("PORT", "4200")
    url = f"http://127.0.0.1:{port}/api"
    env = {**environment(), "PREFECT_API_URL": url}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ExitStack() as stack:
        server = stack.enter_context(process(["server", "start", "--host", "127.0.0.1", "--port", port], env))
        wait_for(url, server)
        prefect(["work-pool", "create", POOL, "--type", "process", "--overwrite"], env)
        prefect(["deploy", "--all"], env)
        worker = stack.enter_context(process(["worker", "start", "--pool", POOL, "--type", "process"], env))
        print(f"\nready. In another terminal:\n  export PREFECT_API_URL={url}\n  prefect deployment run 'pipeline/local' --watch\n", flush=True)
        try:
            worker.wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()

"""What the service counts, for Prometheus at /metrics: requests, batches, the queue. Labels are bounded: no path that a caller invents."""

import os
import tempfile
from pathlib import Path

from hugline.errors import UserError
from services.batcher import Batcher, Ran

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
ROWS = (1, 2, 3, 4, 5, 6, 7, 8)
NAMESPACE = "hugline"
SHARED = "PROMETHEUS_MULTIPROC_DIR"  # where the workers of a service share their counts


def folder() -> Path:
    """This service's own: bentoml's is one for all services of a BENTOML_HOME, and each empties it when it starts (1.4.39)."""
    return Path(tempfile.gettempdir()) / f"hugline-metrics-{os.getppid()}"


class Counters:
    """The metrics of one process; each has the version of the bento, so that two versions can be told apart on a board."""

    def __init__(self, version: str) -> None:
        folder().mkdir(mode=0o700, exist_ok=True)
        if folder().stat().st_uid != os.getuid():
            raise UserError(f"a folder of our own at {folder()}", "another user's", "remove it, or set TMPDIR to a private folder")
        os.environ[SHARED] = str(folder())
        # imported here: bentoml sets the variable after it has imported the service, and this import reads it (bentoml/metrics.py, 1.4.39)
        from prometheus_client import Counter, Gauge, Histogram

        self._version = version
        self._requests = Counter("requests", "Requests answered, by route and status", ("path", "status", "version"), namespace=NAMESPACE)
        self._seconds = Histogram("request_seconds", "From a request to its answer", ("path", "version"), namespace=NAMESPACE, buckets=SECONDS)
        named = ("version",)
        self._waited = Histogram("queue_seconds", "A row's wait for its batch", named, namespace=NAMESPACE, buckets=SECONDS).labels(version)
        self._ran = Histogram("batch_seconds", "A batch on the model", named, namespace=NAMESPACE, buckets=SECONDS).labels(version)
        self._rows = Histogram("batch_rows", "Rows in a batch", named, namespace=NAMESPACE, buckets=ROWS).labels(version)
        self._tokens = Counter("tokens", "Tokens computed, without padding", named, namespace=NAMESPACE).labels(version)
        self._padding = Counter("padding_tokens", "Tokens of padding computed", named, namespace=NAMESPACE).labels(version)
        self._in_flight = Gauge("requests_in_flight", "Requests without an answer yet", named, namespace=NAMESPACE, multiprocess_mode="livesum").labels(version)
        self._queue = Gauge("queue_tokens", "Tokens that wait", named, namespace=NAMESPACE, multiprocess_mode="livesum").labels(version)

    def began(self) -> None:
        """A request has come."""
        self._in_flight.inc()

    def ended(self, path: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._in_flight.dec()
        self._requests.labels(path, str(status), self._version).inc()
        self._seconds.labels(path, self._version).observe(seconds)

    def batch(self, ran: Ran, batcher: Batcher) -> None:
        """A batch was computed."""
        for waited in ran.waited_s:
            self._waited.observe(max(0.0, waited))
        self._ran.observe(ran.seconds)
        self._rows.observe(ran.rows)
        self._tokens.inc(ran.tokens)
        self._padding.inc(ran.padded - ran.tokens)
        self._queue.set(batcher.queued_tokens)


def exposition() -> bytes:
    """The counts of all processes of this service, in Prometheus' text format."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return generate_latest(registry)

"""Around every request: an id, the bearer token, one line of log, the counters. No text of a row passes here."""

import hmac
import json
import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Protocol

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.requests import Refused
from services.ui import FILES

PROBES = frozenset({"/livez", "/readyz", "/healthz"})  # which a supervisor asks without a token
OPEN = PROBES | FILES.keys()  # a browser asks for the page's files without a token; they say nothing of the model
UNTOLD = PROBES | {"/metrics"}  # asked every few seconds: neither logged nor counted
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
log = logging.getLogger("hugline.access")


class Counting(Protocol):
    """Who counts requests."""

    def began(self) -> None:
        """A request has come."""
        ...

    def ended(self, path: str, status: int, seconds: float) -> None:
        """A request was answered."""
        ...


class Guard:
    """ASGI middleware: refuses what has no token where one is asked for, and tells each request once."""

    def __init__(self, app: ASGIApp, token: str, paths: frozenset[str], counting: Callable[[], Counting]) -> None:
        self._app, self._token, self._paths, self._counting = app, token.encode(), paths, counting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or (scope["path"] in UNTOLD and self._allowed(scope)):
            await self._app(scope, receive, send)
            return
        self._counting().began()
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        started, status = time.perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            if not self._allowed(scope):
                refused = Refused(401, "Authorization: expected a bearer token, found none that is known", "send Authorization: Bearer TOKEN")
                refused.headers = {"WWW-Authenticate": "Bearer"}
                await refused.response()(scope, receive, send_with_id)
            else:
                await self._app(scope, receive, send_with_id)
        finally:
            self._tell(scope, request_id, status, time.perf_counter() - started)

    def _allowed(self, scope: Scope) -> bool:
        kind, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
        known = kind.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self._token)
        return known or not self._token or scope["path"] in OPEN

    def _tell(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        """One line of JSON; a path that the service does not have is told as `other`, so that no caller fills log or counters."""
        path = scope["path"] if scope["path"] in self._paths else "other"
        self._counting().ended(path, status, seconds)
        line = {"request": request_id, "method": scope["method"], "path": path, "status": status, "ms": round(seconds * 1e3, 2)}
        log.info("%s", json.dumps(line))

"""The page at `/ui`, for people who would rather look than read: its files, and what browsers are told about them.

The files say nothing of the model: they are the same for every package, and fetch what they show from the other routes,
with the token where one is asked for.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent
SCRIPTS = ("page.js", "ask.js", "file.js", "model.js", "answer.js", "card.js", "csv.js", "dom.js", "fields.js", "service.js", "table.js")
FILES = {"/ui": "page.html", **{f"/ui/{name}": name for name in ("page.css", *SCRIPTS)}}
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
# nothing from elsewhere, no inline script, and no string becomes markup: the page sets texts, never HTML
NOTHING = "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
POLICY = f"default-src 'self'; img-src 'self' data:; {NOTHING}; require-trusted-types-for 'script'"
HEADERS = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}


def handlers() -> dict[str, Callable[[Request], Awaitable[Response]]]:
    """One for each file, by its route; the files are read now."""
    return {path: _handler((FOLDER / name).read_bytes(), TYPES[Path(name).suffix]) for path, name in FILES.items()}


def _handler(content: bytes, kind: str) -> Callable[[Request], Awaitable[Response]]:
    async def file(_: Request) -> Response:
        return Response(content, media_type=kind, headers=HEADERS)

    return file


def card(folder: Path) -> str:
    """A package's model card; empty where it has none."""
    file = folder / "README.md"
    return file.read_text(encoding="utf-8") if file.is_file() else ""

"""`python -m services.check TAG PACKAGE`: serve a bento in a fresh process and replay the package's golden rows."""

import sys
from pathlib import Path

from hugline.errors import UserError
from services.replay import replay
from services.serving import serving


def check(target: str, package: Path) -> None:
    """Serve, replay, stop; raises UserError."""
    with serving(target) as url:
        replay(url, package)


def main() -> None:
    """Check what the command line names; a UserError prints its text and exits 1."""
    if len(sys.argv) != 3:
        raise SystemExit("usage: python -m services.check TAG PACKAGE")
    try:
        check(sys.argv[1], Path(sys.argv[2]))
    except UserError as error:
        raise SystemExit(f"{error}") from None


if __name__ == "__main__":
    main()

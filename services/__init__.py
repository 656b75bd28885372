"""The endpoint: a package as a BentoML service, its build, and the check that it answers as it should."""

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent.parent / "hugline"


def _own_library() -> None:
    """Forget a `hugline` that is not the one beside this folder, so that a bento runs the library it was built with.

    `bentoml serve hugline:VERSION` (1.4.39, `bentoml/_internal/service/loader.py`) first tries to import a module
    named `hugline`, finds the checkout's or an installed one, and only then loads the bento of that name.
    """
    found = sys.modules.get("hugline")
    if found and found.__file__ and _HERE.is_dir() and Path(found.__file__).resolve().parent != _HERE:
        for name in [n for n in sys.modules if n.partition(".")[0] == "hugline"]:
            del sys.modules[name]


_own_library()

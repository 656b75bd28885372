"""`python -m services.build PACKAGE [--unapproved]`: a package as a bento, built without a network, once for each content."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hugline.core.checkpoint import sha256
from hugline.core.store import MANIFEST, check_manifest
from hugline.environment import prepare
from hugline.errors import PackageError, UserError
from hugline.tasks import load_task
from services.model import read_json
from services.shipped import ROOT, SERVICE, modules, requirements

NAME, UNAPPROVED = "hugline", "hugline-unapproved"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
LEFT_OUT = (".safetensors", ".safetensors.index.json")  # ONNX serves
RESULTS = (":!dvc.lock", ":!reports")  # what a run writes into files that git tracks
TAIL = 15  # lines of a failed build that its error repeats


def build(package: Path, release: bool = True) -> str:
    """The tag of a package's bento, built where no bento of this content exists; raises UserError.

    The version is taken from what the bento holds, so the labels (commit, approval, metric) are those of its first build.
    A package that is not approved is refused, or with `release=False` built under a name that says so.
    """
    check_manifest(package)
    gate = read_json(package, "gate.json")
    if not gate["approved"] and release:
        raise PackageError(
            "an approved package", f"not approved: {'; '.join(gate['reasons'])}", "train a better model, or build it with --unapproved to try it out"
        )
    name = NAME if gate["approved"] else UNAPPROVED
    home = _home(package)
    files, pins = _files(package), requirements()
    version = _version(files, pins)
    bento = home / "bentos" / name / version
    if not _complete(bento, files):
        shutil.rmtree(bento, ignore_errors=True)  # what a killed build left
        with tempfile.TemporaryDirectory(prefix="hugline-build-") as context:
            _assemble(Path(context), files, _bentofile(name, pins, _labels(package, gate)))
            _run(Path(context), version, home, approved=gate["approved"])
        if not _complete(bento, files):
            raise UserError(f"a whole bento at {bento}", "files are missing", "report this: bentoml has left something out")
    return f"{name}:{version}"


def _home(package: Path) -> Path:
    """BENTOML_HOME, absolute because the build runs in another folder."""
    home = Path(os.environ.get("BENTOML_HOME") or Path.home() / "bentoml").expanduser().absolute()
    if home.resolve().is_relative_to(package.resolve()):
        raise UserError("BENTOML_HOME outside the package", str(home), "set BENTOML_HOME to a folder elsewhere")
    return home


def _files(package: Path) -> dict[str, Path]:
    """What the bento holds, by its path there."""
    names = [*read_json(package, MANIFEST), MANIFEST]
    carried = {f"package/{name}": package / name for name in names if not name.endswith(LEFT_OUT)}
    if missing := [name for name, file in carried.items() if not file.is_file()]:
        raise PackageError(f"every file of {package / MANIFEST}", f"no {', '.join(missing)}", "run the package stage again")
    return carried | {file.as_posix(): ROOT / file for file in modules(load_task(package).name)}


def _version(files: Mapping[str, Path], pins: list[str]) -> str:
    content = [f"{name} {sha256(file)}" for name, file in sorted(files.items())] + pins + [f"python {PYTHON}"]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()[:16]


def _complete(bento: Path, files: Mapping[str, Path]) -> bool:
    """Whether a bento is there with all its files; bentoml copies into the store, so a killed build leaves some of them."""
    copies = [(bento / "src" / name, file) for name, file in files.items()]
    return (bento / "bento.yaml").is_file() and all(copy.is_file() and copy.stat().st_size == file.stat().st_size for copy, file in copies)


def _labels(package: Path, gate: Mapping[str, Any]) -> dict[str, str]:
    metrics = read_json(package, "metrics.json")
    monitor = metrics["monitor"]
    commit = _commit()
    return {"approved": str(gate["approved"]).lower(), "monitor": monitor, monitor: f"{metrics[monitor]:.4f}"} | ({"commit": commit} if commit else {})


def _commit() -> str:
    """The project's commit, with `-dirty` where more differs from it than a run's own results; empty outside git."""
    try:
        commit = _git("rev-parse", "HEAD")
        return commit + ("-dirty" if _git("status", "--porcelain", "--untracked-files=no", "--", ".", *RESULTS) else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(*arguments: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True).stdout.strip()


def _bentofile(name: str, pins: list[str], labels: Mapping[str, str]) -> dict[str, Any]:
    """The build's settings; bentoml adds its own requirement, pinned."""
    packages = [pin for pin in pins if not pin.startswith("bentoml==")]
    return {
        "service": SERVICE,
        "name": name,
        "description": "file:package/README.md",
        "labels": dict(labels),
        "python": {"packages": packages, "lock_packages": False},  # locking needs a network, and everything is pinned
        "docker": {"python_version": PYTHON},
    }


def _assemble(context: Path, files: Mapping[str, Path], bentofile: Mapping[str, Any]) -> None:
    for name, file in files.items():
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, context / name)
    (context / "bentofile.yaml").write_text(json.dumps(bentofile, indent=2), encoding="utf-8")  # JSON is YAML


def _run(context: Path, version: str, home: Path, approved: bool) -> None:
    """`bentoml build` in a fresh process, which imports the service and opens the package as a server would."""
    prepare()
    environment = {k: v for k, v in os.environ.items() if k not in ("HUGLINE_PACKAGE", "HUGLINE_SERVE_UNAPPROVED")}
    environment |= {"BENTOML_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"} | ({} if approved else {"HUGLINE_SERVE_UNAPPROVED": "1"})
    command = [sys.executable, "-m", "bentoml", "build", "--version", version, "--output", "tag", str(context)]
    done = subprocess.run(command, cwd=context, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode and "already exists" not in done.stdout:  # another process may have built the same content meanwhile
        raise UserError("a bento", f"bentoml build failed:\n{_end(done.stdout)}", "mend what it says, then build again")


def _end(text: str) -> str:
    return "\n".join(text.splitlines()[-TAIL:])


def main() -> None:
    """Build what the command line names and print the tag; a UserError prints its text and exits 1."""
    arguments = [a for a in sys.argv[1:] if a != "--unapproved"]
    if len(arguments) != 1:
        raise SystemExit("usage: python -m services.build PACKAGE [--unapproved]")
    try:
        print(build(Path(arguments[0]), release="--unapproved" not in sys.argv[1:]))
    except UserError as error:
        raise SystemExit(f"{error}") from None


if __name__ == "__main__":
    main()

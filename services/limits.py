"""What the environment says of one serving process: who may ask, how much, how long, on how many threads."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from hugline.errors import UserError

MIN_TOKEN = 16  # characters of a bearer token, at least


@dataclass(frozen=True)
class Limits:
    """The settings of a service; each is read from HUGLINE_ and its name in capitals."""

    token: str = field(default="", repr=False)  # bearer token that every route but the probes asks for; empty: none
    threads: int = 1  # of ONNX Runtime for one batch
    lanes: int = 0  # batches that run side by side; 0: the cores that this process may use, over the threads
    max_body: int = 4 * 1024 * 1024  # bytes
    max_rows: int = 256  # in one request
    max_characters: int = 100_000  # in one text
    queue_tokens: int = 65_536  # that may wait
    timeout_s: int = 30  # from a request's arrival to its answer


def read_limits(environment: Mapping[str, str]) -> Limits:
    """The limits that variables such as HUGLINE_TIMEOUT_S set; raises UserError for a value that is not accepted."""
    numbers = {name: _number(environment, name, default) for name, default in vars(Limits()).items() if name != "token"}
    token = environment.get("HUGLINE_TOKEN", "")
    if token and (len(token) < MIN_TOKEN or not token.isascii() or any(c.isspace() for c in token)):
        raise UserError(f"HUGLINE_TOKEN of at least {MIN_TOKEN} ASCII characters without spaces", f"{len(token)} characters", "set a longer random one")
    limits = Limits(token=token, **numbers)
    return limits if limits.lanes else Limits(token=token, **{**numbers, "lanes": max(1, cores() // limits.threads)})


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    variable = f"HUGLINE_{name.upper()}"
    given = environment.get(variable, str(default))
    least = 0 if name == "lanes" else 1
    if not (given.isascii() and given.isdigit() and int(given) >= least):
        raise UserError(f"{variable} as a whole number, {least} or more", repr(given), "correct the variable, or unset it")
    return int(given)

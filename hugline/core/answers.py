"""Whether two answers to the same row are the same answer."""

from typing import Any

TOLERANCE = 1e-3  # of a score: ONNX Runtime on another processor rounds otherwise


def differs(found: Any, wanted: Any, at: str = "answer") -> str:
    """Where two answers differ by more than `TOLERANCE`, in words; empty where they agree."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        if found.keys() != wanted.keys():
            return f"{at} has {sorted(found)}, expected {sorted(wanted)}"
        return next((d for key in wanted if (d := differs(found[key], wanted[key], f"{at}.{key}"))), "")
    if isinstance(wanted, float) and isinstance(found, int | float):
        return "" if abs(found - wanted) <= TOLERANCE else f"{at} is {found:.5f}, expected {wanted:.5f}"
    return "" if found == wanted else f"{at} is {found!r}, expected {wanted!r}"

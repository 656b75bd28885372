"""Hugline: fine-tune Hugging Face transformers with fastai and take the winner to an endpoint."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hugline.core.store import load_predictor
    from hugline.errors import UserError
    from hugline.params import Params, load_params

_EXPORTS = {
    "Params": "hugline.params",
    "UserError": "hugline.errors",
    "load_params": "hugline.params",
    "load_predictor": "hugline.core.store",
}
__all__ = ["Params", "UserError", "load_params", "load_predictor"]


def __getattr__(name: str) -> Any:
    """Import an exported name on first use (PEP 562), so that `import hugline` stays light."""
    if name not in _EXPORTS:
        raise AttributeError(f"module 'hugline' has no attribute {name!r}; it has {', '.join(sorted(_EXPORTS))}")
    return getattr(import_module(_EXPORTS[name]), name)

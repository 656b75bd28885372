"""The ONNX graph of a model: inputs [B, T] with both sizes free, the task's reduced outputs."""

import contextlib
import io
import logging
import warnings
from pathlib import Path
from typing import Any

from hugline.core.encoder import Encoder
from hugline.core.task import Task

OPSET = 20
EXAMPLE_BATCH, EXAMPLE_TOKENS = 2, 16


def export_onnx(task: Task, encoder: Encoder, model: Any, file: Path) -> None:
    """Write the model as one ONNX file whose bytes depend on weights and versions only.

    Exported by torch's dynamo exporter with eager attention, which every architecture tried here takes. The
    exporter records absolute paths of source files in `metadata_props`: all of them are cleared.
    """
    import onnx
    import torch

    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns of operators of a torchvision that is not there
    model.set_attn_implementation("eager")
    example = {name: torch.ones(EXAMPLE_BATCH, EXAMPLE_TOKENS, dtype=torch.int64) for name in encoder.inputs}
    dims = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    wrapped = _reduced(task, model, encoder.inputs)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            wrapped,
            tuple(example.values()),
            dynamo=True,
            opset_version=OPSET,
            input_names=list(example),
            output_names=list(task.outputs),
            dynamic_shapes=(tuple(dims for _ in example),),
            verbose=False,
        )
    assert program is not None
    proto = program.model_proto
    _forget_paths(proto)
    onnx.checker.check_model(proto)
    file.write_bytes(proto.SerializeToString(deterministic=True))


def _reduced(task: Task, model: Any, names: tuple[str, ...]) -> Any:
    import torch

    class Reduced(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
            reduced = task.reduce(self.model(**dict(zip(names, tensors, strict=True))))
            return tuple(reduced[name] for name in task.outputs)

    return Reduced().eval()


def _forget_paths(proto: Any) -> None:
    """Clear every `metadata_props` and documentation string, in the graph, its nodes, values and functions."""
    del proto.metadata_props[:]
    proto.doc_string = ""
    for graph in (proto.graph, *proto.functions):
        del graph.metadata_props[:]
        graph.doc_string = ""
        values = [*graph.value_info] + ([*graph.input, *graph.output, *graph.initializer] if graph is proto.graph else [])
        for part in (*graph.node, *values):
            del part.metadata_props[:]
            part.doc_string = ""

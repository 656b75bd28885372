"""What runs a model's forward pass: ONNX Runtime without torch, or torch."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from hugline.core.features import Batch
from hugline.core.task import Outputs, Task


class Backend(Protocol):
    """A model behind one call."""

    def forward(self, batch: Batch) -> Outputs:
        """A padded batch [B, T] to reduced outputs [B, ...]."""
        ...


class OnnxBackend:
    """ONNX Runtime on the CPU."""

    def __init__(self, file: Path, threads: int = 0) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads  # 0: as many as there are cores
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self._inputs = [i.name for i in self._session.get_inputs()]
        self._outputs = [o.name for o in self._session.get_outputs()]

    def forward(self, batch: Batch) -> Outputs:
        """A padded batch to outputs that the exported graph has reduced already."""
        arrays = self._session.run(self._outputs, {name: batch[name] for name in self._inputs})
        return dict(zip(self._outputs, arrays, strict=True))


class TorchBackend:
    """A transformers model, on the device where it is."""

    def __init__(self, task: Task, model: Any) -> None:
        self._task, self._model = task, model

    def forward(self, batch: Batch) -> Outputs:
        """A padded batch to the task's reduced outputs, in fp32 weights' own precision."""
        import torch

        device = next(self._model.parameters()).device
        with torch.inference_mode():
            tensors = {name: torch.from_numpy(array).to(device) for name, array in batch.items()}
            reduced = self._task.reduce(self._model(**tensors))
        return {name: np.asarray(tensor.float().cpu().numpy()) for name, tensor in reduced.items()}

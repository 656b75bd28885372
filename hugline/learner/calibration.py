"""After the training: what only the trained model's answers to validation rows can tell."""

from typing import Any

from hugline.core.backends import TorchBackend
from hugline.core.encoder import Encoder
from hugline.core.predictor import predict_features
from hugline.core.task import Task
from hugline.learner.training import Split


def calibrate(task: Task, encoder: Encoder, model: Any, validation: Split) -> Task:
    """The task completed by what is fitted on validation, such as a temperature."""
    answers = predict_features(task, TorchBackend(task, model.eval()), encoder, validation.features, validation.rows)
    return task.calibrated(answers, validation.rows)

"""Tests of what a model must do whatever the test rows say: read from YAML, run in one prediction.

Ribeiro, Wu, Guestrin and Singh, "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList", ACL 2020,
https://aclanthology.org/2020.acl-main.442. docs/behaviour.md says how to write them.
"""

from hugline.evaluation.behaviour.base import BehaviourTest
from hugline.evaluation.behaviour.file import load_tests
from hugline.evaluation.behaviour.run import Failure, Outcome, run_tests

__all__ = ["BehaviourTest", "Failure", "Outcome", "load_tests", "run_tests"]

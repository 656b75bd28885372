"""The pages that people open: the report of a model, its examples with their texts, and two versions compared."""

from hugline.evaluation.report.compared import render_comparison, render_markdown
from hugline.evaluation.report.page import render_examples, render_report

__all__ = ["render_comparison", "render_examples", "render_markdown", "render_report"]

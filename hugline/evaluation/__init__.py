"""Judging a model: baselines, paired comparison, gates, the report."""

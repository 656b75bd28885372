"""Rows from wherever the user keeps them, mapped to the task's names, checked and split: what ingest does."""

"""Prefect flows: when and where the stages run. They run commands and read files; nothing imports them."""

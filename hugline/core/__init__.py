"""What training, evaluation and serving share; imports at its top only numpy, pydantic, tokenizers (and pyarrow on use)."""

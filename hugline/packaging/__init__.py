"""Making a package that can be served, explained and reproduced from a fine-tuned model."""

"""`python -m hugline.cli`."""

from hugline.cli import main

main()

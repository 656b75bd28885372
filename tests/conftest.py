"""For every test: being a package's conftest, this file puts the project's root on the path, wherever pytest starts."""

"""Errors that are the user's to fix; everything else is a bug and keeps its traceback."""


class UserError(Exception):
    """Something the user can fix: the message says what was expected, what was found, and the remedy."""

    def __init__(self, expected: str, found: str, remedy: str) -> None:
        super().__init__(expected, found, remedy)
        self.expected, self.found, self.remedy = expected, found, remedy

    def __str__(self) -> str:
        # from the fields, not from `args`: fastai rewrites the args of what a callback raises
        return f"expected: {self.expected}\nfound:    {self.found}\nremedy:   {self.remedy}"


class ParamsError(UserError):
    """One or more settings in params.yaml are wrong; all faults are listed at once."""


class DataError(UserError):
    """The user's rows can't be used as they are."""


class BehaviourError(UserError):
    """A file of behaviour tests can't be used; all faults are listed at once."""


class CheckpointError(UserError):
    """A checkpoint is missing, unreachable, or not the file it should be."""


class TrainingError(UserError):
    """Training went wrong in a way that another setting can mend."""


class PackageError(UserError):
    """A model folder or package is incomplete or has been changed."""

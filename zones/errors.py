"""The two errors whose text goes to the user as it is; every other exception is a bug."""


class TilewrightError(Exception):
    """Base of errors with one plain sentence for the user: what, where, what to do."""


class InputError(TilewrightError):
    """The input or the usage is bad; nothing was changed (exit code 2)."""


class WorkError(TilewrightError):
    """The work failed half-way; everything finished so far is kept (exit code 1)."""

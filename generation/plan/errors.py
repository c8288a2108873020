"""The signal that ends a run on the user's wish; it is not an error."""


class Cancelled(BaseException):
    """Raised by a step hook to end the window at the next step boundary.

    A `BaseException`, so that no broad handler between the hook and the run mistakes the wish
    to stop for a failure.
    """

"""The fixtures of windows for the tests of the shell."""

from tests.app.shell.windows import *  # noqa: F403 - the same
from tests.support.qt import *  # noqa: F403 - fixtures are found by name

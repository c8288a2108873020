"""The fixtures of windows for the tests of the shell."""

from tests.support.qt import *  # noqa: F403 - fixtures are found by name

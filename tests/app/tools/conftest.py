"""The fixtures of windows for the tests of the tools."""

from tests.app.tools.hands import *  # noqa: F403
from tests.support.qt import *  # noqa: F403 - fixtures are found by name

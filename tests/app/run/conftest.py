"""Fixtures of the run panels' tests."""

from __future__ import annotations

from tests.support.qt import *  # noqa: F403

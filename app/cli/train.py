"""`tilewright train`: the recipes behind the bundled weights."""

from __future__ import annotations

from generation.engine.training.command import main as train

__all__ = ["train"]

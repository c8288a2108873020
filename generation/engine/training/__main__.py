"""Runs one training stage by hand: `python -m generation.engine.training STAGE --work DIR`."""

from __future__ import annotations

from generation.engine.training.command import main

main()

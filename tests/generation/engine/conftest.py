"""Toy pipelines and folders shared by the engine tests; built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.klein_calls import pipelines
from tests.support.toy_models import save_toy_folder, toy_components

_PAIR = []


@pytest.fixture
def pair():
    """(differential, stock) pipelines over the same components."""
    if not _PAIR:
        _PAIR.append(pipelines(toy_components()))
    return _PAIR[0]


@pytest.fixture
def pipe(pair):
    return pair[0]


@pytest.fixture
def stock(pair):
    return pair[1]


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory) -> Path:
    """A sharded toy model folder; read only: copy it before breaking it."""
    return save_toy_folder(tmp_path_factory.mktemp("toy") / "model", shard_bytes=40_000)

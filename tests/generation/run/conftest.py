"""One toy model and one finished run for all tests of runs."""

from __future__ import annotations

import copy

import pytest

from generation.engine.factory import load_engine
from generation.plan.ports import Engine
from generation.run.records import MemoryTileStore
from tests.generation.run.cases import Listening, render, toy_world
from tests.support.toy_models import save_toy_folder


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return load_engine(save_toy_folder(tmp_path_factory.mktemp("model") / "toy"), "cpu")


@pytest.fixture
def listening(engine: Engine) -> Listening:
    return Listening(engine)


@pytest.fixture(scope="session")
def _whole(engine: Engine) -> MemoryTileStore:
    store = MemoryTileStore()
    render(toy_world(), engine, store)
    return store


@pytest.fixture
def finished(_whole: MemoryTileStore) -> MemoryTileStore:
    """The usual world, rendered row by row."""
    return copy.deepcopy(_whole)

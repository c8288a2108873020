"""The engine in its own process: the same pixels, and nothing left when it ends."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from generation.engine.factory import load_engine
from generation.engine.frames import Frame
from generation.engine.process import ProcessEngine
from generation.plan.errors import Cancelled, EngineDied, OutOfMemory
from generation.plan.noise import noise_window
from generation.plan.ports import Engine
from generation.plan.request import PaintRequest
from zones.errors import InputError
from zones.geometry import Rect

CANVAS = np.random.default_rng(2).integers(0, 256, (32, 48, 3), np.uint8)
REQUEST = PaintRequest(
    seed_canvas=CANVAS,
    inpaint_mask=np.full((32, 48), 255, np.uint8),
    change_map=np.linspace(0, 1, 32 * 48, dtype=np.float32).reshape(32, 48),
    prompt="grass",
    steps=4,
    noise=noise_window(3, Rect(0, 0, 6, 4), 4),
    strength=0.75,
)


@pytest.fixture(scope="module")
def process(toy_folder: Path) -> Iterator[ProcessEngine]:
    engine = ProcessEngine(toy_folder, "cpu", threads=torch.get_num_threads())
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def inside(toy_folder: Path) -> Engine:
    return load_engine(toy_folder, "cpu")


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_it_says_of_itself_what_the_engine_says(process: ProcessEngine, inside: Engine) -> None:
    assert process.describe() == inside.describe()
    assert process.profile == inside.profile
    assert process.model_hash == inside.model_hash
    assert process.latent_channels == inside.latent_channels


@pytest.mark.parametrize(
    "change", [{}, {"change_map": None}, {"gate": "sigma"}, {"plain": True}, {"reference": False}]
)
def test_the_pixels_and_previews_are_the_engines_bit_for_bit(
    process: ProcessEngine, inside: Engine, change: dict[str, object]
) -> None:
    request = replace(REQUEST, **change)  # type: ignore[arg-type]
    here, there = [], []
    expected = inside.paint(request, lambda *step: here.append(step))
    painted = process.paint(request, lambda *step: there.append(step))
    assert np.array_equal(painted.rgb, expected.rgb)
    assert not painted.rgb.flags.writeable
    assert painted.steps_run == expected.steps_run
    assert [step[:2] for step in there] == [step[:2] for step in here]
    for one, other in zip(here, there, strict=True):
        assert np.array_equal(one[2], other[2])


def test_a_round_trip_is_the_engines(process: ProcessEngine, inside: Engine) -> None:
    assert np.array_equal(process.round_trip(CANVAS), inside.round_trip(CANVAS))


@pytest.mark.parametrize("at", [1, 3])
def test_a_hook_cancels_and_the_next_window_is_unharmed(process: ProcessEngine, at: int) -> None:
    seen = []

    def hook(step: int, _steps: int, _preview: object) -> None:
        seen.append(step)
        if step == at:
            raise Cancelled

    expected = process.paint(REQUEST).rgb
    with pytest.raises(Cancelled):
        process.paint(REQUEST, hook)
    assert seen == list(range(1, at + 1))
    assert np.array_equal(process.paint(REQUEST).rgb, expected)


def test_out_of_memory_in_the_process_is_told_with_its_numbers(process: ProcessEngine) -> None:
    side = 4096
    large = replace(
        REQUEST,
        seed_canvas=np.zeros((side, side, 3), np.uint8),
        inpaint_mask=np.zeros((side, side), np.uint8),
        change_map=None,
        noise=np.zeros((4, side // 8, side // 8), np.float32),
    )
    pid = process._process.pid
    limits = resource.prlimit(pid, resource.RLIMIT_AS)
    room = psutil.Process(pid).memory_info().vms + (600 << 20)
    resource.prlimit(pid, resource.RLIMIT_AS, (room, limits[1]))
    try:
        with pytest.raises(OutOfMemory, match=r"4096 x 4096 px needs more memory") as caught:
            process.paint(large)
    finally:
        resource.prlimit(pid, resource.RLIMIT_AS, limits)
    assert caught.value.needed_bytes is not None
    assert caught.value.free_bytes is not None
    assert "smaller window" in str(caught.value)


def test_a_model_that_is_not_there_is_the_users_to_mend(tmp_path: Path) -> None:
    engine = ProcessEngine(tmp_path / "none", "cpu")
    with pytest.raises(InputError, match="there is no model folder"):
        engine.describe()
    engine.close()
    assert not alive(engine._process.pid)


def test_noise_in_the_pipe_ends_the_process_and_is_told(tmp_path: Path) -> None:
    engine = ProcessEngine(tmp_path, "cpu")
    engine._orders.write(b"x" * 64)
    engine._orders.flush()
    with pytest.raises((EngineDied, InputError)):  # whichever the process comes to first
        engine.describe()
    engine.close()
    assert not psutil.pid_exists(engine._process.pid)


def test_a_killed_process_is_told_and_leaves_no_zombie(tmp_path: Path) -> None:
    engine = ProcessEngine(tmp_path, "cpu")
    os.kill(engine._process.pid, signal.SIGKILL)
    with pytest.raises(EngineDied, match="memory runs out"):
        engine.describe()
    assert not psutil.pid_exists(engine._process.pid)
    with pytest.raises(EngineDied):
        engine.describe()
    engine.close()


def test_a_closed_engine_paints_no_more_and_closing_twice_is_no_matter(tmp_path: Path) -> None:
    engine = ProcessEngine(tmp_path, "cpu")
    engine.close()
    engine.close()
    assert not psutil.pid_exists(engine._process.pid)
    with pytest.raises(Cancelled):
        engine.paint(REQUEST)


def test_closing_while_the_model_loads_ends_the_wait(tmp_path: Path, toy_folder: Path) -> None:
    engine = ProcessEngine(toy_folder, "cpu")
    ended = []

    def ask() -> None:
        try:
            engine.describe()
        except Cancelled:
            ended.append(True)

    asker = threading.Thread(target=ask)
    asker.start()
    time.sleep(0.2)
    engine.close()
    asker.join(3.0)
    assert ended == [True]
    assert not psutil.pid_exists(engine._process.pid)


def test_the_process_ends_with_the_program_that_started_it(toy_folder: Path) -> None:
    program = (
        "import os, signal\n"
        "from generation.engine.process import ProcessEngine\n"
        f"engine = ProcessEngine({str(toy_folder)!r}, 'cpu')\n"
        "print(engine._process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    pid = int(done.stdout)
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(pid)


def test_importing_it_brings_no_torch() -> None:
    program = "import sys, generation.engine.process; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_process_that_breaks_tells_how(toy_folder: Path) -> None:
    engine = ProcessEngine(toy_folder, "cpu")
    engine.describe()
    with engine._turn():
        engine._send(Frame("dance"))
        with pytest.raises(EngineDied, match="there is no order dance"):
            engine._receive()
    engine.close()

"""What a closed map took goes back to the system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import numpy as np
import psutil
from app.shell.heap import bound_heap, return_heap

def resident():
    return psutil.Process().memory_info().rss

assert bound_heap()
before = resident()
kept = []
for number in range(1800):
    buffer = np.ones(100_000 + 1000 * (number % 7), np.uint8)
    kept.append((bytearray(3000), buffer))
grown = resident() - before
kept = [small for small, _ in kept]
del buffer
return_heap()
print(grown, resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told")
def test_dropped_buffers_go_back_though_small_ones_lie_between_them() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    grown, left = map(int, done.stdout.split())
    assert grown > 150 * 2**20
    assert left < 10 * 2**20

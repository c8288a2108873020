"""How torch's threads wait for each other."""

import os
import subprocess
import sys

PROGRAM = "import os, generation.engine; print(os.environ.get('GOMP_SPINCOUNT', -1))"
NAMES = {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"}


def _spins(**given: str) -> int:
    kept = {name: value for name, value in os.environ.items() if name not in NAMES}
    words = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(words, env=kept | given, capture_output=True, check=True)
    return int(done.stdout)


def test_threads_give_the_processor_back_while_they_wait() -> None:
    assert 0 < _spins() <= 10_000


def test_a_user_can_choose_how_long_threads_spin() -> None:
    assert _spins(GOMP_SPINCOUNT="77") == 77
    assert _spins(OMP_WAIT_POLICY="active") == -1

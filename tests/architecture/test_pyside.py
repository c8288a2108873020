"""The installed Qt is one that survives: some versions abort CPython after hundreds of signals."""

from __future__ import annotations

import os
import subprocess
import sys

EMISSIONS = 2_000

SCRIPT = f"""
from PySide6.QtCore import QCoreApplication, QObject, Signal

class Sender(QObject):
    sent = Signal(object)

app = QCoreApplication([])
sender, heard = Sender(), []
sender.sent.connect(heard.append)
for number in range({EMISSIONS}):
    sender.sent.emit((number, {{"some": "payload"}}))
print(len(heard), heard[-1][0])
"""


def test_two_thousand_signals_reach_their_slot_and_the_process_lives() -> None:
    ended = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == [str(EMISSIONS), str(EMISSIONS - 1)]

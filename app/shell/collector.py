"""Collects Python's cyclic garbage on the GUI thread alone.

The collector runs on whatever thread happens to allocate. A cycle with a QObject in it may then be
destroyed off its own thread, which ends the process where that object owns a timer.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_PERIOD_MS = 200


class Collector(QObject):
    """Switches automatic collection off while it lives, and collects from a timer instead.

    Args:
        parent: as of every QObject; lives on the GUI thread.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.collect()
        gc.freeze()  # what start made stays; later collections need not look at it
        gc.disable()
        self.destroyed.connect(gc.enable)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._timer.start(_PERIOD_MS)

    def _on_timer_timeout(self) -> None:
        """Collect the oldest generation that is due, as the collector itself would."""
        due = [
            generation
            for generation, (count, limit) in enumerate(
                zip(gc.get_count(), gc.get_threshold(), strict=True)
            )
            if limit and count > limit
        ]
        if due:
            gc.collect(max(due))

"""How long something takes, in the words of a person who waits."""

from __future__ import annotations

_MINUTE_S, _HOUR_S = 60, 3600
_FINE_S, _ROUND_S = 10, 5


def duration_text(seconds: float) -> str:
    """A span of time as `8 s`, `45 s`, `3 min`, `1 h 20 min`; units stay short everywhere.

    Args:
        seconds: 0 or more.
    """
    if seconds < _FINE_S:
        return f"{max(1, round(seconds))} s"
    if seconds < _MINUTE_S - _ROUND_S / 2:
        return f"{_ROUND_S * round(seconds / _ROUND_S)} s"
    minutes = max(1, round(seconds / _MINUTE_S))
    if minutes < _HOUR_S // _MINUTE_S:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, _MINUTE_S)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"

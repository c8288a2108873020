"""Results of a tile in words: where each stands, when and how it was painted."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, Qt

from app.core.durations import duration_text
from painter.results import TileResult


def standing(result: TileResult) -> str:
    """Where a result stands: on the map, or why not."""
    if result.damage:
        return _tr("Damaged")
    if result.on_map:
        return _tr("On the map")
    return {
        "landed": _tr("Earlier"),
        "superseded": _tr("Painted from older zones"),
        "candidate": _tr("Variant"),
    }[result.status]


def moment(result: TileResult) -> str:
    """When it was painted: the time today, else with the date; "" where that is unknown."""
    when = QDateTime.fromString(result.when, Qt.DateFormat.ISODate).toLocalTime()
    if not when.isValid():
        return ""
    short = QLocale.FormatType.ShortFormat
    time = QLocale().toString(when.time(), short)
    if when.date() == QDate.currentDate():
        return time
    return f"{QLocale().toString(when.date(), short)} {time}"


def making(result: TileResult) -> str:
    """Seed, steps and time of work in one line."""
    facts, parts = result.facts, []
    if "seed" in facts:
        parts.append(_tr("seed {seed}").format(seed=facts["seed"]))
    steps = _settings(result).get("steps")
    if steps is not None:
        parts.append(_tr("{steps} steps").format(steps=steps))
    if isinstance(facts.get("elapsed_s"), int | float):
        parts.append(duration_text(float(facts["elapsed_s"])))
    return " · ".join(parts)


def details(result: TileResult) -> str:
    """Everything that was chosen for it, line by line."""
    if result.damage:
        return result.damage
    facts, settings = result.facts, _settings(result)
    lines = [
        _tr("Model: {model}").format(model=facts.get("model", "?")),
        _tr("Words: {prompt}").format(prompt=facts.get("prompt", "?")),
        making(result),
    ]
    if settings.get("strength", 1.0) != 1.0:
        lines.append(_tr("Strength: {value}").format(value=settings["strength"]))
    if settings.get("carve_out"):
        lines.append(_tr("Rivers and paths were painted across borders"))
    if result.seams and result.seams.get("step") is not None:
        lines.append(_tr("Worst seam: {step} times").format(step=result.seams["step"]))
    return "\n".join(line for line in lines if line)


def _settings(result: TileResult) -> dict[str, Any]:
    found = result.facts.get("settings")
    return found if isinstance(found, dict) else {}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Results", text)

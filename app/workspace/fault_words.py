"""What is said of rivers and paths that did not come out as they were drawn."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from generation.plan.judging import StrokeFault


def place_text(place: StrokeFault) -> str:
    """Which stroke, and where."""
    x, y = (round(value) for value in place.fault.at)
    return _tr("{stencil} near {x}, {y}").format(stencil=place.routing.kind, x=x, y=y)


def fault_text(place: StrokeFault) -> str:
    """What is wrong, in two or three words with its length."""
    text = {
        "missing": _tr("missing for {length} px"),
        "broken": _tr("broken for {length} px"),
        "displaced": _tr("displaced for {length} px"),
    }[place.fault.kind]
    return text.format(length=round(place.fault.length_px))


def fault_sentence(place: StrokeFault) -> str:
    """One sentence for people who have not looked there yet."""
    text = {
        "missing": _tr("The {stencil} is missing near {x}, {y}."),
        "broken": _tr("The {stencil} is broken near {x}, {y}."),
        "displaced": _tr("The {stencil} runs beside where it was drawn near {x}, {y}."),
    }[place.fault.kind]
    x, y = (round(value) for value in place.fault.at)
    return text.format(stencil=place.routing.kind, x=x, y=y)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Faults", text)

"""Keeps an error in an overridden Qt method from ending the process.

Under CPython 3.11 an error that C code raises (`int("x")`, a deleted Qt object) reaches PySide as a
bare text in place of an exception. PySide (6.8 to 6.11) takes the text for an exception where the
override was called beneath another Python frame, and the process dies of it. Caught and raised
again in Python, the error is a whole exception, and comes up where it belongs.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from PySide6.QtCore import QObject

OURS = "app."
"""Classes of modules that begin so are mended."""

_MENDED = "_tilewright_raises_whole"


def mend_overrides() -> None:
    """Mend the overrides of all Qt classes of the app, those of modules loaded later included."""
    if sys.version_info >= (3, 12):
        return
    for found in _classes_below(QObject):
        _mend(found)
    QObject.__init_subclass__ = classmethod(_mend_new)  # type: ignore[method-assign, assignment]


def _mend_new(cls: type[QObject], /, **options: Any) -> None:
    super(QObject, cls).__init_subclass__(**options)  # the bases beyond Qt's, such as Generic
    _mend(cls)


def _mend(cls: type[QObject]) -> None:
    if not cls.__module__.startswith(OURS):
        return
    for name, method in list(vars(cls).items()):
        if isinstance(method, FunctionType) and not name.startswith("__") and _is_qts(cls, name):
            setattr(cls, name, raising_whole(method))


def raising_whole(method: Callable[..., Any]) -> Callable[..., Any]:
    """The same method, whose errors are whole exceptions."""
    if hasattr(method, _MENDED):
        return method

    @functools.wraps(method)
    def raises_whole(*arguments: Any, **options: Any) -> Any:
        try:
            return method(*arguments, **options)
        except BaseException:  # noqa: TRY203 - caught, the error becomes a whole exception
            raise

    setattr(raises_whole, _MENDED, True)
    return raises_whole


def _is_qts(cls: type[QObject], name: str) -> bool:
    bases = (base for base in cls.__mro__ if base.__module__.startswith("PySide6."))
    return any(hasattr(base, name) for base in bases)


def _classes_below(cls: type[QObject]) -> Iterator[type[QObject]]:
    for found in cls.__subclasses__():
        yield found
        yield from _classes_below(found)

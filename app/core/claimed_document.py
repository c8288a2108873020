"""A document that this process alone may write, for commands that end as soon as they are done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from painter import lock
from painter.document import Document
from zones.errors import InputError


@contextmanager
def claimed_document(folder: Path, *, recover: bool | None = None) -> Iterator[Document]:
    """Open a project for writing and give it back when the block ends.

    Args:
        folder: the project folder.
        recover: what to do with unsaved work of an earlier session: True takes and saves it,
            False drops it, None refuses to go on.

    Raises:
        InputError: the project is not valid, another process holds it, or it has unsaved work
            that nobody decided on.
        WorkError: the disk is full or fails.
    """
    document = Document.open(folder)
    try:
        if document.holder is not None:
            raise InputError(lock.held_by(document.project.folder, document.holder))
        _decide(document, recover=recover)
        yield document
    finally:
        document.close()


def _decide(document: Document, *, recover: bool | None) -> None:
    found = document.recovery
    if found is None:
        return
    if recover is None:
        folder = document.project.folder
        if found.damage:
            raise InputError(f"{found.damage}; add --no-recover to go on from the last save")
        raise InputError(
            f"{folder} has unsaved work of {found.written_at}; open it in the desktop app to see "
            "it, or add --recover to take it or --no-recover to drop it"
        )
    if recover:
        document.recover()
        document.save()
    else:
        document.decline_recovery()

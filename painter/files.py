"""Files read with bounds and written whole: a reader never sees half of a file.

Every OSError of the disk becomes one plain sentence here.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from zones.errors import InputError, TilewrightError, WorkError

TEMP_PREFIX = ".tmp-"
"""Names of files still being written start with this; after a crash they are garbage."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_BAD_PLACE = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.EEXIST,
        errno.ENAMETOOLONG,
        errno.ELOOP,
        errno.EINVAL,
    }
)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_READ_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
_WRITE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | _NO_FOLLOW


def write_error(error: OSError, path: Path) -> TilewrightError:
    """The sentence for a failed write: WorkError for a full or failing disk, else InputError."""
    if error.errno in _FULL:
        return WorkError(
            f"the disk is full at {path}; free some space and try again: "
            "everything saved so far is kept"
        )
    reason = error.strerror or str(error)
    if error.errno in _BAD_PLACE:
        return InputError(
            f"{path} cannot be written ({reason}); choose another place or allow writing there"
        )
    return WorkError(
        f"writing {path} failed ({reason}); check the disk and try again: "
        "everything saved so far is kept"
    )


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an OSError of the block into the sentence of `write_error` about `path`."""
    try:
        yield
    except OSError as error:
        raise write_error(error, path) from error


def read_bounded(path: Path | str, max_bytes: int, what: str, *, follow: bool = True) -> bytes:
    """Read a whole regular file.

    Args:
        path: the file.
        max_bytes: longest file that is read.
        what: its name for people, as in "the strokes file".
        follow: whether a symbolic link may stand there.

    Raises:
        InputError: missing, not a regular file, a refused link, too long or unreadable.
    """
    if not follow and not _NO_FOLLOW:
        _refuse_link(path, what)
    try:
        handle = os.open(path, _READ_FLAGS | (0 if follow else _NO_FOLLOW))
    except (OSError, ValueError) as error:
        if not follow:
            _refuse_link(path, what)
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{what} {path} cannot be read ({reason}); check the path") from error
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{what} {path} is not a file; name a file")
        if status.st_size > max_bytes:
            raise InputError(
                f"{what} {path} has {status.st_size} bytes, more than the {max_bytes} "
                "that are read; make it smaller"
            )
        with os.fdopen(handle, "rb", closefd=False) as stream:
            return stream.read(status.st_size)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"{what} {path} cannot be read ({reason}); check the disk") from error
    finally:
        os.close(handle)


def _refuse_link(path: Path | str, what: str) -> None:
    if os.path.islink(path):  # noqa: PTH114 - a text is enough, and quicker
        raise InputError(f"{what} {path} is a symbolic link, which is not followed; replace it")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` that takes its place, synced, when the block ends well.

    Raises:
        InputError: the folder cannot be written.
        WorkError: the disk is full or fails.
    """
    temp = path.with_name(f"{TEMP_PREFIX}{secrets.token_hex(8)}{path.suffix}")
    try:
        with writing(path):
            yield temp
            _sync_file(temp)
            os.replace(temp, path)  # noqa: PTH105 - one door to the disk: os
            sync_folder(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temp)  # noqa: PTH108 - one door to the disk: os
        raise


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a temporary name, sync it and give it its name (not yet its folder).

    Raises:
        InputError: the folder cannot be written.
        WorkError: the disk is full or fails.
    """
    temp = path.with_name(f"{TEMP_PREFIX}{secrets.token_hex(8)}")
    try:
        with writing(path):
            handle = os.open(temp, _WRITE_FLAGS, 0o644)
            try:
                _write_all(handle, data)
                os.fsync(handle)
            finally:
                os.close(handle)
            os.replace(temp, path)  # noqa: PTH105 - one door to the disk: os
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temp)  # noqa: PTH108 - one door to the disk: os
        raise


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; systems that cannot sync a folder do it themselves."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _sync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

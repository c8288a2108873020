"""A folder of immutable files named by their content, and the manifest that is replaced whole.

A file is written under a temporary name, synced, then renamed; the manifest follows once every
file it names is durable, and only then is removed what no manifest names any more.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import threading
import weakref
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy.typing as npt

from painter.files import TEMP_PREFIX, read_bounded, sync_folder, write_whole, writing
from zones.errors import InputError

MANIFEST_NAME = "project.json"
AUTOSAVE_NAME = "autosave.json"
HISTORY_NAME = "history.json"
RESULTS_NAME = "results.json"
MANIFESTS = (MANIFEST_NAME, AUTOSAVE_NAME, HISTORY_NAME, RESULTS_NAME)
"""Files that name other files; each is replaced whole, and none ever stands for another."""

FOLDERS = ("zones", "protect", "art", "stencils", "tiles", "index", "history")
"""The only folders that hold content-named files."""

HASH_CHARS = 32
"""Hex characters of the SHA-256 that stand in a name: 128 bits."""

_NAME = re.compile(
    rf"(?:{'|'.join(FOLDERS)})/[a-z0-9_]{{1,64}}-[0-9a-f]{{{HASH_CHARS}}}\.(?:png|json)",
    re.ASCII,
)


def check_name(name: str, where: str) -> str:
    """Return `name` if it is one that a store gives its files.

    Raises:
        InputError: it is anything else, such as a path that leaves the folder.
    """
    if _NAME.fullmatch(name) is None:
        raise InputError(
            f"{where} names the file {name[:100]!r}, which is not one of the project's own; "
            "restore the project from a copy"
        )
    return name


def content_hash(data: bytes) -> str:
    """The part of the SHA-256 that names a file."""
    return hashlib.sha256(data).hexdigest()[:HASH_CHARS]


def hash_in(name: str) -> str:
    """The content hash that stands in the name of a file."""
    return name.rsplit(".", 1)[0][-HASH_CHARS:]


class DamagedFileError(InputError):
    """A file that the project names is missing or is not what it was."""


class Store:
    """Content-named files and one manifest in a project folder.

    Args:
        root: the project folder; it must exist.

    Raises:
        InputError: one of its folders is a symbolic link or not a folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._start = f"{self.root}/"
        self._unsynced: set[Path] = set()
        self._mutex = threading.Lock()
        self._attempt = ""
        self._known: dict[tuple[str, int], tuple[weakref.ref[npt.NDArray[Any]], str]] = {}
        for folder in FOLDERS:
            self._check_folder(self.root / folder)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep other threads and programs from writing into the folder while the block runs."""
        with self._mutex, self._other_programs_out():
            yield

    @contextlib.contextmanager
    def _other_programs_out(self) -> Iterator[None]:
        if os.name == "nt":
            yield
            return
        import fcntl  # noqa: PLC0415 - POSIX only

        with writing(self.root):
            handle = os.open(self.root, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):  # a network disk without locks
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def put(self, stem: str, suffix: str, data: bytes) -> str:
        """Keep `data` in an immutable file; durable after the next `sync`.

        Args:
            stem: folder and start of the name, as in "zones/3_4".
            suffix: ".png" or ".json".
            data: the file's bytes.

        Returns:
            The file's name relative to the folder: the stem, its content hash and the suffix.

        Raises:
            WorkError: the disk is full or fails.
            InputError: the folder cannot be written.
        """
        name = check_name(f"{stem}-{content_hash(data)}{suffix}", "a save")
        path = self.root / name
        self._ensure_folder(path.parent)
        with writing(path):
            held = _holds(path, data)
        if not held:
            write_whole(path, data)
        self._unsynced.add(path.parent)
        return name

    def known_name(self, stem: str, array: npt.NDArray[Any]) -> str | None:
        """The name under which a frozen array was put before, if its file is still there."""
        found = self._known.get((stem, id(array)))
        if found is None or found[0]() is not array or not os.path.exists(self.root / found[1]):  # noqa: PTH110 - one door to the disk: os
            return None
        return found[1]

    def remember_name(self, stem: str, array: npt.NDArray[Any], name: str) -> None:
        """Note under which name a frozen array was put, for as long as the array lives."""
        key = (stem, id(array))
        self._known[key] = (weakref.ref(array, lambda _: self._known.pop(key, None)), name)

    def size_of(self, name: str) -> int:
        """Bytes of a content-named file; 0 where it is missing."""
        try:
            return os.lstat(f"{self._start}{check_name(name, 'the project')}").st_size
        except OSError:
            return 0

    def has_manifest(self, manifest: str) -> bool:
        """Whether one of `MANIFESTS` is there, in whatever state."""
        return os.path.lexists(self.root / manifest)

    def sync(self) -> None:
        """Make the names of all files put so far durable."""
        for folder in sorted(self._unsynced):
            with writing(folder):
                sync_folder(folder)
        self._unsynced.clear()

    def get(self, name: str, max_bytes: int) -> bytes:
        """The bytes of a content-named file, checked against its name.

        Raises:
            DamagedFileError: the file is missing, too long, a link or damaged.
            InputError: a foreign name.
        """
        path = f"{self._start}{check_name(name, 'the project')}"
        self._check_folder(path[: path.rindex("/")])
        try:
            data = read_bounded(path, max_bytes, "the project's file", follow=False)
        except InputError as error:
            raise DamagedFileError(str(error)) from error
        if content_hash(data) != hash_in(name):
            raise DamagedFileError(
                f"the project's file {path} is damaged: its content does not match its name; "
                "restore it from a copy of the project"
            )
        return data

    def read_manifest(self, max_bytes: int, manifest: str = MANIFEST_NAME) -> bytes:
        """The bytes of one of `MANIFESTS`.

        Raises:
            InputError: missing, too long or a symbolic link.
        """
        return read_bounded(self.root / manifest, max_bytes, "the project file", follow=False)

    def replace_manifest(self, data: bytes, manifest: str = MANIFEST_NAME) -> None:
        """Put `data` in a manifest's place, atomically and durably: this is the save.

        Raises:
            WorkError: the disk is full or fails; the old manifest stands.
            InputError: the folder cannot be written.
        """
        self.sync()
        if manifest == MANIFEST_NAME:
            self._attempt = content_hash(data)
        write_whole(self.root / manifest, data)
        with writing(self.root):
            sync_folder(self.root)

    def is_own_attempt(self, data: bytes) -> bool:
        """Whether these are the bytes of the project manifest that were put in place last.

        That is so even where the call failed because the disk then could not sync its folder.
        """
        return content_hash(data) == self._attempt

    def remove_manifest(self, manifest: str) -> None:
        """Remove an autosave or history manifest, durably, if it is there.

        Raises:
            InputError: the folder cannot be written.
            WorkError: the disk fails.
        """
        with writing(self.root / manifest):
            try:
                os.unlink(self.root / manifest)  # noqa: PTH108 - one door to the disk: os
            except FileNotFoundError:
                return
            sync_folder(self.root)

    def names(self) -> set[str]:
        """Names of all content-named files that lie in the folder."""
        found = (f"{path.parent.name}/{path.name}" for path in self._files())
        return {name for name in found if _NAME.fullmatch(name)}

    def collect(self, referenced: Collection[str]) -> int:
        """Remove content-named files not in `referenced`, and what a crash left half written.

        Files of other names, which somebody else put there, stay. A file that cannot be removed
        stays too: it is only space.

        Returns:
            How many files were removed.
        """
        kept = frozenset(referenced)
        removed = 0
        with contextlib.suppress(OSError):
            for path in [*self._files(), *self.root.glob(f"{TEMP_PREFIX}*")]:
                name = f"{path.parent.name}/{path.name}"
                ours = _NAME.fullmatch(name) is not None and name not in kept
                if ours or path.name.startswith(TEMP_PREFIX):
                    removed += _removed(path)
        return removed

    def remove(self, names: Collection[str]) -> None:
        """Remove some content-named files; one that cannot be removed stays."""
        for name in names:
            _removed(self.root / check_name(name, "the project"))

    def _files(self) -> Iterator[Path]:
        for name in FOLDERS:
            folder = self.root / name
            self._check_folder(folder)
            if folder.is_dir():
                yield from folder.iterdir()

    def _ensure_folder(self, folder: Path) -> None:
        self._check_folder(folder)
        if not folder.exists():
            with writing(folder):
                os.mkdir(folder)  # noqa: PTH102 - one door to the disk: os
            self._unsynced.add(self.root)

    def _check_folder(self, folder: Path | str) -> None:
        try:
            sound = stat.S_ISDIR(os.lstat(folder).st_mode)
        except OSError:
            return  # there is none, which is said where it is missed
        if not sound:
            raise InputError(
                f"{folder} must be a folder of the project itself, not a link or a file; "
                "restore the project from a copy"
            )


def _holds(path: Path, data: bytes) -> bool:
    """Whether the file already stands there with these very bytes."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    if path.is_symlink() or status.st_size != len(data):
        return False
    return path.read_bytes() == data


def _removed(path: Path) -> bool:
    try:
        os.unlink(path)  # noqa: PTH108 - one door to the disk: os
    except OSError:
        return False
    return True

"""Models of the hub: what they are, and how they get onto this machine.

The only code that touches the network, and only when it is asked to. A download is kept file by
file, goes on where it stopped, and every file is checked against the hub's own checksum. Run as a
program (`python -m generation.engine.hub`) it prints one JSON object a line, so that a window can
show it and end it at any moment.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import IO, Any, cast

from generation.engine.folder import (
    HUB_PATTERNS,
    fetched_folder,
    has_bundled_profile,
    is_hub_id,
)
from generation.plan.profile import PROFILE_NAME
from zones.errors import InputError, TilewrightError, WorkError

FREE_LICENCES = frozenset({"apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc0-1.0"})
"""Licences that allow every use; others are shown and accepted before a download."""

_CHUNK_BYTES = 2**22
_ARRIVING_BYTES = 2**16
"""Bytes that are written at a time, so that a stop loses next to nothing."""

_TELL_S = 0.2
_PART = ".part"

Progress = Callable[[int, int, str], None]
"""Called with bytes done, bytes in all, and the file in work; may raise to stop."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file of a model on the hub.

    Attributes:
        name: with its folder, as in `vae/config.json`.
        size_bytes: of its content.
        sha256: checksum of a large file, hex, or "".
        git_hash: checksum of a small file as git counts it (SHA-1), hex, or "".
    """

    name: str
    size_bytes: int
    sha256: str
    git_hash: str


@dataclass(frozen=True, slots=True)
class HubModel:
    """What the hub says of a model.

    Attributes:
        hub_id: owner and name.
        commit: the revision that was looked at.
        licence: its name, such as `apache-2.0`, or "unknown".
        page: where the licence can be read.
        files: those that this program needs.
    """

    hub_id: str
    commit: str
    licence: str
    page: str
    files: tuple[HubFile, ...]

    @property
    def size_bytes(self) -> int:
        """Bytes of all needed files."""
        return sum(file.size_bytes for file in self.files)

    @property
    def is_free(self) -> bool:
        """Whether the licence allows every use."""
        return self.licence in FREE_LICENCES

    def facts(self) -> dict[str, Any]:
        """A JSON object for people and windows."""
        return {
            "hub_id": self.hub_id,
            "commit": self.commit,
            "licence": self.licence,
            "page": self.page,
            "is_free": self.is_free,
            "size_bytes": self.size_bytes,
            "files": len(self.files),
        }


def look_up(hub_id: str, commit: str | None = None) -> HubModel:
    """Ask the hub what a model is; a few kilobytes.

    Args:
        hub_id: such as `black-forest-labs/FLUX.2-klein-4B`.
        commit: of the revision; None is the newest.

    Raises:
        InputError: not a hub id, no such model, one that needs a consent on its page, or none
            this program can run.
        WorkError: the hub cannot be reached or answers with an error.
    """
    if not is_hub_id(hub_id):
        raise InputError(f"'{hub_id}' is no hub id; write OWNER/NAME")
    from huggingface_hub import HfApi, hf_hub_url  # noqa: PLC0415 - slow import, rarely needed

    with _plain_errors(hub_id):
        info = HfApi().model_info(hub_id, revision=commit, files_metadata=True)
    files = tuple(
        HubFile(
            one.rfilename, int(one.size or 0), one.lfs.sha256 if one.lfs else "", one.blob_id or ""
        )
        for one in info.siblings or ()
        if any(fnmatch(one.rfilename, pattern) for pattern in HUB_PATTERNS) and _is_tame(one)
    )
    names = {file.name for file in files}
    if "model_index.json" not in names:
        raise InputError(f"{hub_id} holds no pipeline that this program can run; name another one")
    if PROFILE_NAME not in names and not has_bundled_profile(hub_id):
        raise InputError(f"there is no profile for {hub_id}; name another model")
    page = hf_hub_url(hub_id, "x").partition("/resolve/")[0]
    return HubModel(hub_id, str(info.sha), _licence(info), page, files)


def fetch(model: HubModel, on_progress: Progress) -> Path:
    """Bring a model onto this machine; what an earlier try left is used.

    Args:
        model: from `look_up`.
        on_progress: told a few times a second.

    Returns:
        Its folder.

    Raises:
        WorkError: the hub cannot be reached, a file is not what the hub promised, or the disk is
            full; what was complete is kept for the next try.
    """
    target = fetched_folder(model.hub_id)
    work = target.with_name(target.name + _PART)
    if target.is_dir():
        if all(_present(target, file) == file.size_bytes for file in model.files):
            return target
        shutil.rmtree(work, ignore_errors=True)
        target.replace(work)  # what is missing or cut short is fetched again
    done = sum(_present(work, file) for file in model.files)
    _check_room(work, model.size_bytes - done)
    meter = _Meter(done, model.size_bytes, on_progress)
    for file in model.files:
        if not _is_there(work / file.name, file):
            _fetch_file(model, file, work, meter)
    meter.tell(force=True)
    work.replace(target)
    return target


def _fetch_file(model: HubModel, file: HubFile, work: Path, meter: _Meter) -> None:
    """Download what is missing of one file, check it and give it its name."""
    from huggingface_hub import constants, hf_hub_url  # noqa: PLC0415 - slow import
    from huggingface_hub.file_download import http_get  # noqa: PLC0415 - slow import
    from huggingface_hub.utils import (  # noqa: PLC0415 - slow import
        build_hf_headers,
        disable_progress_bars,
    )

    disable_progress_bars()
    constants.DOWNLOAD_CHUNK_SIZE = _ARRIVING_BYTES
    part = work / (file.name + _PART)
    part.parent.mkdir(parents=True, exist_ok=True)
    meter.file = file.name
    with part.open("ab", buffering=0) as stream, _plain_errors(model.hub_id):
        counted = cast("IO[bytes]", _Counted(stream, meter))
        http_get(
            hf_hub_url(model.hub_id, file.name, revision=model.commit),
            counted,  # type: ignore[arg-type,unused-ignore]
            resume_size=stream.tell(),
            headers=build_hf_headers(),
            expected_size=file.size_bytes,
        )
    if not _is_whole(part, file):
        part.unlink()
        raise WorkError(
            f"{file.name} of {model.hub_id} arrived damaged and was removed; fetch it again"
        )
    part.replace(work / file.name)


class _Meter:
    """Counts bytes and tells of them at most a few times a second."""

    def __init__(self, done: int, total: int, on_progress: Progress) -> None:
        self.file = ""
        self._done, self._total, self._on_progress = done, total, on_progress
        self._told = 0.0

    def add(self, count: int) -> None:
        """Note bytes that were written, or with a minus that were dropped."""
        self._done += count
        self.tell()

    def tell(self, *, force: bool = False) -> None:
        """Say how far it is, if that is due."""
        now = time.monotonic()
        if force or now - self._told >= _TELL_S:
            self._told = now
            self._on_progress(self._done, self._total, self.file)


class _Counted:
    """A file that is written to and tells a meter of it."""

    def __init__(self, stream: IO[bytes], meter: _Meter) -> None:
        self._stream, self._meter = stream, meter

    def write(self, data: bytes) -> int:
        """Append bytes."""
        self._meter.add(len(data))
        return self._stream.write(data)

    def truncate(self, size: int | None = None) -> int:
        """Drop what stands after the present place, or a size."""
        size = self._stream.tell() if size is None else size
        end = os.fstat(self._stream.fileno()).st_size
        self._meter.add(min(0, size - end))
        return self._stream.truncate(size)

    def __getattr__(self, name: str) -> Any:
        """Everything else is the file's own."""
        return getattr(self._stream, name)


def _present(work: Path, file: HubFile) -> int:
    """Bytes of a file that are here, whole or in part."""
    part = work / (file.name + _PART)
    if _is_there(work / file.name, file):
        return file.size_bytes
    if part.is_file() and part.stat().st_size > file.size_bytes:
        part.unlink()
    return part.stat().st_size if part.is_file() else 0


def _is_there(path: Path, file: HubFile) -> bool:
    return path.is_file() and path.stat().st_size == file.size_bytes


def _is_whole(path: Path, file: HubFile) -> bool:
    """Whether a file's content is what the hub promised."""
    size = path.stat().st_size
    if size != file.size_bytes:
        return False
    digest = hashlib.sha256() if file.sha256 else hashlib.sha1(usedforsecurity=False)
    if not file.sha256:
        digest.update(f"blob {size}\0".encode())
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest() == (file.sha256 or file.git_hash)


def _check_room(work: Path, needed_bytes: int) -> None:
    try:
        work.mkdir(parents=True, exist_ok=True)
        free_bytes = shutil.disk_usage(work).free
    except OSError as error:
        raise WorkError(f"{work} cannot be written: {error.strerror}; free it or its disk") from (
            error
        )
    if free_bytes < needed_bytes:
        raise WorkError(
            f"the download needs {needed_bytes / 1e9:.1f} GB more, but {work.parent} has "
            f"{free_bytes / 1e9:.1f} GB free; make room there"
        )


def _is_tame(one: Any) -> bool:
    """Whether a file's name stays inside the model's folder."""
    parts = str(one.rfilename).split("/")
    return all(part not in {"", ".", ".."} and "\\" not in part for part in parts)


def _licence(info: Any) -> str:
    card = info.card_data
    named = [getattr(card, "license", None), getattr(card, "license_name", None)]
    if named[0] == "other" and named[1]:
        return str(named[1])
    tags = [tag.removeprefix("license:") for tag in info.tags or () if tag.startswith("license:")]
    return str(named[0] or (tags[0] if tags else "unknown"))


@contextmanager
def _plain_errors(hub_id: str) -> Iterator[None]:
    """Turn what the hub's library raises into one sentence."""
    from huggingface_hub import errors  # noqa: PLC0415 - slow import

    try:
        yield
    except errors.GatedRepoError as error:
        raise InputError(
            f"{hub_id} asks for your consent first: read and accept its licence on its page, sign "
            "in with `hf auth login`, then fetch it again"
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise InputError(f"the hub has no model {hub_id} for you; check the name") from error
    except errors.HfHubHTTPError as error:
        raise WorkError(f"the hub answered with an error: {_first_line(error)}; try later") from (
            error
        )
    except TilewrightError:
        raise
    except Exception as error:  # whichever network library lies below, it means no connection
        raise WorkError(
            f"the hub cannot be reached ({_first_line(error)}); connect to the network and try "
            "again, or choose a folder that holds the model"
        ) from error


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200]


def main(words: Sequence[str]) -> int:
    """Look a model up or fetch it, telling of it in JSON lines.

    Args:
        words: `look-up ID` or `fetch ID COMMIT`.

    Returns:
        0, or 1 after a line with an `error`.
    """
    try:
        if words[0] == "look-up":
            _say(model=look_up(words[1]).facts())
        else:
            model = look_up(words[1], words[2])
            _say(
                path=str(
                    fetch(
                        model,
                        lambda done, total, file: _say(
                            done_bytes=done, total_bytes=total, file=file
                        ),
                    )
                )
            )
    except TilewrightError as error:
        _say(error=str(error))
        return 1
    return 0


def _say(**values: Any) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

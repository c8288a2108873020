"""A model's folder: where it lies, whether it is a Klein model that may be loaded, and its hash.

Nothing here imports torch, so a folder can be listed and verified at once. The network is not
touched unless a download is asked for.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import resources
from generation.engine.weights import file_metadata, read_json, weight_files
from generation.plan.profile import PROFILE_NAME, ModelProfile, load_profile
from generation.plan.request import CompositorName
from zones.errors import InputError

BUNDLED = "klein-mini"
"""The model that ships with the program."""

COMPOSITOR_FOLDER, COMPOSITOR_FILE = "compositor", "decformer.safetensors"
"""Where a compositor lies in a model's folder; a model can do without one."""

RECOLOUR_FOLDER, RECOLOUR_FILE = "recolour", "recolourer.safetensors"
"""Where a learnt colour correction lies; a model can do without one."""

PIPELINE_CLASSES = (
    "Flux2KleinPipeline",
    "Flux2KleinInpaintPipeline",
    "Flux2KleinKVPipeline",
    "Flux2KleinDifferentialPipeline",
)

COMPONENT_CLASSES: Mapping[str, tuple[list[str], ...]] = {
    "transformer": (["diffusers", "Flux2Transformer2DModel"],),
    "vae": (["diffusers", "AutoencoderKLFlux2"],),
    "text_encoder": (["transformers", "Qwen3ForCausalLM"],),
    "tokenizer": (["transformers", "Qwen2TokenizerFast"], ["transformers", "Qwen2Tokenizer"]),
    "scheduler": (["diffusers", "FlowMatchEulerDiscreteScheduler"],),
}
"""The only classes that are ever built from a folder."""

_WEIGHT_STEMS = {
    "transformer": "diffusion_pytorch_model",
    "vae": "diffusion_pytorch_model",
    "text_encoder": "model",
}
_CONFIGS = {
    "transformer": "config.json",
    "vae": "config.json",
    "text_encoder": "config.json",
    "tokenizer": "tokenizer_config.json",
    "scheduler": "scheduler_config.json",
}
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
HUB_PATTERNS = (
    "model_index.json",
    PROFILE_NAME,
    "LICENSE*",
    "README.md",
    *(f"{name}/*{suffix}" for name in COMPONENT_CLASSES for suffix in (".json", ".safetensors")),
    *(f"tokenizer/*{suffix}" for suffix in (".txt", ".jinja")),
)
"""Files of a hub model that this program reads."""

_CACHED_ABOVE_BYTES = 256 * 2**20
_CHUNK_BYTES = 2**22


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A checked model folder.

    Attributes:
        name: what the user called it: `klein-mini`, a hub id, or the folder's path.
        path: where it lies.
        is_distilled: no second, unconditional pass at guidance above 1.
        files: every file that loading reads, in name order.
    """

    name: str
    path: Path
    is_distilled: bool
    files: tuple[Path, ...]

    @property
    def size_bytes(self) -> int:
        """Bytes of all files that loading reads."""
        return sum(file.stat().st_size for file in self.files)

    @property
    def compositor(self) -> Path | None:
        """The compositor that was trained for the model's VAE, or None."""
        file = self.path / COMPOSITOR_FOLDER / COMPOSITOR_FILE
        return file if file.is_file() else None

    @property
    def recolourer(self) -> Path | None:
        """The colour correction that was trained for the model's VAE, or None."""
        file = self.path / RECOLOUR_FOLDER / RECOLOUR_FILE
        return file if file.is_file() else None


def find_model(model: str | Path) -> Path:
    """Where a model's files lie.

    Args:
        model: `klein-mini`, a folder, or a hub id such as `black-forest-labs/FLUX.2-klein-4B`.

    Raises:
        InputError: there is no such model on this machine.
    """
    if str(model) == BUNDLED:
        try:
            return resources.path(f"models/{BUNDLED}")
        except FileNotFoundError as error:
            raise InputError(str(error)) from error
    path = Path(os.path.expanduser(model))  # noqa: PTH111 - leaves an unknown home as it is
    if os.path.isdir(path):  # noqa: PTH112 - False for names no system accepts
        return path
    if os.path.exists(path):  # noqa: PTH110 - the same
        raise InputError(f"{path} is a file; give the folder that holds model_index.json")
    if isinstance(model, str) and is_hub_id(model):
        fetched = fetched_folder(model)
        return fetched if fetched.is_dir() else _hub_snapshot(model)
    raise InputError(f"there is no model folder {path}; give {BUNDLED}, a folder or a hub id")


def is_hub_id(model: str) -> bool:
    """Whether a name has the form OWNER/NAME of a hub id."""
    return _HUB_ID.fullmatch(model) is not None


def fetched_folder(hub_id: str) -> Path:
    """Where this program keeps a model that it fetched from the hub; it need not be there."""
    return _cache_folder() / "models" / hub_id.replace("/", "--")


def has_bundled_profile(name: str) -> bool:
    """Whether a profile for a model of this name ships with the program."""
    return _bundled_profile(name) is not None


def check_folder(path: Path, name: str | None = None) -> ModelFolder:
    """Check a folder's classes, configurations and weight files, without loading any.

    Raises:
        InputError: one line naming the first file that is missing, broken or not allowed.
    """
    index_file = path / "model_index.json"
    index = read_json(index_file)
    if index.get("_class_name") not in PIPELINE_CLASSES:
        found = index.get("_class_name")
        raise InputError(f"{index_file} describes {found!r}, not a FLUX.2 Klein pipeline")
    files = [index_file]
    for component, allowed in COMPONENT_CLASSES.items():
        _check_class(index_file, component, index.get(component), allowed)
        files += _component_files(path / component, component)
    parts = [name for name, value in index.items() if isinstance(value, list)]
    foreign = sorted(set(parts) - set(COMPONENT_CLASSES))
    if foreign:
        raise InputError(f"{index_file} asks for {foreign[0]!r}, which no Klein model has")
    return ModelFolder(
        name=name or str(path),
        path=path,
        is_distilled=index.get("is_distilled") is True,
        files=tuple(sorted(set(files))),
    )


def find_profile(folder: ModelFolder) -> ModelProfile:
    """The profile beside the weights, else the bundled one of a model known by name.

    A model whose trained compositor is missing is used with the linear one.

    Raises:
        InputError: there is none, or it is wrong.
    """
    own = (folder.path / PROFILE_NAME).exists()
    profile = load_profile(folder.path) if own else _bundled_profile(folder.name)
    if profile is not None and profile.compositor == "decformer" and folder.compositor is None:
        return profile.model_copy(update={"compositor": "linear"})
    if profile is not None:
        return profile
    raise InputError(
        f"{folder.path} has no {PROFILE_NAME} and is no model known by name; "
        f"write one beside model_index.json"
    )


def folder_hash(folder: ModelFolder) -> str:
    """SHA-256 over the names, sizes and contents of every file that loading reads.

    Contents of large files are read once and remembered by place, size and time of change in the
    user's cache folder.
    """
    digest = hashlib.sha256()
    cache = _HashCache()
    for file in folder.files:
        name = file.relative_to(folder.path).as_posix()
        digest.update(f"{name}\0{file.stat().st_size}\0{cache.content_hash(file)}\n".encode())
    cache.save()
    return digest.hexdigest()


def compositor_hash(folder: ModelFolder) -> str:
    """SHA-256 of a model's compositor, "" where it has none."""
    return "" if folder.compositor is None else _sha256(folder.compositor)


def check_compositor(folder: ModelFolder, compositor: CompositorName) -> None:
    """Refuse a compositor that a model does not have, or whose file is damaged; reads its header.

    Raises:
        InputError: `decformer` was chosen and the folder holds none that could be loaded.
    """
    if compositor != "decformer":
        return
    file = folder.compositor
    if file is None:
        wanted = folder.path / COMPOSITOR_FOLDER / COMPOSITOR_FILE
        raise InputError(
            f"the model {folder.name} has no trained compositor ({wanted} is missing); use linear "
            "or train one with `tilewright train compositor` and put it there"
        )
    try:
        texts = file_metadata(file)
    except InputError as error:
        raise InputError(f"{error}, or choose the compositor linear") from error
    if "config" not in texts:
        raise InputError(
            f"{file} is no compositor; choose linear, or train one with `tilewright train "
            "compositor` and put it there"
        )


def _bundled_profile(name: str) -> ModelProfile | None:
    wanted = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1].lower()
    for file in sorted(resources.path("profiles").glob("*.json")):
        profile = load_profile(file)
        if profile.name.rsplit("/", 1)[-1].lower() == wanted:
            return profile
    return None


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "tilewright"


def _component_files(folder: Path, component: str) -> Iterator[Path]:
    if not folder.is_dir():
        raise InputError(f"{folder} is missing; copy or fetch the model again")
    config = folder / _CONFIGS[component]
    read_json(config)
    yield config
    if component in _WEIGHT_STEMS:
        yield from weight_files(folder, _WEIGHT_STEMS[component])
    if component == "tokenizer":
        yield from _tokenizer_files(folder)


def _tokenizer_files(folder: Path) -> Iterator[Path]:
    whole = folder / "tokenizer.json"
    parts = (folder / "vocab.json", folder / "merges.txt")
    if whole.is_file():
        read_json(whole)
    elif not all(part.is_file() for part in parts):
        raise InputError(f"{whole} is missing; copy or fetch the model again")
    names = ("tokenizer.json", "vocab.json", "merges.txt", "chat_template.jinja")
    yield from (folder / name for name in names if (folder / name).is_file())


def _check_class(
    index_file: Path, component: str, found: object, allowed: tuple[list[str], ...]
) -> None:
    if found not in allowed:
        wanted = allowed[0][1]
        raise InputError(f"{index_file} gives {found!r} as {component}; it must be {wanted}")


def _hub_snapshot(hub_id: str) -> Path:
    """The snapshot of a hub id in the hub library's own cache, without a network."""
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - slow import, rarely needed

    try:
        place = snapshot_download(hub_id, local_files_only=True, allow_patterns=list(HUB_PATTERNS))
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(
            f"the model {hub_id} is not on this machine: run `tilewright model fetch {hub_id}` "
            "where there is a network, or give a local folder"
        ) from error
    return Path(place)


class _HashCache:
    """Content hashes of large files, remembered between runs; a lost cache costs time only."""

    def __init__(self) -> None:
        self._file = _cache_folder() / "weights.json"
        self._known: dict[str, str] = {}
        self._changed = False

    def content_hash(self, file: Path) -> str:
        """SHA-256 of a file's content, hex."""
        state = file.stat()
        if state.st_size < _CACHED_ABOVE_BYTES:
            return _sha256(file)
        if not self._known:
            self._known = self._read()
        key = f"{file.resolve()}|{state.st_size}|{state.st_mtime_ns}"
        if key not in self._known:
            self._known[key] = _sha256(file)
            self._changed = True
        return self._known[key]

    def save(self) -> None:
        """Write what was learnt, if the cache folder can be written."""
        if not self._changed:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", dir=self._file.parent, delete=False, encoding="utf-8"
            ) as file:
                json.dump(self._known, file)
            Path(file.name).replace(self._file)
        except OSError:
            return

    def _read(self) -> dict[str, str]:
        try:
            known = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()

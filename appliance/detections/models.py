"""The models in the data directory: files, and a manifest that says what each is and where it is from."""

import contextlib
import hashlib
import re
import shutil
import stat
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from appliance.detections.working import (
    WorkingFolder,
    finish,
    locked,
    part_in,
    remove_left_folders,
    remove_left_parts,
)
from appliance.errors import Conflict, InvalidInput, ModelError, NotFound, TemporaryFailure
from detectors.reports import Machine

MANIFEST = "manifest.json"
FETCH_PREFIX = "fetch-"
"""Of the folders in which a program fetches a model."""
EXPORT_PREFIX = "export-"
"""Of those in which one builds an engine."""
ADD_PREFIX = "add-"
"""Of those in which an owner's file is tried."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SUFFIXES = frozenset({".onnx", ".pt", ".engine"})
"""What a detector can be made of."""
LOOSE_SUFFIXES = frozenset({".onnx"})
"""What counts without being recorded: a ``.pt`` runs code when it is loaded, an engine is a program."""


class Recipe(msgspec.Struct, frozen=True):
    """How an engine is built.

    Attributes:
        batch: pictures at once, at most.
        size_px: the side of its input; 0 for the model's own.
        precision: ``fp16`` or ``fp32``.
    """

    batch: int = 8
    size_px: int = 0
    precision: str = "fp16"

    @property
    def words(self) -> str:
        """It, for a person: ``fp16, batch 8``."""
        size = f", {self.size_px} px" if self.size_px else ""
        return f"{self.precision}, batch {self.batch}{size}"


class Engine(msgspec.Struct, frozen=True):
    """A TensorRT engine that was built of a model here; it runs on such a machine only.

    Attributes:
        file: its name in the folder.
        sha256: of the file, in hexadecimal digits.
        size_bytes: of the file.
        recipe: how it was built.
        model_sha256: of the file that it was built of.
        gpu: the GPU's name.
        compute_capability: the GPU's.
        tensorrt: TensorRT's version.
    """

    file: str
    sha256: str
    size_bytes: int
    recipe: Recipe
    model_sha256: str
    gpu: str
    compute_capability: str
    tensorrt: str

    def fits(self, machine: Machine, model_sha256: str) -> bool:
        """Return whether it was built of that model, for such a machine."""
        built = (self.model_sha256, self.gpu, self.compute_capability, self.tensorrt)
        return built == (model_sha256, machine.gpu, machine.compute_capability, machine.tensorrt)


class FailedExport(msgspec.Struct, frozen=True):
    """A build that did not work, so that it is not tried again by itself before something has changed."""

    recipe: Recipe
    model_sha256: str
    machine: Machine
    reason: str


class Model(msgspec.Struct, frozen=True):
    """One model file in the data directory.

    Attributes:
        name: the file's stem.
        file: the file's name in the folder.
        size_bytes: of the file when it was recorded.
        sha256: likewise, in hexadecimal digits; empty for a file that was put there by hand.
        licence: as far as it is known.
        source: the address or the path that it came from.
        engines: what was built of it.
        failed: the last build, if it did not work.
    """

    name: str
    file: str
    size_bytes: int
    sha256: str
    licence: str = ""
    source: str = ""
    engines: tuple[Engine, ...] = ()
    failed: FailedExport | None = None

    @property
    def runs_code(self) -> bool:
        """Whether loading it runs what is written in it: only known bytes are loaded."""
        return Path(self.file).suffix.lower() not in LOOSE_SUFFIXES


@dataclass(frozen=True, slots=True)
class Copy:
    """A model in a working folder, which is not recorded yet.

    Attributes:
        place: is removed by whoever had it made.
        path: of the file in it.
        model: what is to be recorded of these bytes.
    """

    place: WorkingFolder
    path: Path
    model: Model


class ModelFolder:
    """The folder of the models; another process (the command line) may change it at any time.

    Every method blocks on the disk: on the event loop call them through a thread.

    Args:
        folder: made when the first model is put there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def models(self) -> tuple[Model, ...]:
        """Return all models, the one recorded last first, files that were put there by hand last.

        Raises:
            ModelError: the manifest is damaged, or the folder cannot be read.
        """
        try:
            recorded = [model for model in reversed(self._manifest()) if (self.folder / model.file).is_file()]
            known = {model.file for model in recorded}
            return (*recorded, *(model for model in self._loose() if model.file not in known))
        except OSError as err:
            raise ModelError(f"{self.folder}: cannot be read: {err.strerror}") from err

    def find(self, name: str) -> Model:
        """Return the model of that name.

        Raises:
            NotFound: there is none; the message names those that are there.
            ModelError: the manifest is damaged.
        """
        models = self.models()
        for model in models:
            if model.name == name:
                return model
        there = ", ".join(model.name for model in models) or "none"
        raise NotFound(f"no model named {name!r} in {self.folder}: there is {there}")

    def verified(self, model: Model) -> Path:
        """Return the path of a model's file whose bytes are the recorded ones.

        Raises:
            ModelError: they are not (the file was damaged or exchanged), or cannot be read.
        """
        path = self.folder / model.file
        if not model.sha256 and model.runs_code:
            raise ModelError(f"{path}: expected recorded bytes, since it runs code: add it by `model add`")
        if model.sha256:
            _verify(path, model.sha256, "pull or add it again")
        return path

    def verified_engine(self, engine: Engine) -> Path:
        """Return the path of an engine's file whose bytes are the recorded ones.

        Raises:
            ModelError: they are not, or cannot be read.
        """
        path = self.folder / engine.file
        _verify(path, engine.sha256, "it is built anew")
        return path

    def put(self, file: Path, model: Model) -> Path:
        """Record a finished file that lies in the folder, under its name; it replaces one of that name.

        Args:
            file: a complete and synchronised file in this folder; it is renamed.
            model: what is recorded.
        """
        path = self.folder / model.file
        with locked(self.folder):
            before = self._recorded(model.name)
            others = [other for other in self._manifest() if other.name != model.name]
            file.replace(path)
            self._write_manifest([*others, model])
            if before is not None:
                self._unlink(before, {model.file} | {engine.file for engine in model.engines})
        return path

    def remove(self, name: str) -> None:
        """Remove a model: its file, what was built of it, and what is recorded of it.

        Raises:
            NotFound: there is none of that name.
            ModelError: the manifest is damaged.
            TemporaryFailure: the disk refuses.
        """
        model = self.find(name)
        try:
            with locked(self.folder):
                self._write_manifest([other for other in self._manifest() if other.name != name])
                self._unlink(model)
        except OSError as err:
            raise TemporaryFailure(f"{self.folder / model.file}: {err.strerror}") from err

    def put_engine(self, name: str, file: Path, engine: Engine) -> Path:
        """Record a finished engine of a model; it replaces those that were built for other machines.

        Args:
            name: the model's.
            file: a complete and synchronised file in this folder; it is renamed.
            engine: what is recorded.

        Raises:
            NotFound: the model was removed meanwhile.
        """
        path = self.folder / engine.file
        with locked(self.folder):
            model = self._recorded(name)
            if model is None:
                raise NotFound(f"{name}: was removed while its engine was built")
            file.replace(path)
            self._replace(msgspec.structs.replace(model, engines=(engine,), failed=None))
            for other in model.engines:
                if other.file != engine.file:
                    (self.folder / other.file).unlink(missing_ok=True)
        return path

    def note_failed_export(self, name: str, failed: FailedExport) -> None:
        """Record that an engine could not be built; nothing where the model was removed meanwhile."""
        with locked(self.folder):
            model = self._recorded(name)
            if model is not None:
                self._replace(msgspec.structs.replace(model, failed=failed))

    def record(self, name: str) -> Model:
        """Record a file that was put there by hand as it is now, if it is not recorded yet.

        Raises:
            NotFound: there is none of that name.
        """
        model = self.find(name)
        if model.sha256:
            return model
        known = msgspec.structs.replace(model, sha256=sha256_of(self.folder / model.file))
        with locked(self.folder):
            recorded = self._recorded(name)
            if recorded is not None:  # by somebody else meanwhile
                return recorded
            self._write_manifest([known, *self._manifest()])  # it keeps its rank: the last
        return known

    def copy_in(self, file: Path, licence: str = "") -> Model:
        """Copy a file into the folder and record it.

        Raises:
            InvalidInput: its name cannot be a model's.
            Conflict: another model has that name.
            TemporaryFailure: the disk refuses.
        """
        copy = self.copy(file, licence)
        try:
            return self.record_copy(copy)
        finally:
            copy.place.remove()

    def copy(self, file: Path, licence: str = "") -> Copy:
        """Copy a file into a working folder, to try and to record just those bytes; the caller removes it.

        Raises:
            InvalidInput: its name cannot be a model's.
            Conflict: another model has that name.
            TemporaryFailure: the disk refuses.
        """
        name = model_name(file)
        try:
            place = WorkingFolder.make(self.folder, ADD_PREFIX)
            try:
                path = place.path / file.name
                with file.open("rb") as source, path.open("wb") as copied:
                    shutil.copyfileobj(source, copied)
                    finish(copied)
                model = Model(
                    *(name, file.name, path.stat().st_size, sha256_of(path)), licence, str(file.resolve())
                )
                self._check_free(model)
            except BaseException:
                place.remove()
                raise
        except OSError as err:
            raise self._cannot_copy(file, err) from err
        return Copy(place, path, model)

    def record_copy(self, copy: Copy) -> Model:
        """Record a copy under its name.

        Raises:
            Conflict: another model has that name.
            TemporaryFailure: the disk refuses.
        """
        try:
            self._check_free(copy.model)
            self.put(copy.path, copy.model)
        except OSError as err:
            raise self._cannot_copy(Path(copy.model.source), err) from err
        return copy.model

    def _check_free(self, model: Model) -> None:
        for other in self.models():
            if other.name == model.name and other.sha256 != model.sha256:
                raise Conflict(
                    f"another model is named {model.name!r} already: rename the file, or remove that one"
                )

    def _cannot_copy(self, file: Path, err: OSError) -> TemporaryFailure:
        return TemporaryFailure(f"{file} cannot be copied to {self.folder}: {err.strerror}")

    @contextlib.contextmanager
    def part(self) -> Iterator[IO[bytes]]:
        """Give a new file in the folder to write to; what was not renamed by then is removed at the end."""
        with part_in(self.folder) as part:
            yield part

    def remove_parts(self) -> None:
        """Remove what earlier fetches left behind when the process was killed; not what one works on."""
        remove_left_parts(self.folder)
        for prefix in (FETCH_PREFIX, ADD_PREFIX):
            remove_left_folders(self.folder, prefix)

    def remove_builds(self) -> None:
        """Remove what earlier builds of engines left behind likewise."""
        remove_left_folders(self.folder, EXPORT_PREFIX)

    def _loose(self) -> list[Model]:
        if not self.folder.is_dir():
            return []
        paths = sorted(path for path in self.folder.iterdir() if path.suffix.lower() in LOOSE_SUFFIXES)
        return [model for path in paths if (model := _loose(path)) is not None]

    def _manifest(self) -> list[Model]:
        path = self.folder / MANIFEST
        try:
            return msgspec.json.decode(path.read_bytes(), type=list[Model])
        except FileNotFoundError:
            return []
        except msgspec.DecodeError as err:
            raise ModelError(f"{path}: expected the list of models, got something else: {err}") from err

    def _recorded(self, name: str) -> Model | None:
        return next((model for model in self._manifest() if model.name == name), None)

    def _replace(self, model: Model) -> None:
        """Write another entry in the place of a model's, which keeps its rank."""
        self._write_manifest([model if one.name == model.name else one for one in self._manifest()])

    def _unlink(self, model: Model, but: AbstractSet[str] = frozenset()) -> None:
        for file in {model.file, *(engine.file for engine in model.engines)} - but:
            (self.folder / file).unlink(missing_ok=True)

    def _write_manifest(self, models: list[Model]) -> None:
        with self.part() as part:
            part.write(msgspec.json.format(msgspec.json.encode(models)))
            finish(part)
            Path(part.name).replace(self.folder / MANIFEST)


def model_name(file: Path) -> str:
    """Return the name of the model that a file would be.

    Raises:
        InvalidInput: the file's name has another form.
    """
    if file.suffix.lower() not in SUFFIXES or not NAME.fullmatch(file.stem):
        raise InvalidInput(
            f"{file}: expected a file named with letters, digits, '.', '_' and '-' that ends in "
            f"{' or '.join(sorted(SUFFIXES))}"
        )
    return file.stem


def _loose(path: Path) -> Model | None:
    """Return a file that was put there by hand; nothing where it is gone, or is none."""
    try:
        found = path.stat()
    except OSError:  # a link to nothing, or it was removed just now
        return None
    return Model(path.stem, path.name, found.st_size, "") if stat.S_ISREG(found.st_mode) else None


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _verify(path: Path, sha256: str, advice: str) -> None:
    try:
        found = sha256_of(path)
    except OSError as err:
        raise ModelError(f"{path}: cannot be read: {err.strerror}") from err
    if found != sha256:
        raise ModelError(
            f"{path}: expected the recorded bytes (SHA-256 {sha256[:12]}…), got others "
            f"({found[:12]}…): {advice}"
        )

"""Reading a backup that may be damaged or made by somebody else: all in it is checked before it is used."""

import gzip
import hashlib
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self, cast

from appliance.backup.archive_writer import BLOCK, CHUNK_BYTES
from appliance.backup.manifest import (
    LONGEST_CONTENT_BYTES,
    MANIFEST,
    MOST_PARTS,
    SEAL,
    Manifest,
    Part,
    decode,
)
from appliance.errors import BackupDamaged, BackupFailed, NotFound

LONGEST_MANIFEST_BYTES = 256 << 20
"""Of more than a million pictures; all of it is in memory at once."""
SEAL_BYTES = 64


class _Place(NamedTuple):
    """Where in the file a member's content lies."""

    offset: int
    size: int


class _Slice(RawIOBase):
    """A part of a file as a file of its own."""

    def __init__(self, file: BinaryIO, place: _Place) -> None:
        self._file = file
        self._left = place.size
        file.seek(place.offset)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, none at the end of the part.

        Raises:
            EOFError: the file ends before the part does.
        """
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._file.read(wanted)
        if len(data) < wanted:
            raise EOFError("it ends in the midst of a part")
        self._left -= len(data)
        return data


def open_backup(path: Path) -> BinaryIO:
    """Open the file of a backup, to be read by an ``ArchiveReader``.

    Raises:
        NotFound: there is no such file.
        BackupFailed: it cannot be read at the moment.
    """
    with _translated(path):
        return path.open("rb")


class ArchiveReader:
    """An open backup; use as a context manager.

    Args:
        opened: the file, where somebody had to open it before; it is closed here.

    Attributes:
        manifest: what it says that it holds; every member of the file is in it, and the other way round.
    """

    manifest: Manifest

    def __init__(self, path: Path, opened: BinaryIO | None = None) -> None:
        self._path = path
        self._file = opened
        self._places: dict[str, _Place] = {}

    def __enter__(self) -> Self:
        """Open it and read its manifest.

        Raises:
            NotFound: there is no such file.
            BackupDamaged: it is no backup, or it is not whole.
            BackupFailed: it cannot be read at the moment.
        """
        if self._file is None:
            self._file = open_backup(self._path)
        try:
            with _translated(self._path):
                self._index(self._file)
                content = self._own(MANIFEST, LONGEST_MANIFEST_BYTES)
                seal = self._own(SEAL, SEAL_BYTES)
            self.manifest = self._sealed(content, seal)
            self._expect_same_names()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._file is not None:
            self._file.close()

    def extract(self, part: Part, target: Path) -> None:
        """Write one part to a new file, and make sure that it is what was written once.

        Raises:
            BackupDamaged: it is not.
            BackupFailed: the target cannot be written.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(target, flags, 0o600), "wb") as file:
                for data in self._content(part):
                    file.write(data)
        except OSError as err:
            raise BackupFailed(f"{part.name} could not be restored: {err.strerror or err}") from err

    def content(self, part: Part) -> bytes:
        """Return a small part as it was written.

        Raises:
            BackupDamaged: it is not what was written, or larger than any such part.
        """
        if part.size > LONGEST_CONTENT_BYTES:
            expected = f"expected {LONGEST_CONTENT_BYTES} at most"
            raise BackupDamaged(f"{self._path.name}: {part.name} has {part.size} bytes; {expected}")
        return b"".join(self._content(part))

    def _content(self, part: Part) -> Iterator[bytes]:
        """Yield a part piece by piece; the last thing that happens is the comparison of its size and hash."""
        size, found = 0, hashlib.sha256()
        with _translated(self._path):
            source = self._stream(part.member)
            if part.is_packed:
                source = cast("BinaryIO", gzip.GzipFile(fileobj=source))
            while data := source.read(CHUNK_BYTES):
                size += len(data)
                if size > part.size:
                    break  # whatever else comes: it is more than was written
                found.update(data)
                yield data
        if size != part.size or found.hexdigest() != part.sha256:
            raise BackupDamaged(f"{self._path.name}: {part.name} is not what was written into it")

    def _index(self, file: BinaryIO) -> None:
        """Read every header up to the end mark; what is no plain file, or comes twice, is in no backup."""
        end = os.fstat(file.fileno()).st_size
        while any(block := file.read(BLOCK)):
            info = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
            place = _Place(file.tell(), info.size)
            is_plain = info.type in {tarfile.REGTYPE, tarfile.AREGTYPE} and info.size >= 0
            if not is_plain or info.name in self._places or len(self._places) > MOST_PARTS:
                raise BackupDamaged(f"{self._path.name}: no backup holds a member such as {info.name!r}")
            self._places[info.name] = place
            after = place.offset + place.size + -place.size % BLOCK
            if after > end:
                raise EOFError("it ends in the midst of a part")
            file.seek(after)

    def _own(self, name: str, longest: int) -> bytes:
        place = self._places.get(name)
        if place is None:
            raise BackupDamaged(f"{self._path.name} is no backup, or its end is missing: there is no {name}")
        if place.size > longest:
            raise BackupDamaged(
                f"{self._path.name}: {name} has {place.size} bytes; expected {longest} at most"
            )
        return self._stream(name).read()

    def _sealed(self, content: bytes, seal: bytes) -> Manifest:
        if seal != hashlib.sha256(content).hexdigest().encode():
            raise BackupDamaged(f"{self._path.name}: the manifest is not what was written into it")
        return decode(content)

    def _expect_same_names(self) -> None:
        said = {part.member for part in self.manifest.parts} | {MANIFEST, SEAL}
        for name in sorted(said ^ self._places.keys()):
            raise BackupDamaged(f"{self._path.name}: {name!r} is in the manifest or in the file, not in both")

    def _stream(self, name: str) -> BinaryIO:
        assert self._file is not None
        return cast("BinaryIO", _Slice(self._file, self._places[name]))


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as err:
        raise NotFound(f"{path}: there is no such file") from err
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError) as err:
        raise BackupDamaged(f"{path.name} is damaged, or no backup: {err}") from err
    except OSError as err:
        raise BackupFailed(f"{path} cannot be read: {err.strerror or err}") from err

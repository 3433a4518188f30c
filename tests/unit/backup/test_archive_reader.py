"""What is in a backup is checked before it is used: damaged, cut short, or made by who means harm."""

import gzip
import hashlib
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

from appliance.backup.archive_reader import ArchiveReader
from appliance.backup.archive_writer import ArchiveWriter
from appliance.backup.manifest import (
    LONGEST_CONTENT_BYTES,
    MANIFEST,
    SEAL,
    Manifest,
    Part,
    decode,
    is_allowed,
)
from appliance.errors import BackupDamaged, NotFound
from appliance.store.data_folder import DATABASE

CONTENT = b"a database" * 5000


def manifest_of(parts: list[Part]) -> Manifest:
    """Return a manifest of these parts."""
    return Manifest(
        1, "0.1.0", "0008", "e", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z", parts, []
    )


def write_good(file: Path) -> None:
    """Write a small backup."""
    with file.open("wb") as stream:
        writer = ArchiveWriter(stream, 0)
        writer.add("pictures/a.jpg", BytesIO(b"jpeg"))
        writer.add(DATABASE, BytesIO(CONTENT), is_packed=True)
        writer.close(manifest_of(writer.parts))


def write_tar(file: Path, *members: tuple[tarfile.TarInfo, bytes], parts: list[Part]) -> None:
    """Write a backup by hand: these members, and a manifest and seal that fit it."""
    content = msgspec.json.encode(manifest_of(parts))
    seal = hashlib.sha256(content).hexdigest().encode()
    with tarfile.open(file, "w", format=tarfile.GNU_FORMAT) as tar:
        for info, data in (*members, (tarfile.TarInfo(MANIFEST), content), (tarfile.TarInfo(SEAL), seal)):
            info.size = len(data)
            tar.addfile(info, BytesIO(data))


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    """Return a header."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def part(name: str, data: bytes, is_packed: bool = False) -> Part:
    """Return what a manifest says of some bytes."""
    return Part(name, len(data), hashlib.sha256(data).hexdigest(), is_packed)


def read_all(file: Path, into: Path) -> None:
    """Unpack a backup."""
    into.mkdir(exist_ok=True)
    with ArchiveReader(file) as archive:
        for number, one in enumerate(archive.manifest.parts):
            archive.extract(one, into / f"{number}")


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """Packed or not; and any tar program can read it."""
    write_good(tmp_path / "b.tar")
    read_all(tmp_path / "b.tar", tmp_path / "out")
    assert (tmp_path / "out/1").read_bytes() == CONTENT
    with tarfile.open(tmp_path / "b.tar") as tar:
        assert tar.getnames() == ["pictures/a.jpg", f"{DATABASE}.gz", MANIFEST, SEAL]
        packed = tar.extractfile(f"{DATABASE}.gz")
        assert packed is not None
        assert gzip.decompress(packed.read()) == CONTENT


def test_a_backup_that_is_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    """A copy over a network that broke off is no backup, however much of it there is."""
    write_good(tmp_path / "b.tar")
    whole = (tmp_path / "b.tar").read_bytes()
    end = whole.rindex(SEAL.encode()) + 512 + 64
    for size in [*range(0, end, 97), end - 1]:
        (tmp_path / "cut.tar").write_bytes(whole[:size])
        with pytest.raises(BackupDamaged):
            read_all(tmp_path / "cut.tar", tmp_path / f"out{size}")


def test_a_bit_that_is_wrong_anywhere_is_found(tmp_path: Path) -> None:
    """In a header, a part, the manifest or its seal; only the filling between them means nothing."""
    write_good(tmp_path / "b.tar")
    whole = (tmp_path / "b.tar").read_bytes()
    spared = 0
    for place in range(0, len(whole) - 1024, 13):
        (tmp_path / "bad.tar").write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            read_all(tmp_path / "bad.tar", tmp_path / f"out{place}")
        except BackupDamaged:
            continue
        spared += 1
        assert whole[place] == 0, f"a wrong byte at {place} was not found"
    assert spared < len(whole) / 13


@pytest.mark.parametrize(
    "name",
    [
        *("../x", "/etc/passwd", "keys/../../x", "keys/..", "keys/", "keys//x", "keys/a\x00b", "keys/a\nb"),
        *(
            "pictures/../x.jpg",
            "pictures/x.txt",
            "pictures/a/b.jpg",
            "models/x.onnx",
            "",
            ".",
            "nightjar.db-wal",
        ),
        *("nightjar.lock", "keys/" + "x" * 200, "Pictures/a.jpg", "footage/front/a.mp4"),
    ],
)
def test_no_path_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """Nor to anything in it that a backup has no business with, though manifest and hashes are right."""
    assert not is_allowed(name)
    write_tar(
        tmp_path / "b.tar",
        (member(name or "x"), b"evil"),
        (member(DATABASE), CONTENT),
        parts=[part(name, b"evil"), part(DATABASE, CONTENT)],
    )
    with pytest.raises(BackupDamaged):
        read_all(tmp_path / "b.tar", tmp_path / "out")
    assert not (tmp_path / "out").exists() or not any((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("kind", "link"),
    [
        (tarfile.SYMTYPE, "/etc/passwd"),
        (tarfile.LNKTYPE, DATABASE),
        (tarfile.FIFOTYPE, ""),
        (tarfile.CHRTYPE, ""),
        (tarfile.DIRTYPE, ""),
        (tarfile.GNUTYPE_SPARSE, ""),
        (tarfile.GNUTYPE_LONGNAME, ""),
        (tarfile.XHDTYPE, ""),
    ],
)
def test_nothing_but_plain_files_is_taken(tmp_path: Path, kind: bytes, link: str) -> None:
    """A link, a device, or a header that changes the meaning of the next one."""
    write_tar(
        tmp_path / "b.tar",
        (member("keys/a", kind, link), b""),
        (member(DATABASE), CONTENT),
        parts=[part("keys/a", b""), part(DATABASE, CONTENT)],
    )
    with pytest.raises(BackupDamaged):
        read_all(tmp_path / "b.tar", tmp_path / "out")


def test_a_part_that_unpacks_to_more_than_it_says_is_stopped(tmp_path: Path) -> None:
    """A gigabyte in a megabyte fills no disk: not a byte more is written than the manifest says."""
    bomb = gzip.compress(bytes(1 << 26), 9)
    write_tar(
        tmp_path / "b.tar", (member(f"{DATABASE}.gz"), bomb), parts=[Part(DATABASE, 4096, "0" * 64, True)]
    )
    with pytest.raises(BackupDamaged):
        read_all(tmp_path / "b.tar", tmp_path / "out")
    assert (tmp_path / "out/0").stat().st_size <= 4096


@pytest.mark.parametrize(
    "write",
    [
        lambda file: write_tar(file, (member(DATABASE), CONTENT), parts=[]),
        lambda file: write_tar(file, parts=[part(DATABASE, CONTENT)]),
        lambda file: write_tar(
            file, (member(DATABASE), CONTENT), (member("keys/a"), b""), parts=[part(DATABASE, CONTENT)]
        ),
        lambda file: write_tar(
            file, (member(DATABASE), CONTENT), (member(DATABASE), CONTENT), parts=[part(DATABASE, CONTENT)]
        ),
        lambda file: write_tar(file, (member("keys/a"), b""), parts=[part("keys/a", b"")]),
        lambda file: file.write_bytes(b"no tar at all" * 1000),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(gzip.compress(b"packed")),
    ],
)
def test_what_is_no_backup_is_refused(tmp_path: Path, write: Callable[[Path], None]) -> None:
    """A member that is in the manifest or in the file alone, one that comes twice, or anything else."""
    write(tmp_path / "b.tar")
    with pytest.raises(BackupDamaged):
        read_all(tmp_path / "b.tar", tmp_path / "out")


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    """And is no damage."""
    with pytest.raises(NotFound, match="there is no such file"), ArchiveReader(tmp_path / "none"):
        pass


def test_a_manifest_of_another_form_is_refused() -> None:
    """A newer Nightjar's may mean something else by the same words."""
    other = msgspec.structs.replace(manifest_of([part(DATABASE, b"")]), format=2)
    with pytest.raises(BackupDamaged, match="newer"):
        decode(msgspec.json.encode(other))


def test_a_configuration_of_any_size_is_not_read_into_memory(tmp_path: Path) -> None:
    """A thousand bytes may unpack to as many millions."""
    content = bytes(LONGEST_CONTENT_BYTES + 1)
    own = part("nightjar.toml", content, is_packed=True)
    write_tar(
        tmp_path / "b.tar",
        (member(own.member), gzip.compress(content)),
        (member(DATABASE), b"d"),
        parts=[own, part(DATABASE, b"d")],
    )
    with (
        ArchiveReader(tmp_path / "b.tar") as archive,
        pytest.raises(BackupDamaged, match=f"expected {LONGEST_CONTENT_BYTES} at most"),
    ):
        archive.content(own)

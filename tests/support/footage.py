"""What lies on the disks of a data directory, read without any of the appliance's code but its schema.

Pictures are told apart by a checksum of their slices (``camera_simulator.clip.digest_of``), so that what a
simulated camera sent and what a file holds can be compared picture by picture.
"""

import io
import itertools
import sqlite3
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import av

from appliance.store.engine import DATABASE
from tests.support.camera_simulator.clip import digest_of, units_of
from tests.support.camera_simulator.faults import SentPicture

LENGTH_BYTES = 4
"""Of the lengths in front of NAL units in our files."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment or a gap of a camera's ledger.

    Attributes:
        cause: of a gap; empty for a segment.
        file: of a segment; ``None`` for a gap.
        state: of a segment; empty for a gap.
    """

    camera_id: str
    start_us: int
    end_us: int
    cause: str
    file: Path | None
    state: str

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end_us - self.start_us) / 1e6


def ledger(data_dir: Path) -> list[Piece]:
    """Return every segment and gap of a data directory, by camera and time; the service may be running."""
    with closing(sqlite3.connect(f"file:{data_dir / DATABASE}?mode=ro", uri=True)) as connection:
        connection.execute("BEGIN")
        roots = {key: Path(path) for key, path in connection.execute("SELECT id, path FROM volumes")}
        segments = connection.execute(
            "SELECT camera_id, start_us, end_us, volume_id, path, state FROM segments"
        ).fetchall()
        gaps = connection.execute("SELECT camera_id, start_us, end_us, cause FROM gaps").fetchall()
    pieces = [
        Piece(camera, start, end, "", roots[volume] / path, state)
        for camera, start, end, volume, path, state in segments
    ]
    pieces += [Piece(camera, start, end, cause, None, "") for camera, start, end, cause in gaps]
    return sorted(pieces, key=lambda piece: (piece.camera_id, piece.start_us, piece.end_us))


def unaccounted(pieces: Sequence[Piece]) -> list[str]:
    """Return where a camera's ledger has a hole or an overlap, a sentence each."""
    return [
        f"{a.camera_id}: {(b.start_us - a.end_us) / 1e6:+.6f} s between {a} and {b}"
        for a, b in itertools.pairwise(pieces)
        if a.end_us != b.start_us and a.camera_id == b.camera_id
    ]


def files_of(data_dir: Path, camera_id: str) -> list[Path]:
    """Return a camera's files of footage on all volumes of a database, by name, rows or not."""
    with closing(sqlite3.connect(f"file:{data_dir / DATABASE}?mode=ro", uri=True)) as connection:
        roots = [Path(path) for (path,) in connection.execute("SELECT path FROM volumes")]
    return sorted(file for root in roots for file in (root / camera_id).glob("*/*.mp4"))


def digests_of(file: Path) -> list[int]:
    """Return the checksums of a file's pictures in decoding order, those of whole fragments only."""
    whole = whole_part(file.read_bytes())
    if not whole:
        return []
    with av.open(io.BytesIO(whole), "r") as container:
        stream = container.streams.video[0]
        codec = stream.codec_context.codec.canonical_name
        return [
            digest_of(codec, units_of(bytes(packet), LENGTH_BYTES))
            for packet in container.demux(stream)
            if packet.size
        ]


def whole_part(data: bytes) -> bytes:
    """Return the beginning of a file of boxes up to the last whole ``mdat``; nothing where there is none."""
    at = end = 0
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        at += size
        if size < 8 or at > len(data):
            break
        end = at if kind in {b"mdat", b"moov"} else end
    return data[:end]


def play(file: Path, shows_all: bool = True) -> int:
    """Decode all of a file and return how many pictures were shown.

    Args:
        file: MP4.
        shows_all: False where an edit list may hide pictures that the others need.

    Raises:
        AssertionError: a picture is damaged, or fewer are shown than the file holds.
    """
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        shown = held = 0
        for packet in container.demux(stream):
            held += packet.size > 0
            for frame in packet.decode():
                assert not frame.is_corrupt, f"{file}: picture {shown} is damaged"
                shown += 1
    assert shown == held > 0 or not shows_all, f"{file}: {shown} pictures shown of {held}"
    return shown


def complaints(file: Path) -> str:
    """Return what ``ffprobe -v error`` says of a file when it reads all packets: nothing, if all is well."""
    command = ["ffprobe", "-v", "error", "-show_packets", "-of", "compact", str(file)]
    done = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    return done.stderr if done.returncode == 0 else f"{done.stderr} (exit status {done.returncode})"


def missing(sent: Sequence[SentPicture], stored: Iterable[int]) -> list[SentPicture]:
    """Return the pictures that were sent and are not stored."""
    there = set(stored)
    return [picture for picture in sent if picture.digest not in there]

"""Files of footage as the recorder leaves them, with their rows, drawn and encoded on the fly."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from appliance.domain.footage import Gap, Segment, SegmentState, Volume
from appliance.domain.ids import CameraId, SegmentId, VolumeId
from appliance.domain.packet import Packet, SoundPacket
from appliance.domain.time import US_PER_S, WallUs
from appliance.packets.fmp4 import Fmp4Writer
from appliance.recordings.playback.footage_file import FootageFile
from appliance.store.footage import add_gaps, save_segments, save_volume
from tests.support.clips import I420, plain, write_clip
from tests.support.coded import packets_of, tone
from tests.support.rows import NOON_US
from tests.support.web import WebBox

FPS, GOP = 10, 10
VOLUME = VolumeId("hot")


def numbered(count: int, first: int = 0, width: int = 160, height: int = 96) -> list[I420]:
    """Return pictures that tell their number: eight fields, white for a bit that is set, black for others."""
    pictures = []
    for number in range(first, first + count):
        picture = plain(width, height)
        for bit in range(8):
            left = bit * width // 8
            picture[:height, left : left + width // 8] = 235 if number >> bit & 1 else 16
        pictures.append(picture)
    return pictures


def number_of(luma: np.ndarray) -> int:
    """Return the number that a picture of ``numbered`` tells, read back from its luma of any size."""
    height, width = luma.shape
    return sum(1 << bit for bit in range(8) if luma[height // 2, bit * width // 8 + width // 16] > 128)


def write_footage(
    folder: Path,
    segment_id: str,
    start_us: int = NOON_US,
    seconds: int = 6,
    *,
    first: int = 0,
    codec: str = "libx264",
    b_frames: int = 0,
    sound: bool = False,
    camera_id: str = "front",
    state: SegmentState = SegmentState.CLOSED,
    size: tuple[int, int] = (160, 96),
) -> FootageFile:
    """Write a file of ten numbered pictures a second with a GOP and a fragment for each second.

    The first one has the number ``first``; ``folder`` is that of the storage path.
    """
    clip = write_clip(folder / "clip.mp4", numbered(seconds * FPS, first, *size), FPS, GOP, b_frames, codec)
    camera = CameraId(camera_id)
    packets = packets_of(clip, camera_id=camera, begin_us=start_us)
    clip.unlink()
    shift_us = start_us - packets[0].wall_us
    packets = [replace(packet, wall_us=WallUs(packet.wall_us + shift_us)) for packet in packets]
    sounds = _sounds(camera, start_us, seconds) if sound else []
    path = f"{camera_id}/2026-09-21/{segment_id}.mp4"
    data, codecs = _file_of(packets, sounds, start_us + seconds * US_PER_S)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(data)
    end_us = WallUs(start_us + seconds * US_PER_S)
    segment = Segment(
        *(SegmentId(segment_id), camera, VOLUME, path, WallUs(start_us), end_us, len(data), None),
        *(codecs, size[0], size[1], state),
    )
    return FootageFile(segment, folder)


async def record(box: WebBox, *files: FootageFile, gaps: Sequence[Gap] = ()) -> None:
    """Store the rows of files, of their storage path, and of gaps."""

    def work(connection: Connection) -> None:
        save_volume(connection, Volume(VOLUME, str(box.footage_folder), WallUs(NOON_US)))
        save_segments(connection, [file.segment for file in files])
        add_gaps(connection, gaps)

    await box.spine.committer.commit(work)


def _sounds(camera_id: CameraId, start_us: int, seconds: int) -> list[SoundPacket]:
    heard = tone(seconds, camera_id=camera_id)
    return [replace(one, wall_us=WallUs(one.wall_us - heard[0].wall_us + start_us)) for one in heard]


def _file_of(packets: Sequence[Packet], sounds: Sequence[SoundPacket], end_us: int) -> tuple[bytes, str]:
    writer = Fmp4Writer(packets[0], sounds[0].stream if sounds else None)
    parts = [writer.init]
    for at in range(0, len(packets), GOP):
        some = packets[at : at + GOP]
        later = packets[at + GOP : at + GOP + 1]
        until = later[0].wall_us if later else WallUs(end_us)
        heard = [one for one in sounds if some[0].wall_us <= one.wall_us < until]
        parts.append(writer.fragment(some, until, heard))
    return b"".join(parts), writer.codecs

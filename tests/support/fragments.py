"""Fragments as the recorder cuts them, without a recorder; and somebody who hears what becomes of them."""

import dataclasses
import functools
import tempfile
from collections.abc import Iterator
from itertools import count, pairwise
from pathlib import Path

from appliance.domain.footage import Cause, Segment
from appliance.domain.ids import CameraId, SegmentId
from appliance.domain.packet import Packet
from appliance.domain.time import US_PER_S, WallUs
from appliance.recordings.fragment import Fragment
from appliance.recordings.reports import Dropped
from tests.support.clips import walking_square, write_clip
from tests.support.coded import BEGIN_US, CAMERA, packets_of

FPS, GOP, SECONDS = 10, 20, 4
"""Of the clip: its GOPs are two fragments of a second long."""


@functools.cache
def clip_packets() -> tuple[Packet, ...]:
    """Return the packets of a clip of four seconds."""
    with tempfile.TemporaryDirectory() as folder:
        pictures = walking_square(FPS * SECONDS)
        return tuple(packets_of(write_clip(Path(folder) / "yard.mp4", pictures, FPS, GOP)))


def endless_packets(camera_id: CameraId, begin_us: int) -> Iterator[Packet]:
    """Yield the clip over and over, as one stream without a gap."""
    for turn in count():
        for packet in clip_packets():
            wall_us = WallUs(begin_us + packet.wall_us - BEGIN_US + turn * SECONDS * US_PER_S)
            yield dataclasses.replace(packet, camera_id=camera_id, wall_us=wall_us)


def fragments(
    camera_id: CameraId = CAMERA, begin_us: int = BEGIN_US, segment_s: int = 60
) -> Iterator[Fragment]:
    """Yield a fragment for each second, for ever; each other one begins a GOP."""
    packets = endless_packets(camera_id, begin_us)
    segment_id = SegmentId("")
    for second in count():
        some = tuple(next(packets) for _ in range(FPS))
        start_us = WallUs(begin_us + second * US_PER_S)
        if second % segment_s == 0:
            segment_id = SegmentId(f"{start_us // 1000:012x}{camera_id.encode().hex()[:12]:0>12}")
        yield Fragment(
            camera_id=camera_id,
            segment_id=segment_id,
            stream=some[0].stream,
            packets=some,
            sounds=(),
            start_us=start_us,
            end_us=WallUs(start_us + US_PER_S),
            is_gop_start=some[0].is_keyframe,
            has_motion=False,
            size=sum(len(packet.data) for packet in some),
        )


class Reports:
    """Hears what becomes of fragments, as the book does."""

    def __init__(self) -> None:
        self.segments: dict[SegmentId, Segment] = {}
        self.losses: list[Dropped] = []

    def synced(self, segment: Segment) -> None:
        """Remember the newest word on a segment."""
        self.segments[segment.id] = segment

    def dropped(self, dropped: Dropped) -> None:
        """Remember a loss."""
        self.losses.append(dropped)

    def causes(self) -> set[Cause]:
        """Return why something was lost."""
        return {loss.cause for loss in self.losses}

    def times(self, camera_id: CameraId = CAMERA) -> list[tuple[int, int]]:
        """Return what was recorded or lost of a camera, in order of time."""
        told: list[Segment | Dropped] = [*self.segments.values(), *self.losses]
        return sorted((t.start_us, t.end_us) for t in told if t.camera_id == camera_id)

    def expect_whole(self, camera_id: CameraId = CAMERA) -> None:
        """Assert that every moment of a camera is recorded or lost, and none twice."""
        for (_, earlier_end), (later_start, _) in pairwise(self.times(camera_id)):
            assert later_start == earlier_end

"""A fragment: the packets of one GOP or one second, whichever is shorter, on their way to a disk."""

from dataclasses import dataclass, field

from appliance.domain.ids import CameraId, SegmentId
from appliance.domain.packet import Packet, SoundPacket, SoundStream, VideoStream
from appliance.domain.time import WallUs


@dataclass(frozen=True, slots=True)
class Fragment:
    """What is written as one ``moof`` with its ``mdat``, or not at all.

    Attributes:
        segment_id: the file it belongs to; another one than the last begins another file.
        stream: of all its packets.
        packets: in decoding order; never empty.
        sounds: the sound of the same time, in order.
        start_us: when its first picture in the order of showing was taken.
        end_us: where the next fragment begins, or where the last picture ends.
        is_gop_start: its first packet is a keyframe; only there can a file begin.
        has_motion: motion was seen meanwhile.
        size: bytes of its packets and sounds.
        sound: the sound that its file has a track for, whether or not some of it is in this fragment.
    """

    camera_id: CameraId
    segment_id: SegmentId
    stream: VideoStream
    packets: tuple[Packet, ...] = field(repr=False)
    sounds: tuple[SoundPacket, ...] = field(repr=False)
    start_us: WallUs
    end_us: WallUs
    is_gop_start: bool
    has_motion: bool
    size: int
    sound: SoundStream | None = None

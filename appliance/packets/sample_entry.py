"""What an MP4 track says of its video: the sample entry, which libav makes, and the name of the codec."""

import io
import struct
from dataclasses import dataclass, field

import av
import av.error

from appliance.domain.packet import Packet
from appliance.errors import NotRecordable
from appliance.packets import nal_units

_DEMUXERS = {"h264": "h264", "hevc": "hevc", "mjpeg": "mjpeg"}
_OPTIONS = {"movflags": "empty_moov+default_base_moof+frag_custom"}
_DESCRIPTION = b"stsd"
_ENTRIES_AT = 12
"""From the name of ``stsd`` to its first entry: the name, version and flags, the number of entries."""
_CODECS = {b"avc1": "h264", b"hvc1": "hevc", b"mp4v": "mjpeg"}
_SIZE_AT = 32
"""Where width and height stand in a visual sample entry (ISO/IEC 14496-12, 12.1.3)."""
_LEAST_RECORD = 13
SOUND_NAME = "mp4a.40.2"
"""AAC-LC as RFC 6381 has it."""


@dataclass(frozen=True, slots=True)
class SampleEntry:
    """A video track's description.

    Attributes:
        box: ``avc1``, ``hvc1`` or ``mp4v`` with all that is in it.
        codec: FFmpeg's name.
        name: as RFC 6381 has it.
        length_bytes: of the lengths in front of the NAL units as the camera sends them; 0 for start codes.
        sets: the parameter sets that the entry announces.
    """

    box: bytes = field(repr=False)
    codec: str
    name: str
    width: int
    height: int
    length_bytes: int
    sets: frozenset[bytes] = field(repr=False)

    def sample(self, data: bytes, *, keep_sets: bool) -> bytes | None:
        """Return a coded picture in the form in which this track holds it.

        Args:
            data: as the camera sent it.
            keep_sets: leave parameter sets in it.

        Returns:
            ``None`` when the picture brings parameter sets that the entry does not announce.
        """
        if self.codec == "mjpeg":
            return data
        return nal_units.sample_of(self.codec, data, self.length_bytes, None if keep_sets else self.sets)


def sample_entry(keyframe: Packet) -> SampleEntry:
    """Describe the stream of a keyframe.

    Raises:
        NotRecordable: the codec has no place in MP4, or there are no parameter sets.
    """
    codec = keyframe.stream.codec
    if codec not in _DEMUXERS:
        raise NotRecordable(f"expected H.264, H.265 or Motion JPEG, got {codec}, which no MP4 file holds")
    length_bytes, sets = 0, []
    picture = keyframe.data
    if codec != "mjpeg":
        length_bytes = nal_units.length_bytes_of(codec, keyframe.stream.extradata)
        units = [bytes(unit) for unit in nal_units.units_of(keyframe.data, length_bytes)]
        in_band = [unit for unit in units if nal_units.is_parameter_set(codec, unit)]
        # What stands in front of the picture is newer than what the camera announced.
        sets = list(dict.fromkeys(in_band or nal_units.sets_of(codec, keyframe.stream.extradata)))
        slices = [unit for unit in units if not nal_units.is_parameter_set(codec, unit)]
        picture = nal_units.with_marks(sets + slices)
    box, width, height = _described(codec, picture)
    name = _name(codec, box)
    return SampleEntry(box, codec, name, width, height, length_bytes, frozenset(sets))


@dataclass(frozen=True, slots=True)
class Tracks:
    """What an init segment says of its tracks.

    Attributes:
        codecs: of video and sound as RFC 6381 names them.
    """

    codecs: str
    width: int
    height: int


def tracks_of(init: bytes) -> Tracks | None:
    """Read the init segment of a file that ``Fmp4Writer`` made; ``None`` where it is not one."""
    at = init.find(_DESCRIPTION) + _ENTRIES_AT
    entry = init[at : at + int.from_bytes(init[at : at + 4], "big")]
    codec = _CODECS.get(entry[4:8])
    if at < _ENTRIES_AT or codec is None or len(entry) < _SIZE_AT + 4:
        return None
    record = _record(codec, entry)
    if codec != "mjpeg" and (record is None or len(record) < _LEAST_RECORD):
        return None
    sound_at = init.find(_DESCRIPTION, at) + _ENTRIES_AT
    has_sound = sound_at >= _ENTRIES_AT and init[sound_at + 4 : sound_at + 8] == b"mp4a"
    width, height = struct.unpack_from(">HH", entry, _SIZE_AT)
    name = _name(codec, entry)
    return Tracks(f"{name},{SOUND_NAME}" if has_sound else name, width, height)


def _described(codec: str, picture: bytes) -> tuple[bytes, int, int]:
    """Let libav read the picture's parameters and write them as a sample entry."""
    out = io.BytesIO()
    try:
        with av.open(io.BytesIO(picture), format=_DEMUXERS[codec]) as source:
            video = source.streams.video[0]
            width, height = video.width, video.height
            with av.open(out, "w", format="mp4", options=_OPTIONS) as target:
                stream = target.add_stream_from_template(video)
                if codec == "hevc":
                    stream.codec_context.codec_tag = "hvc1"
                target.start_encoding()
                written = out.getvalue()
    except (av.error.FFmpegError, IndexError, ValueError) as err:
        raise NotRecordable(f"the parameters of the {codec} stream cannot be read: {err}") from err
    at = written.find(_DESCRIPTION)
    begin = at + _ENTRIES_AT
    box = written[begin : begin + int.from_bytes(written[begin : begin + 4], "big")]
    if at < 0 or not width or not height or (codec != "mjpeg" and _record(codec, box) is None):
        raise NotRecordable(f"expected a {codec} picture with its parameter sets, got one without")
    return box, width, height


def _record(codec: str, box: bytes) -> bytes | None:
    """Return what stands in the avcC or hvcC box of a sample entry."""
    at = box.find(b"avcC" if codec == "h264" else b"hvcC")
    if at < 4:
        return None
    return box[at + 4 : at - 4 + int.from_bytes(box[at - 4 : at], "big")]


def _name(codec: str, box: bytes) -> str:
    """Return the codec's name of RFC 6381 (H.265: ISO/IEC 14496-15, annex E)."""
    record = _record(codec, box)
    if record is None:
        return "mp4v.6C"
    if codec == "h264":
        return f"avc1.{record[1:4].hex()}"
    space, tier, profile = record[1] >> 6, record[1] >> 5 & 1, record[1] & 0x1F
    compatible = int(f"{int.from_bytes(record[2:6], 'big'):032b}"[::-1], 2)
    constraints = record[6:12].rstrip(b"\x00")
    parts = [
        "hvc1",
        f"{('', 'A', 'B', 'C')[space]}{profile}",
        f"{compatible:X}",
        f"{'H' if tier else 'L'}{record[12]}",
        *(f"{byte:X}" for byte in constraints),
    ]
    return ".".join(parts)

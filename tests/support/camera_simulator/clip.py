"""A clip, read and packetised once, as any number of cameras send it."""

import base64
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av

from tests.support.camera_simulator.packetise import is_keyframe_unit, is_slice, payloads, unit_kind

CLOCK_HZ = 90_000
"""The RTP clock of video (RFC 6184 and 7798)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One coded picture, ready to be sent.

    Attributes:
        due: decoding time in ticks of the RTP clock since the clip's first picture.
        shown: presentation time in the same ticks.
        payloads: of its RTP packets, in order.
        is_keyframe: with parameter sets in front of it.
        digest: of its slices, see ``digest_of``.
    """

    due: int
    shown: int
    payloads: tuple[bytes, ...]
    is_keyframe: bool
    digest: int


class Live(Protocol):
    """Makes a session's pictures when they are due."""

    def picture(self, due: int) -> Picture:
        """Return the picture of now, ``due`` ticks after the session's first, which is a keyframe."""
        ...


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip's video.

    Attributes:
        codec: ``h264`` or ``hevc``.
        parameter_sets: its NAL units, without start codes.
        pictures: in decoding order; the first is a keyframe. None where they are made when they are due.
        ticks: from the first picture to the first of the next round.
        live: makes what makes a session's pictures, ``ticks`` apart; ``None`` for a clip that is played.
    """

    codec: str
    width: int
    height: int
    parameter_sets: tuple[bytes, ...]
    pictures: tuple[Picture, ...]
    ticks: int
    live: Callable[[], Live] | None = field(default=None, repr=False)

    def media_lines(self, payload_type: int, with_sets: bool) -> list[str]:
        """Return the lines of a session description that say how the video is coded."""
        name = "H264" if self.codec == "h264" else "H265"
        lines = [f"m=video 0 RTP/AVP {payload_type}", f"a=rtpmap:{payload_type} {name}/{CLOCK_HZ}"]
        parameters = [*self._h264_parameters(with_sets)] if self.codec == "h264" else []
        if self.codec == "hevc" and with_sets:
            parameters = self._h265_parameters()
        if parameters:
            lines.append(f"a=fmtp:{payload_type} {';'.join(parameters)}")
        return lines

    def _h264_parameters(self, with_sets: bool) -> list[str]:
        if not with_sets:
            return ["packetization-mode=1"]
        sps = next(unit for unit in self.parameter_sets if unit_kind(self.codec, unit) == 7)
        sets = ",".join(_base64(unit) for unit in self.parameter_sets)
        return [
            "packetization-mode=1",
            f"profile-level-id={sps[1:4].hex()}",
            f"sprop-parameter-sets={sets}",
        ]

    def _h265_parameters(self) -> list[str]:
        names = {32: "sprop-vps", 33: "sprop-sps", 34: "sprop-pps"}
        return [
            f"{names[kind]}={_base64(unit)}"
            for unit in self.parameter_sets
            if (kind := unit_kind(self.codec, unit)) in names
        ]


def read_clip(path: Path) -> Clip:
    """Read and packetise the video of an MP4 file; parameter sets are put in front of every keyframe.

    Raises:
        ValueError: it has no H.264 or H.265 in the form of an MP4 file.
    """
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        codec, extradata = context.codec.canonical_name, bytes(context.extradata or b"")
        if codec not in {"h264", "hevc"} or not extradata or extradata[0] != 1 or stream.time_base is None:
            raise ValueError(f"expected H.264 or H.265 in an MP4 file, got {codec} in {path.name}")
        sets, length_size = (_avc_sets if codec == "h264" else _hevc_sets)(extradata)
        ticks_of = stream.time_base * CLOCK_HZ
        coded = [(p.dts, p.pts, bytes(p)) for p in container.demux(stream) if p.size]
    times = [(_ticks(dts, ticks_of), _ticks(pts, ticks_of)) for dts, pts, _ in coded]
    begin = times[0][0]
    pictures = tuple(
        picture_of(codec, sets, units_of(data, length_size), due - begin, shown - begin)
        for (due, shown), (_, _, data) in zip(times, coded, strict=True)
    )
    mean = pictures[-1].due // max(1, len(pictures) - 1) or CLOCK_HZ // 10
    return Clip(codec, context.width, context.height, sets, pictures, pictures[-1].due + mean)


def picture_of(codec: str, sets: tuple[bytes, ...], units: list[bytes], due: int, shown: int) -> Picture:
    """Return a picture of these NAL units; only its slices are sent, behind the sets if it is a keyframe."""
    is_keyframe = any(is_keyframe_unit(codec, unit) for unit in units)
    sent = [unit for unit in units if is_slice(codec, unit)]
    packed = tuple(payloads(codec, [*sets, *sent] if is_keyframe else sent))
    return Picture(due, shown, packed, is_keyframe, digest_of(codec, units))


def digest_of(codec: str, units: list[bytes]) -> int:
    """Return a checksum of a picture's slices, by which it is known again in a file: 32 bits."""
    digest = 0
    for unit in units:
        if is_slice(codec, unit):
            digest = zlib.crc32(unit, digest)
    return digest


def _ticks(stamp: int | None, ticks_of: Fraction) -> int:
    if stamp is None:
        raise ValueError("expected a time stamp with every packet of a clip")
    return round(stamp * ticks_of)


def units_of(data: bytes, length_size: int) -> list[bytes]:
    """Return the NAL units of a sample: each has its length in front (ISO 14496-15)."""
    units, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + length_size], "big")
        at += length_size
        units.append(data[at : at + length])
        at += length
    return units


def _avc_sets(extradata: bytes) -> tuple[tuple[bytes, ...], int]:
    """Return the parameter sets of an ``avcC`` box, and the size of the lengths in front of NAL units."""
    sets, at = [], 5
    for mask in (0x1F, 0xFF):
        count = extradata[at] & mask
        at += 1
        for _ in range(count):
            at, unit = _counted(extradata, at)
            sets.append(unit)
    return tuple(sets), (extradata[4] & 3) + 1


def _hevc_sets(extradata: bytes) -> tuple[tuple[bytes, ...], int]:
    """Return the same of an ``hvcC`` box; SEI messages that it may hold as well are left out."""
    sets, at = [], 23
    for _ in range(extradata[22]):
        kind, count = extradata[at] & 0x3F, int.from_bytes(extradata[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            at, unit = _counted(extradata, at)
            if 32 <= kind <= 34:
                sets.append(unit)
    return tuple(sets), (extradata[21] & 3) + 1


def _counted(data: bytes, at: int) -> tuple[int, bytes]:
    length = int.from_bytes(data[at : at + 2], "big")
    return at + 2 + length, data[at + 2 : at + 2 + length]


def _base64(unit: bytes) -> str:
    return base64.b64encode(unit).decode()

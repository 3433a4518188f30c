"""The boxes of a fragmented MP4 file (ISO/IEC 14496-12) that do not depend on the video's codec."""

import struct

from appliance.domain.packet import SoundStream

VIDEO_TRACK, SOUND_TRACK = 1, 2

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_UNDETERMINED = 0x55C4
_IN_MOVIE = 7
_OBJECT_AAC, _STREAM_SOUND = 0x40, 0x15


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box with its size and name in front."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """Return a box with version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def file_type() -> bytes:
    """Return ``ftyp``: fragments that a player may begin with, of a base that is their own."""
    return box(b"ftyp", b"iso6", struct.pack(">I", 1), b"iso6", b"iso5", b"mp41", b"hlsf")


def movie(
    video: bytes, timescale: int, delay: int, size: tuple[int, int], sound: SoundStream | None
) -> bytes:
    """Return ``moov`` of a movie whose samples are all in fragments.

    Args:
        video: the sample entry of the video track.
        timescale: ticks of the video track in a second.
        delay: ticks from the first picture's decoding to its showing, which players take off.
        size: width and height in pixels.
        sound: the sound track, or ``None``.
    """
    tracks = [_video_track(video, timescale, delay, size)]
    extends = [_track_extends(VIDEO_TRACK, 0)]
    if sound is not None:
        tracks.append(_sound_track(sound))
        extends.append(_track_extends(SOUND_TRACK, 1024))
    header = full_box(
        *(b"mvhd", 0, 0, struct.pack(">4I", 0, 0, 1000, 0)),
        struct.pack(">IHHQ", 0x10000, 0x100, 0, 0),
        *(_MATRIX, bytes(24), struct.pack(">I", SOUND_TRACK + 1)),
    )
    return box(b"moov", header, *tracks, box(b"mvex", *extends))


def _video_track(entry: bytes, timescale: int, delay: int, size: tuple[int, int]) -> bytes:
    header = full_box(b"vmhd", 0, 1, bytes(8))
    return _track(VIDEO_TRACK, timescale, b"vide", header, entry, size, _edit(delay) if delay else b"")


def _edit(delay: int) -> bytes:
    """Return ``edts``: everything is shown, from so many ticks on."""
    return box(b"edts", full_box(b"elst", 0, 0, struct.pack(">IIiHH", 1, 0, delay, 1, 0)))


def _sound_track(sound: SoundStream) -> bytes:
    header = full_box(b"smhd", 0, 0, bytes(4))
    return _track(SOUND_TRACK, sound.sample_rate, b"soun", header, _sound_entry(sound), (0, 0))


def _track(
    number: int,
    timescale: int,
    handler: bytes,
    header: bytes,
    entry: bytes,
    size: tuple[int, int],
    edit: bytes = b"",
) -> bytes:
    volume = 0x100 if handler == b"soun" else 0
    track_header = full_box(
        *(b"tkhd", 0, _IN_MOVIE, struct.pack(">5I", 0, 0, number, 0, 0), bytes(8)),
        *(struct.pack(">4H", 0, 0, volume, 0), _MATRIX, struct.pack(">II", size[0] << 16, size[1] << 16)),
    )
    media_header = full_box(b"mdhd", 0, 0, struct.pack(">4IHH", 0, 0, timescale, 0, _UNDETERMINED, 0))
    handled_by = full_box(b"hdlr", 0, 0, bytes(4), handler, bytes(12), b"Nightjar\x00")
    here = box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1)))
    samples = box(
        *(b"stbl", full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry)),
        *(full_box(kind, 0, 0, bytes(4)) for kind in (b"stts", b"stsc", b"stco")),
        full_box(b"stsz", 0, 0, bytes(8)),
    )
    media = box(b"mdia", media_header, handled_by, box(b"minf", header, here, samples))
    return box(b"trak", track_header, edit, media)


def _track_extends(number: int, duration: int) -> bytes:
    return full_box(b"trex", 0, 0, struct.pack(">5I", number, 1, duration, 0, 0))


def _sound_entry(sound: SoundStream) -> bytes:
    """Return ``mp4a`` with the descriptors of ISO/IEC 14496-1 and -14."""
    specific = _descriptor(5, sound.config)
    decoder = _descriptor(4, struct.pack(">BB3xII", _OBJECT_AAC, _STREAM_SOUND, 0, 0), specific)
    stream = _descriptor(3, struct.pack(">HB", SOUND_TRACK, 0), decoder, _descriptor(6, b"\x02"))
    rate = min(sound.sample_rate, 0xFFFF)
    return box(
        *(b"mp4a", bytes(6), struct.pack(">H", 1), bytes(8)),
        *(struct.pack(">HHHHI", sound.channels, 16, 0, 0, rate << 16), full_box(b"esds", 0, 0, stream)),
    )


def _descriptor(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    return (
        bytes([tag, size >> 21 & 0x7F | 0x80, size >> 14 & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size & 0x7F])
        + body
    )

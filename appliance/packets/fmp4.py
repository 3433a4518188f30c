"""Packets → fragmented MP4 (ISO/IEC 14496-12 and -15): one writer for recording and for live view."""

import itertools
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from appliance.domain.packet import Packet, SoundPacket, SoundStream
from appliance.domain.time import US_PER_S, WallUs
from appliance.packets.mp4_boxes import SOUND_TRACK, VIDEO_TRACK, box, file_type, full_box, movie
from appliance.packets.sample_entry import SOUND_NAME, sample_entry

TIMESCALE = 90_000
"""Ticks of the video track in a second."""

_ASSUMED_TICKS = TIMESCALE // 25
_KEYFRAME, _OTHER = 0x02000000, 0x01010000
"""The flags of a sample that depends on no other one, and of one that does."""
_BASE_IS_MOOF = 0x020000
_VIDEO_FIELDS, _SOUND_FIELDS = 0xF01, 0x301
"""Which fields a ``trun`` has: the data's offset, and for each sample duration and size; flags and shift."""
_SOUND_SLACK_S = 0.1
_READ_AHEAD = 4096
_LONGEST_MOOF = 1 << 22


class _Timed(NamedTuple):
    """A picture in the track's ticks."""

    dts: int
    shift: int
    data: bytes
    is_keyframe: bool


class Fmp4Writer:
    """Makes the init segment and the fragments of one file or of one live stream; pure, on one thread.

    Times in it count from ``base_us``, the wall time of its first picture, so that the wall time of what
    a player shows is ``base_us`` plus the player's own position. The first picture is decoded at 0; where the
    camera reorders its pictures, an edit list takes the delay back, so that it is shown at 0 as well.

    Args:
        keyframe: the first packet; parameter sets that the stream does not announce are taken from it.
        sound: the sound track, or ``None``.

    Raises:
        NotRecordable: the codec has no place in MP4, or its parameter sets are not known.
    """

    def __init__(self, keyframe: Packet, sound: SoundStream | None = None) -> None:
        self._entry = sample_entry(keyframe)
        self._sound = sound
        self._base_us = keyframe.wall_us
        self._lead_us = _reordering_us(keyframe)
        self._next_dts = 0
        self._usual_ticks = _ASSUMED_TICKS
        self._next_sound = 0
        self._sequence = 0
        self._keep_sets = False

    @property
    def base_us(self) -> WallUs:
        """The wall time of position 0."""
        return self._base_us

    @property
    def codecs(self) -> str:
        """The codecs of video and sound as RFC 6381 names them: ``avc1.64001f,mp4a.40.2``."""
        return self._entry.name if self._sound is None else f"{self._entry.name},{SOUND_NAME}"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures, in pixels."""
        return self._entry.width, self._entry.height

    @property
    def init(self) -> bytes:
        """``ftyp`` and ``moov``."""
        return file_type() + movie(self._entry.box, TIMESCALE, _ticks(self._lead_us), self.size, self._sound)

    def fragment(
        self, packets: Sequence[Packet], end_us: WallUs, sounds: Sequence[SoundPacket] = ()
    ) -> bytes:
        """Return a ``moof`` with its ``mdat``.

        Args:
            packets: of the stream that the writer was made for, in decoding order, following those of the
                fragment before; not empty.
            end_us: where the last picture ends: the next picture's time if it is known.
            sounds: of the sound stream it was made for, in order; those from before position 0 are left
                out.
        """
        samples = list(self._timed(packets))
        durations = self._durations(samples, end_us)
        heard = self._heard(sounds) if self._sound is not None else []
        video_bytes = sum(len(sample.data) for sample in samples)
        self._sequence += 1

        def moof(size: int) -> bytes:
            header = full_box(b"mfhd", 0, 0, struct.pack(">I", self._sequence))
            tracks = [_video_fragment(samples, durations, size + 8)]
            if heard:
                tracks.append(_sound_fragment(heard, self._sound_start(heard), size + 8 + video_bytes))
            return box(b"moof", header, *tracks)

        front = moof(len(moof(0)))
        self._next_sound = (
            self._sound_start(heard) + sum(s.samples for s in heard) if heard else self._next_sound
        )
        return front + box(b"mdat", *(s.data for s in samples), *(s.data for s in heard))

    def _timed(self, packets: Sequence[Packet]) -> Iterator[_Timed]:
        for packet in packets:
            shown = _ticks(packet.wall_us - self._base_us)
            decoded = _ticks(packet.wall_us - _reordering_us(packet) + self._lead_us - self._base_us)
            # Decoding times must rise, whatever the camera's time stamps do.
            dts = max(decoded, self._next_dts)
            self._next_dts = dts + 1
            yield _Timed(
                dts, shown + _ticks(self._lead_us) - dts, self._sample(packet.data), packet.is_keyframe
            )

    def _sample(self, data: bytes) -> bytes:
        """Return a picture without the parameter sets that the track announces.

        From the first picture on that brings others they all stay: a decoder forgets those of pictures when
        it gets another one of a sequence.
        """
        sample = self._entry.sample(data, keep_sets=self._keep_sets)
        if sample is None:
            self._keep_sets = True
            sample = self._entry.sample(data, keep_sets=True)
        return sample or b""

    def _durations(self, samples: list[_Timed], end_us: WallUs) -> list[int]:
        known = [later.dts - sample.dts for sample, later in itertools.pairwise(samples)]
        self._usual_ticks = known[-1] if known else self._usual_ticks
        last = _ticks(end_us - self._base_us) - samples[-1].dts
        return [*known, last if last > 0 else self._usual_ticks]

    def _heard(self, sounds: Sequence[SoundPacket]) -> list[SoundPacket]:
        """Return the sound that has a place: of this stream, after position 0, and not long written over.

        A camera whose sound runs faster than its pictures loses a piece of it once in a while, so that they
        stay together.
        """
        own = [s for s in sounds if s.stream is self._sound and s.wall_us >= self._base_us]
        slack = _SOUND_SLACK_S * (self._sound.sample_rate if self._sound is not None else 0)
        return list(itertools.dropwhile(lambda s: self._place(s) < self._next_sound - slack, own))

    def _sound_start(self, heard: list[SoundPacket]) -> int:
        """Return when the sound of a fragment begins: after the one before, and never within it."""
        return max(self._next_sound, self._place(heard[0]))

    def _place(self, sound: SoundPacket) -> int:
        return round((sound.wall_us - self._base_us) * sound.stream.sample_rate / US_PER_S)


def _video_fragment(samples: list[_Timed], durations: list[int], data_at: int) -> bytes:
    entries = b"".join(
        struct.pack(
            *(">IIIi", duration, len(sample.data)),
            *(_KEYFRAME if sample.is_keyframe else _OTHER, sample.shift),
        )
        for sample, duration in zip(samples, durations, strict=True)
    )
    run = full_box(b"trun", 1, _VIDEO_FIELDS, struct.pack(">Ii", len(samples), data_at), entries)
    return _track_fragment(VIDEO_TRACK, samples[0].dts, run)


def _sound_fragment(sounds: list[SoundPacket], start: int, data_at: int) -> bytes:
    entries = b"".join(struct.pack(">II", sound.samples, len(sound.data)) for sound in sounds)
    run = full_box(b"trun", 0, _SOUND_FIELDS, struct.pack(">Ii", len(sounds), data_at), entries)
    return _track_fragment(SOUND_TRACK, start, run)


def _track_fragment(number: int, start: int, run: bytes) -> bytes:
    header = full_box(b"tfhd", 0, _BASE_IS_MOOF, struct.pack(">I", number))
    return box(b"traf", header, full_box(b"tfdt", 1, 0, struct.pack(">Q", start)), run)


def _reordering_us(packet: Packet) -> int:
    """Return how much later a picture is shown than decoded; 0 where its camera does not reorder."""
    if packet.dts is None:
        return 0
    ticks = packet.media.pts - packet.dts
    return round(ticks * US_PER_S * packet.media.time_base)


def _ticks(us: int) -> int:
    return (us * (TIMESCALE // 10_000) + 50) // 100


@dataclass(frozen=True, slots=True)
class FragmentPlace:
    """Where a fragment lies in a file, and when.

    Attributes:
        offset: of its ``moof``, in bytes.
        size: of ``moof`` and ``mdat`` together.
        start_us: of its first picture in decoding order, in microseconds since position 0.
        duration_us: of its pictures.
        is_keyframe: its first picture is one.
    """

    offset: int
    size: int
    start_us: int
    duration_us: int
    is_keyframe: bool


@dataclass(frozen=True, slots=True)
class FileLayout:
    """What ``layout_of`` finds in a file.

    Attributes:
        init_size: bytes of ``ftyp`` and ``moov``; 0 when they are not whole.
        whole_size: bytes up to the end of the last whole fragment; ``init_size`` when there is none.
        fragments: the whole ones, in order.
    """

    init_size: int
    whole_size: int
    fragments: tuple[FragmentPlace, ...] = field(repr=False)

    @property
    def duration_us(self) -> int:
        """Where the last whole fragment ends, in microseconds since position 0; 0 when there is none."""
        return self.fragments[-1].start_us + self.fragments[-1].duration_us if self.fragments else 0


def layout_of(read: Callable[[int, int], bytes], size: int, known: FileLayout | None = None) -> FileLayout:
    """Find the fragments of a file that ``Fmp4Writer`` made; whatever the bytes are, it only stops early.

    Args:
        read: returns so many bytes from an offset, or fewer at the end.
        size: how far to look, in bytes.
        known: what was found before in the same file, which is gone on with.
    """
    init_size = known.init_size if known is not None and known.init_size else _init_size(read, size)
    if not init_size:
        return FileLayout(0, 0, ())
    places = list(known.fragments) if known is not None and known.init_size else []
    at = places[-1].offset + places[-1].size if places else init_size
    while (place := _fragment_at(read, at, size)) is not None:
        places.append(place)
        at += place.size
    return FileLayout(init_size, at, tuple(places))


def _init_size(read: Callable[[int, int], bytes], size: int) -> int:
    at = 0
    for kind in (b"ftyp", b"moov"):
        length, found = _head(read(at, 8))
        if found != kind or at + length > size:
            return 0
        at += length
    return at


def _fragment_at(read: Callable[[int, int], bytes], at: int, size: int) -> FragmentPlace | None:
    """Return the fragment that begins at an offset; ``None`` where none does, or it is not whole."""
    front = read(at, _READ_AHEAD)
    length, kind = _head(front)
    if kind != b"moof" or not 8 <= length <= _LONGEST_MOOF or at + length + 8 > size:
        return None
    if length + 8 > len(front):
        front = read(at, length + 8)
    data_length, data_kind = _head(front[length : length + 8])
    whole = length + data_length
    if data_kind != b"mdat" or data_length < 8 or at + whole > size:
        return None
    times = _video_times(front[8:length])
    if times is None:
        return None
    start, duration, is_keyframe = times
    return FragmentPlace(at, whole, _us(start), _us(start + duration) - _us(start), is_keyframe)


def _video_times(moof: bytes) -> tuple[int, int, bool] | None:
    """Return start and duration in ticks, and whether the first picture is a keyframe."""
    for kind, track in _boxes(moof):
        if kind != b"traf":
            continue
        parts = dict(_boxes(track))
        header, start, run = (parts.get(name, b"") for name in (b"tfhd", b"tfdt", b"trun"))
        if header[4:8] != struct.pack(">I", VIDEO_TRACK):
            continue
        count = int.from_bytes(run[4:8], "big")
        if len(start) != 12 or not count or len(run) != 12 + 16 * count:
            return None
        samples = list(struct.iter_unpack(">IIIi", run[12:]))
        return int.from_bytes(start[4:12], "big"), sum(s[0] for s in samples), samples[0][2] == _KEYFRAME
    return None


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        length, kind = _head(data[at : at + 8])
        if length < 8 or at + length > len(data):
            return
        yield kind, data[at + 8 : at + length]
        at += length


def _head(data: bytes) -> tuple[int, bytes]:
    return int.from_bytes(data[:4], "big"), data[4:8]


def _us(ticks: int) -> int:
    return (ticks * 100 + 4) // (TIMESCALE // 10_000)

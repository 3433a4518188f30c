"""Files of footage → one ordinary MP4 file, joined and cut without re-encoding."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import av
import av.container
import av.packet

from appliance.domain.time import US_PER_S, WallUs
from appliance.errors import Conflict
from appliance.packets.nal_units import sets_of
from appliance.packets.video_input import AvPacket
from appliance.recordings.playback.edit_list import end_at
from appliance.recordings.playback.footage_file import FootageFile, SyncedPart
from appliance.store.times import iso_of_us

JOINED_US = US_PER_S // 2
"""Files that follow each other more closely are one recording; a longer gap is closed up."""

TOLD_EVERY_PACKETS = 256
SOUND_SLACK_S = 0.1
FORMAT = "mp4"
TAGS = {"hevc": "hvc1"}
"""Sample entries that Apple's players insist on."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Which part of the files: from ``from_us``, before ``to_us``.

    Attributes:
        is_exact: the first picture shown is the one at ``from_us``, by an edit list; otherwise the file
            begins with the keyframe at or before it.
    """

    from_us: WallUs
    to_us: WallUs
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Observer:
    """Who looks after a join: both are called on its thread, often.

    Attributes:
        told: gets the part that is done, 0 to 1.
        is_cancelled: whether to stop.
    """

    told: Callable[[float], None]
    is_cancelled: Callable[[], bool]


def expect_one_kind(files: Sequence[FootageFile]) -> None:
    """Make sure that the files' pictures fit into one track, as far as the rows tell.

    Raises:
        Conflict: codec or size changes; the message names the moments.
    """
    changes = [
        f"at {iso_of_us(later.segment.start_us)} from {_kind_of(one)} to {_kind_of(later)}"
        for one, later in itertools.pairwise(files)
        if _kind_of(one) != _kind_of(later)
    ]
    if changes:
        raise Conflict(
            "the camera's pictures change within this range, " + ", ".join(changes[:5]) + "; "
            "one file cannot hold both: export the parts before and after one by one"
        )


def join(files: Sequence[FootageFile], cut: Cut, out: Path, observer: Observer) -> bool:
    """Write the files' part as one MP4 file and return whether it is whole; blocks for long.

    Video is H.264 or H.265 (``hvc1``) as it was recorded, sound is AAC. Gaps between the files are closed up.
    A new parameter set on the way is put in front of the keyframes that need it.

    Args:
        files: at least one, in order of time; each overlaps the range.
        cut: which part of them.
        out: is made or written over.
        observer: when it cancels, ``out`` is not whole.

    Raises:
        Conflict: codec, size or sound change within the range; the message names the moment.
        NotFound: a file is not there any more.
        OSError: a disk is full or fails.
        av.error.FFmpegError: a file cannot be read, or not be joined.
    """
    with av.open(str(out), "w", format=FORMAT, options={"movflags": "+faststart"}) as target:
        target.metadata["creation_time"] = iso_of_us(cut.from_us)
        joiner = _Joiner(target, files, cut, _keyframe_before(files[0], cut.from_us))
        for file in files:
            for number, at_us in enumerate(joiner.add(file)):
                if number % TOLD_EVERY_PACKETS == 0:
                    if observer.is_cancelled():
                        return False
                    observer.told(_ratio(at_us, cut))
    if cut.is_exact:
        end_at(out, joiner.duration_us)
    return True


class _Joiner:
    """Puts the packets of file after file into one container, each at its place."""

    def __init__(
        self,
        target: av.container.OutputContainer,
        files: Sequence[FootageFile],
        cut: Cut,
        begin_us: WallUs,
    ) -> None:
        self._target = target
        self._cut = cut
        self._begin_us = begin_us
        # Position 0 of the new file; what lies before it is decoded and not shown.
        self._zero_us = max(cut.from_us, files[0].segment.start_us) if cut.is_exact else begin_us
        self._closed_us = 0
        self._end_us: WallUs | None = None
        self._picture, self._announced = self._video_like(files[0])
        self._sound = self._sound_like(files)
        self._has_begun = False
        self._is_in_band = False
        self._prefix = b""
        self._last_dts = {"video": -(2**62), "audio": -(2**62)}
        self._held: list[AvPacket] = []

    def add(self, file: FootageFile) -> Iterator[WallUs]:
        """Add a file's packets; yields where it is, once for each."""
        if self._end_us is not None and abs(file.segment.start_us - self._end_us) > JOINED_US:
            self._closed_us += file.segment.start_us - self._end_us
        self._end_us = file.segment.end_us
        self._held.clear()
        with closing(SyncedPart(file)) as part, av.open(part, "r", format=FORMAT) as source:
            self._expect_alike(file, source)
            for packet in source.demux(*source.streams.video[:1], *source.streams.audio[:1]):
                if packet.pts is None or packet.dts is None:
                    continue
                at_us = _at_us(file, packet, packet.pts)
                if isinstance(packet.stream, av.VideoStream):
                    if _at_us(file, packet, packet.dts) >= self._cut.to_us:
                        return
                    self._add_picture(file, packet, at_us)
                elif self._begin_us <= at_us < self._cut.to_us:
                    self._add_sound(file, packet)
                yield at_us

    @property
    def duration_us(self) -> int:
        """How long the new file is shown, when every file has been added."""
        end_us = min(self._cut.to_us, self._end_us or self._cut.to_us)
        return max(0, end_us - self._zero_us - self._closed_us)

    def _video_like(self, file: FootageFile) -> tuple[av.VideoStream, bytes]:
        with closing(SyncedPart(file)) as part, av.open(part, "r", format=FORMAT) as source:
            like = source.streams.video[0]
            made = self._target.add_stream_from_template(like)
            tag = TAGS.get(like.codec_context.name)
            if tag is not None:
                made.codec_context.codec_tag = tag
            return made, bytes(like.codec_context.extradata or b"")

    def _sound_like(self, files: Sequence[FootageFile]) -> av.AudioStream | None:
        for file in files:
            if "mp4a" not in file.segment.codecs:
                continue
            with closing(SyncedPart(file)) as part, av.open(part, "r", format=FORMAT) as source:
                like = source.streams.audio[0]
                self._sound_kind = (like.codec_context.sample_rate, like.codec_context.channels)
                return self._target.add_stream_from_template(like)
        return None

    def _expect_alike(self, file: FootageFile, source: av.container.InputContainer) -> None:
        """Make sure that a file fits, and note the parameter sets that it announces if they are others.

        Raises:
            Conflict: it does not fit.
        """
        video = source.streams.video[0].codec_context
        extradata = bytes(video.extradata or b"")
        if extradata != self._announced:
            self._is_in_band = True
        units = sets_of(video.name, extradata) if self._is_in_band and video.name in {"h264", "hevc"} else []
        self._prefix = b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)
        for sound in source.streams.audio[:1]:
            kind = (sound.codec_context.sample_rate, sound.codec_context.channels)
            if kind != self._sound_kind:
                raise Conflict(
                    f"the camera's sound changes at {iso_of_us(file.segment.start_us)}, from "
                    f"{self._sound_kind[0]} Hz on {self._sound_kind[1]} channels to "
                    f"{kind[0]} Hz on {kind[1]}; "
                    "export the parts before and after one by one"
                )

    def _add_picture(self, file: FootageFile, packet: AvPacket, at_us: WallUs) -> None:
        self._has_begun = self._has_begun or (bool(packet.is_keyframe) and at_us >= self._begin_us)
        if not self._has_begun:
            return
        placed = self._placed(file, packet, self._picture, "video")
        if at_us >= self._cut.to_us:
            # Decoded before a picture that is still shown, or not needed at all: the next ones tell.
            self._held.append(placed)
            return
        for held in self._held:
            self._target.mux(held)
        self._held.clear()
        self._target.mux(placed)

    def _add_sound(self, file: FootageFile, packet: AvPacket) -> None:
        if self._sound is None or packet.time_base is None:
            return
        slack = round(SOUND_SLACK_S / packet.time_base)
        if self._place(file, packet, packet.dts or 0) < self._last_dts["audio"] - slack:
            return
        self._target.mux(self._placed(file, packet, self._sound, "audio"))

    def _placed(self, file: FootageFile, packet: AvPacket, stream: av.stream.Stream, kind: str) -> AvPacket:
        placed = packet
        if kind == "video" and self._prefix and packet.is_keyframe:
            placed = av.packet.Packet(self._prefix + bytes(packet))
            placed.time_base, placed.duration, placed.is_keyframe = packet.time_base, packet.duration, True
        dts = max(self._place(file, packet, packet.dts or 0), self._last_dts[kind] + 1)
        pts = max(self._place(file, packet, packet.pts or 0), dts)
        self._last_dts[kind] = dts
        placed.pts, placed.dts, placed.stream = pts, dts, stream
        return placed

    def _place(self, file: FootageFile, packet: AvPacket, ticks: int) -> int:
        assert packet.time_base is not None
        moved_us = file.segment.start_us - self._zero_us - self._closed_us
        return ticks + round(moved_us / US_PER_S / packet.time_base)


def _keyframe_before(file: FootageFile, from_us: WallUs) -> WallUs:
    """Return when the keyframe at or before the range's begin was taken; else that of the file's begin."""
    start_us = file.segment.start_us
    found = start_us
    with closing(SyncedPart(file)) as part, av.open(part, "r", format=FORMAT) as source:
        for packet in source.demux(source.streams.video[0]):
            if packet.pts is None or not packet.is_keyframe:
                continue
            at_us = _at_us(file, packet, packet.pts)
            if at_us > from_us:
                break
            found = at_us
    return found


def _kind_of(file: FootageFile) -> str:
    """Return what must be the same in one track: the codec, less its profile, and the size."""
    segment = file.segment
    return f"{segment.codecs.split('.')[0].split(',')[0]} {segment.width}×{segment.height}"


def _at_us(file: FootageFile, packet: AvPacket, ticks: int) -> WallUs:
    assert packet.time_base is not None
    return WallUs(file.segment.start_us + round(ticks * US_PER_S * packet.time_base))


def _ratio(at_us: WallUs, cut: Cut) -> float:
    return min(1.0, max(0.0, (at_us - cut.from_us) / max(1, cut.to_us - cut.from_us)))

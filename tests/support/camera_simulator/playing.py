"""What a camera sends to one client after PLAY: the clip at its own pace, with the faults of the moment."""

import asyncio
import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.camera_simulator.clip import CLOCK_HZ, Clip, Picture
from tests.support.camera_simulator.faults import Faults, Hang, Seen, SentPicture
from tests.support.camera_simulator.rtp import RtpStream, Send
from tests.support.camera_simulator.sound import SoundClip

VIDEO_TYPE = 96
OTHER_VIDEO_TYPE = 97
"""Of pictures whose codec is not the one that was described."""

_BROKEN_UNIT_BYTES = 40


@dataclass(frozen=True, slots=True)
class Wires:
    """How a client gets packets; sound and its reports are absent where they were not set up."""

    video: Send
    video_report: Send
    sound: Send | None = None
    sound_report: Send | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How a camera plays, beside its faults.

    Attributes:
        first_timestamp: of a session's first picture.
        report_interval_s: from one sender report to the next; ``None`` for a camera that sends none.
        wall_offset_s: how far the camera's clock is ahead of ours, as its reports say.
        first_picture: where in the clip a session begins; 0 is a keyframe.
        first_codec: the codec that was described.
        sound_behind_s: how long after it was heard a piece of sound is sent.
        sound_after_s: how long after the first picture sound begins.
        report_after_s: how long after the first picture its reports begin.
    """

    first_timestamp: int
    report_interval_s: float | None
    wall_offset_s: float
    first_picture: int
    first_codec: str
    sound_behind_s: float = 0.0
    sound_after_s: float = 0.0
    report_after_s: float = 0.0


class Playing:
    """One session's packets, on the simulator's loop, until it is cancelled.

    Args:
        clip: returns what is to be played now; another clip is taken up at the next picture.
        faults: read before every picture.
        seen: counts what was sent.
        rng: decides which packets suffer.
        told: called after every picture.
        note: gets every picture that was sent, where somebody wants to know.
    """

    def __init__(
        self,
        clip: Callable[[], Clip],
        faults: Faults,
        seen: Seen,
        manner: Manner,
        wires: Wires,
        rng: random.Random,
        told: Callable[[], None],
        note: Callable[[SentPicture], None] | None = None,
    ) -> None:
        self._clip = clip
        self._faults = faults
        self._seen = seen
        self._manner = manner
        self._wires = wires
        self._rng = rng
        self._told = told
        self._note = note
        self._video = RtpStream(rng.getrandbits(32), rng.getrandbits(16))
        self._sound = RtpStream(rng.getrandbits(32), rng.getrandbits(16))
        self._first_sound_stamp = rng.getrandbits(32)
        self._base = 0
        self._stamp = 0
        self._video_reports = _Reports(manner, manner.report_after_s)
        self._sound_reports = _Reports(manner)

    async def run(self) -> None:
        """Send the clip round by round; every round goes on where the last one ended."""
        begun, first = asyncio.get_running_loop().time(), self._manner.first_picture
        if self._clip().live is None:
            self._base = -self._clip().pictures[first].due
        while True:
            clip = self._clip()
            played = self._live(begun, clip) if clip.live else self._round(begun, clip, first)
            self._base += await played
            first = 0

    async def run_sound(self, clip: SoundClip) -> None:
        """Send sound that begins with the first picture, unit by unit, each when it has been heard."""
        loop, behind_s = asyncio.get_running_loop(), self._manner.sound_behind_s
        begun, number = loop.time(), round(self._manner.sound_after_s * clip.rate / clip.ticks)
        while True:
            heard_s = begun + (number + 1) * clip.ticks / clip.rate
            await asyncio.sleep(max(0.0, heard_s + behind_s - loop.time()))
            if not (self._faults.stalled or self._faults.muted):
                self._send_sound(clip, number)
            number += 1

    def _send_sound(self, clip: SoundClip, number: int) -> None:
        wires, mutate = self._wires, self._faults.mutates_sound
        payload, stamp = clip.payload(number), self._first_sound_stamp + number * clip.ticks
        if mutate is not None:
            payload = mutate(payload)
        assert wires.sound is not None
        assert wires.sound_report is not None
        self._seen.sounds += wires.sound(
            [self._sound.packet(payload, clip.payload_type, stamp, clip.kind == "aac" or number == 0)]
        )
        if self._sound_reports.is_due():
            age_s = clip.ticks / clip.rate + self._manner.sound_behind_s
            wires.sound_report([self._sound.report(self._sound_reports.wall_s() - age_s, stamp)])

    async def _round(self, begun: float, clip: Clip, first: int) -> int:
        """Send the pictures of one round; return how many ticks it took."""
        for picture in clip.pictures[first:]:
            await self._wait(begun, picture.due)
            if self._clip() is not clip:
                return picture.due
            if self._is_heard:
                self._send(clip, picture)
                self._told()
        return clip.ticks

    async def _live(self, begun: float, clip: Clip) -> int:
        """Send pictures that are made when they are due, until another clip is played."""
        assert clip.live is not None
        maker = clip.live()
        for due in itertools.count(0, clip.ticks):
            await self._wait(begun, due)
            if self._clip() is not clip:
                return due
            picture = maker.picture(due)
            if self._is_heard:
                self._send(clip, picture)
                self._told()
        raise AssertionError("counting has no end")

    async def _wait(self, begun: float, due: int) -> None:
        wait_s = begun + (self._base + due) / CLOCK_HZ - asyncio.get_running_loop().time()
        if wait_s > 0:
            await asyncio.sleep(wait_s)

    @property
    def _is_heard(self) -> bool:
        return not self._faults.stalled and self._faults.hangs is not Hang.AFTER_PLAY

    def _send(self, clip: Clip, picture: Picture) -> None:
        faults, seen = self._faults, self._seen
        if not faults.stamps_repeated:
            self._stamp = self._manner.first_timestamp + self._base + picture.shown + faults.jump_ticks
        kept_back = faults.pictures_dropped or (picture.is_keyframe and faults.keyframes_dropped)
        packets = [] if kept_back else self._packets(clip, picture)
        if faults.broken_units_s:
            packets += self._broken(clip)
        if faults.mutates_packets is not None:
            packets = [*map(faults.mutates_packets, packets)]
        if not packets:
            return
        if not self._wires.video(packets):
            seen.dropped += 1
            return
        seen.pictures += 1
        seen.keyframes += picture.is_keyframe
        seen.packets += len(packets)
        seen.bytes += sum(map(len, packets))
        if self._note is not None:
            self._note(SentPicture(time.time(), picture.digest, picture.is_keyframe))
        self._report()

    def _packets(self, clip: Clip, picture: Picture) -> list[bytes]:
        faults, stamp, video = self._faults, self._stamp, self._video
        kind = VIDEO_TYPE if clip.codec == self._manner.first_codec else OTHER_VIDEO_TYPE
        last = len(picture.payloads) - 1
        packets = []
        for i, payload in enumerate(picture.payloads):
            if faults.lost_ratio and self._rng.random() < faults.lost_ratio:
                video.lose()
                continue
            sent = payload
            if faults.flipped_ratio and self._rng.random() < faults.flipped_ratio:
                sent = _with_a_flipped_bit(payload, self._rng)
            packets.append(video.packet(sent, kind, stamp, i == last))
        return packets

    def _broken(self, clip: Clip) -> list[bytes]:
        """Return a picture's share of broken NAL units: each claims to be a slice of a picture of its own."""
        count = round(self._faults.broken_units_s * clip.ticks / len(clip.pictures) / CLOCK_HZ)
        kinds = (0x41, 0x65) if clip.codec == "h264" else (0x02, 0x26)
        return [
            self._video.packet(
                bytes((self._rng.choice(kinds), 1)) + self._rng.randbytes(_BROKEN_UNIT_BYTES),
                VIDEO_TYPE,
                self._stamp + 1 + i,
                marker=True,
            )
            for i in range(count)
        ]

    def _report(self) -> None:
        """Send a sender report when one is due: with the first picture, then at the interval."""
        if not self._video_reports.is_due():
            return
        report = self._video.report(self._video_reports.wall_s(), self._stamp)
        mutate = self._faults.mutates_packets
        self._wires.video_report([report if mutate is None else mutate(report)])


class _Reports:
    """When one stream's sender reports are due: with its first packet or later, then at the interval."""

    def __init__(self, manner: Manner, after_s: float = 0.0) -> None:
        self._manner = manner
        self._due_s = time.monotonic() + after_s

    def is_due(self) -> bool:
        """Return whether one is to be sent now."""
        interval_s, now_s = self._manner.report_interval_s, time.monotonic()
        if interval_s is None or now_s < self._due_s:
            return False
        self._due_s = now_s + interval_s
        return True

    def wall_s(self) -> float:
        """Return what the camera's wall clock shows."""
        return time.time() + self._manner.wall_offset_s


def _with_a_flipped_bit(payload: bytes, rng: random.Random) -> bytes:
    bit = rng.randrange(8 * len(payload))
    changed = bytearray(payload)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)

"""What a camera sends to one client after PLAY: the clip at its own pace, with the faults of the moment."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.camera_simulator.clip import CLOCK_HZ, Clip, Picture
from tests.support.camera_simulator.faults import Faults, Hang, Seen
from tests.support.camera_simulator.rtp import RtpStream, Send

VIDEO_TYPE = 96
OTHER_VIDEO_TYPE = 97
"""Of pictures whose codec is not the one that was described."""

SOUND_TYPE = 0
"""PCMU at 8 kHz (RFC 3551)."""

SOUND_STEP_S = 0.1
_SILENCE = b"\xff" * 800
_BROKEN_UNIT_BYTES = 40


@dataclass(frozen=True, slots=True)
class Wires:
    """How a client gets packets; sound and its reports are absent where they were not set up."""

    video: Send
    video_report: Send
    sound: Send | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How a camera plays, beside its faults.

    Attributes:
        first_timestamp: of a session's first picture.
        report_interval_s: from one sender report to the next; ``None`` for a camera that sends none.
        wall_offset_s: how far the camera's clock is ahead of ours, as its reports say.
        first_picture: where in the clip a session begins; 0 is a keyframe.
        first_codec: the codec that was described.
    """

    first_timestamp: int
    report_interval_s: float | None
    wall_offset_s: float
    first_picture: int
    first_codec: str


class Playing:
    """One session's packets, on the simulator's loop, until it is cancelled.

    Args:
        clip: returns what is to be played now; another clip is taken up at the next picture.
        faults: read before every picture.
        seen: counts what was sent.
        rng: decides which packets suffer.
        told: called after every picture.
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
    ) -> None:
        self._clip = clip
        self._faults = faults
        self._seen = seen
        self._manner = manner
        self._wires = wires
        self._rng = rng
        self._told = told
        self._video = RtpStream(rng.getrandbits(32), rng.getrandbits(16))
        self._base = 0
        self._stamp = 0
        self._reported_s: float | None = None

    async def run(self) -> None:
        """Send the clip round by round; every round goes on where the last one ended."""
        begun, first = asyncio.get_running_loop().time(), self._manner.first_picture
        skipped = self._clip().pictures[first].due
        self._base = -skipped
        while True:
            self._base += await self._round(begun, self._clip(), first)
            first = 0

    async def run_sound(self) -> None:
        """Send silence, tenth of a second by tenth; nothing without the wire for it."""
        loop, sound = asyncio.get_running_loop(), RtpStream(self._rng.getrandbits(32))
        begun, sent = loop.time(), 0
        while self._wires.sound is not None:
            await asyncio.sleep(max(0.0, begun + sent * SOUND_STEP_S - loop.time()))
            if not self._faults.stalled:
                self._wires.sound([sound.packet(_SILENCE, SOUND_TYPE, sent * len(_SILENCE), sent == 0)])
            sent += 1

    async def _round(self, begun: float, clip: Clip, first: int) -> int:
        """Send the pictures of one round; return how many ticks it took."""
        loop, faults = asyncio.get_running_loop(), self._faults
        for picture in clip.pictures[first:]:
            wait_s = begun + (self._base + picture.due) / CLOCK_HZ - loop.time()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            if self._clip() is not clip:
                return picture.due
            if not faults.stalled and faults.hangs is not Hang.AFTER_PLAY:
                self._send(clip, picture)
                self._told()
        return clip.ticks

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
        interval_s, now_s = self._manner.report_interval_s, time.monotonic()
        if interval_s is None or (self._reported_s is not None and now_s - self._reported_s < interval_s):
            return
        self._reported_s = now_s
        report = self._video.report(time.time() + self._manner.wall_offset_s, self._stamp)
        mutate = self._faults.mutates_packets
        self._wires.video_report([report if mutate is None else mutate(report)])


def _with_a_flipped_bit(payload: bytes, rng: random.Random) -> bytes:
    bit = rng.randrange(8 * len(payload))
    changed = bytearray(payload)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)

"""Looks once whether a camera can be read: for the page's "test" button."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from appliance.domain.camera import Camera, StreamFacts
from appliance.domain.packet import Packet
from appliance.errors import SourceFailure
from appliance.packets.settings import Settings
from appliance.packets.source import Source
from appliance.packets.sources import source_for
from appliance.runtime.clock import Clock, seconds_since

LOOK_ON_S = 4.5
"""How long the second keyframe is waited for; cameras are told to send one each second or two."""

INTRA_LOOK_ON_S = 1.0
"""How long pictures are counted where each of them stands alone."""

INTRA_ONLY = frozenset({"mjpeg", "rawvideo"})

MakeSource = Callable[[Camera, Clock, Settings], Source]


@dataclass(frozen=True, slots=True)
class Probed:
    """What was seen of a stream: its facts, and its first keyframe."""

    facts: StreamFacts
    keyframe: Packet


def probe(
    camera: Camera,
    timeout_s: float,
    clock: Clock,
    settings: Settings | None = None,
    make_source: MakeSource = source_for,
    look_on_s: float = LOOK_ON_S,
    stop: threading.Event | None = None,
) -> Probed:
    """Connect, wait for the first keyframe, look on until the next one, and return what the stream is.

    Blocks for about ``timeout_s`` and ``look_on_s`` at most, so that a caller in the event loop gives it a
    thread. Where no second keyframe comes in time, or the stream ends before, the distance of keyframes is
    not known and nothing has failed. ``stop`` ends it early, as if the stream had ended.

    Raises:
        SourceFailure: with the kind that tells the cause, ``no_video`` when no keyframe came.
        AddressError: the address is of no kind that can be read.
    """
    usual = settings or Settings()
    open_s = min(usual.open_timeout_s, timeout_s)
    rest_s = max(usual.poll_s, timeout_s - open_s)
    source = make_source(camera, clock, replace(usual, open_timeout_s=open_s, silence_timeout_s=rest_s))
    started = clock.monotonic_ns()
    try:
        source.open()
        packets = source.packets(stop or threading.Event())
        for packet in packets:
            if packet.is_keyframe:
                return Probed(_looked_on(packet, packets, clock, look_on_s), packet)
            if seconds_since(clock, started) > timeout_s:
                raise SourceFailure("no_video", f"pictures come, but no keyframe within {timeout_s:g} s")
    finally:
        source.close()
    raise SourceFailure("no_video", "the stream ended before its first keyframe")


def _looked_on(keyframe: Packet, packets: Iterator[Packet], clock: Clock, look_on_s: float) -> StreamFacts:
    """Return the facts of a stream, with what the packets after its first keyframe tell of them."""
    stream = keyframe.stream
    stands_alone = stream.codec in INTRA_ONLY
    facts = StreamFacts(stream.codec, stream.width, stream.height, stream.fps)
    began, count, passed_s = clock.monotonic_ns(), 0, 0.0
    if stands_alone:
        look_on_s = min(look_on_s, INTRA_LOOK_ON_S)
    try:
        for packet in packets:
            count += 1
            passed_s = packet.media.seconds - keyframe.media.seconds
            if packet.stream is not stream:
                return facts
            if packet.is_keyframe and not stands_alone and passed_s > 0:
                return replace(facts, fps=facts.fps or round(count / passed_s, 2), gop_s=round(passed_s, 3))
            if seconds_since(clock, began) > look_on_s:
                break
    except SourceFailure:
        # The first keyframe has shown that the camera works; what follows is a matter of its reader.
        return facts
    measured = round(count / passed_s, 2) if count and passed_s > 0 else None
    return replace(facts, fps=facts.fps or measured)

"""One camera's ingest: its packets to ring, decoder and whoever else wants them, and its figures."""

from collections.abc import Callable

from appliance.domain.camera import Camera, CameraStats, StreamFacts, StreamMeasured
from appliance.domain.packet import Packet, SoundPacket, VideoStream
from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.frames.on_demand import Figures, OnDemandDecoder
from appliance.packets.fanout import Fanout
from appliance.packets.meter import StreamMeter
from appliance.recordings.recorder import Recorder

_MEGA = 1e6
_DECISIONS_EVERY_S = 10.0
_FIGURES_EVERY_S = 300.0
_NEWS_RATIO = 0.15
"""A lossy camera's keyframe interval is measured as 1.5 s, then as 1 s: that is no news of its state."""
_PATIENCE_S = 20.0
"""How long the first word about a stream waits for its keyframe interval to be measured."""


class CameraIngest:
    """Takes the packets of one camera's reader; made anew with each reader.

    Args:
        fanout: to the ring and to every consumer.
        decoder: gets each packet after the ring has it.
        recorder: gets each packet before the decoder.
        on_measured: is told what was found out of the stream, when it is news; on the reader's thread.
    """

    def __init__(
        self,
        camera: Camera,
        fanout: Fanout,
        decoder: OnDemandDecoder,
        on_measured: Callable[[StreamMeasured], None],
        recorder: Recorder | None = None,
    ) -> None:
        self._camera = camera
        self._fanout = fanout
        self._decoder = decoder
        self._on_measured = on_measured
        self._meter = StreamMeter()
        self._stream: VideoStream | None = None
        self._since_ns = 0
        self._told: StreamFacts | None = None
        self._told_ns = 0
        self._recorder = recorder
        if recorder is not None:
            fanout.add(recorder.on_packet)
            fanout.add_sound(recorder.on_sound)
        fanout.add(decoder.on_packet)

    @property
    def is_busy(self) -> bool:
        """Whether packets that have come are still being decoded."""
        return self._decoder.is_busy

    @property
    def figures(self) -> Figures:
        """What was decoded so far; any thread."""
        return self._decoder.figures

    def on_packet(self, packet: Packet) -> None:
        """Take the next packet; on the reader's thread, never waits."""
        if packet.stream is not self._stream:
            self._stream, self._since_ns, self._told = packet.stream, packet.arrived_ns, None
            self._meter = StreamMeter()
        self._meter.step(packet.arrived_ns, len(packet.data), self._decoder.figures.pixels)
        self._fanout.put(packet)
        if packet.is_keyframe:
            self._tell(packet)

    def on_sound(self, packet: SoundPacket) -> None:
        """Take the next packet of the camera's sound; on the reader's thread, never waits."""
        self._fanout.put_sound(packet)

    def stats(self, now_ns: MonotonicNs, reconnects: int, recording: str | None = None) -> CameraStats:
        """Return the figures of the moment, with what the recording makes of it; any thread."""
        rates, decoding = self._meter.rates(now_ns), self._decoder.decoding
        gated = decoding is not None and decoding.mode == "on_demand"
        return CameraStats(
            self._camera.id,
            fps=None if rates is None else round(rates.fps, 1),
            bitrate_bps=None if rates is None else round(rates.bitrate_bps),
            decoded_megapixels_s=None if rates is None else round(rates.pixels_per_s / _MEGA, 2),
            corrupt_frames=self._decoder.figures.corrupt,
            reconnects=reconnects,
            is_quiet=not self._decoder.is_awake if gated and rates is not None else None,
            recording=recording,
        )

    def close(self) -> None:
        """Decode no more; nobody waits for what is being decoded now."""
        self._fanout.remove(self._decoder.on_packet)
        if self._recorder is not None:
            self._fanout.remove(self._recorder.on_packet)
            self._fanout.remove_sound(self._recorder.on_sound)
        self._decoder.close()

    def _tell(self, packet: Packet) -> None:
        facts, passed_s = self._facts(packet), (packet.arrived_ns - self._told_ns) / NS_PER_S
        if facts is None or (self._told is not None and not _is_news(self._told, facts, passed_s)):
            return
        self._told, self._told_ns = facts, packet.arrived_ns
        self._on_measured(StreamMeasured(self._camera.id, facts))

    def _facts(self, packet: Packet) -> StreamFacts | None:
        decoding, rates, stream = self._decoder.decoding, self._meter.rates(packet.arrived_ns), packet.stream
        gop_s, known_s = self._decoder.gop_s, (packet.arrived_ns - self._since_ns) / NS_PER_S
        if decoding is None or rates is None or (gop_s is None and known_s < _PATIENCE_S):
            return None
        return StreamFacts(
            stream.codec,
            stream.width,
            stream.height,
            round(rates.fps, 1),
            None if gop_s is None else round(gop_s, 1),
            decoding,
        )


def _is_news(told: StreamFacts, now: StreamFacts, passed_s: float) -> bool:
    if told.decoding != now.decoding:
        return passed_s >= _DECISIONS_EVERY_S
    return passed_s >= _FIGURES_EVERY_S and (_differ(told.fps, now.fps) or _differ(told.gop_s, now.gop_s))


def _differ(told: float | None, now: float | None) -> bool:
    if told is None or now is None:
        return told is not now
    return abs(now - told) > _NEWS_RATIO * max(told, now)

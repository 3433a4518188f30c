"""The loop of one camera: connect, read, report, wait, connect again; on a thread of its own."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from appliance.domain.camera import Camera, CameraReport, CameraState, StreamFacts
from appliance.domain.packet import Packet, SoundPacket, VideoStream
from appliance.domain.time import WallUs
from appliance.errors import AddressError, SourceFailure
from appliance.packets.address import without_secrets
from appliance.packets.anchor import Anchor
from appliance.packets.counters import PacketCounters
from appliance.packets.keyframes import KeyframeWatch
from appliance.packets.pacer import Pacer
from appliance.packets.retry import Retry, state_after
from appliance.packets.settings import Settings
from appliance.packets.sound import CameraSound
from appliance.packets.source import Source, SourceFactory, SourceWithSound
from appliance.runtime.clock import Clock, seconds_since
from appliance.runtime.supervisor import Failure, attempt
from appliance.runtime.thread_start import start_thread

log = logging.getLogger(__name__)


class CameraReader:
    """Reads one camera until it is stopped or its file has ended, whatever happens meanwhile.

    ``start``, ``stop`` and ``join`` may be called from any thread; the callbacks are called on the reader's.
    What ``on_packet`` raises costs the connection, is reported, and is tried again like any failure.

    Args:
        camera: does not change; another reader is made when it does.
        source_factory: makes the source of each attempt.
        on_packet: gets every packet from the first keyframe of a connection on, on the anchored clock.
        on_report: gets the real changes of state: a further attempt that fails in the same way is none.
        on_sound: gets the camera's sound as AAC, on the clock of the pictures, once the first of a connection
            has come; the sound is not looked at when not given. What fails in it costs no picture.
        counters: count packets, bytes and reconnections.
        retry: the waits between attempts, when not the default ones.
        pacer: shared by all cameras, spaces their attempts to connect.
        after_us: what is known of the camera already reaches up to here: its pictures are said to come later,
            even where the wall clock was set back.
    """

    def __init__(
        self,
        camera: Camera,
        source_factory: SourceFactory,
        clock: Clock,
        settings: Settings,
        on_packet: Callable[[Packet], None],
        on_report: Callable[[CameraReport], None],
        *,
        on_sound: Callable[[SoundPacket], None] | None = None,
        counters: PacketCounters | None = None,
        retry: Retry | None = None,
        pacer: Pacer | None = None,
        after_us: WallUs | None = None,
    ) -> None:
        self.camera = camera
        self._source_factory = source_factory
        self._clock = clock
        self._on_packet = on_packet
        self._on_report = on_report
        self._sound = None if on_sound is None else CameraSound(camera.id, on_sound)
        self._counters = counters
        self._retry = retry or Retry(settings)
        self._pacer = pacer
        self._longest_wait_s = settings.retry_longest_s
        self._keyframes = KeyframeWatch(settings)
        self._anchor = Anchor(after_us)
        self._last: CameraReport | None = None
        self._attempts = 0
        self._stop = threading.Event()
        self._on_end: Callable[[], None] = _nothing
        self._thread = threading.Thread(target=self._main, name=f"reader-{camera.id}", daemon=True)

    @property
    def sound_note(self) -> str:
        """Why the camera's sound is left out on this connection; empty when nothing failed. Any thread."""
        return "" if self._sound is None else self._sound.note

    def start(self, on_end: Callable[[], None] | None = None) -> None:
        """Start the thread; ``on_end`` is the last thing it calls, with the source closed.

        Raises:
            TemporaryFailure: the system allows no further thread; another reader may be tried.
        """
        self._on_end = on_end or _nothing
        start_thread(self._thread)

    def stop(self) -> None:
        """Ask the thread to end, without waiting; it reports nothing more."""
        self._stop.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread's end; return whether it has ended."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _main(self) -> None:
        while not self._stop.is_set():
            outcome = attempt(self._once)
            wait_s = self._failed(outcome.error) if isinstance(outcome, Failure) else outcome
            if wait_s is None or self._clock.wait(self._stop, wait_s):
                break
        self._on_end()

    def _once(self) -> float | None:
        """Read over one connection; return the seconds until the next, or ``None`` when there is none."""
        self._report(CameraState.CONNECTING, "connecting for the first time")
        try:
            self._connect_and_read()
        except SourceFailure as failure:
            self._report(state_after(failure.kind), without_secrets(str(failure), self.camera.credentials))
            return self._retry.wait_s(failure.kind)
        except AddressError as err:
            self._report(CameraState.OFFLINE, str(err))
            return self._longest_wait_s
        self._report(CameraState.ENDED, "the file was played to its end")
        return None

    def _failed(self, error: Exception) -> float:
        """Report what the appliance's own code raised, and return the seconds to wait."""
        log.error("camera %s: reading failed: %s", self.camera.id, error, exc_info=error)
        text = without_secrets(f"{type(error).__name__}: {error}", self.camera.credentials)
        # The report itself may be what failed.
        attempt(lambda: self._report(CameraState.OFFLINE, f"an error inside Nightjar, tried again: {text}"))
        return self._retry.wait_s("internal")

    def _connect_and_read(self) -> None:
        if self._waits_for_its_turn():
            return
        source = self._source_factory(self.camera)
        self._attempts += 1
        if self._attempts > 1 and self._counters is not None:
            self._counters.reconnect(self.camera.id)
        try:
            source.open()
            if self._sound is not None and isinstance(source, SourceWithSound):
                self._sound.connected()
                source.hear(self._sound.hear)
            self._read(source)
        finally:
            source.close()

    def _waits_for_its_turn(self) -> bool:
        """Wait for the moment that the pacer gives; return whether the stop flag was set meanwhile."""
        if self._pacer is None:
            return False
        return self._clock.wait(self._stop, self._pacer.wait_s(self._clock.monotonic_ns()))

    def _read(self, source: Source) -> None:
        """Hand on the packets until the source ends or the stop flag is set."""
        online_ns, reported = None, None
        self._keyframes.connected(self._clock.monotonic_ns())
        try:
            for packet in source.packets(self._stop):
                anchored = self._anchored(packet)
                self._watch_keyframes(packet)
                if online_ns is None and not packet.is_keyframe:
                    continue
                if self._sound is not None:
                    self._sound.picture(anchored, self._anchor.runs)
                self._on_packet(anchored)
                if online_ns is None:
                    online_ns = packet.arrived_ns
                if reported is not packet.stream:
                    reported = packet.stream
                    self._report(CameraState.ONLINE, "", _facts(reported))
        finally:
            if online_ns is not None:
                self._retry.worked(seconds_since(self._clock, online_ns))

    def _anchored(self, packet: Packet) -> Packet:
        if self._counters is not None:
            self._counters.packet(packet)
        wall = self._anchor.stamp(
            packet.stream, packet.media, packet.arrived_ns, packet.wall_us, packet.sender_us
        )
        return replace(packet, wall_us=wall)

    def _watch_keyframes(self, packet: Packet) -> None:
        if packet.is_keyframe:
            self._keyframes.keyframe(packet.arrived_ns)
            return
        limit_s = self._keyframes.limit_s
        if self._keyframes.overdue(packet.arrived_ns):
            raise SourceFailure("no_video", f"pictures come, but no keyframe for {limit_s:.0f} s")

    def _report(self, state: CameraState, reason: str, stream: StreamFacts | None = None) -> None:
        if state is CameraState.CONNECTING and self._last is not None:
            return
        report = CameraReport(self.camera.id, state, reason, stream)
        if report == self._last or self._stop.is_set():
            return
        self._last = report
        self._on_report(report)


def _facts(stream: VideoStream) -> StreamFacts:
    return StreamFacts(stream.codec, stream.width, stream.height, stream.fps)


def _nothing() -> None:
    """Do nothing at the end."""

"""Reads a camera's second address, and only while somebody wants to see it."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from appliance.domain.camera import Camera
from appliance.domain.packet import Packet
from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.errors import AddressError, SourceFailure, TemporaryFailure
from appliance.packets.address import without_secrets
from appliance.packets.anchor import Anchor
from appliance.packets.retry import Retry
from appliance.packets.settings import Settings
from appliance.packets.source import SourceFactory
from appliance.runtime.clock import Clock, seconds_since
from appliance.runtime.supervisor import Failure, attempt
from appliance.runtime.thread_start import start_thread

log = logging.getLogger(__name__)


class LingeringReader:
    """Connects when it is asked, and lets go some seconds after it was asked last.

    It has a thread only in between. It reports no state: a camera whose second address fails is as well as
    its first one says. ``ask``, ``stop`` and ``join`` may be called from any thread; both callbacks are
    called on the reader's. Its packets lie on a clock of their own, anchored as the main stream's is.

    Args:
        camera: with a ``live_url``; does not change.
        source_factory: makes the source of each attempt from the camera, with ``url`` replaced.
        on_packet: gets every packet from the first keyframe of a connection on, on the anchored clock.
        on_idle: is told that nothing is read any more, and that a decoder can go.
    """

    def __init__(
        self,
        camera: Camera,
        source_factory: SourceFactory,
        clock: Clock,
        settings: Settings,
        on_packet: Callable[[Packet], None],
        on_idle: Callable[[], None],
    ) -> None:
        assert camera.live_url is not None, "a camera without a second address"
        self._camera = replace(camera, url=camera.live_url)
        self._source_factory = source_factory
        self._clock = clock
        self._longest_wait_s = settings.retry_longest_s
        self._linger_ns = round(settings.live_linger_s * NS_PER_S)
        self._on_packet = on_packet
        self._on_idle = on_idle
        self._retry = Retry(settings)
        self._anchor = Anchor()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._asked_ns = clock.monotonic_ns()
        self._thread: threading.Thread | None = None
        self._note = ""
        self._logged = ""

    @property
    def note(self) -> str:
        """Why it could not be read when it was last tried, without credentials; empty when it could."""
        return self._note

    def ask(self) -> None:
        """Note that somebody wants to see it, and begin to read it if it is not read; does not wait."""
        with self._lock:
            self._asked_ns = self._clock.monotonic_ns()
            if self._thread is None and not self._stop.is_set():
                self._begin()

    def stop(self) -> None:
        """Let go for good, without waiting."""
        self._stop.set()

    def join(self, timeout_s: float) -> bool:
        """Wait until nothing is read; return whether that is so."""
        with self._lock:
            thread = self._thread
        if thread is None:
            return True
        thread.join(timeout_s)
        return not thread.is_alive()

    def _begin(self) -> None:
        """Start the thread; where that does not go, whoever asks next tries again."""
        name = f"second-{self._camera.id}"
        thread = threading.Thread(target=self._main, name=name, daemon=True)
        try:
            start_thread(thread)
        except TemporaryFailure as err:
            self._take_note(str(err))
        else:
            self._thread = thread

    def _main(self) -> None:
        while not self._ends():
            outcome = attempt(self._once)
            wait_s = self._failed(outcome.error) if isinstance(outcome, Failure) else outcome
            # The wait outlasts the watchers: whoever comes and goes must not make the attempts more frequent.
            self._clock.wait(self._stop, wait_s)

    def _ends(self) -> bool:
        """Return whether the thread has to end; ``ask`` then starts another one."""
        with self._lock:
            if self._is_wanted():
                return False
            self._on_idle()
            self._thread = None
            return True

    def _is_wanted(self) -> bool:
        lately = self._clock.monotonic_ns() - self._asked_ns <= self._linger_ns
        return lately and not self._stop.is_set()

    def _once(self) -> float:
        """Read over one connection and return the seconds until the next attempt, if there is to be one."""
        try:
            self._read()
        except SourceFailure as failure:
            self._take_note(without_secrets(str(failure), self._camera.credentials))
            return self._retry.wait_s(failure.kind)
        except AddressError as err:
            self._take_note(str(err))
            return self._longest_wait_s
        return 0.0

    def _read(self) -> None:
        source = self._source_factory(self._camera)
        since_ns: MonotonicNs | None = None
        try:
            source.open()
            for packet in source.packets(self._stop):
                if not self._is_wanted():
                    return
                anchored = self._anchored(packet)
                if since_ns is None and not packet.is_keyframe:
                    continue
                self._on_packet(anchored)
                since_ns = since_ns or packet.arrived_ns
                self._note = ""
        finally:
            source.close()
            if since_ns is not None:
                self._retry.worked(seconds_since(self._clock, since_ns))
        if not self._stop.is_set():
            raise SourceFailure("ended", "the stream ended")

    def _anchored(self, packet: Packet) -> Packet:
        wall = self._anchor.stamp(
            packet.stream, packet.media, packet.arrived_ns, packet.wall_us, packet.sender_us
        )
        return replace(packet, wall_us=wall)

    def _failed(self, error: Exception) -> float:
        """Note what the appliance's own code raised, and return the seconds to wait."""
        text = without_secrets(f"{type(error).__name__}: {error}", self._camera.credentials)
        self._take_note(f"an error inside Nightjar: {text}", error)
        return self._retry.wait_s("internal")

    def _take_note(self, note: str, error: Exception | None = None) -> None:
        """Remember why it cannot be read, and log it once."""
        self._note = note
        if note != self._logged:
            self._logged = note
            text = "camera %s: the second address cannot be read: %s"
            log.warning(text, self._camera.id, note, exc_info=error)

"""A camera's RTSP connection: over TCP, TLS for ``rtsps``, or UDP where there is no other; with deadlines."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import av.error

from appliance.domain.camera import Credentials
from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, VideoStream
from appliance.domain.time import US_PER_S
from appliance.errors import SourceFailure
from appliance.packets.address import host_of, join_address
from appliance.packets.failures import rtsp_failure
from appliance.packets.parameter_sets import StreamChanges, tells_size_in_band
from appliance.packets.settings import Settings
from appliance.packets.sound_input import OnSound, SoundTap
from appliance.packets.video_input import AvPacket, VideoInput, domain_packet, raw_packet
from appliance.runtime.clock import Clock, seconds_since

PROTOCOLS = "rtsp,rtp,udp,tcp,tls"
"""What libav may speak on behalf of an address or of a redirect that a camera answers with."""

_ANALYSIS_S = 0.1
_LONG_ANALYSIS_S = 2.0


class RtspSource:
    """Reads the video of one RTSP address, and its sound where that is asked for; used on one thread.

    Args:
        url: without credentials.
        credentials: handed to libav alone.
    """

    def __init__(
        self, camera_id: CameraId, url: str, credentials: Credentials | None, clock: Clock, settings: Settings
    ) -> None:
        self._camera_id = camera_id
        self._address = join_address(url, credentials)
        self._host, self._port = host_of(url)
        self._where = f"{self._host}:{self._port}"
        self._clock = clock
        self._settings = settings
        self._input: VideoInput | None = None
        self._on_sound: OnSound | None = None
        self._begun_ns = clock.monotonic_ns()

    def open(self) -> VideoStream:
        """Connect; blocks for the open time-out at most, beside the system's resolver.

        Raises:
            SourceFailure: ``dns``, ``refused``, ``timeout``, ``unauthorized``, ``not_found``, ``no_video`` or
                ``protocol``.
        """
        self._resolve()
        self._begun_ns = self._clock.monotonic_ns()
        self._input = self._connect(_ANALYSIS_S)
        stream, waited_s = self._input.stream, seconds_since(self._clock, self._begun_ns)
        if not (
            stream.width or tells_size_in_band(stream.codec) or waited_s >= self._settings.open_timeout_s
        ):
            # The picture's size stands neither in the session description nor in the first packets.
            self.close()
            self._input = self._connect(_LONG_ANALYSIS_S)
        return self._input.stream

    def hear(self, on_sound: OnSound) -> None:
        """Hand the sound on, too, while ``packets`` is read."""
        self._on_sound = on_sound

    def packets(self, stop: threading.Event) -> Iterator[Packet]:
        """Yield the video's packets as they arrive; returns only when ``stop`` is set.

        Raises:
            SourceFailure: ``timeout`` after silence, ``no_video`` where only other streams speak, ``ended``
                when the camera closes the stream, ``protocol``.
        """
        assert self._input is not None, "packets before open"
        opened, repair, changes = self._input, self._input.repair(), StreamChanges(self._input.stream)
        shift = opened.report_shift()
        for packet in self._video_packets(opened, stop):
            for raw, pts in repair.feed(shift.undone(raw_packet(packet, self._clock))):
                stream = changes.stream_of(raw.data, is_keyframe=raw.is_keyframe)
                yield domain_packet(self._camera_id, stream, raw, pts)

    def close(self) -> None:
        """End the session and the connection."""
        if self._input is not None:
            self._input.close()
            self._input = None

    def _resolve(self) -> None:
        """Look the host up first: libav reports a name that does not exist as an input/output error."""
        try:
            socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise SourceFailure("dns", f"the name {self._host} is not known to the network's DNS") from None

    def _connect(self, analysis_s: float) -> VideoInput:
        limit_s = self._settings.open_timeout_s
        options = {
            # TCP first: UDP loses packets, and serves only a camera that answers TCP with 461.
            "rtsp_transport": "udp+tcp",
            "rtsp_flags": "prefer_tcp",
            "protocol_whitelist": PROTOCOLS,
            # The sockets' own limit lies above ours, which would otherwise close the context under it.
            "timeout": _microseconds(self._settings.silence_timeout_s + self._settings.poll_s),
            # Cameras sign their own certificates; said since libav is about to change its default.
            "tls_verify": "0",
            # libav would hold the pictures of 2 to 3 s back to measure the frame rate.
            "analyzeduration": _microseconds(analysis_s),
        }
        started = self._clock.monotonic_ns()
        try:
            return VideoInput.open(self._address, options, (limit_s, self._settings.poll_s))
        except av.error.FFmpegError as err:
            waited_s = seconds_since(self._clock, started)
            raise rtsp_failure(err, self._where, waited_s, limit_s) from None

    def _video_packets(self, opened: VideoInput, stop: threading.Event) -> Iterator[AvPacket]:
        """Yield video packets; a read that times out leaves the context usable, so that we ask again."""
        tap = SoundTap(opened.container, self._on_sound, self._clock)
        last_video, others = self._begun_ns, 0
        while not stop.is_set():
            try:
                with contextlib.closing(opened.packets()) as packets:
                    for packet in packets:
                        if opened.is_video(packet):
                            last_video, others = self._clock.monotonic_ns(), 0
                            yield packet
                        else:
                            tap.take(packet)
                            others += packet.size > 0
                            self._check_silence(last_video, others)
                        if stop.is_set():
                            return
                raise SourceFailure("ended", f"{self._where} ended the stream")
            except av.error.ExitError:
                self._check_silence(last_video, others)
            except av.error.FFmpegError as err:
                waited_s = seconds_since(self._clock, last_video)
                raise rtsp_failure(err, self._where, waited_s, self._settings.silence_timeout_s) from None

    def _check_silence(self, last_video_ns: int, others: int) -> None:
        limit_s = self._settings.silence_timeout_s
        if self._clock.monotonic_ns() - last_video_ns < limit_s * 1e9:
            return
        if others:
            raise SourceFailure(
                "no_video", f"{self._where} sends sound or data, but no video for {limit_s:g} s"
            )
        raise SourceFailure("timeout", f"{self._where} has sent nothing for {limit_s:g} s")


def _microseconds(seconds: float) -> str:
    return str(round(seconds * US_PER_S))

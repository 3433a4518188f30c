"""The decoder of one camera: packets in, sampled frames out; used on one thread at a time."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import NamedTuple

import av
import av.error
import av.packet
import av.video.frame
import numpy as np

from appliance.domain.frame import Frame
from appliance.domain.packet import Packet, VideoStream
from appliance.domain.time import MediaTime, MonotonicNs, WallUs
from appliance.frames.counters import FrameCounters
from appliance.frames.decoder_choice import DecoderChoice, OpenedDecoder
from appliance.frames.hardware_devices import HardwareDevices
from appliance.frames.picture import PictureConverter
from appliance.frames.sampling import Sampler
from appliance.frames.settings import Settings, WantedDecoder

INTRA_ONLY_CODECS = frozenset({"mjpeg", "rawvideo"})
"""Codecs in which every picture stands alone: what is not sampled need not be decoded."""


class _Stamp(NamedTuple):
    """What a picture takes over from its packet."""

    wall_us: WallUs
    arrived_ns: MonotonicNs


class FrameDecoder:
    """Decodes one camera's packets on its lane; damaged data costs pictures, never an exception.

    It starts, and starts again after an error, at a keyframe. Another ``VideoStream`` object begins anew.

    Args:
        detect_fps: frames to hand out for each second of media time; above 0.
        settings: sampling.
        counters: for ``/metrics``.
        choice: which decoder a stream gets; software where it is left out.

    Attributes:
        corrupt_frames: pictures in which the decoder concealed errors; they are handed out, flagged.
        undecodable_packets: packets that it could make nothing of.
        pixels: of all pictures that were decoded.
    """

    def __init__(
        self,
        detect_fps: float,
        settings: Settings | None = None,
        counters: FrameCounters | None = None,
        choice: DecoderChoice | None = None,
    ) -> None:
        self._settings = settings or Settings()
        self._detect_fps = detect_fps
        self._counters = counters
        self._converter = PictureConverter()
        self._stream: VideoStream | None = None
        self._choice = choice or DecoderChoice(WantedDecoder.SOFTWARE, HardwareDevices())
        self._opened: OpenedDecoder | None = None
        self._is_seen = False
        self._sampler = Sampler(detect_fps, self._settings.all_below_ratio)
        self._stamps: OrderedDict[int, _Stamp] = OrderedDict()
        self._needs_keyframe = True
        self.corrupt_frames = 0
        self.undecodable_packets = 0
        self.pixels = 0

    @property
    def decoder(self) -> str:
        """What decodes: ``software``, ``cuda``, ``qsv``, or ``none``."""
        return "none" if self._opened is None else self._opened.decoder

    @property
    def decoder_note(self) -> str:
        """Why it is not the decoder that was wanted; a sentence without a full stop, or empty."""
        return "" if self._opened is None else self._opened.note

    def decode(self, packet: Packet) -> list[Frame]:
        """Return the sampled frames that this packet completes, in order of presentation.

        With B-frames a frame comes some packets after its own; its times are those of its own packet.
        """
        if packet.stream is not self._stream:
            self._begin(packet.stream)
        if self._needs_keyframe:
            if not packet.is_keyframe:
                return []
            self._needs_keyframe = False
        if packet.stream.codec in INTRA_ONLY_CODECS and not self._sampler.take(packet.media.seconds):
            return []
        if packet.stream.codec == "rawvideo":
            return self._pass_through(packet)
        self._remember(packet)
        return self._frames(packet, self._pictures(packet))

    def look(self, packet: Packet) -> Frame | None:
        """Return what a keyframe shows, whatever was decoded before; the next decoding begins at a keyframe.

        The decoder is drained for it, so that the picture comes at once and not some packets later.
        """
        self.restart()
        frames = self.decode(packet) or self._frames(packet, self._drained(packet))
        if not frames and self._is_to_blame(packet, "no picture came"):
            frames = self.decode(packet) or self._frames(packet, self._drained(packet))
        self.restart()
        return frames[0] if frames else None

    def restart(self) -> None:
        """Forget what was decoded: the next decoding begins at a keyframe, with every picture due."""
        if self._stream is not None:
            self._sampler = Sampler(self._detect_fps, self._settings.all_below_ratio, self._stream.fps)
        if self._opened is not None:
            self._opened.context.flush_buffers()
        self._needs_keyframe = True

    def _drained(self, packet: Packet) -> list[av.video.frame.VideoFrame]:
        if self._opened is None:
            return []
        try:
            return self._opened.context.decode(None)
        except av.error.FFmpegError:
            self._lost(packet)
            return []

    def _begin(self, stream: VideoStream) -> None:
        self._stream = stream
        self._open(stream)
        self._sampler = Sampler(self._detect_fps, self._settings.all_below_ratio, stream.fps)
        self._stamps.clear()
        self._needs_keyframe = True

    def _open(self, stream: VideoStream) -> None:
        self._opened = None if stream.codec == "rawvideo" else self._choice.open(stream)
        self._is_seen = False

    def _is_to_blame(self, packet: Packet, reason: str) -> bool:
        """Return whether a device failed at a picture that software decodes; then software goes on."""
        if self._opened is None or not self._opened.is_hardware or not packet.is_keyframe:
            return False
        if not self._choice.fell_back(packet, reason):
            return False
        self._open(packet.stream)
        return True

    def _remember(self, packet: Packet) -> None:
        self._stamps[packet.media.pts] = _Stamp(packet.wall_us, packet.arrived_ns)
        while len(self._stamps) > self._settings.remembered_packets:
            self._stamps.popitem(last=False)

    def _pictures(self, packet: Packet) -> list[av.video.frame.VideoFrame]:
        if self._opened is None:
            self._lost(packet)
            return []
        coded = av.packet.Packet(packet.data)
        coded.pts, coded.dts = packet.media.pts, packet.dts
        coded.time_base = packet.stream.time_base
        try:
            return self._opened.context.decode(coded)
        except av.error.FFmpegError as err:
            if self._is_to_blame(packet, str(err.strerror)):
                return self._pictures(packet)
            self._lost(packet)
            self._opened.context.flush_buffers()
            self._needs_keyframe = True
            return []

    def _frames(self, packet: Packet, pictures: Iterable[av.video.frame.VideoFrame]) -> list[Frame]:
        return [frame for picture in pictures if (frame := self._frame(packet, picture)) is not None]

    def _frame(self, packet: Packet, picture: av.video.frame.VideoFrame) -> Frame | None:
        """Return the picture as a frame if it is sampled."""
        if not self._is_seen and self._opened is not None:
            self._opened, self._is_seen = self._opened.as_seen(picture), True
        corrupt = bool(picture.is_corrupt)
        self._decoded(packet, picture.width * picture.height, corrupt)
        pts = packet.media.pts if picture.pts is None else picture.pts
        stamp = self._stamps.pop(pts, _Stamp(packet.wall_us, packet.arrived_ns))
        media = MediaTime(pts, packet.stream.time_base)
        if packet.stream.codec not in INTRA_ONLY_CODECS and not self._sampler.take(media.seconds):
            return None
        i420 = self._converter.i420(picture)
        if i420 is None:
            return None
        return Frame(packet.camera_id, i420, media, stamp.wall_us, stamp.arrived_ns, corrupt)

    def _pass_through(self, packet: Packet) -> list[Frame]:
        """Return a picture that was never coded, without copying it."""
        stream = packet.stream
        width, height = stream.width, stream.height
        fits = len(packet.data) * 2 == width * height * 3 and width % 2 == 0 and height % 2 == 0
        if stream.pixel_format != "yuv420p" or not packet.data or not fits:
            self._lost(packet)
            return []
        self._decoded(packet, width * height, corrupt=False)
        i420 = np.frombuffer(packet.data, np.uint8).reshape(height * 3 // 2, width)
        return [Frame(packet.camera_id, i420, packet.media, packet.wall_us, packet.arrived_ns)]

    def _decoded(self, packet: Packet, pixels: int, corrupt: bool) -> None:
        self.pixels += pixels
        self.corrupt_frames += corrupt
        if self._counters is not None:
            self._counters.decoded(packet.camera_id, corrupt)

    def _lost(self, packet: Packet) -> None:
        self.undecodable_packets += 1
        if self._counters is not None:
            self._counters.undecodable(packet.camera_id)

"""Which decoder a camera's stream gets: a device's or software's, and why."""

from dataclasses import dataclass, replace

import av
import av.codec.codec
import av.error
import av.packet
import av.video.codeccontext
import av.video.frame
from av.codec.context import Flags

from appliance.domain.packet import Packet, VideoStream
from appliance.errors import DeviceUnavailable
from appliance.frames.hardware_devices import Device, HardwareDevices
from appliance.frames.settings import WantedDecoder

SOFTWARE = "software"

_PLANAR = ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "gray")
"""How software gives pictures with thinned-out colour; devices interleave the colour planes (``nv12`` …)."""

_MOST_PIXELS = 8192 * 8192
"""A picture that claims to be larger is damaged, or meant to fill the memory; no camera sends one."""

_SOFTWARE_DECODERS = {"av1": "libdav1d"}
"""Where libav's decoder of a codec's own name knows only how to ask a device."""


@dataclass(frozen=True, slots=True)
class OpenedDecoder:
    """A decoder, and what it is.

    Attributes:
        context: used on one thread; opens itself with the first packet.
        decoder: ``software``, ``cuda`` or ``qsv``.
        note: why it is not the one that was wanted, a sentence without a full stop; else empty.
    """

    context: av.video.codeccontext.VideoCodecContext
    decoder: str = SOFTWARE
    note: str = ""

    @property
    def is_hardware(self) -> bool:
        """Whether a device decodes."""
        return self.decoder != SOFTWARE

    def as_seen(self, picture: av.video.frame.VideoFrame) -> "OpenedDecoder":
        """Return this decoder as its first picture proves it: one that no device made is software's."""
        if not self.is_hardware or not picture.format.name.startswith(_PLANAR):
            return self
        return replace(
            self, decoder=SOFTWARE, note=f"{self.decoder} was opened, but the pictures come from software"
        )


class DecoderChoice:
    """Opens the decoders of one camera; used on its lane.

    Under ``auto`` the first device that can be opened is taken, and a machine that has none is no reason
    for a note. A device by name that cannot be had always is.

    Args:
        wanted: by the owner.
        devices: the process's one.
    """

    def __init__(self, wanted: WantedDecoder, devices: HardwareDevices) -> None:
        self._wanted = wanted
        self._devices = devices
        self._failed: tuple[tuple[str, int, int], str] | None = None

    def open(self, stream: VideoStream) -> OpenedDecoder | None:
        """Return a new decoder for the stream; ``None`` where libav cannot decode it as video at all."""
        device, note = self._device()
        if device is not None:
            note = self._why_software(stream)
            if not note:
                try:
                    context = self._devices.context(device, stream.codec)
                    return OpenedDecoder(_tuned(context, stream), device.value)
                except DeviceUnavailable as refusal:
                    note = str(refusal)
        software = software_context(stream)
        return None if software is None else OpenedDecoder(software, SOFTWARE, note)

    def fell_back(self, packet: Packet, reason: str) -> bool:
        """Decide whether the device is to blame for a keyframe that it made no picture of.

        It is where software makes one. From then on ``open`` gives software for streams of that codec and
        size, with a note; otherwise the data is damaged, and nothing changes.

        Args:
            packet: the keyframe.
            reason: what the device's decoder said.
        """
        if not _decodes_in_software(packet):
            return False
        device, _ = self._device()
        self._failed = (
            _kind(packet.stream),
            f"{device} failed at a picture that software decodes ({reason})",
        )
        return True

    def _device(self) -> tuple[Device | None, str]:
        """Return the device to try; or none, and what is to be said about that."""
        if self._wanted is WantedDecoder.SOFTWARE:
            return None, ""
        if self._wanted is WantedDecoder.AUTO:
            return next((d for d in Device if not self._devices.why_not(d)), None), ""
        device = Device(self._wanted.value)
        why_not = self._devices.why_not(device)
        return (None, why_not) if why_not else (device, "")

    def _why_software(self, stream: VideoStream) -> str:
        if self._failed is None or self._failed[0] != _kind(stream):
            return ""
        return self._failed[1]


def software_context(stream: VideoStream) -> av.video.codeccontext.VideoCodecContext | None:
    """Return a decoder on the processor; ``None`` for a codec that libav does not know as video."""
    try:
        context = av.CodecContext.create(_SOFTWARE_DECODERS.get(stream.codec, stream.codec), "r")
    except (av.error.FFmpegError, av.codec.codec.UnknownCodecError):
        return None
    if not isinstance(context, av.video.codeccontext.VideoCodecContext):
        return None
    return _tuned(context, stream)


def _tuned(
    context: av.video.codeccontext.VideoCodecContext, stream: VideoStream
) -> av.video.codeccontext.VideoCodecContext:
    context.extradata = stream.extradata or None
    context.options = {**context.options, "max_pixels": str(_MOST_PIXELS)}
    # Readers are many and cores few: a decoder's own threads would only queue for them (and delay pictures).
    context.thread_count = 1
    # Otherwise a picture with errors is withheld, and nobody knows that the camera's network loses packets.
    context.flags |= Flags.output_corrupt
    return context


def _decodes_in_software(packet: Packet) -> bool:
    """Return whether a keyframe alone gives a whole picture."""
    context = software_context(packet.stream)
    if context is None:
        return False
    try:
        pictures = [*context.decode(av.packet.Packet(packet.data)), *context.decode(None)]
    except av.error.FFmpegError:
        return False
    return any(not picture.is_corrupt for picture in pictures)


def _kind(stream: VideoStream) -> tuple[str, int, int]:
    return stream.codec, stream.width, stream.height

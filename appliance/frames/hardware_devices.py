"""The machine's decoding devices, as far as libav can open them."""

import threading
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeAlias

import av.codec.codec
import av.error
import av.video.codeccontext
from av.codec.hwaccel import HWAccel, hwdevices_available

from appliance.errors import DeviceUnavailable


class Device(StrEnum):
    """A kind of device that decodes, by libav's name; in the order in which they are preferred."""

    CUDA = "cuda"
    QSV = "qsv"


CreateContext: TypeAlias = Callable[[Device, str], av.video.codeccontext.VideoCodecContext]
"""Makes a context that decodes a codec (libav's canonical name) on a device; raises ``DeviceUnavailable``."""

_TRIED_WITH = "h264"
"""Every device that decodes anything decodes this."""

_OPTIONS: Mapping[Device, dict[str, object]] = {
    # libav would make a CUDA context for every decoder, each with memory of its own on the device.
    Device.CUDA: {"primary_ctx": "1"},
    Device.QSV: {},
}


class HardwareDevices:
    """Which devices this machine has; one for the process, thread-safe.

    A kind of device is tried once, when it is first asked for, and the outcome kept: a driver that is
    installed later needs a new start.

    The number of decoders at once is not limited here: neither NVDEC nor Quick Sync has a fixed limit for
    decoding, but each takes memory on the device, and one too many is refused when it is opened or at its
    first picture.

    Args:
        create: makes the contexts; libav's, unless a test has its own.
    """

    def __init__(self, create: CreateContext | None = None) -> None:
        self._create = create or context_on
        self._lock = threading.Lock()
        self._outcomes: dict[Device, str] = {}

    def why_not(self, device: Device) -> str:
        """Return why there is no such device, or an empty string; the first call may take seconds."""
        with self._lock:
            if device not in self._outcomes:
                self._outcomes[device] = self._tried(device)
            return self._outcomes[device]

    def context(self, device: Device, codec: str) -> av.video.codeccontext.VideoCodecContext:
        """Return a context, not opened yet, that decodes on the device or fails at its first picture.

        Args:
            device: one that ``why_not`` has nothing against.
            codec: libav's canonical name.

        Raises:
            DeviceUnavailable: it cannot be made.
        """
        return self._create(device, codec)

    def _tried(self, device: Device) -> str:
        try:
            self._create(device, _TRIED_WITH)
        except DeviceUnavailable as refusal:
            return str(refusal)
        return ""


def context_on(device: Device, codec: str) -> av.video.codeccontext.VideoCodecContext:
    """Return libav's context for a codec on a device.

    Raises:
        DeviceUnavailable: libav was built without the device, cannot open it, or has no decoder for it.
    """
    if device not in hwdevices_available():
        raise DeviceUnavailable(f"this build of libav has no {device}")
    # Without a fall back of libav's own, which would be silent.
    wanted = HWAccel(device.value, allow_software_fallback=False, options=dict(_OPTIONS[device]))
    try:
        context = av.CodecContext.create(_decoder_name(device, codec), "r", hwaccel=wanted)
    except av.codec.codec.UnknownCodecError:
        raise DeviceUnavailable(f"{device} has no decoder for {codec}") from None
    except av.error.FFmpegError as err:
        raise DeviceUnavailable(_unopened(device, err)) from err
    if not isinstance(context, av.video.codeccontext.VideoCodecContext) or not context.is_hwaccel:
        # PyAV keeps silent about a codec without hardware, and takes ENOSYS, which is what QSV says
        # on a machine without it, for the same.
        raise DeviceUnavailable(_why_silent(device, codec))
    if device is Device.QSV:
        # It would hold four pictures back to work on them at once.
        context.options = {"async_depth": "1"}
    return context


def _decoder_name(device: Device, codec: str) -> str:
    """Return libav's decoder: with CUDA its usual one does it, Quick Sync has decoders of its own."""
    return f"{codec}_qsv" if device is Device.QSV else codec


def _why_silent(device: Device, codec: str) -> str:
    decoder = av.codec.codec.Codec(_decoder_name(device, codec), "r")
    try:
        HWAccel(device.value).create(decoder)
    except av.error.FFmpegError as err:
        return _unopened(device, err)
    except NotImplementedError:
        pass
    return f"{device} has no decoder for {codec}"


def _unopened(device: Device, err: av.error.FFmpegError) -> str:
    needs = {Device.CUDA: "an NVIDIA GPU and its driver", Device.QSV: "an Intel GPU and its driver"}
    return f"no {device} device can be opened, which takes {needs[device]} ({err.strerror})"

"""Which decoder a stream gets, and what is said where it is not the wanted one."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, VideoStream
from appliance.errors import DeviceUnavailable
from appliance.frames.decoder import FrameDecoder
from appliance.frames.decoder_choice import SOFTWARE, DecoderChoice, OpenedDecoder
from appliance.frames.hardware_devices import Device, HardwareDevices
from appliance.frames.settings import WantedDecoder
from appliance.packets.file import FileSource
from tests.support.clips import plain, walking_square, write_clip
from tests.support.clock import SimulatedClock

AUTO, CUDA, QSV = WantedDecoder.AUTO, WantedDecoder.CUDA, WantedDecoder.QSV


class FakeDevices:
    """The edge to libav: devices that are there or not, and what their decoders are made of.

    Args:
        there: the devices that can be opened; all others refuse.
        decoder: libav's decoder behind a device's context; its usual one of the codec where left out.
    """

    def __init__(self, *there: Device, decoder: str = "") -> None:
        self.there = set(there)
        self.decoder = decoder
        self.made: list[Device] = []
        self._lock = threading.Lock()

    def __call__(self, device: Device, codec: str) -> VideoCodecContext:
        """Make a context, or refuse."""
        with self._lock:
            self.made.append(device)
        if device not in self.there:
            raise DeviceUnavailable(f"no {device} here")
        if codec == "mpeg4":
            raise DeviceUnavailable(f"{device} has no decoder for {codec}")
        context = av.CodecContext.create(self.decoder or codec, "r")
        assert isinstance(context, VideoCodecContext)
        return context


@pytest.fixture
def packets(tmp_path: Path) -> list[Packet]:
    """The packets of a short clip."""
    source = FileSource(
        CameraId("c"), write_clip(tmp_path / "a.mp4", walking_square(10)), loop=False, clock=SimulatedClock()
    )
    source.open()
    try:
        return list(source.packets(threading.Event()))
    finally:
        source.close()


def opened(wanted: WantedDecoder, devices: FakeDevices, stream: VideoStream) -> OpenedDecoder:
    """Open a decoder by choice."""
    decoder = DecoderChoice(wanted, HardwareDevices(devices)).open(stream)
    assert decoder is not None
    return decoder


@pytest.mark.parametrize(
    ("wanted", "there", "decoder", "note"),
    [
        (AUTO, (), SOFTWARE, ""),
        (AUTO, (Device.CUDA,), "cuda", ""),
        (AUTO, (Device.QSV,), "qsv", ""),
        (AUTO, (Device.CUDA, Device.QSV), "cuda", ""),
        (CUDA, (), SOFTWARE, "no cuda here"),
        (CUDA, (Device.QSV,), SOFTWARE, "no cuda here"),
        (CUDA, (Device.CUDA,), "cuda", ""),
        (QSV, (), SOFTWARE, "no qsv here"),
        (QSV, (Device.CUDA, Device.QSV), "qsv", ""),
        (WantedDecoder.SOFTWARE, (Device.CUDA, Device.QSV), SOFTWARE, ""),
    ],
)
def test_the_wanted_decoder_is_taken_or_its_absence_said(
    packets: list[Packet], wanted: WantedDecoder, there: tuple[Device, ...], decoder: str, note: str
) -> None:
    """Software is never a silent substitute for a device that the owner named."""
    found = opened(wanted, FakeDevices(*there), packets[0].stream)
    assert (found.decoder, found.note, found.is_hardware) == (decoder, note, decoder != SOFTWARE)
    assert found.context.thread_count == 1
    assert found.context.flags & Flags.output_corrupt


def test_software_is_asked_for_without_touching_a_device(packets: list[Packet]) -> None:
    """A driver that hangs is avoided by asking for software."""
    devices = FakeDevices(Device.CUDA)
    opened(WantedDecoder.SOFTWARE, devices, packets[0].stream)
    assert devices.made == []


@pytest.mark.parametrize("wanted", [AUTO, CUDA])
def test_a_codec_that_the_device_lacks_is_said(packets: list[Packet], wanted: WantedDecoder) -> None:
    """Under auto too: a box that has a GPU does not use it, and that is worth a word."""
    stream = replace(packets[0].stream, codec="mpeg4", extradata=b"")
    found = opened(wanted, FakeDevices(Device.CUDA), stream)
    assert (found.decoder, found.note) == (SOFTWARE, "cuda has no decoder for mpeg4")


def test_a_device_is_tried_once_by_all_cameras_together(packets: list[Packet]) -> None:
    """Thirty-two readers that start at once do not load the driver thirty-two times."""
    fake = FakeDevices()
    devices = HardwareDevices(fake)
    assert fake.made == []
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: DecoderChoice(AUTO, devices).open(packets[0].stream), range(32)))
    assert {decoder.decoder for decoder in found if decoder is not None} == {SOFTWARE}
    assert sorted(fake.made) == [Device.CUDA, Device.QSV]


def test_a_device_that_fails_at_the_first_picture_gives_way_to_software(packets: list[Packet]) -> None:
    """AV1's own decoder stands in for it: it is made, and then cannot open."""
    choice = DecoderChoice(AUTO, HardwareDevices(FakeDevices(Device.CUDA, decoder="av1")))
    first = choice.open(packets[0].stream)
    assert first is not None
    assert first.is_hardware
    with pytest.raises(av.error.FFmpegError) as failure:
        first.context.decode(av.Packet(packets[0].data))
    assert choice.fell_back(packets[0], str(failure.value.strerror))
    second = choice.open(packets[0].stream)
    assert second is not None
    assert (second.decoder, second.is_hardware) == (SOFTWARE, False)
    assert second.note == f"cuda failed at a picture that software decodes ({failure.value.strerror})"
    assert second.context.decode(av.Packet(packets[0].data)) + second.context.decode(None)


@pytest.mark.parametrize("alone", [False, True], ids=["in order", "one keyframe"])
def test_a_camera_whose_device_fails_loses_no_picture(packets: list[Packet], alone: bool) -> None:
    """The keyframe at which it failed is decoded in software, and what follows; the note says why."""
    devices = HardwareDevices(FakeDevices(Device.CUDA, decoder="av1"))
    decoder = FrameDecoder(10.0, choice=DecoderChoice(AUTO, devices))
    if alone:
        assert decoder.look(packets[0]) is not None
    else:
        assert len([frame for packet in packets for frame in decoder.decode(packet)]) >= 8
    assert decoder.undecodable_packets == 0
    assert decoder.decoder == SOFTWARE
    assert "cuda failed" in decoder.decoder_note


def test_another_size_is_tried_on_the_device_again(packets: list[Packet]) -> None:
    """A device that refuses 8K may well decode what the camera sends after it was set to 1080p."""
    choice = DecoderChoice(AUTO, HardwareDevices(FakeDevices(Device.CUDA)))
    assert choice.fell_back(packets[0], "too large")
    larger = choice.open(replace(packets[0].stream, width=320))
    again = choice.open(replace(packets[0].stream))
    assert larger is not None
    assert again is not None
    assert (larger.decoder, again.decoder) == ("cuda", SOFTWARE)


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[: len(data) // 3], lambda data: bytes(len(data)), lambda data: data[:0]],
    ids=["cut", "zeros", "empty"],
)
def test_damaged_data_is_not_the_device_s_fault(
    packets: list[Packet], damage: Callable[[bytes], bytes]
) -> None:
    """F6: a camera on a bad network keeps its device."""
    choice = DecoderChoice(AUTO, HardwareDevices(FakeDevices(Device.CUDA)))
    damaged = replace(packets[0], data=damage(packets[0].data))
    assert not choice.fell_back(damaged, "invalid data")
    after = choice.open(packets[0].stream)
    assert after is not None
    assert after.is_hardware


@pytest.mark.parametrize(
    ("pixel_format", "decoder"),
    [
        ("nv12", "cuda"),
        ("p010le", "cuda"),
        ("nv16", "cuda"),
        ("yuv444p", "cuda"),
        ("yuv420p", SOFTWARE),
        ("yuvj420p", SOFTWARE),
        ("yuvj422p", SOFTWARE),
        ("yuv420p10le", SOFTWARE),
    ],
)
def test_a_device_is_believed_by_its_pictures(packets: list[Packet], pixel_format: str, decoder: str) -> None:
    """Whatever libav does inside, the state names what decoded."""
    seen = opened(CUDA, FakeDevices(Device.CUDA), packets[0].stream).as_seen(
        av.VideoFrame(64, 48, pixel_format)
    )
    assert (seen.decoder, bool(seen.note)) == (decoder, decoder == SOFTWARE)


@pytest.mark.parametrize("codec", ["no_such_codec", "aac"])
@pytest.mark.parametrize("there", [(), (Device.CUDA,)])
def test_what_is_no_video_has_no_decoder(
    packets: list[Packet], codec: str, there: tuple[Device, ...]
) -> None:
    """Neither a device's nor software's."""
    fake = FakeDevices(*there)
    devices = HardwareDevices(lambda device, name: fake(device, name if name == "h264" else "mpeg4"))
    assert DecoderChoice(AUTO, devices).open(replace(packets[0].stream, codec=codec)) is None


def test_av1_is_decoded_without_a_gpu() -> None:
    """The decoder of that name can only ask a device; another one does it in software."""
    stream = VideoStream("av1", b"", 160, 96, Fraction(1, 10), 10.0)
    found = opened(AUTO, FakeDevices(), stream)
    pictures = [p for coded in av1_packets(4) for p in found.context.decode(av.Packet(coded))]
    assert len(pictures + found.context.decode(None)) == 4


def av1_packets(count: int) -> list[bytes]:
    """Return some plain pictures as AV1."""
    encoder = av.CodecContext.create("libsvtav1", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = 160, 96, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 10), Fraction(10)
    frames = [av.VideoFrame.from_ndarray(plain(160, 96), format="yuv420p") for _ in range(count)]
    for pts, frame in enumerate(frames):
        frame.pts = pts
    coded = [packet for frame in [*frames, None] for packet in encoder.encode(frame)]
    return [bytes(packet) for packet in coded]

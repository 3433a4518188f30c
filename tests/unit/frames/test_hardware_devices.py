"""Devices as libav opens them on this machine, whatever it has."""

import pytest

from appliance.domain.packet import VideoStream
from appliance.errors import DeviceUnavailable
from appliance.frames.decoder_choice import SOFTWARE, DecoderChoice
from appliance.frames.hardware_devices import Device, HardwareDevices, context_on
from appliance.frames.settings import WantedDecoder
from tests.support.fake_source import stream
from tests.support.gpu import why_no_cuda, why_no_render_node


def h264() -> VideoStream:
    """Return a stream whose parameter sets are in band."""
    raw = stream(width=320, height=180)
    return VideoStream("h264", b"", raw.width, raw.height, raw.time_base, raw.fps)


needs_no_cuda = pytest.mark.skipif(not why_no_cuda(), reason="this machine has a CUDA device")
needs_no_qsv = pytest.mark.skipif(not why_no_render_node(), reason="this machine may have a QSV device")


@needs_no_cuda
def test_without_a_gpu_cuda_is_refused_with_what_it_takes() -> None:
    """What libav itself says is only that the operation is not permitted."""
    said = HardwareDevices().why_not(Device.CUDA)
    assert "cuda" in said
    assert "an NVIDIA GPU and its driver" in said or "built" in said


@needs_no_qsv
def test_without_a_gpu_qsv_is_refused_with_what_it_takes() -> None:
    """PyAV opens such a decoder without its device and says nothing."""
    said = HardwareDevices().why_not(Device.QSV)
    assert "qsv" in said
    assert "an Intel GPU and its driver" in said or "built" in said


@needs_no_cuda
@needs_no_qsv
def test_without_a_gpu_auto_is_software_and_no_reason_for_a_note() -> None:
    """Nobody asked for what the machine does not have."""
    found = DecoderChoice(WantedDecoder.AUTO, HardwareDevices()).open(h264())
    assert found is not None
    assert (found.decoder, found.note) == (SOFTWARE, "")


@needs_no_cuda
def test_without_a_gpu_cuda_ends_in_software_with_a_note() -> None:
    """Reported, not silent."""
    found = DecoderChoice(WantedDecoder.CUDA, HardwareDevices()).open(h264())
    assert found is not None
    assert found.decoder == SOFTWARE
    assert "cuda" in found.note


@pytest.mark.parametrize("device", list(Device))
@pytest.mark.parametrize("codec", ["ffv1", "no_such_codec", "aac"])
def test_a_codec_without_a_hardware_decoder_is_refused(device: Device, codec: str) -> None:
    """Whether the device is there or not."""
    with pytest.raises(DeviceUnavailable, match=device.value):
        context_on(device, codec)

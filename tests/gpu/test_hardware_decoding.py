"""Decoding on an NVIDIA GPU gives what software gives."""

import threading
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.frames.decoder_choice import DecoderChoice, OpenedDecoder
from appliance.frames.hardware_devices import HardwareDevices
from appliance.frames.picture import PictureConverter
from appliance.frames.settings import WantedDecoder
from appliance.packets.file import FileSource
from tests.support.clips import I420, walking_square, write_clip
from tests.support.clock import SimulatedClock
from tests.support.gpu import why_no_cuda

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(bool(why_no_cuda()), reason=why_no_cuda())]

SIZE_PX = (640, 360)


def packets_of(path: Path) -> list[Packet]:
    """Return all packets of a file."""
    source = FileSource(CameraId("c"), path, loop=False, clock=SimulatedClock())
    source.open()
    packets = list(source.packets(threading.Event()))
    source.close()
    return packets


def pictures(opened: OpenedDecoder, packets: list[Packet]) -> list[tuple[int, I420]]:
    """Return time stamps and pixels of all pictures, in the order in which they are shown."""
    converter, shown = PictureConverter(), []
    for packet in [*packets, None]:
        coded = None
        if packet is not None:
            coded = av.Packet(packet.data)
            coded.pts, coded.dts, coded.time_base = packet.media.pts, packet.dts, packet.stream.time_base
        for picture in opened.context.decode(coded):
            assert opened.as_seen(picture) is opened
            i420 = converter.i420(picture)
            assert i420 is not None
            assert picture.pts is not None
            shown.append((picture.pts, i420))
    return shown


@pytest.mark.parametrize("b_frames", [0, 2])
@pytest.mark.parametrize("wanted", [WantedDecoder.CUDA, WantedDecoder.AUTO])
def test_cuda_decodes_the_same_pictures(tmp_path: Path, wanted: WantedDecoder, b_frames: int) -> None:
    """As many, with the same time stamps, and the same pixels but for rounding."""
    clip = write_clip(tmp_path / "a.mp4", walking_square(40, *SIZE_PX), b_frames=b_frames)
    packets, devices = packets_of(clip), HardwareDevices()
    on_gpu = DecoderChoice(wanted, devices).open(packets[0].stream)
    in_software = DecoderChoice(WantedDecoder.SOFTWARE, devices).open(packets[0].stream)
    assert on_gpu is not None
    assert in_software is not None
    assert (on_gpu.decoder, on_gpu.note) == ("cuda", "")
    ours, truth = pictures(on_gpu, packets), pictures(in_software, packets)
    assert [pts for pts, _ in ours] == [pts for pts, _ in truth]
    assert len(ours) == 40
    assert all(a < b for (a, _), (b, _) in pairwise(ours))
    for (_, mine), (_, theirs) in zip(ours, truth, strict=True):
        assert np.abs(mine.astype(int) - theirs.astype(int)).max() <= 2


def test_many_cameras_share_the_device(tmp_path: Path) -> None:
    """Sixteen decoders are open at once and each gives its pictures."""
    packets = packets_of(write_clip(tmp_path / "a.mp4", walking_square(10, *SIZE_PX)))
    devices = HardwareDevices()
    opened = [DecoderChoice(WantedDecoder.CUDA, devices).open(packets[0].stream) for _ in range(16)]
    assert [len(pictures(one, packets)) for one in opened if one is not None] == [10] * 16


def test_damaged_data_leaves_the_camera_its_device(tmp_path: Path) -> None:
    """Half a keyframe costs that picture."""
    packets = packets_of(write_clip(tmp_path / "a.mp4", walking_square(10, *SIZE_PX)))
    choice = DecoderChoice(WantedDecoder.CUDA, HardwareDevices())
    whole = packets[0]
    broken = Packet(
        whole.camera_id,
        whole.stream,
        whole.data[: len(whole.data) // 2],
        whole.media,
        whole.dts,
        whole.wall_us,
        whole.arrived_ns,
        whole.is_keyframe,
    )
    assert not choice.fell_back(broken, "invalid data")
    opened = choice.open(whole.stream)
    assert opened is not None
    assert len(pictures(opened, packets)) == 10

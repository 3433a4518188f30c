"""One camera's packets, what becomes of them, and what is said of them."""

from pathlib import Path

import pytest

from appliance.domain.camera import Camera, DecodeMode, DecodePolicy, StreamMeasured
from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, SoundPacket
from appliance.errors import NightjarError
from appliance.frames.settings import Settings
from appliance.ingest import CameraIngest
from appliance.packets.fanout import Fanout
from tests.support.clips import plain, walking_square, write_clip
from tests.support.coded import tone
from tests.support.decoding import Decoding, packets_of

CAMERA = Camera(CameraId("c"), "C", "demo:")
FPS = 10


class Rig:
    """A camera's ingest, and everything that it said."""

    def __init__(self, policy: DecodePolicy = DecodePolicy.AUTO) -> None:
        self.decoding = Decoding(policy, settings=Settings(decide_s=20.0))
        self.told: list[StreamMeasured] = []
        self.fanout = Fanout(CAMERA.id, self.decoding.ring)
        self.ingest = CameraIngest(CAMERA, self.fanout, self.decoding.decoder, self.told.append)

    def play(self, path: Path) -> "Rig":
        """Let a clip come."""
        for packet in packets_of(path, self.decoding.clock):
            self.ingest.on_packet(packet)
        return self


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A quiet minute, with a keyframe each second."""
    return write_clip(tmp_path / "a.mp4", [plain(160, 96)] * 600, fps=FPS, gop=FPS)


def test_sound_goes_to_the_fan_out() -> None:
    """Unchanged, to those who asked for it."""
    rig, heard = Rig(), list[SoundPacket]()
    rig.fanout.add_sound(heard.append)
    for sound in tone(0.3):
        rig.ingest.on_sound(sound)
    assert len(heard) > 2
    assert all(one.data for one in heard)


def test_what_was_measured_is_said_once(clip: Path) -> None:
    """A state that is said again and again would be no news (I6)."""
    rig = Rig(DecodePolicy.ALWAYS).play(clip)
    assert len(rig.told) == 1
    stream = rig.told[0].stream
    assert (stream.codec, stream.width, stream.height) == ("h264", 160, 96)
    assert stream.fps == pytest.approx(10, rel=0.05)
    assert stream.gop_s == pytest.approx(1.0)
    assert stream.decoding is not None
    assert stream.decoding.mode is DecodeMode.CONTINUOUS
    assert stream.decoding.decoder == "software"


def test_another_stream_is_measured_anew(clip: Path) -> None:
    """After a reconnection the row has only what was announced, until it is measured."""
    rig = Rig(DecodePolicy.ALWAYS).play(clip).play(clip)
    assert len(rig.told) == 2


def test_a_change_of_the_decision_is_said(tmp_path: Path) -> None:
    """With its reason, and what to do about it."""
    path = write_clip(tmp_path / "a.mp4", [plain(160, 96)] * 400, fps=FPS, gop=6 * FPS)
    rig = Rig().play(path)
    decodings = [told.stream.decoding for told in rig.told]
    assert decodings[-1] is not None
    assert decodings[-1].reason == "the keyframe interval is 6 s"
    assert len(rig.told) <= 2
    assert rig.told[-1].stream.gop_s == pytest.approx(6.0)


def test_the_figures_of_the_moment(clip: Path) -> None:
    """What comes, what of it is decoded, and absent instead of 0 when nothing comes any more."""
    rig = Rig(DecodePolicy.ALWAYS).play(clip)
    stats = rig.ingest.stats(rig.decoding.clock.monotonic_ns(), reconnects=3)
    assert stats.fps == pytest.approx(10, rel=0.05)
    assert stats.decoded_megapixels_s == pytest.approx(160 * 96 * 10 / 1e6, rel=0.1)
    assert stats.bitrate_bps is not None
    assert (stats.corrupt_frames, stats.reconnects, stats.is_quiet) == (0, 3, None)
    rig.decoding.clock._move(60 * 10**9)
    later = rig.ingest.stats(rig.decoding.clock.monotonic_ns(), reconnects=3)
    assert (later.fps, later.bitrate_bps, later.decoded_megapixels_s) == (None, None, None)


def test_a_recording_gets_every_packet_whatever_is_decoded(clip: Path) -> None:
    """Promise 2: also while decoding fails."""
    rig, recorded = Rig(), []

    rig.decoding.viewer.fails = NightjarError("the eye's fault")
    rig.fanout.add(lambda _packet, number: recorded.append(number))
    rig.play(clip)
    assert recorded == list(range(600))


def test_a_closed_ingest_decodes_nothing_more(tmp_path: Path) -> None:
    """Its camera is gone or has another reader."""
    rig = Rig(DecodePolicy.ALWAYS)
    packets: list[Packet] = list(
        packets_of(write_clip(tmp_path / "a.mp4", walking_square(40)), rig.decoding.clock)
    )
    for packet in packets[:20]:
        rig.ingest.on_packet(packet)
    seen = len(rig.decoding.viewer.looks)
    assert seen > 0
    rig.ingest.close()
    for packet in packets[20:]:
        rig.ingest.on_packet(packet)
    assert len(rig.decoding.viewer.looks) == seen
    assert not rig.ingest.is_busy

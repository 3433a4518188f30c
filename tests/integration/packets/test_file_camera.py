"""A file as a camera, end to end on real time: source, reader, decoder and motion on one thread."""

import threading
from pathlib import Path

from appliance.domain.camera import Camera, CameraReport, CameraState
from appliance.domain.frame import Frame, Motion
from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.frames.decoder import FrameDecoder
from appliance.motion.detector import MotionDetector
from appliance.packets.reader import CameraReader
from appliance.packets.settings import Settings
from appliance.packets.sources import source_for
from appliance.runtime.clock import SystemClock
from tests.support.clips import plain, walking_square, write_clip


def test_a_clip_goes_all_the_way_to_motion(tmp_path: Path) -> None:
    """Somebody walks through a clip: online, frames at the wanted rate, motion where they walk, ended."""
    pictures = [plain(320, 180)] * 20 + walking_square(20, 320, 180)
    clip = write_clip(tmp_path / "walk.mp4", pictures, fps=20, gop=20, b_frames=2)
    reports: list[CameraReport] = []
    seen: list[tuple[Frame, Motion]] = []
    threads: set[int] = set()
    decoder, motion = FrameDecoder(10.0), MotionDetector()

    def on_packet(packet: Packet) -> None:
        threads.add(threading.get_ident())
        seen.extend((frame, motion.step(frame)) for frame in decoder.decode(packet))

    clock, settings = SystemClock(), Settings()
    camera = Camera(CameraId("walk"), "Walk", f"file://{clip}", detect_fps=10.0)
    reader = CameraReader(
        camera, lambda c: source_for(c, clock, settings), clock, settings, on_packet, reports.append
    )
    before_us = clock.wall_us()
    reader.start()
    assert reader.join(10.0)
    after_us = clock.wall_us()
    assert [r.state for r in reports] == [CameraState.CONNECTING, CameraState.ONLINE, CameraState.ENDED]
    assert len(threads) == 1
    assert 18 <= len(seen) <= 20
    assert all(before_us <= frame.wall_us <= after_us + 300_000 for frame, _ in seen)
    quiet = [m for frame, m in seen if frame.media.seconds < 1.0]
    busy = [(f, m) for f, m in seen if 1.05 < f.media.seconds < 1.8]
    assert not any(len(m.boxes) for m in quiet)
    assert all(len(m.boxes) == 1 for _, m in busy)
    lefts = [float(m.boxes[0][0]) for _, m in busy]
    assert lefts == sorted(lefts)

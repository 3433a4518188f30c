"""How many bytes of footage a second two cores and one disk hold with no GOP dropped; what a camera costs.

Simulated cameras, a thread for each as in the service, hand packets of a coded 1080p clip to the appliance's
own way from the ring to the disk, in real time; nothing is demuxed, decoded or stored in the database. They
begin one after the other, as the service connects them. More and more of them are tried for some seconds,
until a fragment is dropped, a camera's thread falls behind, or the disk does; then as many as held must do so
for over a minute, in which each one's file rolls over. ``value`` is what they wrote and synced a second.

The floor writes the same bytes to the same number of files with the same sync cadence, in one loop, as fast
as it goes. ``cpu_s_per_camera_minute`` is the process's CPU time with the recording less that of the same
threads whose packets end in the ring, at ``FEW`` cameras.
"""

import os
import resource
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path

import numpy as np

from appliance.domain.camera import Camera
from appliance.domain.footage import Segment
from appliance.domain.ids import CameraId, new_id
from appliance.domain.packet import Packet
from appliance.domain.time import MonotonicNs, WallUs
from appliance.packets.fanout import Fanout
from appliance.packets.ring import PacketRing
from appliance.packets.settings import Settings as PacketsSettings
from appliance.packets.sources import source_for
from appliance.recordings.disks.footage_writer import FootageWriter
from appliance.recordings.disks.os_files import SystemFiles
from appliance.recordings.disks.volume import Register, Volume
from appliance.recordings.recorder import Recorder
from appliance.recordings.reports import Dropped
from appliance.recordings.settings import Settings, StoragePath
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from bench.report import median, progress, result
from tests.support.clips import I420, write_clip
from tests.support.reading import read

CORES = 2
PAIRS = 3
WIDTH, HEIGHT, FPS, GOP = 1920, 1080, 15, 30
NOISE_LEVELS = 2.9
FIRST_CAMERAS = int(os.environ.get("CAMERAS", "48"))
GROWTH, FEWER = 1.5, 0.8
MOST_STEPS = 8
FEW = 16
SETTINGS = Settings(close_s=60.0)
"""As they are, but that a disk which was too slow may write the rest: how long it takes is looked at."""
BETWEEN_S = PacketsSettings().connect_interval_s
"""From one camera's begin to the next one's."""
SHORT_S, LONG_S = 10.0, 64.0
"""How long all cameras are recorded: in a try, and for the result."""
MOST_LATE_S = 1.0
"""Cameras whose packets come later than that to the recording have no core left."""
MOST_WAITING_S = 2.0
"""A disk that takes longer, when all cameras have ended, to write and sync the rest was falling behind."""
MEGA = 1e6


@dataclass
class Heard:
    """What the disk's thread says, as a book would hear it; thread-safe."""

    synced_bytes: dict[str, int] = field(default_factory=dict)
    dropped: list[Dropped] = field(default_factory=list)

    def synced(self, segment: Segment) -> None:
        """Note the size of a file."""
        self.synced_bytes[segment.id] = segment.size

    def dropped_(self, dropped: Dropped) -> None:
        """Note what will be missing."""
        self.dropped.append(dropped)


class Listener:
    """Tells ``Heard``; its two functions have the names that the writers call."""

    def __init__(self, heard: Heard) -> None:
        self.synced = heard.synced
        self.dropped = heard.dropped_


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a number of cameras for some seconds came to.

    Attributes:
        bytes_s: written and synced, for each second of the cameras' time.
        waiting_s: how long it took at the end until everything was synced and closed.
        late_s: by how much the latest packet was handed on too late.
        dropped: fragments.
        cpu_s: of the process, user and system.
        camera_s: how long each camera was recorded, all together.
        written: sizes of all files.
    """

    cameras: int
    bytes_s: float
    waiting_s: float
    late_s: float
    dropped: int
    cpu_s: float
    camera_s: float
    written: tuple[int, ...] = field(repr=False)

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, and nothing would be if it went on."""
        return not self.dropped and self.late_s < MOST_LATE_S and self.waiting_s < MOST_WAITING_S

    def __str__(self) -> str:
        return (
            f"{self.cameras} cameras: {self.bytes_s / MEGA:.0f} MB/s, {self.dropped} fragments dropped, "
            f"{self.waiting_s:.1f} s to write the rest, {self.late_s:.2f} s late, "
            f"{self.cpu_s / self.camera_s * self.cameras:.2f} cores"
        )


class CameraThread(threading.Thread):
    """Hands a clip's packets on, round and round, each when it is due."""

    def __init__(self, fanout: Fanout, packets: Sequence[Packet], begins_s: float, ends_s: float) -> None:
        super().__init__(daemon=True)
        self.late_s = 0.0
        self.bytes = 0
        self._fanout = fanout
        self._packets = packets
        self.lasts_s = ends_s - begins_s
        self._begins_s = begins_s

    def run(self) -> None:
        """Do so from its begin on until its time is over."""
        wall_us = time.time_ns() // 1000
        for number in range(round(self.lasts_s * FPS)):
            due_s = self._begins_s + number / FPS
            time.sleep(max(0.0, due_s - time.monotonic()))
            self.late_s = max(self.late_s, time.monotonic() - due_s)
            packet = self._packets[number % len(self._packets)]
            at_us, arrived_ns = WallUs(wall_us + round(number / FPS * 1e6)), time.monotonic_ns()
            self._fanout.put(replace(packet, wall_us=at_us, dts=None, arrived_ns=MonotonicNs(arrived_ns)))
            self.bytes += len(packet.data)


def coded(folder: Path) -> list[Packet]:
    """Return the packets of a few seconds of a noisy picture: about 8 Mbit/s."""
    rng = np.random.default_rng(3)

    def pictures() -> Iterator[I420]:
        for _ in range(2 * GOP):
            noise = rng.normal(110, NOISE_LEVELS, (HEIGHT * 3 // 2, WIDTH)).clip(16, 235)
            noise[HEIGHT:] = 128
            yield noise.astype(np.uint8)

    path = write_clip(folder / "noise.mp4", pictures(), FPS, GOP)
    camera = Camera(CameraId("clip"), "clip", path.as_uri())
    clock = _Impatient()
    return read(source_for(camera, clock, PacketsSettings()), 2 * GOP)


class _Impatient(SystemClock):
    """Waits for nothing: a file is read as fast as it goes."""

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Return at once."""
        return stop.wait(0 * seconds)


@contextmanager
def recording(folder: Path, heard: Heard) -> Iterator[FootageWriter]:
    """Run the writers of one storage path; everything in it is removed afterwards."""
    clock, settings, files = SystemClock(), SETTINGS, SystemFiles()
    place = StoragePath(folder)
    folder.mkdir()
    volume = Volume(place, Register((), lambda _: None), files, clock, Health(), settings)
    writer = FootageWriter([volume], files, Listener(heard), clock, Metrics(), settings)
    writer.start()
    try:
        deadline = time.monotonic() + 10.0
        while volume.id is None and time.monotonic() < deadline:
            time.sleep(0.05)
        yield writer
    finally:
        shutil.rmtree(folder)


def run(
    folder: Path, packets: Sequence[Packet], cameras: int, lasts_s: float = SHORT_S, records: bool = True
) -> Outcome:
    """Begin so many cameras one after the other, and go on for ``lasts_s``.

    Args:
        folder: on the disk that is measured.
        packets: of every camera, round and round.
        cameras: how many.
        lasts_s: seconds in which all of them are recorded.
        records: False for packets that end in the ring.
    """
    heard = Heard()
    with recording(folder / "footage", heard) as writer:
        begun_s, cpu_s = time.monotonic(), _cpu_s()
        recorders, threads = [], []
        ends_s = begun_s + BETWEEN_S * cameras + lasts_s
        for number in range(cameras):
            fanout, recorder = _camera(number, writer)
            if records:
                fanout.add(recorder.on_packet)
                recorders.append(recorder)
            begins_s = begun_s + BETWEEN_S * (number + 1)
            threads.append(CameraThread(fanout, packets, begins_s, ends_s))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        used_s, ended_s = _cpu_s() - cpu_s, time.monotonic()
        for recorder in recorders:
            recorder.close()
        writer.close()
        waiting_s = time.monotonic() - ended_s
    return _outcome(heard, threads, waiting_s, used_s, records)


def _outcome(
    heard: Heard, threads: Sequence[CameraThread], waiting_s: float, used_s: float, records: bool
) -> Outcome:
    written = tuple(heard.synced_bytes.values())
    camera_s = sum(thread.lasts_s for thread in threads)
    lost = records and sum(written) < sum(thread.bytes for thread in threads)
    return Outcome(
        cameras=len(threads),
        bytes_s=sum(written) / camera_s * len(threads),
        waiting_s=waiting_s,
        late_s=max(thread.late_s for thread in threads),
        dropped=len(heard.dropped) + lost,
        cpu_s=used_s,
        camera_s=camera_s,
        written=written,
    )


def _camera(number: int, writer: FootageWriter) -> tuple[Fanout, Recorder]:
    camera = Camera(CameraId(f"camera-{number}"), "", "rtsp://127.0.0.1/")
    ring = PacketRing(PacketsSettings().ring_s, PacketsSettings().ring_bytes)
    recorder = Recorder(camera, writer, SETTINGS, UTC, new_id)
    recorder.begin(ring)
    return Fanout(camera.id, ring), recorder


def floor(folder: Path, outcome: Outcome) -> float:
    """Write files of the same sizes in fragments of a second, synced every two; return bytes a second.

    As many files at a time as there were cameras.
    """
    (folder / "floor").mkdir()
    fragment_bytes = round(sum(outcome.written) / outcome.camera_s)
    portion, begun_s = os.urandom(fragment_bytes), time.monotonic()
    for first in range(0, len(outcome.written), outcome.cameras):
        sizes = outcome.written[first : first + outcome.cameras]
        files = [(folder / "floor" / str(first + i)).open("wb", buffering=0) for i in range(len(sizes))]
        for second in range(max(sizes) // fragment_bytes + 1):
            for file, size in zip(files, sizes, strict=True):
                file.write(portion[: max(0, size - second * fragment_bytes)])
            if second % 2:
                for file in files:
                    os.fdatasync(file.fileno())
        for file in files:
            os.fdatasync(file.fileno())
            file.close()
    passed_s = time.monotonic() - begun_s
    shutil.rmtree(folder / "floor")
    return sum(outcome.written) / passed_s


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def steady(folder: Path, packets: Sequence[Packet], cameras: int) -> Outcome:
    """Run so many cameras, and once more if they did not hold: somebody else may have used the disk."""
    outcome = run(folder, packets, cameras)
    progress(str(outcome))
    if not outcome.holds:
        outcome = run(folder, packets, cameras)
        progress(f"again: {outcome}")
    return outcome


def most(folder: Path, packets: Sequence[Packet]) -> tuple[Outcome, Outcome | None]:
    """Return the largest number of cameras that held, and the first that did not, if that was reached."""
    held, cameras = None, FIRST_CAMERAS
    for _ in range(MOST_STEPS):
        outcome = steady(folder, packets, cameras)
        if not outcome.holds:
            if held is not None:
                return held, outcome
            cameras = round(cameras / GROWTH / GROWTH)
        held = outcome if outcome.holds else None
        cameras = round(cameras * GROWTH)
    assert held is not None, "even the smallest number of cameras did not hold"
    return held, None


def cpu_s_per_camera_minute(folder: Path, packets: Sequence[Packet]) -> float:
    """Return what recording a camera costs, less its thread and its ring."""
    runs = [run(folder, packets, FEW, records=records) for _ in range(PAIRS) for records in (True, False)]
    costs = [outcome.cpu_s / outcome.camera_s for outcome in runs]
    return 60 * median([a - b for a, b in zip(costs[::2], costs[1::2], strict=True)])


def result_of(folder: Path, packets: Sequence[Packet], held: Outcome) -> tuple[int, list[float], list[float]]:
    """Return how many cameras held for long, what they wrote each time, and the floors, in MB/s."""
    cameras = held.cameras
    values: list[float] = []
    floors: list[float] = []
    while len(values) < PAIRS:
        outcome = run(folder, packets, cameras, LONG_S)
        progress(f"for long: {outcome}")
        if not outcome.holds:
            cameras, values, floors = round(cameras * FEWER), [], []
            continue
        values.append(outcome.bytes_s / MEGA)
        floors.append(floor(folder, outcome) / MEGA)
        progress(f"floor {floors[-1]:.0f} MB/s")
    return cameras, values, floors


def main() -> None:
    """Measure and print the result."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory(dir=os.environ.get("FOLDER")) as name:
        folder = Path(name)
        packets = coded(folder)
        bitrate = sum(len(packet.data) for packet in packets) / len(packets) * FPS * 8
        cost_s = cpu_s_per_camera_minute(folder, packets)
        progress(f"{bitrate / MEGA:.1f} Mbit/s a camera, {cost_s:.2f} CPU seconds a minute of one")
        held, failed = most(folder, packets)
        cameras, values, floors = result_of(folder, packets, held)
    ratio = median([value / least for value, least in zip(values, floors, strict=True)])
    figures: dict[str, object] = {
        "cameras": cameras,
        "bitrate_mbit_s": round(bitrate / MEGA, 2),
        "cpu_s_per_camera_minute": round(cost_s, 3),
        "first_that_failed": None if failed is None else str(failed),
        "cores": CORES,
    }
    result("record", median(values), "MB/s", median(floors), ratio, figures)


if __name__ == "__main__":
    main()

"""What a camera costs: CPU seconds for each minute of it, and memory for each one more.

The cameras are simulated by a process of their own, which is not counted, and are read over RTSP in real
time: waking up costs as much as decoding, so that a file read as fast as it goes would flatter everyone.
Each variant is a process of its own, all of them in the same minutes:

* ``demux``: libav hands out the packets, nobody looks at them; what nobody can do without.
* ``quiet`` and ``busy``: this program's ingest, from the connection to the detection stage, on a clip in
  which nothing happens and on one in which something moves all the time. Only the detector is a stub that
  answers at once.
* ``all quiet`` and ``all busy``: every picture of the same two clips is decoded, and dropped.
* ``ffmpeg``: a child process that decodes, thins out to five pictures a second and scales them down, and a
  parent that reads them through a pipe.

``ratio`` is ``quiet`` to ``all quiet`` once the scene has been quiet for over a minute, wakes for nothing
included; ``quiet_without_wake_ratio`` is the same over those quarters of that minute that had none. At the
end ``quiet`` and ``busy`` take four more cameras each, and the memory before and after tells what one takes.
"""

import contextlib
import gc
import json
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
import uvloop

from appliance.compose import Base, Ingests
from appliance.config import Config
from appliance.detections.stage import DetectionStage
from appliance.detections.worker_client import DetectorInfo
from appliance.domain.camera import Camera, StreamMeasured
from appliance.domain.detection import Detections
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.packets.reader import CameraReader
from appliance.packets.viewers import Viewers
from appliance.roster import Report
from appliance.runtime.allocator import share_arenas
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.lanes import Lanes
from appliance.runtime.metrics import Metrics
from appliance.watch import LatestFrames
from bench.report import median, progress, result
from detectors import contract
from tests.support.arrivals.clip import ClipSpec, cached
from tests.support.camera_simulator.process import simulator_process

NOISE_LEVELS = float(os.environ.get("NOISE_LEVELS", "3"))
FULL_HD = ClipSpec(seed=7, duration_s=120, width=1920, height=1080, noise_levels=NOISE_LEVELS)
QUIET, BUSY = replace(FULL_HD, visited=False, duration_s=270), replace(FULL_HD, busy=True)
"""15 pictures a second, a keyframe each 2 s, variable bit rate, noise. The quiet one is longer than the run:
where it begins anew its light, which drifts, would jump."""

LEARNS_WITHIN_S = 90.0
FIRST_MINUTE_S = 45.0
LONG_QUIET_S = 64.0
"""After that long without motion fewer keyframes are decoded, and the last of those before has been, too."""
WINDOW_S = 15.0
WINDOWS = 4
"""Wakes for nothing are few and long: what a minute costs is the mean of these, not their median."""
GLANCES = 5
"""Where more pictures are decoded in a window, it woke."""
MORE = 4
FILLED_S = 50.0
"""How long the cameras that came last are read before memory is counted again, with their rings full."""

SCALED = (640, 360)
SCALED_FPS = 5
MEGA = 1e6
NOTHING = contract.Detections(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.int64))
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TICKS_S = os.sysconf("SC_CLK_TCK")


class Variant(Protocol):
    """Something that reads cameras in this process until it ends."""

    def add(self, urls: Sequence[str]) -> None:
        """Read these cameras too; returns at once."""
        ...

    def facts(self) -> dict[str, Any]:
        """Return what there is to say of it now, beside its cost."""
        ...

    def child_cpu_s(self) -> float:
        """Return the CPU seconds of a child process so far."""
        ...


class FindsNothing:
    """A worker that answers at once that there is nothing in any picture."""

    name = "stub"
    info = DetectorInfo("stub", "stub", "none", ("person",), True, "stub")

    async def ready(self) -> DetectorInfo:
        """Return what it is."""
        return self.info

    async def detect(
        self, pictures: Sequence[contract.Picture]
    ) -> tuple[DetectorInfo, list[contract.Detections]]:
        """Return nothing, as often as there are pictures."""
        return await self.ready(), [NOTHING] * len(pictures)


class Ours:
    """The appliance's own way from the connections to the detection stage, joined as it joins them."""

    def __init__(self) -> None:
        share_arenas()
        clock = SystemClock()
        base = Base(Config(), clock, Health(), Metrics())
        self._decoded = base.metrics.counter("nightjar_frames_decoded_total", "Pictures decoded", "camera")
        self._stage = DetectionStage(
            [FindsNothing()], clock, base.metrics, base.config.detector, self._detections
        )
        self._lanes = Lanes(len(os.sched_getaffinity(0)), "decode")
        viewers = Viewers(base.config.packets.live_linger_s)
        self._ingests = Ingests(
            *(base, self._stage, LatestFrames(), viewers, self._lanes, None, self._report), lambda *_: None
        )
        self._readers: list[CameraReader] = []
        self._measured: dict[str, StreamMeasured] = {}
        self._lanes.start()
        threading.Thread(target=uvloop.run, args=(self._stage.run(),), daemon=True).start()

    def add(self, urls: Sequence[str]) -> None:
        """Read them as the fleet would."""
        for url in urls:
            camera = Camera(CameraId(f"camera-{len(self._readers)}"), url, url)
            self._stage.camera(camera.id)
            reader = self._ingests.reader(camera)
            self._readers.append(reader)
            reader.start()

    def facts(self) -> dict[str, Any]:
        """Return how each camera is decoded."""
        states = []
        for stats in sorted(self._ingests.read(), key=lambda one: one.camera_id):
            told = self._measured.get(stats.camera_id)
            decoding = None if told is None else told.stream.decoding
            states.append(
                {
                    "mode": None if decoding is None else str(decoding.mode),
                    "reason": None if decoding is None else decoding.reason,
                    "is_quiet": stats.is_quiet,
                    "fps": stats.fps,
                    "decoded": round(self._decoded.value(stats.camera_id)),
                }
            )
        return {"cameras": states}

    def child_cpu_s(self) -> float:
        """Return 0: there is none."""
        return 0.0

    def _report(self, report: Report) -> None:
        if isinstance(report, StreamMeasured):
            self._measured[report.camera_id] = report

    async def _detections(self, frame: Frame, found: Detections) -> None:
        """Do nothing with what was found, which is nothing."""


class Plain:
    """PyAV as its manual has it, on a thread for each camera."""

    def __init__(self, decode: bool) -> None:
        self._decode = decode
        self._pictures = 0

    def add(self, urls: Sequence[str]) -> None:
        """Read them."""
        for url in urls:
            threading.Thread(target=self._read, args=(url,), daemon=True).start()

    def facts(self) -> dict[str, Any]:
        """Return how many packets or pictures there were."""
        return {"pictures": self._pictures}

    def child_cpu_s(self) -> float:
        """Return 0: there is none."""
        return 0.0

    def _read(self, url: str) -> None:
        with av.open(url, options={"rtsp_transport": "tcp"}) as container:
            video = container.streams.video[0]
            video.thread_count = 1
            pictures: Iterator[object] = container.decode(video) if self._decode else container.demux(video)
            for _ in pictures:
                self._pictures += 1


class Piped:
    """A child process ``ffmpeg`` for a camera, and its pictures through a pipe."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._pictures = 0

    def add(self, urls: Sequence[str]) -> None:
        """Read the one camera."""
        (url,) = urls
        width, height = SCALED
        words = f"ffmpeg -v error -nostdin -rtsp_transport tcp -i {url} -an"
        words += f" -vf fps={SCALED_FPS},scale={width}:{height} -f rawvideo -pix_fmt yuv420p pipe:1"
        self._child = subprocess.Popen(words.split(), stdout=subprocess.PIPE)
        threading.Thread(target=self._read, daemon=True).start()

    def facts(self) -> dict[str, Any]:
        """Return how many pictures came."""
        return {"pictures": self._pictures}

    def child_cpu_s(self) -> float:
        """Return user and system time of the child, to a hundredth of a second."""
        if self._child is None:
            return 0.0
        fields = Path(f"/proc/{self._child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_S

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    def _read(self) -> None:
        assert self._child is not None
        assert self._child.stdout is not None
        size = SCALED[0] * SCALED[1] * 3 // 2
        while len(self._child.stdout.read(size)) == size:
            self._pictures += 1


MAKERS: dict[str, Callable[[], Variant]] = {
    "demux": lambda: Plain(decode=False),
    "quiet": Ours,
    "busy": Ours,
    "all quiet": lambda: Plain(decode=True),
    "all busy": lambda: Plain(decode=True),
    "ffmpeg": Piped,
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What a process has cost up to a moment.

    Attributes:
        cpu_s: user and system time, its child's included.
        rss_mb: resident memory, megabytes.
    """

    at_s: float
    cpu_s: float
    rss_mb: float
    facts: dict[str, Any]


class Meter:
    """Reads what this process costs, without what the reading costs."""

    def __init__(self, variant: Variant) -> None:
        self._variant = variant
        self._own_cpu_s = 0.0

    def mark(self) -> Mark:
        """Return the cost up to now."""
        at_s, begun_s = time.monotonic(), _cpu_s()
        cpu_s = begun_s - self._own_cpu_s + self._variant.child_cpu_s()
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        facts = self._variant.facts()
        self._own_cpu_s += _cpu_s() - begun_s
        return Mark(at_s, cpu_s, pages * PAGE_BYTES / MEGA, facts)


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measured(name: str) -> None:
    """Be the process of a variant: on standard input come addresses to read, or ``mark``."""
    variant = MAKERS[name]()
    meter = Meter(variant)
    try:
        for line in sys.stdin:
            if line.strip() == "mark":
                mark = meter.mark()
                print(json.dumps([mark.at_s, mark.cpu_s, mark.rss_mb, mark.facts]), flush=True)
            else:
                variant.add(line.split())
    finally:
        if isinstance(variant, Piped):
            variant.close()
        sys.stdout.flush()
        os._exit(0)  # the readers' threads have no end of their own, and nothing here is to be kept


class Process:
    """The process of a variant, seen from the one that measures."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._child = subprocess.Popen(
            [sys.executable, "-m", "bench.ingest", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def read(self, urls: Sequence[str]) -> None:
        """Have it read these cameras too."""
        self._say(" ".join(urls))

    def mark(self) -> Mark:
        """Return what it has cost so far."""
        self._say("mark")
        assert self._child.stdout is not None
        return Mark(*json.loads(self._child.stdout.readline()))

    def children(self) -> int:
        """Return how many processes it has started."""
        tasks = Path(f"/proc/{self._child.pid}/task").glob("*/children")
        return sum(len(task.read_text().split()) for task in tasks)

    def close(self) -> None:
        """End it."""
        assert self._child.stdin is not None
        self._child.stdin.close()
        self._child.wait()

    def _say(self, line: str) -> None:
        assert self._child.stdin is not None
        self._child.stdin.write(line + "\n")
        self._child.stdin.flush()


@dataclass(frozen=True, slots=True)
class Span:
    """Two marks of one process."""

    begin: Mark
    end: Mark

    @property
    def minutes(self) -> float:
        """How long it lasted."""
        return (self.end.at_s - self.begin.at_s) / 60.0

    @property
    def cpu_s_per_minute(self) -> float:
        """CPU seconds for each minute of its one camera."""
        return (self.end.cpu_s - self.begin.cpu_s) / self.minutes

    @property
    def decoded(self) -> int:
        """Pictures of the first of our cameras that were decoded."""
        return int(self.end.facts["cameras"][0]["decoded"] - self.begin.facts["cameras"][0]["decoded"])


def spans(processes: Sequence[Process], lasts_s: float) -> dict[str, Span]:
    """Return what each of them costs in the time to come."""
    begins = {process.name: process.mark() for process in processes}
    time.sleep(lasts_s)
    return {process.name: Span(begins[process.name], process.mark()) for process in processes}


def busy_cores() -> float:
    """Return the seconds in which the machine's cores were busy since it was started, all together."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS_S


def main() -> None:
    """Measure, and print the result."""
    names = [name for name in MAKERS if name != "ffmpeg" or shutil.which("ffmpeg")]
    clips = [cached(spec, say=progress) for spec in (QUIET, BUSY)]
    with contextlib.ExitStack() as stack:
        simulator = stack.enter_context(simulator_process(clips, cameras=2 * (len(names) + MORE)))
        quiet, busy = simulator.urls[::2], simulator.urls[1::2]
        processes = {name: Process(name) for name in names}
        for process in processes.values():
            stack.callback(process.close)
            process.read([(busy if "busy" in process.name else quiet).pop()])
        progress(f"{', '.join(names)}: until the quiet scene is known, for {LEARNS_WITHIN_S:.0f} s at most")
        learnt_s = _until_quiet(processes["quiet"])
        fell_quiet_s = time.monotonic()
        first = spans(list(processes.values()), FIRST_MINUTE_S)
        progress(f"known after {learnt_s:.0f} s; the first minute of quiet: {_costs(first)}")
        time.sleep(max(0.0, fell_quiet_s + LONG_QUIET_S - time.monotonic()))
        load_s, began_s = busy_cores(), time.monotonic()
        windows = [spans(list(processes.values()), WINDOW_S) for _ in range(WINDOWS)]
        load = (busy_cores() - load_s) / (time.monotonic() - began_s)
        progress(f"later: {_costs(windows[-1])}")
        children = processes["quiet"].children() + processes["busy"].children()
        memory = {
            name: _memory(processes[name], urls[:MORE]) for name, urls in (("quiet", quiet), ("busy", busy))
        }
        progress(f"{MORE} more cameras each: waiting for {FILLED_S:.0f} s")
        time.sleep(FILLED_S)
        grown = {name: processes[name].mark() for name in memory}
    figures: dict[str, object] = {
        "quiet_learnt_s": round(learnt_s),
        "extra_processes": children,
        "busy_cores": round(load, 2),
        "load_average": round(os.getloadavg()[0], 1),
        "noise_levels": NOISE_LEVELS,
    }
    _say_result(first, windows, _per_camera(memory, grown) | figures)


def _memory(process: Process, urls: Sequence[str]) -> Mark:
    """Return what it takes with one camera, and have it read these too."""
    mark = process.mark()
    process.read(urls)
    return mark


def _costs(taken: dict[str, Span]) -> str:
    return ", ".join(f"{name} {span.cpu_s_per_minute:.2f} s" for name, span in taken.items())


def _until_quiet(process: Process) -> float:
    """Wait until little is decoded, and return the seconds that it took; all there are if it never is."""
    began_s = time.monotonic()
    while time.monotonic() - began_s < LEARNS_WITHIN_S:
        if any(_is_quiet(camera) for camera in process.mark().facts["cameras"]):
            break
        time.sleep(1.0)
    return time.monotonic() - began_s


def _is_quiet(camera: dict[str, Any]) -> bool:
    return bool(camera["mode"] == "on_demand" and camera["is_quiet"])


def _per_camera(before: dict[str, Mark], after: dict[str, Mark]) -> dict[str, object]:
    """Return the figures of memory, and how the first camera of each was decoded."""
    figures: dict[str, object] = {}
    for name, mark in before.items():
        figures[f"{name}_mb_per_camera"] = round((after[name].rss_mb - mark.rss_mb) / MORE, 1)
        figures[f"{name}_mb_with_one"] = round(mark.rss_mb, 1)
        figures[f"{name}_state"] = mark.facts["cameras"][0]
    return figures


def _say_result(
    first: dict[str, Span], windows: Sequence[dict[str, Span]], others: dict[str, object]
) -> None:
    whole = {name: Span(span.begin, windows[-1][name].end) for name, span in windows[0].items()}
    figures: dict[str, object] = {}
    for name, span in whole.items():
        figures[f"{name.replace(' ', '_')}_cpu_s_per_minute"] = round(span.cpu_s_per_minute, 3)
    figures["ffmpeg"] = "measured" if "ffmpeg" in first else "not installed, not measured"
    figures["busy_ratio"] = round(_ratio(whole, "busy"), 3)
    for name, taken in (("quiet_first_minute", first), ("quiet_later", whole)):
        figures[f"{name}_cpu_s"] = round(taken["quiet"].cpu_s_per_minute, 3)
        figures[f"{name}_ratio"] = round(_ratio(taken, "quiet"), 3)
        figures[f"{name}_pictures_decoded"] = round(taken["quiet"].decoded / taken["quiet"].minutes)
    still = [window for window in windows if window["quiet"].decoded <= GLANCES]
    figures["quiet_windows_without_wake"] = f"{len(still)} of {len(windows)}"
    if still:
        costs = [window["quiet"].cpu_s_per_minute for window in still]
        figures["quiet_without_wake_cpu_s"] = round(median(costs), 3)
        figures["quiet_without_wake_ratio"] = round(median([_ratio(one, "quiet") for one in still]), 3)
    states = [window["quiet"].end.facts["cameras"][0] for window in windows]
    figures["is_valid"] = all(state["mode"] == "on_demand" for state in states)
    if not figures["is_valid"]:
        progress(f"this run says nothing of a quiet camera: it was not decoded on demand, but {states}")
    if len(still) < len(windows):
        progress(
            f"the quiet camera woke for nothing in {len(windows) - len(still)} of {len(windows)} windows"
        )
    value, floor = whole["quiet"].cpu_s_per_minute, whole["all quiet"].cpu_s_per_minute
    unit = "CPU seconds for each minute of a quiet 1080p camera"
    result("ingest", value, unit, floor, _ratio(whole, "quiet"), figures | others)


def _ratio(window: dict[str, Span], name: str) -> float:
    return window[name].cpu_s_per_minute / window[f"all {name}"].cpu_s_per_minute


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measured(sys.argv[1])
    else:
        main()

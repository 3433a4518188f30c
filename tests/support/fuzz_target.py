"""The process that is fuzzed: ``python -m tests.support.fuzz_target FIRST_SEED SECONDS FOLDER``.

It reads damaged cameras one after the other, on several threads, and says ``begin SEED`` and ``end SEED
OUTCOME`` for each, so that whoever started it knows which seeds a death belongs to. A case that raises
anything but a ``SourceFailure``, or takes longer than its deadlines allow, ends the process with status 1 and
a traceback. Memory is limited, so that a size that a camera claims shows when it is believed.
"""

import faulthandler
import itertools
import os
import random
import resource
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.errors import NotRecordable, SourceFailure
from appliance.frames.decoder import FrameDecoder
from appliance.packets.aac import AacTrack, aac_track
from appliance.packets.parameter_sets import StreamChanges
from appliance.packets.rtsp import RtspSource
from appliance.packets.settings import Settings
from appliance.packets.sound_input import OnSound, RawSound
from appliance.runtime.clock import SystemClock
from appliance.runtime.supervisor import Failure, attempt
from tests.support.camera_simulator.camera import SimulatedCamera
from tests.support.camera_simulator.simulator import Simulator, simulator
from tests.support.clips import walking_square, write_clip
from tests.support.mutations import mutated, mutated_text, packet_mutation

THREADS = 4
PICTURES = 30
QUICK = Settings(open_timeout_s=0.6, poll_s=0.2, silence_timeout_s=0.6)
LONGEST_CASE_S = 8.0
"""Two openings, silence, closing, and a busy machine: more is a hang."""

MEMORY_BYTES = 3 << 30
"""More address space than threads, libav and NumPy take; less than an absurd size needs."""


def main() -> None:
    """Run cases until the time is over."""
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    first, seconds, folder = int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3])
    seeds, until = itertools.count(first), time.monotonic() + seconds
    clips = written(folder)
    with simulator() as sim, ThreadPoolExecutor(THREADS) as pool:
        for _ in range(THREADS):
            pool.submit(_work, sim, clips, seeds, until)


def written(folder: Path) -> list[Path]:
    """Write the clips that are damaged, once."""
    clips = [folder / "h264.mp4", folder / "h265.mp4"]
    for clip, codec in zip(clips, ("libx264", "libx265"), strict=True):
        if not clip.exists():
            write_clip(clip, walking_square(30, 320, 180), fps=60, gop=15, b_frames=2, codec=codec)
    return clips


def _work(sim: Simulator, clips: list[Path], seeds: "itertools.count[int]", until: float) -> None:
    while time.monotonic() < until:
        seed = next(seeds)
        _say(f"begin {seed}")
        watchdog = threading.Timer(LONGEST_CASE_S, _hung, (seed,))
        watchdog.start()
        outcome = attempt(partial(run_case, sim, clips, seed))
        watchdog.cancel()
        if isinstance(outcome, Failure):
            traceback.print_exception(outcome.error)
            _say(f"end {seed} error")
            os._exit(1)
        _say(f"end {seed} {outcome}")


def run_case(sim: Simulator, clips: list[Path], seed: int) -> str:
    """Read one damaged camera and decode what comes; return what came of it.

    Raises:
        Exception: anything but a ``SourceFailure`` is a fault that was found.
    """
    rng = random.Random(seed)
    camera = sim.camera(
        f"case{seed}",
        rng.choice(clips),
        sound=rng.choice(("aac", "pcma", "pcmu")) if rng.random() < 0.3 else "",
        udp_only=rng.random() < 0.2,
    )
    _damage(camera, rng)
    source = RtspSource(CameraId("fuzz"), camera.url, None, SystemClock(), QUICK)
    decoder, stop, got = FrameDecoder(30.0), threading.Event(), 0
    try:
        source.open()
        source.hear(_listener())
        for packet in source.packets(stop):
            got += 1
            decoder.decode(packet)
            for damaged in _damaged(packet, rng):
                decoder.decode(damaged)
            if got >= PICTURES:
                stop.set()
        return f"{got} pictures"
    except SourceFailure as failure:
        return failure.kind
    finally:
        source.close()
        del sim.cameras[camera.name]


def _listener() -> OnSound:
    """Return what makes AAC of the sound, and begins anew where none can be made of it."""
    track: AacTrack | None = None

    def hear(sound: RawSound) -> None:
        nonlocal track
        try:
            track = track or aac_track(sound)
            track.feed(sound)
        except NotRecordable:
            track = None

    return hear


def _damage(camera: SimulatedCamera, rng: random.Random) -> None:
    """Damage description, packets or answers of a camera, or several of them."""
    if rng.random() < 0.4:
        camera.describe_as(mutated_text(camera.description(), rng))
    if rng.random() < 0.6:
        camera.mutate(packets=packet_mutation(rng))
    if rng.random() < 0.5:
        camera.mutate_sound(lambda payload: mutated(payload, rng))
    if rng.random() < 0.2:
        share = rng.random()
        camera.faults.mutates_answers = lambda said: mutated(said, rng) if rng.random() < share else said


def _damaged(packet: Packet, rng: random.Random) -> list[Packet]:
    """Return copies of a packet whose bytes are damaged; now and then as if they were of a new stream."""
    copies = [replace(packet, data=mutated(packet.data, rng)) for _ in range(2)]
    if rng.random() < 0.1:
        stream = replace(packet.stream, extradata=mutated(packet.stream.extradata, rng))
        copies.append(replace(copies[0], stream=stream, is_keyframe=True))
        StreamChanges(stream).stream_of(copies[0].data, is_keyframe=True)
    return copies


def _hung(seed: int) -> None:
    _say(f"end {seed} hang")
    faulthandler.dump_traceback(all_threads=True)
    os._exit(1)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

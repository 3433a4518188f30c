"""Cameras with a microphone, over RTSP: their sound beside their pictures."""

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from appliance.domain.camera import CameraState
from appliance.domain.packet import SoundPacket
from tests.support.camera_simulator.camera import SimulatedCamera
from tests.support.camera_simulator.simulator import Simulator, simulator
from tests.support.camera_simulator.sound import TONE_S
from tests.support.camera_watch import QUICK, CameraWatch
from tests.support.clips import walking_square, write_clip
from tests.support.sounds import decoded, loudness
from tests.support.tls import self_signed, tls_proxy

FPS = 20


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds, as long as a round of the sound: picture and sound repeat together."""
    return write_clip(tmp_path_factory.mktemp("clips") / "a.mp4", walking_square(8 * FPS), fps=FPS, gop=FPS)


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """An empty simulator."""
    with simulator() as running:
        yield running


def offsets_s(camera: SimulatedCamera, watch: CameraWatch) -> list[float]:
    """Return how much later than it was heard each unit of AAC lies, on the clock of the pictures.

    The first picture that is handed on is the first of the clip, which begins together with the sound.
    """
    assert camera.sound is not None
    units, begin_us = list(camera.sound.units), watch.packets[0].wall_us
    found = []
    for sound in watch.sounds:
        if units.count(sound.data) == 1:
            heard_s = units.index(sound.data) * camera.sound.ticks / camera.sound.rate
            found.append((sound.wall_us - begin_us) / 1e6 - heard_s)
    assert found, "no unit that is heard once in a round"
    return found


def gaps_s(sounds: list[SoundPacket]) -> list[float]:
    """Return what lies between the end of each and the begin of the next."""
    return [
        (after.wall_us - before.wall_us) / 1e6 - before.samples / before.stream.sample_rate
        for before, after in pairwise(sounds)
    ]


@pytest.mark.parametrize("udp_only", [False, True])
def test_aac_is_handed_on_byte_for_byte(sim: Simulator, clip: Path, udp_only: bool) -> None:
    """In its order, without a gap, each unit where it was heard."""
    camera = sim.camera("bell", clip, sound="aac", udp_only=udp_only)
    with CameraWatch(camera.url) as watch:
        watch.wait_sounds(40)
    assert camera.sound is not None
    units, sent = list(camera.sound.units), [sound.data for sound in watch.sounds]
    first = next(i for i in range(len(units)) if units[i : i + 20] == sent[:20])
    assert sent[: len(units) - first] == units[first : first + len(sent)]
    assert watch.sounds[0].stream.config == camera.sound.config
    assert max(map(abs, gaps_s(watch.sounds))) < 0.001
    assert watch.reader.sound_note == ""


def test_sender_reports_bring_sound_and_pictures_together(sim: Simulator, clip: Path) -> None:
    """A microphone whose sound leaves the camera 0.4 s late; its clock is an hour ahead."""
    camera = sim.camera("bell", clip, sound="aac", sound_behind_s=0.4, wall_offset_s=3600.0)
    with CameraWatch(camera.url) as watch:
        watch.wait_sounds(40)
    assert max(map(abs, offsets_s(camera, watch))) < 0.1


def test_without_reports_sound_lies_by_its_arrival(sim: Simulator, clip: Path) -> None:
    """No more beside the pictures than it arrives: a unit of 64 ms is sent when it has been heard."""
    camera = sim.camera("bell", clip, sound="aac", report_interval_s=None)
    with CameraWatch(camera.url) as watch:
        watch.wait_sounds(30)
    assert all(-0.1 < off_s < 0.2 for off_s in offsets_s(camera, watch))
    assert max(map(abs, gaps_s(watch.sounds))) < 0.001


@pytest.mark.parametrize("kind", ["pcma", pytest.param("pcmu", marks=pytest.mark.system)])
def test_g711_becomes_aac_that_plays_at_its_place(sim: Simulator, clip: Path, kind: str) -> None:
    """The tone at the begin of each second is heard there, and nothing in between."""
    camera = sim.camera("bell", clip, sound=kind)
    with CameraWatch(camera.url) as watch:
        watch.wait_sounds(60)
    sounds, stream = watch.sounds, watch.sounds[0].stream
    assert (stream.sample_rate, stream.channels, sounds[0].samples) == (16_000, 1, 1024)
    assert max(map(abs, gaps_s(sounds))) < 0.001
    heard = decoded(stream, [sound.data for sound in sounds])
    begin_s = (sounds[0].wall_us - watch.packets[0].wall_us) / 1e6
    tones, silences = [], []
    for second in range(int(begin_s) + 1, int(begin_s + len(heard) / 16_000)):
        at_s = second - begin_s
        tones.append(loudness(heard, 16_000, at_s + 0.1, at_s + TONE_S - 0.1))
        silences.append(loudness(heard, 16_000, at_s + TONE_S + 0.1, at_s + 0.9))
    assert min(tones) > 0.2
    assert max(silences) < 0.02


def test_a_camera_whose_sound_is_unusable_keeps_its_pictures(sim: Simulator, clip: Path) -> None:
    """Its description promises AAC and does not say of what kind: noted, and pictures come as ever."""
    camera = sim.camera("bell", clip, sound="aac")
    assert camera.sound is not None
    camera.describe_as(camera.description().replace(f";config={camera.sound.config.hex()}", ""))
    with CameraWatch(camera.url) as watch:
        watch.wait(lambda w: bool(w.reader.sound_note))
        watch.wait_packets(2 * FPS)
        assert "AudioSpecificConfig" in watch.reader.sound_note
        assert watch.sounds == []
        camera.describe_as(None)
        camera.cut()
        watch.wait_sounds(5)
        assert watch.reader.sound_note == ""
        assert watch.state is CameraState.ONLINE


@pytest.mark.parametrize("kind", ["aac", pytest.param("pcma", marks=pytest.mark.system)])
def test_noise_in_the_sound_costs_no_picture(sim: Simulator, clip: Path, kind: str) -> None:
    """Random bytes in every packet of sound: the connection stays, and no picture is missing."""
    camera = sim.camera("bell", clip, sound=kind)
    with CameraWatch(camera.url) as watch:
        watch.wait_sounds(5)
        camera.mutate_sound(lambda payload: os.urandom(len(payload)))
        sent = camera.seen.sounds
        camera.wait(lambda c: c.seen.sounds > sent + 30)
        watch.wait_packets(FPS)
    assert len(camera.seen.attempts) == 1
    steps = np.diff([packet.media.seconds for packet in watch.packets])
    assert steps == pytest.approx(1 / FPS, abs=0.002)


def test_a_camera_that_falls_mute_stays_online(sim: Simulator, clip: Path) -> None:
    """The silence time-out is about pictures; the sound comes back where it is heard."""
    camera = sim.camera("bell", clip, sound="aac")
    with CameraWatch(camera.url, settings=QUICK) as watch:
        watch.wait_sounds(5)
        camera.mute()
        watch.wait_packets(round((QUICK.silence_timeout_s + 0.5) * FPS))
        camera.mute(False)
        watch.wait_sounds(20)
    assert watch.states() == [CameraState.CONNECTING, CameraState.ONLINE]
    assert len(camera.seen.attempts) == 1
    assert [gap > QUICK.silence_timeout_s for gap in gaps_s(watch.sounds)].count(True) == 1
    assert max(map(abs, offsets_s(camera, watch))) < 0.1


def test_a_camera_without_a_microphone_is_read_as_ever(sim: Simulator, clip: Path) -> None:
    """No sound, no note."""
    camera = sim.camera("front", clip)
    with CameraWatch(camera.url) as watch:
        watch.wait_packets(FPS)
    assert (watch.sounds, watch.reader.sound_note) == ([], "")


@pytest.mark.parametrize("after_s", [0.6, pytest.param(1.4, marks=pytest.mark.system)])
def test_sound_that_begins_late_moves_no_picture(sim: Simulator, clip: Path, after_s: float) -> None:
    """With both streams' reports libav counts all time stamps from the sound's first packet: undone."""
    camera = sim.camera("bell", clip, sound="aac", sound_after_s=after_s, report_after_s=2.5)
    with CameraWatch(camera.url) as watch:
        watch.wait(lambda w: bool(w.packets) and w.packets[-1].sender_us is not None)
        watch.wait_packets(FPS)
    walls = [packet.wall_us / 1e6 for packet in watch.packets]
    assert np.diff(walls) == pytest.approx(1 / FPS, abs=0.002)
    assert max(map(abs, offsets_s(camera, watch))) < 0.15


def test_sound_comes_over_tls_too(sim: Simulator, clip: Path, tmp_path: Path) -> None:
    """``rtsps``: the same session behind a certificate that nobody signed."""
    camera = sim.camera("bell", clip, sound="aac")
    with (
        tls_proxy(self_signed(tmp_path), sim.port) as secret,
        CameraWatch(camera.url.replace("rtsp:", "rtsps:").replace(str(sim.port), str(secret.port))) as watch,
    ):
        watch.wait_sounds(10)
    assert camera.sound is not None
    assert {sound.data for sound in watch.sounds} <= set(camera.sound.units)

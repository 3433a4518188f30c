"""One camera's sound, from what its source gives to AAC on the clock of the pictures."""

import logging
from dataclasses import replace
from itertools import pairwise

import pytest

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, SoundPacket
from appliance.domain.time import US_PER_S, MonotonicNs, WallUs
from appliance.packets.sound import SETTLE_S, CameraSound
from appliance.packets.sound_input import RawSound
from tests.support.clock import SimulatedClock
from tests.support.fake_source import packet, stream
from tests.support.sounds import beeps, coded, input_of, raw

CAMERA = CameraId("bell")
BASE_US = 1_790_000_000_000_000
PCM_S = 0.02


def picture(at_s: float, sender_us: int | None = None) -> Packet:
    """Return a picture that was taken at that second and arrives at once."""
    return replace(
        packet(stream(), at_s, SimulatedClock()),
        wall_us=WallUs(BASE_US + round(at_s * US_PER_S)),
        arrived_ns=MonotonicNs(round(at_s * 1e9)),
        sender_us=None if sender_us is None else WallUs(sender_us + round(at_s * US_PER_S)),
    )


def pcm(seconds: float, begin_s: float = 0.0, sender_us: int | None = None) -> list[RawSound]:
    """Return so much of what a telephone would send."""
    _, packets = coded("pcm_alaw", beeps(seconds, 8_000), 8_000, 160)
    return raw(input_of("pcm_alaw", 8_000), packets, PCM_S, begin_s=begin_s, sender_us=sender_us)


class Heard:
    """A camera's sound, and what came of it; pictures come ten a second."""

    def __init__(self) -> None:
        self.packets: list[SoundPacket] = []
        self.sound = CameraSound(CAMERA, self.take)
        self.fails = False

    def take(self, packet: SoundPacket) -> None:
        """Keep a packet."""
        if self.fails:
            raise RuntimeError("the listener's fault")
        self.packets.append(packet)

    def connect(self, sounds: list[RawSound], sender_us: int | None = None) -> "Heard":
        """Let a connection come whose pictures begin at 0 s, ten a second."""
        self.sound.connected()
        pictures = 0
        for sound in sounds:
            while pictures / 10 <= sound.arrived_ns / 1e9:
                self.sound.picture(picture(pictures / 10, sender_us), 1)
                pictures += 1
            self.sound.hear(sound)
        return self


def test_sound_lies_on_the_clock_of_the_pictures_without_a_gap() -> None:
    """G.711 of 20 ms becomes AAC of 64 ms, whose first begins before the sound, by the encoder's lead."""
    heard = Heard().connect(pcm(3.0, sender_us=BASE_US), BASE_US)
    first, *_ = heard.packets
    assert (first.camera_id, first.samples, first.stream.sample_rate) == (CAMERA, 1024, 16_000)
    assert (first.wall_us - BASE_US) / US_PER_S == pytest.approx(0.1 - 0.064, abs=PCM_S)
    steps = [after.wall_us - before.wall_us for before, after in pairwise(heard.packets)]
    assert steps == pytest.approx([64_000] * len(steps), abs=40)
    assert (heard.packets[-1].wall_us - BASE_US) / US_PER_S == pytest.approx(3.0, abs=0.25)
    assert heard.sound.note == ""


def test_what_comes_in_the_first_burst_is_left_out_where_only_the_arrival_tells_its_time() -> None:
    """A second of sound in one moment: libav had read it to get to know the streams."""
    burst = [replace(sound, arrived_ns=round(1.0e9)) for sound in pcm(1.0)]
    heard = Heard().connect([*burst, *pcm(2.0, begin_s=1.0)])
    first, *_ = heard.packets
    assert (first.wall_us - BASE_US) / US_PER_S == pytest.approx(1.0 + SETTLE_S - 0.064, abs=PCM_S + 0.001)


def test_sound_that_cannot_be_used_is_said_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    """It is noted while the connection lasts; the same again on the next one is no news."""
    bad = raw(input_of("aac", 16_000), [b"\x01\x40"] * 50, 0.064, sender_us=BASE_US)
    heard = Heard()
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            heard.connect(bad, BASE_US)
            assert "AudioSpecificConfig" in heard.sound.note
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1
    assert said[0].startswith("camera bell: its sound is left out until the next connection: expected")
    heard.connect(pcm(1.0, begin_s=100.0, sender_us=BASE_US), BASE_US)
    assert heard.sound.note == ""
    assert heard.packets


def test_a_listener_that_fails_ends_the_sound_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    """``hear`` is called in the midst of the pictures, and raises nothing."""
    heard = Heard()
    heard.fails = True
    with caplog.at_level(logging.WARNING):
        heard.connect(pcm(1.0, sender_us=BASE_US), BASE_US)
    assert heard.sound.note == "the listener's fault"
    assert len(caplog.records) == 1


def test_a_new_connection_makes_a_new_stream() -> None:
    """A recording notices by identity that it has to begin another file."""
    heard = Heard().connect(pcm(1.0, sender_us=BASE_US), BASE_US)
    before = heard.packets[-1]
    heard.connect(pcm(2.0, begin_s=5.0, sender_us=BASE_US), BASE_US)
    assert heard.packets[-1].stream is not before.stream
    assert heard.packets[-1].stream == before.stream

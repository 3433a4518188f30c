"""Coded sound of any kind becomes AAC."""

from dataclasses import replace

import numpy as np
import pytest

from appliance.domain.packet import SoundStream
from appliance.errors import NotRecordable
from appliance.packets.aac import DAMAGED_IN_A_ROW, AacTrack, AccessUnit, aac_track, encoded_rate
from appliance.packets.sound_input import RawSound
from tests.support.sounds import Options, beeps, coded, decoded, input_of, loudness, raw

CODECS: dict[str, tuple[int, int, Options]] = {
    "pcm_alaw": (8_000, 160, {}),
    "pcm_mulaw": (8_000, 160, {}),
    "g726le": (8_000, 160, {"bits_per_coded_sample": "4"}),
    "pcm_s16be": (44_100, 441, {}),
    "libopus": (48_000, 960, {}),
    "libmp3lame": (16_000, 576, {}),
}
DECODERS = {"libopus": "opus", "libmp3lame": "mp3"}


def fed(sounds: list[RawSound]) -> tuple[AacTrack, list[AccessUnit]]:
    """Return what becomes of sound."""
    track = aac_track(sounds[0])
    return track, [unit for sound in sounds for unit in track.feed(sound)]


def test_aac_is_copied_byte_for_byte() -> None:
    """A thousand and twenty-four samples after the other, each with its place."""
    extradata, packets = coded("aac", beeps(2.0, 16_000), 16_000, 1024)
    track, units = fed(raw(input_of("aac", 16_000, extradata=extradata), packets, 0.064))
    assert [unit.data for unit in units] == packets
    assert units[0].stream == SoundStream(extradata, 16_000, 1)
    assert len({id(unit.stream) for unit in units}) == 1
    assert [unit.begin_s for unit in units] == pytest.approx([i * 0.064 for i in range(len(packets))])
    assert track.fed_s == pytest.approx(len(packets) * 0.064)


def adts(unit: bytes, channels: int = 1) -> bytes:
    """Return an access unit of 16 kHz with the header of ISO/IEC 14496-3, 1.A.2."""
    length = 7 + len(unit)
    head = bytes((0xFF, 0xF1, 0x60 | channels >> 2, (channels & 3) << 6 | length >> 11))
    return head + bytes((length >> 3 & 0xFF, (length & 7) << 5 | 0x1F, 0xFC)) + unit


def test_adts_headers_are_taken_off_and_say_what_it_is() -> None:
    """A transport stream has no other description; one that changes begins another stream."""
    _, packets = coded("aac", beeps(1.0, 16_000), 16_000, 1024)
    sent = [adts(unit) for unit in packets[:5]] + [adts(unit, 2) for unit in packets[5:10]]
    _, units = fed(raw(input_of("aac", 16_000), sent, 0.064))
    assert [unit.data for unit in units] == packets[:10]
    assert [unit.stream.config.hex() for unit in units] == ["1408"] * 5 + ["1410"] * 5
    assert len({id(unit.stream) for unit in units}) == 2


def test_aac_that_does_not_say_what_it_is_is_refused() -> None:
    """Nobody could play it."""
    with pytest.raises(NotRecordable, match="AudioSpecificConfig"):
        aac_track(raw(input_of("aac", 16_000), [b"\x01\x40"], 0.064)[0])


def test_aac_that_becomes_what_is_not_played_is_refused() -> None:
    """Six channels after one."""
    track = aac_track(raw(input_of("aac", 16_000), [adts(b"abc")], 0.064)[0])
    with pytest.raises(NotRecordable, match="not played"):
        track.feed(raw(input_of("aac", 16_000), [adts(b"abc", 6)], 0.064)[0])


def test_aac_of_six_channels_is_encoded_in_two() -> None:
    """Browsers and recordings have two."""
    extradata, packets = coded("aac", beeps(2.0, 48_000), 48_000, 1024, channels=6)
    stream = input_of("aac", 48_000, channels=6, extradata=extradata)
    _, units = fed(raw(stream, packets, 1024 / 48_000))
    assert (units[-1].stream.sample_rate, units[-1].stream.channels) == (48_000, 2)
    heard = decoded(units[0].stream, [unit.data for unit in units])
    assert loudness(heard, 48_000, 1.1, 1.4) > 0.1


@pytest.mark.parametrize("codec", CODECS)
def test_what_libav_decodes_becomes_aac_at_its_place(codec: str) -> None:
    """The half second of tone and the half of silence are where they were, within a decoder's delay."""
    rate, each, options = CODECS[codec]
    extradata, packets = coded(codec, beeps(3.0, rate), rate, each, options=options)
    stream = input_of(DECODERS.get(codec, codec), rate, extradata=extradata, options=options)
    track, units = fed(raw(stream, packets, each / rate))
    out = units[0].stream
    assert (out.sample_rate, out.channels) == (max(16_000, rate), 1)
    assert track.fed_s == pytest.approx(3.0, abs=0.15)
    begins = [unit.begin_s for unit in units]
    assert np.diff(begins) == pytest.approx(1024 / out.sample_rate)
    heard = decoded(out, [unit.data for unit in units])
    for second in (0, 1):
        tone_s = second - begins[0]
        assert loudness(heard, out.sample_rate, tone_s + 0.1, tone_s + 0.4) > 0.2
        assert loudness(heard, out.sample_rate, tone_s + 0.6, tone_s + 0.9) < 0.02


def test_damaged_packets_are_skipped_until_there_are_too_many() -> None:
    """Noise on the way costs its own milliseconds; a stream that never can be decoded is given up."""
    rate, each, _ = CODECS["libopus"]
    extradata, packets = coded("libopus", beeps(1.0, rate), rate, each)
    sounds = raw(input_of("opus", rate, extradata=extradata), packets, each / rate)
    bad = replace(sounds[0], data=b"\xff")
    track, units = fed(sounds[:10] + [bad] * DAMAGED_IN_A_ROW + sounds[10:])
    assert track.fed_s == pytest.approx(1.0, abs=0.05)
    assert len(units) >= 40
    with pytest.raises(NotRecordable, match=r"\(opus\) cannot be decoded"):
        fed([*sounds[:1], *[bad] * (DAMAGED_IN_A_ROW + 1)])


def test_samples_of_another_form_begin_another_stream() -> None:
    """A camera whose owner sets another rate while it plays, in a codec that says so in band."""
    sounds = []
    for rate in (16_000, 32_000):
        _, packets = coded("libmp3lame", beeps(1.0, rate), rate, 576)
        sounds.append(packets)
    stream = input_of("mp3", 16_000)
    track, units = fed(raw(stream, [*sounds[0], *sounds[1]], 0.036))
    assert [s.sample_rate for s in dict.fromkeys(unit.stream for unit in units)] == [16_000, 32_000]
    assert track.fed_s == pytest.approx(2.0, abs=0.2)
    assert [unit.begin_s for unit in units] == sorted(unit.begin_s for unit in units)


@pytest.mark.parametrize(
    ("rate", "wanted"),
    [
        (8_000, 16_000),
        (11_025, 16_000),
        (16_000, 16_000),
        (22_050, 22_050),
        (37_800, 44_100),
        (48_000, 48_000),
        (96_000, 48_000),
    ],
)
def test_the_sample_rate_stays_where_aac_has_it(rate: int, wanted: int) -> None:
    """From 16 to 48 kHz; else the next higher one."""
    assert encoded_rate(rate) == wanted
